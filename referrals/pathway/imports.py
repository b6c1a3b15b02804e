"""Imports of an organization: asked for with a file, followed, called off; and the receipts of their lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from referrals.domain.errors import Conflict, Forbidden, NotFound
from referrals.domain.imports import FILE_KEPT, MOST_WAITING, UNFINISHED, ImportForm, ImportStatus, LineOutcome
from referrals.domain.people import Actor, Party
from referrals.models.base import new_id
from referrals.models.import_run import ImportLine, ImportRun
from referrals.models.storage import Store
from referrals.pathway.documents import key_of

RECEIPTS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that was looked through. `sheet`: what the columns of a table mean; `begun`: the line and the byte
    behind its head.
    """

    form: ImportForm
    source: BinaryIO
    size: int
    sha256: str
    lines: int
    sheet: dict[str, Any] | None
    begun: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that lies in the storage and has no row yet. Whoever is killed now leaves a file that is cleared away."""

    id: UUID
    arrived: Arrived


def put_away(actor: Actor, arrived: Arrived, store: Store) -> Kept:
    """Everything of it is on the disk when this returns."""
    refuse_other_than_referrer(actor)
    kept = Kept(new_id(), arrived)
    arrived.source.seek(0)
    store.put(key_of(actor.network_id, kept.id), arrived.source)
    return kept


def refuse_other_than_referrer(actor: Actor) -> None:
    if Party.R not in actor.parties:
        raise Forbidden("not_this_actor", "Referrals are imported by clinicians of a provider, or its systems.")


def ask_for_import(session: Session, actor: Actor, kept: Kept, now: datetime) -> ImportRun:
    _refuse_too_many(session, actor)
    arrived = kept.arrived
    line, byte = arrived.begun
    run = ImportRun(
        id=kept.id,
        network_id=actor.network_id,
        organization_id=actor.organization_id,
        status=ImportStatus.QUEUED,
        form=arrived.form,
        sheet=arrived.sheet,
        size=arrived.size,
        sha256=arrived.sha256,
        lines=arrived.lines,
        line=line,
        byte=byte,
        **dict.fromkeys(LineOutcome, 0),
        user_id=actor.user_id,
        client_id=actor.client_id,
        actor_name=actor.name,
        asked_at=now,
        worked_at=now,
        tries=0,
        version=1,
    )
    session.add(run)
    session.flush()
    return run


def _refuse_too_many(session: Session, actor: Actor) -> None:
    waiting = select(func.count()).select_from(ImportRun).where(_own(actor), ImportRun.status.in_(UNFINISHED))
    if (session.scalar(waiting) or 0) >= MOST_WAITING:
        raise Conflict(f"{MOST_WAITING} files of yours wait already. Send the next one when one of them is done.")


def _own(actor: Actor) -> ColumnElement[bool]:
    return ImportRun.organization_id == actor.organization_id


def find_import(session: Session, actor: Actor, import_id: UUID, *, lock: bool = False) -> ImportRun:
    query = select(ImportRun).where(ImportRun.id == import_id, _own(actor))
    run = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if run is None or Party.R not in actor.parties:
        raise NotFound
    return run


def imports_of(session: Session, actor: Actor, after: UUID | None, limit: int) -> Sequence[ImportRun]:
    """The newest first, one more than asked for."""
    query = select(ImportRun).where(_own(actor)).order_by(ImportRun.id.desc()).limit(limit + 1)
    return session.scalars(query.where(ImportRun.id < after) if after else query).all()


def call_off(run: ImportRun, now: datetime, note: str | None = None) -> ImportRun:
    """What is in stays; nothing more comes in, whichever worker is at it. Twice is once."""
    if run.status in UNFINISHED:
        run.status, run.finished_at, run.version = ImportStatus.CANCELLED, now, run.version + 1
        run.lease, run.lease_until, run.note = None, None, note
    elif run.status != ImportStatus.CANCELLED:
        raise Conflict(f"This import is {run.status}: there is nothing to call off.")
    return run


def receipts_of(
    session: Session, run: ImportRun, outcome: str | None = None, after: int = 0, limit: int = RECEIPTS_AT_ONCE
) -> Sequence[ImportLine]:
    """In the order of the lines, from the one after `after` on."""
    query = select(ImportLine).where(ImportLine.import_id == run.id, ImportLine.line > after)
    query = query.where(ImportLine.outcome == outcome) if outcome else query
    return session.scalars(query.order_by(ImportLine.line).limit(limit)).all()


def files_in_use(session: Session, ids: Sequence[UUID], now: datetime) -> Iterator[UUID]:
    """Of these files those of imports that are not over, or only just."""
    is_kept = (ImportRun.finished_at.is_(None)) | (ImportRun.finished_at > now - FILE_KEPT)
    yield from session.scalars(select(ImportRun.id).where(ImportRun.id.in_(ids), is_kept))
