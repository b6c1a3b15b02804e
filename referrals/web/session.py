"""Who sits at the browser: a cookie names a session in the database, and the database says whether it lives."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from flask import Flask, current_app, g, session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user
from sqlalchemy.orm import Session

from config import Settings
from referrals.boundary import clock
from referrals.boundary.schemas.fields import uuid_of
from referrals.domain.people import Actor, Role
from referrals.models.engine import Database
from referrals.models.organization import Organization
from referrals.models.user import User
from referrals.pathway.accounts import actor_among, memberships_of
from referrals.pathway.rules import Rules, rules_of
from referrals.pathway.sign_in import end_session, find_session, needs_touch, open_session, renew_hash, touch_session

# Where the cookie keeps the organization that somebody with several has chosen.
ORGANIZATION = "organization"


@dataclass(eq=False)
class Person(UserMixin):
    """Somebody who is signed in, with every role they hold and the rules of their network."""

    secret: str
    user: User
    held: Sequence[tuple[Organization, Role]]
    rules: Rules
    chosen: UUID | None

    def get_id(self) -> str:
        return self.secret

    @property
    def homes(self) -> tuple[Organization, ...]:
        """Where they may act, each once."""
        return tuple({each.id: each for each, _ in self.held}.values())

    @cached_property
    def home(self) -> Organization:
        """Where they act now: what was chosen, while they still belong to it."""
        return next((each for each in self.homes if each.id == self.actor.organization_id), self.homes[0])

    @cached_property
    def actor(self) -> Actor:
        known = {each.id for each in self.homes}
        return actor_among(self.user, self.held, self.chosen if self.chosen in known else None)


def hang_sign_in(app: Flask) -> None:
    settings: Settings = app.config["SETTINGS"]
    secure = settings.env != "development"
    app.config.update(
        # The prefix makes browsers refuse the cookie from a neighboring host.
        SESSION_COOKIE_NAME="__Host-referrals" if secure else "referrals",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
    )
    login = LoginManager(app)
    # A change of address ends nobody's session: phones and hospitals change theirs all day.
    login.session_protection = None
    login.user_loader(load_person)


def database() -> Database:
    found: Database = current_app.extensions["database"]
    return found


def now() -> datetime:
    """One time for the whole request."""
    if "now" not in g:
        g.now = clock.now()
    found: datetime = g.now
    return found


def signed_in() -> Person | None:
    return current_user._get_current_object() if current_user.is_authenticated else None


@contextmanager
def reading() -> Iterator[Session]:
    """The one transaction of a page: who looks at it is found in it, too."""
    with database().reading() as session:
        g.reading = session
        try:
            yield session
        finally:
            g.pop("reading")


def load_person(secret: str) -> Person | None:
    if session := g.get("reading"):
        return _find_person(session, secret)
    with database().reading() as session:
        return _find_person(session, secret)


def _find_person(session: Session, secret: str) -> Person | None:
    found = find_session(session, secret, now(), idle=current_app.config["SETTINGS"].session_idle)
    if found is None:
        return None
    row, user = found
    if needs_touch(row, now()):
        with database().writing() as writing:
            touch_session(writing, secret, now())
    chosen = uuid_of(str(cookie.get(ORGANIZATION, "")))
    person = Person(secret, user, memberships_of(session, user.id), rules_of(session, user.network_id), chosen)
    g.actor = person.actor if person.held else None
    return person


def begin_session(user: User, password: str) -> None:
    """A new secret and a new cookie: nothing that was set before signing in lives on."""
    end_own_session()
    with database().writing() as session:
        known = session.merge(user, load=False)
        renew_hash(known, password)
        absolute = current_app.config["SETTINGS"].session_absolute
        secret = open_session(session, known, now(), absolute=absolute)
        person = Person(secret, known, memberships_of(session, user.id), rules_of(session, user.network_id), None)
    login_user(person)


def end_own_session() -> None:
    """Sign out: the row is ended, so that a copy of the cookie opens nothing either."""
    if person := signed_in():
        with database().writing() as session:
            end_session(session, person.secret, now())
    cookie.clear()
