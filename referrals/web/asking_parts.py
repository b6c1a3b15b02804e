"""What a page that asks before a step is made of."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from referrals.domain.errors import FieldError
from referrals.pathway.record import Record
from referrals.web.forms.fields import Form, Group, Option
from referrals.web.presenters.opinion import OpinionPanel
from referrals.web.visit import Visit

Body = dict[str, Any]
CHOOSE = Option("", "Choose")


def _same(visit: Visit, record: Record, body: Body) -> Body:
    return body


def _nothing(record: Record, visit: Visit) -> dict[str, Any]:
    return {}


def _as_is(visit: Visit, record: Record, form: Form) -> Form:
    return form


@dataclass(frozen=True, slots=True)
class Said:
    label: str
    explains: str


@dataclass(frozen=True, slots=True)
class Asking:
    """`groups` replace the usual fields, `form` adds choices, `shows` is what stands in the fields at first,

    `now` is what stands on the referral in words, by field, for somebody who was second; `blocked` says why
    there is nothing to ask; `lacks` is what only the page can find wrong; `said` are other words than the table's;
    `opinion` is read on the same page.
    """

    groups: Callable[[Visit, Record], tuple[Group, ...]] | None = None
    form: Callable[[Visit, Record, Form], Form] = _as_is
    body: Callable[[Visit, Record, Body], Body] = _same
    shows: Callable[[Record, Visit], Mapping[str, Any]] = _nothing
    now: Callable[[Record, Visit], Mapping[str, str]] = _nothing
    blocked: Callable[[Visit, Record], str] = lambda visit, record: ""
    lacks: Callable[[Visit, Record, Body], list[FieldError]] = lambda visit, record, typed: []
    said: Callable[[Record], Said | None] = lambda record: None
    opinion: Callable[[Visit, Record], OpinionPanel | None] = lambda visit, record: None


def people(found: Iterable[Any]) -> tuple[Option, ...]:
    return (CHOOSE, *(Option(str(person.id), person.name) for person in found))


def to_its_end(name: str, visit: Visit, body: Body, latest: datetime | None = None) -> Body:
    """A day lasts to its end, where the network is; the day of `latest` no longer than that."""
    try:
        day = date.fromisoformat(body.get(name, ""))
    except ValueError:
        return body
    ends = datetime.combine(day, time.max, ZoneInfo(visit.rules.zone))
    if latest is not None and day == visit.moment.local(latest).date():
        ends = min(ends, latest)
    return body | {name: ends.astimezone(visit.now.tzinfo).strftime("%Y-%m-%dT%H:%M:%SZ")}
