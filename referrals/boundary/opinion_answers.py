"""A signed opinion and a recorded contact as partners are answered."""

from typing import Any

from referrals.models.contact import Contact
from referrals.models.opinion import Opinion

SIGNED = (
    "authors",
    "amends",
    "short_answer",
    "answers",
    "findings",
    "recommendations",
    "plain_summary",
    "dissent",
)


def opinion_answer(opinion: Opinion) -> dict[str, Any]:
    """As it was signed, with its version and its seal."""
    return {
        "id": opinion.id,
        "version": opinion.version,
        "signed_at": opinion.signed_at,
        "sha256": opinion.sha256,
        **{name: opinion.content[name] for name in SIGNED},
        "recorded": opinion.content.get("recorded"),
    }


def contact_answer(row: Contact) -> dict[str, Any]:
    return {
        "id": row.id,
        "with": row.counterpart,
        "channel": row.channel,
        "outcome": row.outcome,
        "person": row.person,
        "text": row.text,
        "at": row.at,
        "author": row.author_name,
        "organization": row.organization_id,
        "recorded_at": row.created_at,
    }
