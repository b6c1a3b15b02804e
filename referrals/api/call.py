"""One call at the JSON door: who, when, what was sent, and in which transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import Any
from uuid import UUID

import orjson
from flask import Response
from sqlalchemy.orm import Session

from referrals.boundary import bodies
from referrals.boundary.conditional import etag
from referrals.boundary.schemas.fields import Body, load, ready
from referrals.domain.errors import FieldError
from referrals.domain.people import Actor


@dataclass
class Call:
    """What a view is handed: `query` is what the address asks, `body` is `sent`, both as checked.

    `file` is the one that came with the form, `filed` the same once it is put away.
    They are checked when a view first asks for them, after 404, 428 and 412 have had their say.
    """

    actor: Actor
    now: datetime
    session: Session
    asks: type[Body] | None = None
    takes: type[Body] | None = None
    looks_up: "LooksUp | None" = None
    sent: Any = None
    file: Any = None
    filed: Any = None
    partial: bool = False
    client_name: str = ""

    @property
    def query(self) -> dict[str, Any]:
        return self._asked[0]

    @property
    def asked(self) -> dict[str, Any]:
        """The parameters as they were sent."""
        return self._asked[1]

    @cached_property
    def _asked(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return bodies.query(self.asks)

    @cached_property
    def body(self) -> dict[str, Any]:
        if self.takes is None:
            return {}
        sent, today = bodies.object_of(self.sent), self.now.date()
        also = partial(self.looks_up, self) if self.looks_up else None
        return load(ready(self.takes), sent, partial=self.partial, today=today, also=also)


# The names in what was sent that nobody answers to.
LooksUp = Callable[[Call, Mapping[str, Any]], Iterable[FieldError]]


@dataclass(frozen=True, slots=True)
class Seen:
    """The rows whose contents an answer shows or a call has changed: what the audit will say."""

    entity: str
    ids: Sequence[UUID]
    action: str = "read"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view gives back."""

    body: Any
    seen: Seen | None = None
    version: int | str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        answer = Response(to_json(self.body), status=self.status, mimetype="application/json")
        if self.version is not None:
            answer.headers["ETag"] = etag(self.version)
        answer.headers.update(dict(self.headers))
        return answer


@dataclass(frozen=True, slots=True)
class EmptyAnswer(Answer):
    """It is done, and there is nothing to show."""

    def response(self) -> Response:
        answer = Response(status=self.status)
        del answer.headers["Content-Type"]
        return answer


@dataclass(frozen=True, slots=True)
class FileAnswer(Answer):
    """What a view gives back whole, as it is to be sent: a document instead of JSON."""

    def response(self) -> Response:
        made: Response = self.body
        return made


def to_json(body: Any) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)
