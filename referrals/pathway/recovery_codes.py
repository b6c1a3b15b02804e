"""Codes for whoever has lost everything else: shown once, kept as digests, each good for one time."""

import base64
import secrets
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from referrals.domain.second_factor import RECOVERY_CODES
from referrals.models.base import new_id
from referrals.models.second_factor import RecoveryCode
from referrals.models.user import User
from referrals.pathway.secret_words import digest

# 120 bits: enough for a plain digest (ASVS 5.0, 6.5.2).
BYTES, GROUP = 15, 6


def make_codes(session: Session, user: User, now: datetime) -> list[str]:
    """A new set in place of the old one, as it is shown this once."""
    forget_codes(session, user)
    codes = [base64.b32encode(secrets.token_bytes(BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(
            id=new_id(),
            network_id=user.network_id,
            user_id=user.id,
            code_hash=digest(code),
            created_at=now,
            used_at=None,
        )
        for code in codes
    )
    session.flush()
    return ["-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP)) for code in codes]


def take_recovery_code(session: Session, user: User, typed: str, now: datetime) -> bool:
    plain = "".join(letter for letter in typed.lower() if letter.isalnum())
    taken = (
        update(RecoveryCode)
        .where(RecoveryCode.user_id == user.id, RecoveryCode.code_hash == digest(plain), RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    return session.execute(taken).first() is not None


def codes_left(session: Session, user: User) -> int:
    query = select(func.count(RecoveryCode.id)).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return session.scalar(query) or 0


def forget_codes(session: Session, user: User) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
