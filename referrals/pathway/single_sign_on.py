"""Single sign-on: an attempt is begun and taken once, and whom the provider names is one of our people, or nobody."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from referrals.domain.errors import NotFound
from referrals.domain.single_sign_on import LASTS, NotLetIn, Purpose, Refused, Said
from referrals.models.add_once import add_once
from referrals.models.base import new_id
from referrals.models.single_sign_on import SignOnAttempt, UserIdentity
from referrals.models.user import User
from referrals.pathway.secret_words import digest, new_secret
from referrals.pathway.sign_in import known_by


@dataclass(frozen=True, slots=True)
class Waiting:
    """What somebody comes back to: the page that was wanted, and what was typed before, sealed."""

    onward: str = ""
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """`secret` stays in the browser's cookie, `verifier` with us; the provider gets the other two."""

    secret: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One that its own browser has brought back in time. It cannot be brought again."""

    purpose: Purpose
    user_id: UUID | None
    nonce: str
    verifier: str
    begun_at: datetime
    waiting: Waiting


def begin(session: Session, purpose: Purpose, user: User | None, waiting: Waiting, now: datetime) -> Asked:
    """`user` is who proves themselves anew; nobody is known yet where somebody signs in."""
    asked = Asked(new_secret(), new_secret(), new_secret(), secrets.token_urlsafe(48))
    session.add(
        SignOnAttempt(
            id_hash=digest(asked.secret),
            network_id=user.network_id if user else None,
            user_id=user.id if user else None,
            state_hash=digest(asked.state),
            purpose=purpose,
            nonce=asked.nonce,
            verifier=asked.verifier,
            onward=waiting.onward,
            kept=waiting.kept,
            expires_at=now + LASTS,
        )
    )
    session.flush()
    return asked


def take(session: Session, secret: str, state: str, now: datetime) -> Attempt | None:
    """The attempt of this browser and this state, which nobody finds a second time."""
    taken = (
        delete(SignOnAttempt)
        .where(
            SignOnAttempt.id_hash == digest(secret),
            SignOnAttempt.state_hash == digest(state),
            SignOnAttempt.expires_at > now,
        )
        .returning(
            SignOnAttempt.purpose,
            SignOnAttempt.user_id,
            SignOnAttempt.nonce,
            SignOnAttempt.verifier,
            SignOnAttempt.expires_at,
            SignOnAttempt.onward,
            SignOnAttempt.kept,
        )
    )
    row = session.execute(taken).one_or_none()
    if row is None:
        return None
    purpose, user_id, nonce, verifier, expires_at, onward, kept = row
    return Attempt(Purpose(purpose), user_id, nonce, verifier, expires_at - LASTS, Waiting(onward, kept))


def linked_person(session: Session, said: Said) -> User | None:
    """Whom this provider has named by this subject before, active or not."""
    query = (
        select(User)
        .join(UserIdentity, UserIdentity.user_id == User.id)
        .where(UserIdentity.issuer == said.issuer, UserIdentity.subject == said.subject)
    )
    return session.scalars(query).one_or_none()


def concerned(session: Session, said: Said) -> User | None:
    """In whose audit it belongs that somebody was not let in."""
    return linked_person(session, said) or known_by(session, said.email)


def link(session: Session, said: Said, now: datetime) -> User:
    """The first time: by an address that the provider has verified, to a person of ours who has no other name there."""
    # Before anybody is looked for: whoever types an address at the provider learns nothing of who has an account here.
    if not said.is_email_verified:
        raise NotLetIn(Refused.UNVERIFIED)
    user = known_by(session, said.email)
    if user is None:
        raise NotLetIn(Refused.UNKNOWN_PERSON)
    refuse_unless_active(user)
    row = {
        "id": new_id(),
        "network_id": user.network_id,
        "user_id": user.id,
        "issuer": said.issuer,
        "subject": said.subject,
        "linked_at": now,
    }
    if not add_once(session, UserIdentity, [row]):
        raise NotLetIn(Refused.OTHER_IDENTITY)
    return user


def refuse_unless_active(user: User) -> None:
    if not user.active:
        raise NotLetIn(Refused.SWITCHED_OFF)


def identities_of(session: Session, user: User) -> list[UserIdentity]:
    return list(session.scalars(select(UserIdentity).where(UserIdentity.user_id == user.id).order_by(UserIdentity.id)))


def is_linked(session: Session, user: User, issuer: str | None) -> bool:
    query = select(UserIdentity.id).where(UserIdentity.user_id == user.id, UserIdentity.issuer == issuer)
    return session.scalar(query) is not None


def remove_identity(session: Session, user: User, identity_id: UUID | None) -> None:
    removed = delete(UserIdentity).where(UserIdentity.id == identity_id, UserIdentity.user_id == user.id)
    if session.execute(removed.returning(UserIdentity.id)).first() is None:
        raise NotFound


def forget_identities(session: Session, user: User) -> None:
    session.execute(delete(UserIdentity).where(UserIdentity.user_id == user.id))
