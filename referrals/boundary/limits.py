"""How many calls a minute: counted in the database, so that the count is exact over all processes.

For plain calls a process leases some at a time from the counter, so that most calls cost no statement.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from referrals.boundary.problems import rate_limited
from referrals.models.door import RateCounter
from referrals.models.engine import Database

WINDOW = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LEASE = 50
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands in the running minute."""

    limit: int
    remaining: int
    resets_at: datetime

    def headers(self, now: datetime) -> Mapping[str, str]:
        seconds = max(0, round((self.resets_at - now).total_seconds()))
        return {
            "RateLimit": f'"default";r={self.remaining};t={seconds}',
            "RateLimit-Policy": f'"default";q={self.limit};w={int(WINDOW.total_seconds())}',
        }


def window_of(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(second=0, microsecond=0)


def count_calls(session: Session, subject: str, now: datetime, calls: int = 1) -> int:
    """Add to the counter of this minute; the new count. What earlier minutes counted is forgotten on the way."""
    window = window_of(now)
    total = _add(session, subject, window, calls)
    if total == calls:
        session.execute(delete(RateCounter).where(RateCounter.subject == subject, RateCounter.window_start < window))
    return total


def _add(session: Session, subject: str, window: datetime, calls: int) -> int:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"subject": subject, "window_start": window, "count": calls}
    statement = (
        insert(RateCounter)
        .values(row)
        .on_conflict_do_update(
            index_elements=["subject", "window_start"],
            set_={"count": RateCounter.count + literal_column(str(int(calls)))},
        )
        .returning(RateCounter.count)
    )
    return session.execute(statement).scalar_one()


def admit(database: Database, subject: str, limit: int, now: datetime) -> Standing:
    """Count one call exactly, or refuse it: for sign-in, tokens and whatever somebody might try by force."""
    with database.writing() as session:
        count = count_calls(session, subject, now)
    standing = Standing(limit, max(0, limit - count), window_of(now) + WINDOW)
    if count > limit:
        raise _too_many(standing, now)
    return standing


def admit_in_hour(database: Database, subject: str, limit: int, now: datetime) -> None:
    """The same over an hour: for six digits, of which a minute's tries would find one within weeks."""
    begun = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    with database.writing() as session:
        count = count_calls(session, subject, begun)
    if count > limit:
        raise rate_limited(f"At most {limit:,} an hour.", begun + HOUR, now, {})


def forget(database: Database, subject: str) -> None:
    """Whoever has proved who they are has not been trying by force."""
    with database.writing() as session:
        session.execute(delete(RateCounter).where(RateCounter.subject == subject))


@dataclass(slots=True)
class _Lease:
    window: datetime
    left: int
    beyond: int


class Leases:
    """The calls that this process may still let pass without asking the database."""

    def __init__(self, limit: int, size: int = LEASE) -> None:
        self.limit = limit
        self.size = size
        self._held: dict[str, _Lease] = {}
        self._lock = threading.Lock()
        self._renewing = threading.Lock()

    def admit(self, database: Database, subject: str, now: datetime, own_limit: int | None = None) -> Standing:
        """Let one call pass, or refuse it: by the subject's own limit, where it has one."""
        window, limit = window_of(now), own_limit or self.limit
        # Another thread may spend what this one has leased: then there is more to lease, or nothing is left.
        while (standing := self._spend(subject, window, limit)) is None:
            if not self._is_leased_anew(database, subject, limit, now):
                raise _too_many(Standing(limit, 0, window + WINDOW), now)
        return standing

    def _is_leased_anew(self, database: Database, subject: str, limit: int, now: datetime) -> bool:
        """One thread at a time: two that both see nothing left would keep from others what they lease twice."""
        window = window_of(now)
        with self._renewing:
            if self._left(subject, window):
                return True
            return not self._is_used_up(subject, window) and self._renew(database, subject, limit, now) > 0

    def _left(self, subject: str, window: datetime) -> int:
        with self._lock:
            lease = self._held.get(subject)
            return lease.left if lease is not None and lease.window == window else 0

    def _spend(self, subject: str, window: datetime, limit: int) -> Standing | None:
        with self._lock:
            lease = self._held.get(subject)
            if lease is None or lease.window != window or lease.left == 0:
                return None
            lease.left -= 1
            return Standing(limit, lease.left + lease.beyond, window + WINDOW)

    def _renew(self, database: Database, subject: str, limit: int, now: datetime) -> int:
        """Lease some more; how many there still were."""
        window, size = window_of(now), min(self.size, limit)
        with database.writing() as session:
            total = count_calls(session, subject, now, size)
        granted = max(0, size - max(0, total - limit))
        with self._lock:
            if len(self._held) > MOST_REMEMBERED:
                self._held = {key: each for key, each in self._held.items() if each.window == window}
            self._held[subject] = _Lease(window, granted, max(0, limit - total))
        return granted

    def _is_used_up(self, subject: str, window: datetime) -> bool:
        """Once refused, a caller stays refused until the minute is over, without a statement for each try."""
        with self._lock:
            lease = self._held.get(subject)
            return lease is not None and lease.window == window and lease.left == 0 and lease.beyond == 0


def _too_many(standing: Standing, now: datetime) -> Exception:
    return rate_limited(f"At most {standing.limit:,} a minute.", standing.resets_at, now, standing.headers(now))
