"""Refusals as partners read them: problem documents of RFC 9457, every error at once, never a value that was sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson
from flask import Response, g
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from referrals.boundary.strict_json import Malformed
from referrals.boundary.trace import current_request_id, log_failure
from referrals.domain import errors as refusals
from referrals.domain.documents import TooLarge, WrongForm
from referrals.domain.errors import FieldError
from referrals.models.engine import is_unavailable
from referrals.models.storage import StorageFailed, StorageFull, is_full
from referrals.pathway.documents import Damaged

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Name:
    """One kind of problem: what the API calls it, its status and its title."""

    word: str
    status: int
    title: str


NAMES: Mapping[str, Name] = {
    name.word: name
    for name in (
        Name("malformed", 400, "The request cannot be read"),
        Name("unauthenticated", 401, "Who is calling is not known"),
        Name("forbidden", 403, "The caller may not do this"),
        Name("not-found", 404, "There is nothing here by that name"),
        Name("method-not-allowed", 405, "This path does not know that method"),
        Name("not-acceptable", 406, "The answer has no such form"),
        Name("conflict", 409, "This contradicts what is known"),
        Name("gone", 410, "What was asked for was erased"),
        Name("stale", 412, "Somebody else changed this first"),
        Name("too-large", 413, "The body is too large"),
        Name("unsupported-media-type", 415, "The body has a form that is not read here"),
        Name("validation", 422, "Something that was sent does not hold"),
        Name("precondition-required", 428, "Say which version you mean"),
        Name("rate-limited", 429, "Too many calls"),
        Name("internal", 500, "Something went wrong here"),
        Name("unavailable", 503, "The service cannot answer just now"),
    )
}
BY_STATUS = {name.status: name for name in NAMES.values()}


@dataclass(frozen=True, slots=True)
class ParameterError:
    """One query parameter or header that is wrong."""

    parameter: str
    code: str
    message: str


@dataclass(eq=False)
class Problem(Exception):
    """A refusal that a door makes by itself, in the words of the API."""

    word: str
    detail: str
    errors: Iterable[FieldError | ParameterError] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> Name:
        return NAMES[self.word]

    @property
    def status(self) -> int:
        return self.name.status

    @property
    def code(self) -> str:
        """The word that tells most: its own, or that of the first thing that is wrong."""
        first = next(iter(self.errors), None)
        return str(self.extra.get("code") or (first.code if first else self.extra.get("step", "")))

    def document(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "type": f"/problems/{self.word}",
            "title": self.name.title,
            "status": self.status,
            "detail": self.detail,
            # The one member that differs from call to call, so that a stranger cannot tell two 404s apart.
            "instance": f"/requests/{current_request_id()}",
        }
        if errors := [_error(each) for each in self.errors]:
            body["errors"] = errors
        return body | dict(self.extra)

    def response(self) -> Response:
        answer = Response(orjson.dumps(self.document()), status=self.status, mimetype=MEDIA_TYPE)
        answer.headers.update(dict(self.headers))
        return answer


def _error(error: FieldError | ParameterError) -> dict[str, str]:
    where = {"parameter": error.parameter} if isinstance(error, ParameterError) else {"pointer": error.pointer}
    return where | {"code": error.code, "message": error.message}


def unauthenticated(detail: str = "Send a valid token as Authorization: Bearer TOKEN.", error: str = "") -> Problem:
    challenge = f'Bearer error="{error}"' if error else "Bearer"
    return Problem("unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def invalid(errors: Iterable[FieldError | ParameterError]) -> Problem:
    found = tuple(errors)
    count = "One thing does" if len(found) == 1 else f"{len(found)} things do"
    return Problem("validation", f"{count} not hold; nothing was changed.", errors=found)


def bad_parameter(parameter: str, code: str, message: str) -> Problem:
    return invalid([ParameterError(parameter, code, message)])


def unavailable(seconds: int = RETRY_SECONDS, detail: str = "Nothing was changed. Try again in a moment.") -> Problem:
    return Problem("unavailable", detail, headers={"Retry-After": str(seconds)})


def rate_limited(detail: str, resets_at: datetime, now: datetime, headers: Mapping[str, str]) -> Problem:
    seconds = max(1, round((resets_at - now).total_seconds()))
    return Problem("rate-limited", detail, headers={"Retry-After": str(seconds), **headers})


def answer_problem(error: BaseException) -> Response:
    """Whatever went wrong at a JSON door, as its answer. What nobody foresaw is logged, without what it quotes."""
    problem = problem_of(error)
    if problem.status >= 500:
        log_failure(error)
    g.problem = problem.word, problem.code
    return problem.response()


def problem_of(error: BaseException) -> Problem:
    """What any failure is called at a JSON door. What nobody foresaw is `internal` and tells nothing."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, refusals.Refusal):
        return _of_refusal(error)
    if isinstance(error, HTTPException):
        return _of_http(error)
    return _of_storage(error)


def _of_refusal(error: refusals.Refusal) -> Problem:
    for kind, translate in _TRANSLATIONS.items():
        if isinstance(error, kind):
            return translate(error)
    return Problem("conflict", error.message)


def _of_conflict(error: Any) -> Problem:
    extra: dict[str, Any] = {"referral": error.referral} if error.referral else {}
    if error.fields:
        extra["fields"] = list(error.fields)
    return Problem("conflict", error.message, extra=extra)


_TRANSLATIONS: Mapping[type[refusals.Refusal], Any] = {
    refusals.NotFound: lambda error: Problem("not-found", "There is nothing here by that name."),
    refusals.Erased: lambda error: Problem("gone", error.message, extra={"code": error.code}),
    refusals.Forbidden: lambda error: Problem("forbidden", error.message, extra={"code": error.code}),
    refusals.NotAllowedNow: lambda error: Problem(
        "conflict", error.message, extra={"referral_status": str(error.status), "step": error.step}
    ),
    refusals.Conflict: _of_conflict,
    refusals.Stale: lambda error: Problem("stale", error.message),
    refusals.PersonRequired: lambda error: replace(
        bad_parameter("On-Behalf-Of", error.code, error.errors[0].message), extra={"code": error.code}
    ),
    WrongForm: lambda error: Problem("unsupported-media-type", error.message, errors=error.errors),
    TooLarge: lambda error: Problem("too-large", error.message, errors=error.errors),
    refusals.Invalid: lambda error: invalid(error.errors),
    Malformed: lambda error: Problem("malformed", error.message),
}


def _of_http(error: HTTPException) -> Problem:
    name = BY_STATUS.get(error.code or 500, NAMES["internal" if (error.code or 500) >= 500 else "malformed"])
    headers = {key: value for key, value in error.get_headers() if key in {"Allow", "Retry-After"}}
    return Problem(name.word, f"{name.title}.", headers=headers)


def _of_storage(error: BaseException) -> Problem:
    if isinstance(error, StaleDataError):
        return Problem("stale", "Somebody else changed this first. Read it again.")
    if isinstance(error, IntegrityError):
        return Problem("conflict", "Somebody else wrote the same thing at the same moment. Read again, then repeat.")
    if is_unavailable(error):
        return unavailable()
    unforeseen = "This was not foreseen. It is in our log under the request id; nothing was changed."
    return _of_files(error) or Problem("internal", unforeseen)


def _of_files(error: BaseException) -> Problem | None:
    if isinstance(error, Damaged):
        return _damaged()
    if isinstance(error, OSError) and is_full(error):
        return unavailable(detail=str(StorageFull()))
    return unavailable(detail=str(error)) if isinstance(error, StorageFailed) else None


def _damaged() -> Problem:
    return Problem(
        "unavailable",
        "The file is damaged and is not handed out. This was noted; ask for it to be sent again.",
        extra={"code": "damaged"},
        headers={"Retry-After": "3600"},
    )
