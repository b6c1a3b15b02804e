"""One request of somebody who is signed in: who, when, under which rules, and in which transaction."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from referrals.boundary.schemas.fields import uuid_of
from referrals.boundary.trace import current_request_id
from referrals.domain.break_glass import MARK
from referrals.domain.errors import Erased, Forbidden, NotFound, Refusal, Stale
from referrals.domain.people import Actor, Party
from referrals.domain.vocabulary import Tier
from referrals.pathway.rules import Rules
from referrals.pathway.trail import record_audit
from referrals.web.at_the_door import to_sign_in
from referrals.web.pages import Seen, Shown, render
from referrals.web.presenters.times import Moment
from referrals.web.session import Person, database, now, reading, signed_in

View = Callable[..., Shown | AnyResponse]
Again = Callable[..., Shown]
First = Callable[..., Any]


@dataclass
class Visit:
    """What a view is handed. `changed` collects what the audit will say of a request that writes.

    `brought` is what was made ready before the transaction began. `speaks_for` is the side of a center outside the
    network, while somebody records what it says; the audit names the person all the same.
    """

    person: Person
    session: Session
    now: datetime
    changed: list[Seen] = field(default_factory=list)
    brought: Any = None
    speaks_for: Actor | None = None

    @property
    def actor(self) -> Actor:
        return self.speaks_for or self.person.actor

    @property
    def rules(self) -> Rules:
        return self.person.rules

    @property
    def moment(self) -> Moment:
        return Moment(self.now, ZoneInfo(self.rules.zone))

    @property
    def tiers(self) -> Mapping[str, str]:
        """The labels of the policy in force."""
        return {tier.value: self.rules.policy.label(tier) for tier in Tier}

    @property
    def is_lead(self) -> bool:
        return Party.L in self.actor.parties

    def need(self, parties: Iterable[Party], message: str) -> None:
        if not self.actor.parties & frozenset(parties):
            raise Forbidden("not_this_actor", message)

    def note(self, action: str, ids: Iterable[UUID], entity: str = "referral") -> None:
        self.changed.append(Seen(entity, tuple(ids), action))


def page(view: View) -> Callable[..., AnyResponse]:
    """Serve a page that changes nothing, whatever its method; who looked is written down before it is shown."""

    @wraps(view)
    def serve(**path: str) -> AnyResponse:
        with reading() as session:
            person = signed_in()
            if person is None:
                return to_sign_in()
            visit = Visit(person, session, now())
            shown = view(visit, **ids(path))
            answer = answered(shown, person)
        if isinstance(shown, Shown) and shown.seen:
            write_down(visit, [shown.seen])
        return answer

    return serve


def act(again: Again | None = None, first: First | None = None) -> Callable[[View], Callable[..., AnyResponse]]:
    """Serve a request that writes, in one transaction with its audit.

    `first` does before it what no row should wait for. What is refused is undone, and `again` may show the page once more with what was typed.
    """

    def declare(view: View) -> Callable[..., AnyResponse]:
        @wraps(view)
        def serve(**path: str) -> AnyResponse:
            person = signed_in()
            if person is None:
                return to_sign_in()
            try:
                return carry_out(view, person, path, made_ready(first, person, path) if first else None)
            except (Refusal, StaleDataError) as refusal:
                if again is None or isinstance(refusal, NotFound | Forbidden | Erased):
                    raise
                meant = Stale() if isinstance(refusal, StaleDataError) else refusal
                return show_again(again, person, meant, path)

        return serve

    return declare


def made_ready(first: First, person: Person, path: Mapping[str, str]) -> Any:
    with database().reading() as session:
        return first(Visit(person, session, now()), **ids(path))


def carry_out(view: View, person: Person, path: Mapping[str, str], brought: Any = None) -> AnyResponse:
    with database().writing() as session:
        visit = Visit(person, session, now(), brought=brought)
        answer = answered(view(visit, **ids(path)), person)
        for seen in visit.changed:
            audit(session, visit, seen)
    return answer


def show_again(again: Again, person: Person, refusal: Refusal, path: Mapping[str, str]) -> AnyResponse:
    with database().reading() as session:
        visit = Visit(person, session, now())
        shown = again(visit, refusal, **ids(path))
        answer = answered(shown, person)
    if shown.seen:
        write_down(visit, [shown.seen])
    return answer


def answered(shown: Shown | AnyResponse, person: Person) -> AnyResponse:
    return render(shown, person) if isinstance(shown, Shown) else shown


def write_down(visit: Visit, seen: Iterable[Seen]) -> None:
    with database().writing() as session:
        for each in seen:
            audit(session, visit, each)


def audit(session: Session, visit: Visit, seen: Seen) -> None:
    request_id = current_request_id()
    record_audit(
        session, visit.actor, seen.action, seen.entity, seen.ids, visit.now, request_id, **by_break_glass(visit)
    )


def by_break_glass(visit: Visit) -> dict[str, str]:
    """Which record was open only so, where the page is one of its pages."""
    referral_id = uuid_of(str((request.view_args or {}).get("referral_id", "")))
    return {MARK: str(referral_id)} if referral_id in visit.actor.opened else {}


def ids(path: Mapping[str, str]) -> dict[str, Any]:
    """The ids in the address as such. One that is malformed is a row that does not exist."""
    return {name: _id(text) if name.endswith("_id") else text for name, text in path.items()}


def _id(text: str) -> UUID:
    found = uuid_of(text)
    if found is None:
        raise NotFound
    return found


def version_meant() -> int:
    """The version that the form was made from; every form that changes a referral carries it."""
    with suppress(ValueError):
        version = int(request.form.get("version", ""))
        if 0 < version < 2**31:
            return version
    raise BadRequest
