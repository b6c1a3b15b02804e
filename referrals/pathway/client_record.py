"""What a partner system did lately, from the audit, and what it was refused: routes and reasons, never what was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from referrals.domain.audit import DENIED
from referrals.domain.partner_systems import REFUSALS_KEPT
from referrals.domain.second_factor import Happening
from referrals.models.organization import ApiClient, ClientRefusal
from referrals.models.trail import AuditEntry
from referrals.models.user import User

SHOWN = 50
# That it came in, or in vain, is not what it did.
NO_CALLS = (DENIED, Happening.SIGNED_IN, Happening.SIGN_IN_FAILED, Happening.SIGNED_OUT, Happening.PROVEN)
_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_ALIKE = ("client_id", "minute", "method", "route", "problem", "code")


@dataclass(frozen=True, slots=True)
class Refused:
    """One call that failed. `route` is the template of the address: no id, and nothing that somebody typed."""

    network_id: UUID
    client_id: UUID
    method: str
    route: str
    status: int
    problem: str
    code: str


def note_refusals(session: Session, refused: Refused, request_id: str, now: datetime, times: int = 1) -> None:
    """Count what is alike within a minute in one row, and keep only so many rows of a client."""
    row = {
        "network_id": refused.network_id,
        "client_id": refused.client_id,
        "minute": now.astimezone(UTC).replace(second=0, microsecond=0),
        "method": refused.method,
        "route": refused.route,
        "status": refused.status,
        "problem": refused.problem,
        "code": refused.code[:60],
        "times": times,
        "request_id": request_id,
        "last_at": now,
    }
    insert: Any = _INSERT[session.get_bind().dialect.name](ClientRefusal).values(row)
    more = {
        "times": ClientRefusal.times + literal_column(str(int(times))),
        "request_id": request_id,
        "last_at": now,
        "status": refused.status,
    }
    counted = session.scalar(
        insert.on_conflict_do_update(index_elements=list(_ALIKE), set_=more).returning(ClientRefusal.times)
    )
    if counted == times:
        _forget_the_oldest(session, refused.client_id)


def _forget_the_oldest(session: Session, client_id: UUID) -> None:
    beyond = (
        select(ClientRefusal.minute)
        .where(ClientRefusal.client_id == client_id)
        .order_by(ClientRefusal.minute.desc())
        .offset(REFUSALS_KEPT)
        .limit(1)
        .scalar_subquery()
    )
    session.execute(
        delete(ClientRefusal).where(ClientRefusal.client_id == client_id, ClientRefusal.minute <= beyond),
        execution_options={"synchronize_session": False},
    )


def last_refusals(session: Session, client: ApiClient, limit: int = SHOWN) -> Sequence[ClientRefusal]:
    query = (
        select(ClientRefusal)
        .where(ClientRefusal.client_id == client.id)
        .order_by(ClientRefusal.minute.desc(), ClientRefusal.last_at.desc())
        .limit(limit)
    )
    return session.scalars(query).all()


def last_calls(session: Session, client: ApiClient, limit: int = SHOWN) -> Sequence[Row[Any]]:
    """What it read and changed, the newest first, with the person in whose name it did."""
    query = (
        select(AuditEntry.at, AuditEntry.action, AuditEntry.entity, AuditEntry.ids, AuditEntry.request_id, User.name)
        .outerjoin(User, User.id == AuditEntry.user_id)
        .where(AuditEntry.client_id == client.id, AuditEntry.action.not_in(NO_CALLS))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return session.execute(query).all()
