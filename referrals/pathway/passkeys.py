"""The passkeys that somebody has: listed, and removed."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from referrals.domain.errors import NotFound
from referrals.models.second_factor import Passkey
from referrals.models.user import User


def passkeys_of(session: Session, user: User) -> list[Passkey]:
    return list(session.scalars(select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id)))


def remove_passkey(session: Session, user: User, passkey_id: UUID) -> None:
    removed = delete(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user.id).returning(Passkey.id)
    if session.execute(removed).first() is None:
        raise NotFound


def forget_passkeys(session: Session, user: User) -> None:
    session.execute(delete(Passkey).where(Passkey.user_id == user.id))
