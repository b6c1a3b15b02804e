"""What goes beside patients when its time is over: plans, and what let people sign in who have left."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, exists, select, update
from sqlalchemy.orm import Session

from referrals.models.plan import Plan, PlannedOffer
from referrals.models.second_factor import AuthenticatorApp, Passkey, RecoveryCode
from referrals.models.single_sign_on import UserIdentity
from referrals.models.trail import AuditEntry
from referrals.models.user import User, UserSession

CREDENTIALS = (AuthenticatorApp, Passkey, RecoveryCode, UserIdentity, UserSession)


def age_out(session: Session, network_id: UUID, cutoff: datetime) -> None:
    """The account itself stays: names in events are the record."""
    old, left = _old_plans(network_id, cutoff), _left(network_id, cutoff)
    gone: list[Any] = [
        delete(PlannedOffer).where(PlannedOffer.plan_id.in_(old)),
        delete(Plan).where(Plan.id.in_(old)),
        *(delete(each).where(each.user_id.in_(left)) for each in CREDENTIALS),
        update(User).where(User.id.in_(left)).values(preferences={}, password_hash=None),
    ]
    for statement in gone:
        session.execute(statement, execution_options={"synchronize_session": False})


def _old_plans(network_id: UUID, cutoff: datetime) -> Select[UUID]:
    return select(Plan.id).where(Plan.network_id == network_id, Plan.finished_at < cutoff)


def _left(network_id: UUID, cutoff: datetime) -> Select[UUID]:
    """Switched off, and nothing of theirs in the audit since."""
    acted = exists().where(AuditEntry.user_id == User.id, AuditEntry.at >= cutoff)
    return select(User.id).where(
        User.network_id == network_id, User.active.is_(False), User.created_at < cutoff, ~acted
    )
