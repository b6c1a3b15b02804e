"""A referral as the presenters read it: the API's answer, with the names that pages show beside the ids."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from referrals.boundary.answers import list_item, referral_answer
from referrals.domain.people import Actor, Party
from referrals.models.trail import Event
from referrals.pathway.queue import Listed
from referrals.pathway.record import ANOTHER_CENTER, Record, data_for, is_of_another_center, may_read_note
from referrals.web.presenters.events import event_details
from referrals.web.presenters.questions import awaited


def listed(row: Listed, now: datetime) -> dict[str, Any]:
    """One row of a list, with its place in the queue, and what a person has said against the rules or the network."""
    marks = {"is_overridden": row.is_overridden, "is_contested": row.is_contested}
    return {**list_item(row, now), "order_at": row.order_at, **marks}


def whole(record: Record, now: datetime, since: datetime | None = None) -> dict[str, Any]:
    """One referral. `since` is when it came to stand where it stands."""
    answer = referral_answer(record, now)
    clinician = record.clinician
    return answer | {
        "diagnosis": answer["diagnosis"] or {},
        "priority": _with_author(answer["priority"]),
        "referring_clinician": {"name": clinician.name, "email": clinician.email} if clinician else None,
        "status_since": since,
        "specialist": (answer["review"] or {}).get("specialist"),
        "asked_words": awaited(answer["information_requests"]),
        "assessed_at": record.assessment.created_at if record.assessment else None,
        "order_at": record.referral.order_at,
        # A draft is reminded of, and late for nobody.
        "next_action_due_at": answer["next_action_due_at"] if record.referral.submitted_at else None,
    }


def _with_author(priority: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if priority is None or priority["override"] is None:
        return None if priority is None else dict(priority)
    override = priority["override"]
    return {**priority, "override": {**override, "author": {"name": override["author"]}}}


def happened(events: Iterable[Event], reader: Actor) -> list[dict[str, Any]]:
    """The timeline, oldest first. A note that stays inside the network is not shown outside it."""
    return [
        {
            "step": event.step,
            "from": event.from_status,
            "to": event.to_status,
            "at": event.at,
            "actor": {"name": _name(event, reader)},
            "note": event.note if may_read_note(event, reader) else None,
            "details": event_details(event.step, data) if (data := data_for(event, reader)) else (),
        }
        for event in events
    ]


def _name(event: Event, reader: Actor) -> str:
    is_theirs = is_of_another_center(event, reader) and event.party in (Party.K, Party.S)
    return ANOTHER_CENTER if is_theirs else event.actor_name


def stands_since(events: Sequence[Event]) -> datetime | None:
    """When the status last changed."""
    moved = [event.at for event in events if event.from_status != event.to_status]
    return moved[-1] if moved else None
