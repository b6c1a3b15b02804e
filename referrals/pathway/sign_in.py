"""People at the dashboard's door: their password is checked, their session opened, kept alive and ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from referrals.domain.second_factor import HALF_IN, Lacks
from referrals.models.user import User, UserSession
from referrals.pathway.accounts import folded
from referrals.pathway.passwords import hash_password, needs_rehash, password_matches
from referrals.pathway.secret_words import digest, new_secret

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
# A page is a dozen requests: the last sign of life is written at most this often.
TOUCH_EVERY = timedelta(seconds=30)
MOST_SHOWN = 100


def prove_person(session: Session, email: str, password: str) -> User | None:
    """The active person whose password this is. An unknown address costs the same time as a wrong password."""
    user = session.scalar(select(User).where(User.email == folded(email)))
    proven = password_matches(user.password_hash if user else None, password)
    return user if proven and user is not None and user.active else None


def known_by(session: Session, email: str) -> User | None:
    """Whose address this is, active or not."""
    return session.scalar(select(User).where(User.email == folded(email)))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session is, in the words by which its owner knows it again."""

    browser: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where somebody has proved themselves, if not with us; and when, if that is known."""

    door: str
    proven_at: datetime | None


def open_session(
    session: Session,
    user: User,
    now: datetime,
    *,
    absolute: timedelta = ABSOLUTE,
    lacks: Lacks | None = None,
    place: Place | None = None,
    elsewhere: Elsewhere | None = None,
) -> str:
    """The secret that the browser's cookie will hold; the row keeps its digest. Half a session lives for minutes."""
    proven_at = elsewhere.proven_at if elsewhere else now
    secret = new_secret()
    session.add(
        UserSession(
            id_hash=digest(secret),
            network_id=user.network_id,
            user_id=user.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + (min(absolute, HALF_IN) if lacks else absolute),
            lacks=lacks,
            proven_at=None if lacks else proven_at,
            browser=place.browser if place else None,
            address=place.address if place else None,
            door=elsewhere.door if elsewhere else None,
        )
    )
    session.flush()
    return secret


def find_session(
    session: Session, secret: str, now: datetime, *, idle: timedelta = IDLE
) -> tuple[UserSession, User] | None:
    """The living session of this secret and its person: not ended, not idle too long, not too old."""
    query = (
        select(UserSession, User)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.id_hash == digest(secret),
            UserSession.ended_at.is_(None),
            UserSession.expires_at > now,
            UserSession.last_seen_at > now - idle,
            User.active,
        )
    )
    found = session.execute(query).one_or_none()
    return None if found is None else (found[0], found[1])


def whose_session(session: Session, secret: str) -> UUID | None:
    """Whose session this was, also after it has ended or run out."""
    return session.scalar(select(UserSession.user_id).where(UserSession.id_hash == digest(secret)))


def needs_touch(row: UserSession, now: datetime) -> bool:
    return now - row.last_seen_at >= TOUCH_EVERY


def touch_session(session: Session, secret: str, now: datetime) -> None:
    """The person is still there. A session that was ended meanwhile is not brought back."""
    session.execute(
        update(UserSession)
        .where(UserSession.id_hash == digest(secret), UserSession.ended_at.is_(None))
        .values(last_seen_at=now)
    )


def complete_session(session: Session, secret: str, now: datetime, *, absolute: timedelta = ABSOLUTE) -> str | None:
    """Half a session becomes a whole one, under a new secret. None where it has ended or run out meanwhile."""
    whole = {"lacks": None, "created_at": now, "expires_at": now + absolute}
    return _renewed(session, secret, now, UserSession.lacks.is_not(None), whole)


def renew_session(session: Session, secret: str, now: datetime) -> str | None:
    """The person has just proved again who they are: a new secret, and the time of it."""
    return _renewed(session, secret, now, UserSession.lacks.is_(None), {})


def _renewed(session: Session, secret: str, now: datetime, only: Any, values: dict[str, Any]) -> str | None:
    fresh = new_secret()
    renewed = (
        update(UserSession)
        .where(
            UserSession.id_hash == digest(secret), UserSession.ended_at.is_(None), UserSession.expires_at > now, only
        )
        .values(id_hash=digest(fresh), proven_at=now, last_seen_at=now, **values)
        .returning(UserSession.id_hash)
        .execution_options(synchronize_session=False)
    )
    return fresh if session.execute(renewed).first() else None


def session_key(row: UserSession) -> UUID:
    """By what a session is named on a page: half of its digest opens nothing."""
    return UUID(hex=row.id_hash[:32])


def living_sessions(session: Session, user: User, now: datetime, *, idle: timedelta = IDLE) -> list[UserSession]:
    """Where this person is signed in now, the one used last first."""
    query = (
        select(UserSession)
        .where(
            UserSession.user_id == user.id,
            UserSession.ended_at.is_(None),
            UserSession.lacks.is_(None),
            UserSession.expires_at > now,
            UserSession.last_seen_at > now - idle,
        )
        .order_by(UserSession.last_seen_at.desc(), UserSession.id_hash)
        .limit(MOST_SHOWN)
    )
    return list(session.scalars(query))


def end_one_session(session: Session, row: UserSession, now: datetime) -> None:
    session.execute(update(UserSession).where(UserSession.id_hash == row.id_hash).values(ended_at=now))


def end_other_sessions(session: Session, user: User, secret: str, now: datetime) -> None:
    session.execute(
        update(UserSession)
        .where(UserSession.user_id == user.id, UserSession.ended_at.is_(None), UserSession.id_hash != digest(secret))
        .values(ended_at=now)
    )


def end_session(session: Session, secret: str, now: datetime) -> None:
    session.execute(
        update(UserSession)
        .where(UserSession.id_hash == digest(secret), UserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_sessions_of(session: Session, user: User, now: datetime) -> None:
    """Sign this person out everywhere."""
    session.execute(
        update(UserSession).where(UserSession.user_id == user.id, UserSession.ended_at.is_(None)).values(ended_at=now)
    )


def change_password(session: Session, user: User, password: str, now: datetime) -> None:
    """A new password ends every session that the old one opened."""
    user.password_hash = hash_password(password)
    end_sessions_of(session, user, now)


def switch_off(session: Session, user: User, now: datetime) -> None:
    """This person may no longer act, beginning now."""
    user.active = False
    end_sessions_of(session, user, now)


def renew_hash(user: User, password: str) -> None:
    """Keep the password at today's cost, the moment it is known."""
    if user.password_hash and needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)
