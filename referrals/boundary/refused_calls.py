"""Notes what a partner system was refused, for those who look after it: a flood of refusals writes a handful of rows."""

import logging
import threading
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

from flask import Response, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError

from referrals.boundary import clock
from referrals.boundary.limits import window_of
from referrals.boundary.problems import BY_STATUS
from referrals.boundary.trace import current_request_id
from referrals.domain.people import Actor
from referrals.models.engine import Database
from referrals.pathway.client_record import Refused, note_refusals

# Each of the first ones is written at once, so that somebody who tries a call sees it on the page.
WRITTEN_ONE_BY_ONE = 16
LOCKED = 503

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Count:
    seen: int = 0
    written: int = 0


class Refusals:
    """What this process has counted in the running minute, and not yet written."""

    def __init__(self, one_by_one: int = WRITTEN_ONE_BY_ONE) -> None:
        self._one_by_one = one_by_one
        self._minute: datetime | None = None
        self._counts: dict[Hashable, _Count] = {}
        self._lock = threading.Lock()

    def due(self, refused: Hashable, now: datetime) -> int:
        """How many to write now: each of the first, then every time that their number has doubled."""
        with self._lock:
            if self._minute != window_of(now):
                self._minute, self._counts = window_of(now), {}
            count = self._counts.setdefault(refused, _Count())
            count.seen += 1
            if count.seen > self._one_by_one and count.seen & (count.seen - 1):
                return 0
            unwritten, count.written = count.seen - count.written, count.seen
            return unwritten


def note_refused(answer: Response) -> Response:
    """After each call at the JSON door. A database that does not answer is not asked to write that it did not."""
    actor: Actor | None = g.get("actor")
    if answer.status_code < 400 or answer.status_code == LOCKED or actor is None or actor.client_id is None:
        return answer
    problem, code = g.get("problem") or (BY_STATUS[answer.status_code].word, "")
    write_down(
        Refused(
            network_id=actor.network_id,
            client_id=actor.client_id,
            method=request.method,
            route=route(),
            status=answer.status_code,
            problem=problem,
            code=code,
        )
    )
    return answer


def route() -> str:
    return request.url_rule.rule if request.url_rule else ""


def write_down(refused: Refused) -> None:
    """The caller has its answer whatever becomes of the note."""
    database: Database = current_app.extensions["database"]
    now = clock.now()
    times = _counted().due(refused, now)
    if not times:
        return
    try:
        with database.writing() as session:
            note_refusals(session, refused, current_request_id(), now, times)
    except SQLAlchemyError:
        log.warning("what a client was refused could not be noted")


def _counted() -> Refusals:
    counted: Refusals = current_app.extensions["refusals"]
    return counted
