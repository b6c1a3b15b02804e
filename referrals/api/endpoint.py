"""What an endpoint takes, gives and needs is said once: the same words serve the call and write the documentation."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Response, current_app, g, request
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from referrals.api.call import Answer, Call, LooksUp, Seen
from referrals.boundary import bodies, clock, files, idempotency
from referrals.boundary.identity import identify, need_kind, need_party, need_scope, with_person
from referrals.boundary.problems import ParameterError, Problem, problem_of
from referrals.boundary.schemas.fields import Body, uuid_of
from referrals.boundary.trace import current_request_id
from referrals.domain.errors import NotFound
from referrals.domain.people import Kind, Party, Scope
from referrals.models.engine import Database
from referrals.pathway.actions import refuse_actor
from referrals.pathway.trail import record_audit

View = Callable[..., Answer]
PATCH = "PATCH"
STORED = frozenset({409, 422})
# Two callers wrote the same thing at one moment: PostgreSQL ends one of them so, or a unique key does.
LOST_RACES = frozenset({"40001", "40P01"})


@dataclass(frozen=True, slots=True)
class Streamed:
    """A body that is no JSON: in which forms, and who reads it. What is read stands for it: its print, and the file."""

    forms: tuple[str, ...]
    read: Callable[[Call], tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything that is promised of one endpoint. `waits` comes before the view, outside any transaction."""

    gives: type[Body] | None
    takes: type[Body] | None = None
    asks: type[Body] | None = None
    scope: Scope | None = None
    kinds: frozenset[Kind] = frozenset()
    parties: frozenset[Party] = frozenset()
    status: int = 200
    writes: bool = False
    needs_version: bool = False
    repeatable: bool = False
    may_be_empty: bool = False
    versioned: bool = False
    listed: bool = False
    may_know_it: bool = False
    is_sealed: bool = False
    steps: tuple[str, ...] = ()
    refused: Callable[[Call, Problem], None] | None = None
    looks_up: LooksUp | None = None
    carries: Callable[..., None] | None = None
    hands_out: tuple[str, ...] = ()
    also_as: tuple[str, ...] = ()
    waits: Callable[[Database, Call], None] | None = None
    streamed: Streamed | None = None


def endpoint(**promised: Any) -> Callable[[View], Callable[..., Response]]:
    """Serve the view under this contract."""
    contract = Contract(**promised)

    def declare(view: View) -> Callable[..., Response]:
        @wraps(view)
        def serve(**path: str) -> Response:
            return Service(contract, view).answer(path)

        serve.contract = contract  # type: ignore[attr-defined]  # read by the documentation and by its test
        return serve

    return declare


class Service:
    """Carries one call through its contract: 401, 403, then what the view finds."""

    def __init__(self, contract: Contract, view: View) -> None:
        self.contract, self.view = contract, view
        self.database: Database = current_app.extensions["database"]
        self.now = clock.now()

    def answer(self, path: Mapping[str, str]) -> Response:
        with self.database.reading() as session:
            call = self.call(session)
            if not self.contract.writes and not self.contract.takes:
                if self.contract.waits is not None:
                    session.close()  # nobody holds a connection while they wait for something to happen
                    self.contract.waits(self.database, call)
                answer = self.seen(call, path)
                session.close()
                return self.shown(call, answer)
        return self.sent(call, path)

    def call(self, session: Session) -> Call:
        """Who calls, whether they still may this minute, and whether this is theirs to call."""
        caller = identify(session, self.now)
        actor, limits = caller.actor, current_app.extensions["call_limits"]
        standing = limits.admit(self.database, f"client:{actor.client_id}", self.now, caller.calls_per_minute)
        g.rate_headers = standing.headers(self.now)
        need_scope(actor, self.contract.scope)
        need_kind(actor, self.contract.kinds)
        acting = with_person(session, actor)
        need_party(acting, self.contract.parties)
        for step in self.contract.steps:
            refuse_actor(step, acting)
        return Call(acting, self.now, session, asks=self.contract.asks, client_name=actor.name)

    def sent(self, call: Call, path: Mapping[str, str]) -> Response:
        """A call with a body: read it, then do the work once, however often it is sent."""
        with self.settled(call, None):
            self.read(call)
            key = idempotency.key_sent() if self.contract.repeatable else None
        claim = None if key is None else self.claim(call, key)
        if isinstance(claim, Response):
            return claim
        with self.settled(call, claim):
            return self.work(call, path, claim)

    def read(self, call: Call) -> None:
        call.takes, call.partial, call.looks_up = self.contract.takes, request.method == PATCH, self.contract.looks_up
        if self.contract.streamed:
            call.sent, call.file = self.contract.streamed.read(call)
            return
        if self.contract.carries:
            files.expect_file()
            call.sent, call.file = files.form_sent()
            return
        forms = bodies.JSON_OR_PATCH if request.method == PATCH else bodies.JSON
        limit = current_app.config["SETTINGS"].body_limit
        call.sent = bodies.json_body(limit, forms, may_be_empty=self.contract.may_be_empty)

    def claim(self, call: Call, key: str) -> idempotency.Claim | Response:
        """The right to do the work, kept whatever becomes of us; or the answer that was given before."""
        mark = idempotency.fingerprint(request.method, request.path, call.sent)
        with self.database.writing() as session:
            claim = idempotency.claim(session, call.actor, key, mark, self.now)
            if isinstance(claim, Response):
                self.audit(session, call, Seen("answer", [], "replay"))
        return claim

    @contextmanager
    def settled(self, call: Call, claim: idempotency.Claim | None) -> Iterator[None]:
        """A refusal gets its receipt; one that will stay is kept as the answer, any other leaves the key free."""
        try:
            yield
        except Exception as error:
            self.settle(call, claim, problem_of(error))
            raise

    def settle(self, call: Call, claim: idempotency.Claim | None, problem: Problem) -> None:
        if claim is None and (self.contract.refused is None or problem.status >= 500):
            return
        with self.database.writing() as session:
            if self.contract.refused is not None:
                call.session = session
                self.contract.refused(call, problem)
            if claim is not None and _will_stay(problem):
                idempotency.keep(session, claim, problem.response())
            elif claim is not None:
                idempotency.give_back(session, claim)

    def work(self, call: Call, path: Mapping[str, str], claim: idempotency.Claim | None) -> Response:
        """All of it in one transaction: the work, its audit and the answer that a repeat will get.

        A file is put away before that: no row waits for a disk.
        """
        if self.contract.carries is not None:
            with self.database.reading() as session:
                call.session = session
                self.contract.carries(call, **ids(path))
        try:
            return self.work_once(call, path, claim)
        except Exception as error:
            if not _lost_a_race(error):
                raise
        return self.work_once(call, path, claim)  # what the other wrote is seen now, and said properly

    def work_once(self, call: Call, path: Mapping[str, str], claim: idempotency.Claim | None) -> Response:
        with self.transaction() as session:
            call.session = session
            answer = self.seen(call, path)
            response = answer.response()
            if not self.contract.writes:
                session.close()
                return self.shown(call, answer, claim)
            if answer.seen:
                self.audit(session, call, answer.seen)
            if claim:
                idempotency.keep(session, claim, response)
        return response

    def transaction(self) -> Any:
        return self.database.writing() if self.contract.writes else self.database.reading()

    def seen(self, call: Call, path: Mapping[str, str]) -> Answer:
        """What the view finds. What the address asks in vain is refused once it is clear that there is such a row."""
        answer = self.view(call, **ids(path))
        _ = call.query
        return answer

    def shown(self, call: Call, answer: Answer, claim: idempotency.Claim | None = None) -> Response:
        """An answer that only read: who looked is written down before anybody sees it."""
        response = answer.response()
        if claim or answer.seen:
            with self.database.writing() as session:
                if answer.seen:
                    self.audit(session, call, answer.seen)
                if claim:
                    idempotency.keep(session, claim, response)
        return response

    def audit(self, session: Session, call: Call, seen: Seen) -> None:
        record_audit(session, call.actor, seen.action, seen.entity, seen.ids, self.now, current_request_id())


def ids(path: Mapping[str, str]) -> dict[str, Any]:
    """The ids in the address as such. One that is malformed is a row that does not exist."""
    return {name: _id(text) if name.endswith("_id") else _word(text) for name, text in path.items()}


def _id(text: str) -> UUID:
    found = uuid_of(text)
    if found is None:
        raise NotFound
    return found


def _word(text: str) -> str:
    if not text.isprintable():
        raise NotFound
    return text


def _will_stay(problem: Problem) -> bool:
    """Whether the same call would be refused again; an address can be righted and called with the same key."""
    is_of_address = any(isinstance(each, ParameterError) for each in problem.errors)
    return problem.status in STORED and not is_of_address


def _lost_a_race(error: BaseException) -> bool:
    if isinstance(error, IntegrityError) or isinstance(error.__cause__, IntegrityError):
        return True
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in LOST_RACES
