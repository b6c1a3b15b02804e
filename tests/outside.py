"""A center outside the network: nobody there signs in, and what it says comes by phone or on paper."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from referrals.models.center import Center
from referrals.models.document import Document
from referrals.models.referral import Referral
from referrals.models.user import User
from tests.factories import World
from tests.opinions import CENTER, COORDINATOR

LEAD = "lead@network.example"
SAID: Mapping[str, Any] = {
    "said_by": "Dr. Ines Moor",
    "role": "Head of the tumor board",
    "said_on": "2025-11-20",
    "channel": "phone",
}
SPECIALIST = "Prof. Ada Quill"
SHA256 = "ab" * 32


def leave_network(session: Session, world: World, code: str = CENTER) -> UUID:
    """From now on the center is outside, and nobody there has an account that works."""
    center = world.organizations[code].id
    session.execute(update(Center).where(Center.organization_id == center).values(in_network=False))
    session.execute(update(User).where(User.email.endswith(f"@{code}.example")).values(active=False))
    return center


def letter(session: Session, referral: Referral, **changes: Any) -> Document:
    """The original, as it was attached."""
    known = {
        "network_id": referral.network_id, "referral_id": referral.id, "version": 1, "kind": "letter",
        "name": "opinion.pdf", "media_type": "application/pdf", "size": 1, "sha256": SHA256, "is_of_opinion": False,
        "scan": "clean", "organization_id": referral.organization_id, "attached_by": "x",
        "attached_at": referral.updated_at,
    }  # fmt: skip
    paper = Document(**(known | changes))
    session.add(paper)
    session.flush()
    return paper


def original(paper: Document, **changes: Any) -> dict[str, Any]:
    named = {"specialist": SPECIALIST, "title": "Chief of medical oncology", "signed_on": "2025-11-18"}
    return named | {"document": str(paper.id)} | changes


__all__ = ["COORDINATOR", "LEAD", "SAID", "SHA256", "SPECIALIST", "leave_network", "letter", "original"]
