"""An import on its way: taken by one worker under a lease, its place moved with the rows that were read, ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from referrals.domain.errors import Refusal
from referrals.domain.imports import (
    LEASED_FOR,
    TRIES,
    UNFINISHED,
    ImportFault,
    ImportForm,
    ImportStatus,
    LineOutcome,
)
from referrals.domain.people import Actor, Party
from referrals.models.import_run import ImportLine, ImportRun
from referrals.models.organization import ApiClient, Organization
from referrals.models.user import User
from referrals.pathway.accounts import actor_for_user
from referrals.pathway.clients import actor_for_client, speak_for
from referrals.pathway.documents import key_of

# As a plain statement: nobody reads the rows again in this transaction.
_ADD = insert(ImportLine.__table__).inline()  # type: ignore[arg-type]  # a mapped class has a Table


class LeaseLost(Exception):
    """Another worker has this import, or it was called off: what was just written is undone."""


@dataclass(frozen=True, slots=True)
class Lease:
    """An import that this worker is at: whose it is, where its file lies, and from where it goes on."""

    import_id: UUID
    token: UUID
    actor: Actor
    key: str
    form: ImportForm
    sheet: dict[str, Any] | None
    begun: tuple[int, int]


def claim(session: Session, now: datetime) -> Lease | None:
    """The import at which nobody was for the longest: a long one does not keep a short one waiting."""
    free = or_(ImportRun.lease_until.is_(None), ImportRun.lease_until <= now)
    query = select(ImportRun).where(ImportRun.status.in_(UNFINISHED), free)
    query = query.order_by(ImportRun.worked_at, ImportRun.id).limit(1).with_for_update(skip_locked=True)
    run = session.scalars(query).one_or_none()
    if run is None:
        return None
    actor = _sender(session, run)
    if actor is None or run.tries >= TRIES:
        _end(run, ImportFault.NOT_ALLOWED if actor is None else ImportFault.GIVEN_UP, now)
        return None
    token = uuid4()
    run.status, run.started_at, run.tries = ImportStatus.RUNNING, run.started_at or now, run.tries + 1
    run.lease, run.lease_until, run.version = token, now + LEASED_FOR, run.version + 1
    key = key_of(run.network_id, run.id)
    return Lease(run.id, token, actor, key, ImportForm(run.form), run.sheet, (run.line, run.byte))


def _end(run: ImportRun, fault: ImportFault | None, now: datetime) -> None:
    run.status = ImportStatus.FAILED if fault else ImportStatus.DONE
    run.fault, run.finished_at, run.version = fault, now, run.version + 1
    run.lease = run.lease_until = None


def _sender(session: Session, run: ImportRun) -> Actor | None:
    """Whoever sent the file, if they still may: asked anew whenever a worker takes it up."""
    try:
        actor = _client_of(session, run) if run.client_id else _person_of(session, run)
    except Refusal:
        return None
    return actor if actor is not None and Party.R in actor.parties else None


def _client_of(session: Session, run: ImportRun) -> Actor | None:
    query = (
        select(ApiClient, Organization)
        .join(Organization, Organization.id == ApiClient.organization_id)
        .where(ApiClient.id == run.client_id, ApiClient.active, Organization.active)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    actor = actor_for_client(*row)
    return speak_for(session, actor, session.get_one(User, run.user_id).email) if run.user_id else actor


def _person_of(session: Session, run: ImportRun) -> Actor | None:
    home = session.get_one(Organization, run.organization_id)
    return actor_for_user(session, session.get_one(User, run.user_id), home.id) if home.active else None


def note(session: Session, lease: Lease, receipts: Sequence[Any], reached: tuple[int, int], now: datetime) -> None:
    """In the transaction of the lines themselves: their receipts, and that reading goes on behind them."""
    line, byte = reached
    counted = {outcome: sum(each.outcome == outcome for each in receipts) for outcome in LineOutcome}
    _move(
        session,
        lease,
        line=line,
        byte=byte,
        tries=0,
        worked_at=now,
        lease_until=now + LEASED_FOR,
        **{str(outcome): getattr(ImportRun, outcome) + count for outcome, count in counted.items() if count},
    )
    session.connection().execute(_ADD, [_row(lease, receipt) for receipt in receipts])


def _row(lease: Lease, receipt: Any) -> dict[str, Any]:
    return {
        "import_id": lease.import_id,
        "line": receipt.line,
        "network_id": lease.actor.network_id,
        "outcome": receipt.outcome,
        "external_reference": receipt.external_reference,
        "referral_id": UUID(receipt.referral) if receipt.referral else None,
        "reference": receipt.reference,
        "status": receipt.status,
        "tier": receipt.tier,
        "reasons": [{"pointer": e.pointer, "code": e.code, "message": e.message} for e in receipt.reasons],
    }


def finish(session: Session, lease: Lease, fault: ImportFault | None, now: datetime) -> None:
    """All lines are read, or none can be read any more."""
    status = ImportStatus.FAILED if fault else ImportStatus.DONE
    _move(session, lease, status=status, fault=fault, worked_at=now, finished_at=now, lease=None, lease_until=None)


def lay_down(session: Session, lease: Lease, now: datetime) -> None:
    """Another round goes on, by this worker or another."""
    _move(session, lease, tries=0, worked_at=now, lease=None, lease_until=None)


def _move(session: Session, held: Lease, /, **values: Any) -> None:
    mine = [ImportRun.id == held.import_id, ImportRun.lease == held.token, ImportRun.status == ImportStatus.RUNNING]
    moved = session.execute(update(ImportRun).where(*mine).values(version=ImportRun.version + 1, **values))
    if not isinstance(moved, CursorResult) or moved.rowcount != 1:
        raise LeaseLost
