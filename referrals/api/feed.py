"""What happened to all referrals of a caller, in order; and whether both sides believe the same."""

import threading
import time
from typing import Any

from flask import Blueprint, current_app

from referrals.api import shapes_of_feed as shapes
from referrals.api.call import Answer, Call, Seen
from referrals.api.endpoint import endpoint
from referrals.api.timeline import step_answer
from referrals.boundary.paging import DEFAULT_LIMIT
from referrals.boundary.schemas.feed import EventsAsked, Reconciliation
from referrals.domain.people import Actor, Scope
from referrals.models.engine import Database
from referrals.pathway.feed import events_after, is_more_after, is_unnumbered, number_events
from referrals.pathway.reconciling import Found, Reconciled, reconcile

feed = Blueprint("feed", __name__)

LOOKS_EVERY = 0.5


class WaitingRoom:
    """So many calls of a process may wait at once: the others are needed for those who have something to say."""

    def __init__(self, seats: int) -> None:
        self._seats = threading.BoundedSemaphore(max(1, seats))

    def wait(self, database: Database, call: Call) -> None:
        """Until something happened, or until the caller has waited as long as it would; at once where it is full."""
        number(database, call.actor)
        seconds = call.query.get("wait") or 0
        if not seconds or not self._seats.acquire(blocking=False):
            return
        try:
            _watch(database, call, time.monotonic() + seconds)
        finally:
            self._seats.release()


def _watch(database: Database, call: Call, until: float) -> None:
    """Looks in short sessions, so that a waiting call holds no connection."""
    while not _is_there(database, call) and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, LOOKS_EVERY))
        number(database, call.actor)


def _is_there(database: Database, call: Call) -> bool:
    with database.reading() as session:
        return is_more_after(session, call.actor, call.query.get("after") or 0)


def number(database: Database, actor: Actor) -> None:
    """What has just been committed is in the feed at once, also while no worker runs."""
    with database.reading() as session:
        is_needed = is_unnumbered(session, actor.network_id)
    if is_needed:
        with database.writing() as session:
            number_events(session, actor.network_id)


def _wait(database: Database, call: Call) -> None:
    room: WaitingRoom = current_app.extensions["waiting_room"]
    room.wait(database, call)


@feed.get("/events")
@endpoint(gives=shapes.FeedOut, asks=EventsAsked, scope=Scope.EVENTS_READ, waits=_wait)
def events(call: Call) -> Answer:
    """What happened to the referrals that the caller may read, in order and without a gap."""
    after, limit = call.query.get("after") or 0, call.query.get("limit") or DEFAULT_LIMIT
    rows = events_after(call.session, call.actor, after, limit)
    body = {
        "items": [
            step_answer(event, reference, call.actor) | {"sequence": sequence} for sequence, event, reference in rows
        ],
        "next_after": rows[-1].sequence if rows else after,
    }
    ids = list(dict.fromkeys(row.Event.referral_id for row in rows))
    return Answer(body, Seen("referral", ids, "read-events") if rows else None)


@feed.post("/reconcile")
@endpoint(gives=shapes.ReconciledOut, takes=Reconciliation, scope=Scope.REFERRALS_READ, repeatable=True)
def reconciliation(call: Call) -> Answer:
    """Which of the referrals that the caller believes to be open are missing, ended or different, and which it forgot."""
    found = reconcile(call.session, call.actor, call.body["references"])
    return Answer(_reconciled(found), Seen("referral", [row.id for row in found.rows()], "reconcile"))


def _reconciled(found: Reconciled) -> dict[str, Any]:
    return {
        "missing": found.missing,
        "ended": [_standing(row) for row in found.ended],
        "different": [_standing(each.row) | {"fields": each.fields} for each in found.different],
        "not_named": [_standing(row) for row in found.not_named],
        "agreed": found.agreed,
        "more": found.is_cut,
    }


def _standing(row: Found) -> dict[str, Any]:
    return {
        "id": row.id,
        "reference": row.reference,
        "external_reference": row.external_reference,
        "status": row.status,
        "version": row.version,
        "ended_at": row.ended_at,
    }
