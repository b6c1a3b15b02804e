"""Codes from an authenticator app: a seed counts once a code has confirmed it, and a code is taken once."""

import hmac
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from referrals.models.second_factor import AuthenticatorApp
from referrals.models.user import User
from referrals.models.vault import Locked, Vault
from referrals.pathway.at_rest import PENDING_SEED, SEED_OF_APP
from referrals.pathway.secret_words import new_secret

SECONDS = 30
# A clock that is half a minute off, and a person who types slowly.
WINDOW = (0, -1, 1)


@dataclass(frozen=True, slots=True)
class ToScan:
    """What an app takes over: as an address inside a picture, and as a key to type."""

    address: str
    key: str


def begin_app(session: Session, vault: Vault, user: User, now: datetime) -> str:
    """A new seed, which counts for nothing until a code confirms it; one that counts already goes on counting.

    What comes back is kept by the browser that began: no other one is shown the seed, or confirms it.
    """
    mark, seed = new_secret(), pyotp.random_base32()
    row = session.get(AuthenticatorApp, user.id, with_for_update=True)
    if row is None:
        row = AuthenticatorApp(user_id=user.id, network_id=user.network_id)
        session.add(row)
    row.pending = vault.lock(f"{mark}:{seed}".encode(), PENDING_SEED, user.id)
    row.pending_at = now
    return mark


def to_scan(session: Session, vault: Vault, user: User, mark: str, service: str) -> ToScan | None:
    seed = _pending(vault, session.get(AuthenticatorApp, user.id), user, mark)
    if not seed:
        return None
    return ToScan(pyotp.TOTP(seed).provisioning_uri(name=user.email, issuer_name=service), seed)


def confirm_app(session: Session, vault: Vault, user: User, mark: str, code: str, now: datetime) -> bool:
    """From now on this seed counts, and the one before it no longer."""
    row = session.get(AuthenticatorApp, user.id, with_for_update=True)
    seed = _pending(vault, row, user, mark)
    step = _step_of(seed, code, now)
    if row is None or step is None:
        return False
    row.seed, row.confirmed_at, row.last_step = vault.lock(seed.encode(), SEED_OF_APP, user.id), now, step
    row.pending = row.pending_at = None
    return True


def take_code(session: Session, vault: Vault, user: User, code: str, now: datetime) -> bool:
    """Whether this is a code of now that nobody has used: of all processes one takes it."""
    row = session.get(AuthenticatorApp, user.id)
    if row is None or row.seed is None:
        return False
    step = _step_of(_opened(vault, row.seed, SEED_OF_APP, user), code, now)
    if step is None:
        return False
    newer = or_(AuthenticatorApp.last_step.is_(None), AuthenticatorApp.last_step < step)
    taken = (
        update(AuthenticatorApp)
        .where(AuthenticatorApp.user_id == user.id, AuthenticatorApp.seed == row.seed, newer)
        .values(last_step=step)
        .returning(AuthenticatorApp.user_id)
    )
    return session.execute(taken).first() is not None


def _pending(vault: Vault, row: AuthenticatorApp | None, user: User, mark: str) -> str:
    """The seed that this browser has begun with, if nobody has begun anew since."""
    if row is None or row.pending is None:
        return ""
    begun, _, seed = _opened(vault, row.pending, PENDING_SEED, user).partition(":")
    return seed if hmac.compare_digest(begun.encode(), mark.encode()) else ""


def _opened(vault: Vault, locked: str, column: str, user: User) -> str:
    """Empty where it was locked with a key that is gone: passkeys and recovery codes still open."""
    try:
        return vault.open(locked, column, user.id).decode()
    except Locked:
        return ""


def _step_of(seed: str, code: str, now: datetime) -> int | None:
    if not seed:
        return None
    here, made = int(now.timestamp()) // SECONDS, pyotp.TOTP(seed)
    fits = [here + by for by in WINDOW if hmac.compare_digest(made.generate_otp(here + by).encode(), code.encode())]
    return fits[0] if fits else None


def remove_app(session: Session, user: User) -> None:
    session.execute(delete(AuthenticatorApp).where(AuthenticatorApp.user_id == user.id))
