"""The jobs of the worker: each one small, in a transaction of its own, and harmless to repeat."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from referrals.domain.deadlines import DRAFT_PURGED_AFTER
from referrals.models.door import IdempotencyKey, RateCounter
from referrals.models.organization import AccessToken
from referrals.models.trail import Beat
from referrals.models.user import UserSession
from referrals.pathway.draft_purge import purge_stale_drafts
from referrals.pathway.notices import tell
from referrals.pathway.offers import lapse_offers
from referrals.pathway.override_expiry import expire_overrides
from referrals.pathway.seals import seal

PROCESS = "worker"
DAY = timedelta(days=1)
ANSWERS_KEPT = 30 * DAY
SEAL_LOCK = 7_206_531_903  # any number that nothing else in the database locks


@dataclass(frozen=True, slots=True)
class Shift:
    """What a job may know of the world: the session its door has opened, the time, and the key that seals."""

    session: Session
    now: datetime
    sealing_key: bytes


@dataclass(frozen=True, slots=True)
class Job:
    """`act` works on at most one batch and says how many it did; it is called again until that is none."""

    name: str
    act: Callable[[Shift], int]
    every: timedelta = timedelta(0)


def seal_audit(shift: Shift) -> int:
    """One sealer at a time; a second one has nothing to do rather than something to wait for."""
    if not _is_alone(shift.session):
        return 0
    return seal(shift.session, shift.sealing_key)


def _is_alone(session: Session) -> bool:
    if _dialect(session) != "postgresql":
        return True  # the write lock of SQLite is already ours
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(SEAL_LOCK))))


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


@dataclass(frozen=True, slots=True)
class Leftover:
    """Rows of doors that have served their time."""

    key: tuple[InstrumentedAttribute[Any], ...]
    is_over: Callable[[datetime], ColumnElement[bool]]


LEFTOVERS = (
    Leftover((AccessToken.token_hash,), lambda now: AccessToken.expires_at <= now),
    Leftover((UserSession.id_hash,), lambda now: or_(UserSession.expires_at <= now, UserSession.ended_at <= now - DAY)),
    Leftover((RateCounter.subject, RateCounter.window_start), lambda now: RateCounter.window_start <= now - DAY),
    Leftover(
        (IdempotencyKey.client_id, IdempotencyKey.key), lambda now: IdempotencyKey.created_at <= now - ANSWERS_KEPT
    ),
)
SWEEP = 1000


def sweep(shift: Shift) -> int:
    """Forget tokens, sessions, counters and stored answers that are over."""
    return sum(_sweep(shift, leftover) for leftover in LEFTOVERS)


def _sweep(shift: Shift, leftover: Leftover) -> int:
    over = select(*leftover.key).where(leftover.is_over(shift.now)).limit(SWEEP).with_for_update(skip_locked=True)
    keys = [tuple(row) for row in shift.session.execute(over)]
    if keys:
        table = leftover.key[0].class_
        for key in keys:
            same = [column == value for column, value in zip(leftover.key, key, strict=True)]
            shift.session.execute(delete(table).where(*same))
    return len(keys)


def beat(shift: Shift) -> int:
    """Show that a worker lives. Nothing is left to do, so the answer is none."""
    insert = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[_dialect(shift.session)]
    sign: Any = insert(Beat).values(process=PROCESS, at=shift.now)
    shift.session.execute(sign.on_conflict_do_update(index_elements=[Beat.process], set_={"at": shift.now}))
    return 0


ROWS_LOOKED_AT = 1000


def refresh_statistics(shift: Shift) -> int:
    """SQLite chooses its indexes by what it last counted, and counts by itself never. PostgreSQL does it alone."""
    if _dialect(shift.session) == "sqlite":
        shift.session.execute(text(f"PRAGMA analysis_limit = {ROWS_LOOKED_AT}"))
        shift.session.execute(text("ANALYZE"))
    return 0


JOBS = (
    Job("beat", beat),
    Job("expire overrides", lambda shift: expire_overrides(shift.session, shift.now)),
    Job("lapse offers", lambda shift: lapse_offers(shift.session, shift.now)),
    Job("tell people", lambda shift: tell(shift.session, shift.now)),
    Job("seal audit", seal_audit),
    Job(
        "purge drafts",
        lambda shift: purge_stale_drafts(shift.session, shift.now - DRAFT_PURGED_AFTER, shift.now),
        timedelta(hours=1),
    ),
    Job("sweep", sweep, timedelta(minutes=1)),
    Job("refresh statistics", refresh_statistics, timedelta(hours=1)),
)
