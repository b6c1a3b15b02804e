"""Sends webhook messages: several at once, so that a slow endpoint holds up neither the others nor the worker's round."""

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Event, Lock

from sqlalchemy.orm import Session

from config import Settings
from referrals.boundary.key_files import keys_of
from referrals.boundary.outgoing import Outgoing
from referrals.boundary.outgoing_places import Unreachable
from referrals.domain.webhooks import SECONDS_TO_ANSWER, Outcome, fault_of, signed_headers
from referrals.models.engine import Database
from referrals.pathway.at_rest import Locked, Vault
from referrals.pathway.webhook_secrets import opened
from referrals.pathway.webhook_sending import Leased, claim, free_expired, is_anything_due, settle

AT_ONCE = {"postgresql": 8, "sqlite": 2}
SECONDS_A_ROUND = 5.0
GLANCE = 0.05
HEADERS = {"Content-Type": "application/json", "User-Agent": "Referrals-Webhooks/1"}

Clock = Callable[[Session], datetime]


@dataclass(frozen=True, slots=True)
class Post:
    """Calls an endpoint; its words are not read further than needed, and never kept."""

    outgoing: Outgoing
    vault: Vault

    def __call__(self, leased: Leased, now: datetime) -> Outcome:
        began = time.monotonic()
        try:
            status, asked = self._send(leased, now)
            return Outcome(status, fault_of(status), _milliseconds(began), asked)
        except Unreachable as problem:
            return Outcome(None, problem.code, _milliseconds(began))
        except Locked:
            return Outcome(None, "unreadable_secret", _milliseconds(began))

    def _send(self, leased: Leased, now: datetime) -> tuple[int, timedelta | None]:
        secrets = opened(self.vault, leased.subscription_id, leased.secret, leased.previous_secret)
        headers = HEADERS | signed_headers(leased.webhook_id, now, leased.body, secrets)
        reply = self.outgoing.send("POST", leased.url, headers, leased.body, cut=True)
        return reply.status, asked_to_wait(reply.headers.get("retry-after", ""), now)


def asked_to_wait(text: str, now: datetime) -> timedelta | None:
    """`Retry-After` in seconds or as a date; None where it is neither, or already past."""
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:7]))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    span = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    return span if span > timedelta(0) else None


def _milliseconds(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


@dataclass(slots=True)
class Postmen:
    """A few at a time go from message to message until none is due, also while the worker does something else.

    Each settles one and takes the next in the same transaction, and in turn: so that they see how many of them are
    on their way to an endpoint already.
    """

    post: Callable[[Leased, datetime], Outcome]
    stopped: Event = field(default_factory=Event)
    _turn: Lock = field(default_factory=Lock)
    _crew: ThreadPoolExecutor | None = None
    _out: set[Future[None]] = field(default_factory=set)

    def round(self, database: Database, clock: Clock, chance: Callable[[], float]) -> None:
        """Everything that is due, or as much as the others of this round should wait for."""
        until = time.monotonic() + SECONDS_A_ROUND
        with database.writing() as session:
            free_expired(session, clock(session))
        while not self.stopped.is_set() and time.monotonic() < until:
            if self._is_anything_due(database, clock):
                self._fill_up(database, clock, chance)
            elif not self._out:
                break
            self._out = set(wait(self._out, GLANCE, FIRST_COMPLETED).not_done)

    def close(self) -> None:
        """Nothing new is taken; what is on its way arrives and is settled."""
        self.stopped.set()
        if self._crew:
            self._crew.shutdown()

    def _is_anything_due(self, database: Database, clock: Clock) -> bool:
        with database.reading() as session:
            return is_anything_due(session, clock(session))

    def _fill_up(self, database: Database, clock: Clock, chance: Callable[[], float]) -> None:
        most = AT_ONCE[database.engine.dialect.name]
        self._crew = self._crew or ThreadPoolExecutor(most, "webhooks")
        for _ in range(most - len(self._out)):
            self._out.add(self._crew.submit(self._walk, database, clock, chance))

    def _walk(self, database: Database, clock: Clock, chance: Callable[[], float]) -> None:
        leased, outcome = None, None
        while True:
            with self._turn, database.writing() as session:
                now = clock(session)
                if leased and outcome:
                    settle(session, leased, outcome, now, chance())
                leased = None if self.stopped.is_set() else claim(session, now)
            if leased is None:
                return
            outcome = self.post(leased, now)


def postmen_of(settings: Settings) -> Postmen:
    return Postmen(Post(Outgoing(settings, seconds=SECONDS_TO_ANSWER), Vault(keys_of(settings))))
