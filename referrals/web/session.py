"""Who sits at the browser: a cookie names a session in the database, and the database says whether it lives."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from flask import Flask, current_app, g, request, session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user
from sqlalchemy.orm import Session

from config import Settings
from referrals.boundary import clock
from referrals.boundary.schemas.fields import uuid_of
from referrals.boundary.stationery import stationery
from referrals.boundary.trace import current_request_id
from referrals.domain.break_glass import may_break
from referrals.domain.people import Actor, Role
from referrals.domain.second_factor import FRESH, Happening, Lacks, browser_words, neighborhood
from referrals.models.engine import Database
from referrals.models.organization import Organization
from referrals.models.user import User
from referrals.pathway.accounts import actor_among, memberships_of
from referrals.pathway.break_glass import Opened, opened_now
from referrals.pathway.rules import Rules, rules_of
from referrals.pathway.sign_in import (
    Elsewhere,
    Place,
    complete_session,
    end_session,
    find_session,
    needs_touch,
    open_session,
    renew_hash,
    renew_session,
    touch_session,
)
from referrals.pathway.sign_in_record import SignInRecord
from referrals.web.proofs import FOR_SETTING_UP, is_sign_of_life

# What was opened by break-glass is for looking at: whoever sends anything has nothing open.
LOOKS = frozenset({"GET", "HEAD"})
# Where the cookie keeps the organization that somebody with several has chosen.
ORGANIZATION = "organization"


@dataclass(eq=False)
class Person(UserMixin):
    """Somebody who is signed in, with every role they hold and the rules of their network.

    While they lack something, only their password was right: see `signed_in`. `proven_at` is their last proof, `door`
    the one they came in by, where it was not ours.
    """

    secret: str
    user: User
    held: Sequence[tuple[Organization, Role]]
    rules: Rules
    chosen: UUID | None
    lacks: Lacks | None = None
    proven_at: datetime | None = None
    opened: Sequence[Opened] = ()
    door: str | None = None

    @property
    def how(self) -> Mapping[str, str]:
        """What the audit says beside their signing in."""
        return {"door": self.door} if self.door else {}

    def is_fresh(self, now: datetime) -> bool:
        return self.proven_at is not None and now - self.proven_at < FRESH

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
        actor = actor_among(self.user, self.held, self.chosen if self.chosen in known else None)
        return replace(actor, opened=frozenset(each.referral_id for each in self.opened))


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


def at_the_cookie() -> Person | None:
    """Whose session the cookie names, also one that opens nothing yet."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def signed_in() -> Person | None:
    """Who is signed in. Somebody who has to set up a second factor is so on the pages for that, and nowhere else."""
    person = at_the_cookie()
    if person is None or person.lacks is None:
        return person
    return person if person.lacks is Lacks.SET_UP and request.endpoint in FOR_SETTING_UP else None


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
    if needs_touch(row, now()) and is_sign_of_life(request.endpoint or "", _purposes()):
        with database().writing() as writing:
            touch_session(writing, secret, now())
    chosen = uuid_of(str(cookie.get(ORGANIZATION, "")))
    lacks = Lacks(row.lacks) if row.lacks else None
    rules = rules_of(session, user.network_id)
    held = memberships_of(session, user.id)
    person = Person(secret, user, held, rules, chosen, lacks, row.proven_at, door=row.door)
    if not lacks and request.method in LOOKS and person.held and may_break(actor := person.actor):
        person = replace(person, opened=opened_now(session, actor, now()))
    g.actor = person.actor if person.held else None
    return person


def _purposes() -> tuple[str, str]:
    return request.headers.get("Sec-Purpose", ""), request.headers.get("Purpose", "")


def records(session: Session) -> SignInRecord:
    """Where this request writes down what happened to somebody's proofs."""
    return SignInRecord(session, stationery(current_app.config["SETTINGS"]), now(), current_request_id())


def begin_session(
    user: User, password: str = "", lacks: Lacks | None = None, elsewhere: Elsewhere | None = None
) -> None:
    """A new secret and a new cookie: nothing that was set before signing in lives on.

    A provider may let somebody in who has proved themselves there hours ago: that is no fresh proof.
    """
    end_own_session()
    with database().writing() as session:
        known = session.merge(user, load=False)
        if password:
            renew_hash(known, password)
        secret = open_session(
            session, known, now(), absolute=_absolute(), lacks=lacks, place=_place(), elsewhere=elsewhere
        )
        held, rules = memberships_of(session, user.id), rules_of(session, user.network_id)
        proven_at, door = (elsewhere.proven_at, elsewhere.door) if elsewhere else (now(), None)
        person = Person(secret, known, held, rules, None, lacks, None if lacks else proven_at, door=door)
        if lacks is None:
            records(session).note(known, Happening.SIGNED_IN, detail=person.how)
    login_user(person)


def _absolute() -> timedelta:
    found: timedelta = current_app.config["SETTINGS"].session_absolute
    return found


def _place() -> Place:
    return Place(browser_words(request.user_agent.string), neighborhood(request.remote_addr or ""))


def go_in(session: Session, person: Person) -> bool:
    """The second proof is there: half a session becomes a whole one. False where it ran out meanwhile."""
    secret = complete_session(session, person.secret, now(), absolute=_absolute())
    if secret is None:
        return False
    cookie.clear()
    _carry_on(person, secret)
    records(session).note(person.user, Happening.SIGNED_IN, detail=person.how)
    return True


def prove_anew(session: Session, person: Person) -> None:
    """Under a new secret, so that a copy of the cookie from before is worth nothing after it."""
    if secret := renew_session(session, person.secret, now()):
        _carry_on(person, secret)


def _carry_on(person: Person, secret: str) -> None:
    person.secret, person.lacks, person.proven_at = secret, None, now()
    login_user(person)


def leave_nothing_behind() -> None:
    """A session that the cookie names is over: the answer tells the browser to drop what it has of it."""
    if "_user_id" in cookie:
        g.session_is_over = True


def end_own_session() -> None:
    """Sign out: the row is ended, so that a copy of the cookie opens nothing either."""
    leave_nothing_behind()
    if person := at_the_cookie():
        with database().writing() as session:
            end_session(session, person.secret, now())
            if person.lacks is None:
                records(session).note(person.user, Happening.SIGNED_OUT)
    cookie.clear()
