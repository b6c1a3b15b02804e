"""People at the dashboard's door: their password is checked, their session opened, kept alive and ended."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from referrals.models.user import User, UserSession
from referrals.pathway.accounts import folded
from referrals.pathway.passwords import hash_password, needs_rehash, password_matches
from referrals.pathway.secret_words import digest, new_secret

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
# A page is a dozen requests: the last sign of life is written at most this often.
TOUCH_EVERY = timedelta(seconds=30)


def prove_person(session: Session, email: str, password: str) -> User | None:
    """The active person whose password this is. An unknown address costs the same time as a wrong password."""
    user = session.scalar(select(User).where(User.email == folded(email)))
    proven = password_matches(user.password_hash if user else None, password)
    return user if proven and user is not None and user.active else None


def open_session(session: Session, user: User, now: datetime, *, absolute: timedelta = ABSOLUTE) -> str:
    """The secret that the browser's cookie will hold; the row keeps its digest."""
    secret = new_secret()
    session.add(
        UserSession(
            id_hash=digest(secret),
            network_id=user.network_id,
            user_id=user.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + absolute,
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
