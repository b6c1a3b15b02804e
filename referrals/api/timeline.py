"""What became of a referral: its steps, its judgements, and the facts that were judged."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint

from referrals.api import shapes
from referrals.api.call import Answer, Call, Seen
from referrals.api.endpoint import endpoint
from referrals.api.lists import listing, page
from referrals.boundary.schemas.queries import Page
from referrals.domain.people import Actor, Party, Scope
from referrals.models.assessment import Assessment
from referrals.models.referral import Facts, Referral
from referrals.models.trail import Event
from referrals.pathway.record import (
    ANOTHER_CENTER,
    assessments_of,
    data_for,
    events_of,
    facts_of,
    is_of_another_center,
    may_read_note,
)  # fmt: skip
from referrals.pathway.scope import find_referral

timeline = Blueprint("timeline", __name__, url_prefix="/referrals")


@timeline.get("/<referral_id>/events")
@endpoint(gives=shapes.EventOut, asks=Page, scope=Scope.REFERRALS_READ, listed=True)
def events(call: Call, referral_id: UUID) -> Answer:
    """The timeline, oldest first."""
    referral = find_referral(call.session, call.actor, referral_id)
    found = events_of(call.session, referral_id)
    return cut(call, referral, "events", found, _version, lambda each: event_answer(each, referral, call.actor))


@timeline.get("/<referral_id>/assessments")
@endpoint(gives=shapes.AssessmentOut, asks=Page, scope=Scope.REFERRALS_READ, listed=True)
def assessments(call: Call, referral_id: UUID) -> Answer:
    """Every judgement, oldest first, with the version of the facts and of the policy."""
    referral = find_referral(call.session, call.actor, referral_id)
    found = assessments_of(call.session, referral_id)
    return cut(call, referral, "assessments", found, lambda each: each.number, assessment_answer)


@timeline.get("/<referral_id>/facts")
@endpoint(gives=shapes.FactsOut, asks=Page, scope=Scope.REFERRALS_READ, listed=True)
def facts(call: Call, referral_id: UUID) -> Answer:
    """Every version of the clinical facts, oldest first."""
    referral = find_referral(call.session, call.actor, referral_id)
    found = facts_of(call.session, referral_id)
    return cut(call, referral, "facts", found, _version, facts_answer)


def _version(row: Any) -> int:
    return int(row.version)


def cut(
    call: Call,
    referral: Referral,
    name: str,
    rows: Sequence[Any],
    key: Callable[[Any], int],
    answer: Callable[[Any], dict[str, Any]],
) -> Answer:
    """A referral's own lists are short: they are read whole, and cut to the page that was asked for."""
    path = f"/referrals/{referral.id}/{name}"
    asked = listing(call, path, Page)
    reached = asked.after[0] if asked.after else 0
    rest = [row for row in rows if key(row) > reached]
    shown = rest[: asked.limit]
    after = (key(shown[-1]),) if len(rest) > len(shown) else None
    return page(
        call, asked, path, [answer(row) for row in shown], after, Seen("referral", [referral.id], f"read-{name}")
    )


def event_answer(event: Event, referral: Referral, reader: Actor) -> dict[str, Any]:
    return step_answer(event, referral.reference, reader) | {
        "note": event.note if may_read_note(event, reader) else None,
        "data": data_for(event, reader),
    }


def step_answer(event: Event, reference: str, reader: Actor) -> dict[str, Any]:
    """What everybody is told of a step who may know of it."""
    return {
        "id": event.id,
        "referral": event.referral_id,
        "reference": reference,
        "version": event.version,
        "step": event.step,
        "from": event.from_status,
        "to": event.to_status,
        "at": event.at,
        "actor": _actor(event, reader),
    }


def _actor(event: Event, reader: Actor) -> dict[str, Any]:
    """Who did it. Of another center's people a center is told no more than that."""
    theirs = is_of_another_center(event, reader) and event.party in (Party.K, Party.S)
    return {
        "name": ANOTHER_CENTER if theirs else event.actor_name,
        "user": None if theirs else event.user_id,
        "client": None if theirs else event.client_id,
        "organization": None if theirs else event.organization_id,
        "party": event.party,
    }


def assessment_answer(row: Assessment) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "facts_version": row.facts_version,
        "reason": row.reason,
        "changes": row.changes,
        "author": row.author_name,
        "at": row.created_at,
        **row.judgement,
    }


def facts_answer(row: Facts) -> dict[str, Any]:
    return {
        "id": row.id,
        "version": row.version,
        "kind": row.kind,
        "source": row.source,
        "reason": row.reason,
        "patient": row.content.get("patient") or {},
        "diagnosis": row.content.get("diagnosis"),
        "treatments": row.content.get("treatments"),
        "author": row.author_name,
        "at": row.created_at,
    }
