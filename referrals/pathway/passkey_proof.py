"""Proofs by passkey: asked with a challenge that is used once, and believed only if all of it fits.

Loaded when somebody uses a passkey: the library behind it is large.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from referrals.domain.errors import Conflict
from referrals.domain.second_factor import CHALLENGE_LASTS, MOST_PASSKEYS
from referrals.models.base import new_id
from referrals.models.second_factor import Passkey, PasskeyChallenge
from referrals.models.user import User
from referrals.pathway.authenticators import (
    NotProven,
    Site,
    count_after,
    creation_options,
    named,
    registered,
    request_options,
)
from referrals.pathway.passkeys import passkeys_of
from referrals.pathway.secret_words import digest, new_secret

__all__ = ["NotProven"]


class Purpose(StrEnum):
    """What an answer to a challenge may be used for."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    PROOF = "proof"


@dataclass(frozen=True, slots=True)
class Asked:
    """`secret` stays in the cookie, `options` go to the page's script."""

    secret: str
    options: str


def _challenge(session: Session, purpose: Purpose, user: User | None, now: datetime) -> tuple[str, str]:
    secret, challenge = new_secret(), secrets.token_urlsafe(32)
    session.add(
        PasskeyChallenge(
            id_hash=digest(secret),
            network_id=user.network_id if user else None,
            user_id=user.id if user else None,
            purpose=purpose,
            challenge=challenge,
            expires_at=now + CHALLENGE_LASTS,
        )
    )
    session.flush()
    return secret, challenge


def _take_challenge(session: Session, purpose: Purpose, secret: str, user_id: UUID | None, now: datetime) -> str:
    """The challenge of this secret, which no second answer finds."""
    taken = (
        delete(PasskeyChallenge)
        .where(
            PasskeyChallenge.id_hash == digest(secret),
            PasskeyChallenge.purpose == purpose,
            PasskeyChallenge.user_id.is_(None) if user_id is None else PasskeyChallenge.user_id == user_id,
            PasskeyChallenge.expires_at > now,
        )
        .returning(PasskeyChallenge.challenge)
    )
    found: str | None = session.execute(taken).scalar_one_or_none()
    if found is None:
        raise NotProven
    return found


def ask_for_new(session: Session, site: Site, user: User, now: datetime) -> Asked:
    secret, challenge = _challenge(session, Purpose.REGISTER, user, now)
    known = [each.credential_id for each in passkeys_of(session, user)]
    return Asked(secret, creation_options(site, user, known, challenge))


def register(session: Session, site: Site, user: User, secret: str, answer: str, name: str, now: datetime) -> Passkey:
    key = registered(site, _take_challenge(session, Purpose.REGISTER, secret, user.id, now), answer)
    if len(passkeys_of(session, user)) >= MOST_PASSKEYS:
        raise Conflict(f"You have {MOST_PASSKEYS} passkeys. Remove one first.")
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == key.credential_id)):
        raise NotProven
    row = Passkey(
        id=new_id(),
        network_id=user.network_id,
        user_id=user.id,
        name=name,
        credential_id=key.credential_id,
        public_key=key.public_key,
        sign_count=key.sign_count,
        created_at=now,
        last_used_at=None,
    )
    session.add(row)
    session.flush()
    return row


def ask(session: Session, site: Site, purpose: Purpose, user: User | None, now: datetime) -> Asked:
    """Of this person's keys one; where nobody is known yet, any that the device holds for us."""
    secret, challenge = _challenge(session, purpose, user, now)
    known = [each.credential_id for each in passkeys_of(session, user)] if user else []
    return Asked(secret, request_options(site, known, challenge))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser sent back: the key's answer, and the secret of the challenge that its cookie holds."""

    purpose: Purpose
    secret: str
    credential: str


def whose_passkey(session: Session, site: Site, answer: Answer, user: User | None, now: datetime) -> User:
    """Who has answered: this person, where one is known; else whoever the key belongs to, if they are active."""
    challenge = _take_challenge(session, answer.purpose, answer.secret, user.id if user else None, now)
    said = named(answer.credential)
    query = (
        select(Passkey, User)
        .join(User, User.id == Passkey.user_id)
        .where(Passkey.credential_id == said.credential_id, User.active)
    )
    found = session.execute(query).one_or_none()
    if found is None or (user is not None and found[1].id != user.id):
        raise NotProven
    row, owner = found
    if said.user_handle not in (None, owner.id.bytes):
        raise NotProven
    count = count_after(site, challenge, answer.credential, row.public_key, row.sign_count)
    used = (
        update(Passkey)
        .where(Passkey.id == row.id, Passkey.sign_count == row.sign_count)
        .values(sign_count=count, last_used_at=now)
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    )
    if session.execute(used).first() is None:
        raise NotProven
    return owner
