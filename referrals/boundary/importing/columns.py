"""The columns of a table of referrals: each is a member of a packet, by a name made from where it stands there."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from marshmallow import Schema
from marshmallow.fields import Field

from referrals.boundary.schemas.fields import (
    Day,
    Flag,
    Id,
    Items,
    Part,
    PartialDay,
    Quantity,
    Whole,
    Word,
    escape,
    ready,
)
from referrals.boundary.schemas.packet import NewReferral
from referrals.domain.errors import FieldError

# What stands for the number in the name and in the pointer of a column that there may be several of.
NUMBER = "#"
NONE = "none"
_IN_NAME = re.compile(r"_([1-9]\d{0,2})(?=_|$)", re.ASCII)
_IN_POINTER = re.compile(r"/(0|[1-9]\d{0,2})(?=/|$)", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
_FLAGS: Mapping[str, bool] = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Column:
    """`treatments_#_line` is `/treatments/#/line`; `most` is how many there may be. A list by its own name is empty."""

    name: str
    pointer: str
    field: Field[Any]
    most: int = 0

    def reads(self, cell: str) -> Any:
        """The value that the cell spells; where it spells none it stays the text, and is refused as such."""
        text = cell.strip()
        if isinstance(self.field, Items):
            return [] if text.lower() == NONE else cell
        if isinstance(self.field, Flag):
            return _FLAGS.get(text.lower(), cell)
        if isinstance(self.field, Whole | Quantity) and _WHOLE.fullmatch(text):
            return int(text)
        return float(text) if isinstance(self.field, Quantity) and _NUMBER.fullmatch(text) else cell

    @property
    def form(self) -> str:
        """What may stand in it, in a few words."""
        if isinstance(self.field, Items):
            return f"{NONE}, to say that there is none"
        if isinstance(self.field, Word):
            return ", ".join(self.field.words)
        return next((words for kind, words in _FORMS if isinstance(self.field, kind)), "text")


_FORMS: tuple[tuple[type[Field[Any]], str], ...] = (
    (Flag, "true or false"),
    (Whole, "a whole number"),
    (Quantity, "a number"),
    (Day, "a date, 2026-11-18"),
    (PartialDay, "a date, 2026-11-18, 2026-11 or 2026"),
    (Id, "an id of this service"),
)


@cache
def columns() -> Mapping[str, Column]:
    """Every column that there is, by its name."""
    return {column.name: column for column in _below(ready(NewReferral), "", "", 0)}


@cache
def _by_pointer() -> Mapping[str, Column]:
    return {column.pointer: column for column in columns().values()}


def _below(schema: Schema, name: str, pointer: str, most: int) -> Iterator[Column]:
    for key, field in schema.fields.items():
        yield from _of(field, f"{name}_{key}" if name else key, f"{pointer}/{key}", most)


def _of(field: Field[Any], name: str, pointer: str, most: int) -> Iterator[Column]:
    if isinstance(field, Part):
        yield from _below(field.schema, name, pointer, most)
        return
    yield Column(name, pointer, field, most)
    if isinstance(field, Items):
        yield from _of(field.inner, f"{name}_{NUMBER}", f"{pointer}/{NUMBER}", field.most)


@dataclass(frozen=True, slots=True)
class Target:
    """What a column of this very file is: under which header it stands, and the member that its cells become."""

    header: str
    pointer: str
    column: Column


Targets = tuple[Target | None, ...]


def targets(headers: Sequence[str], own: Mapping[str, str | None]) -> tuple[Targets, list[FieldError]]:
    """What each column of a file is, and which of them nobody knows. `own`: the sender's names, null to leave one out."""
    found = tuple(_target(header.strip(), own) for header in headers)
    return found, [*_unknown(headers, own, found), *_twice(found)]


def _target(header: str, own: Mapping[str, str | None]) -> Target | None:
    if header in own:
        pointer = own[header]
        return None if pointer is None else _named(header, pointer)
    name = header.lower()
    column = columns().get(_IN_NAME.sub(f"_{NUMBER}", name))
    return None if column is None else _within(Target(header, _pointer(name, column), column))


def _named(header: str, pointer: str) -> Target | None:
    column = _by_pointer().get(_IN_POINTER.sub(f"/{NUMBER}", pointer))
    return None if column is None else _within(Target(header, pointer, column))


def _pointer(name: str, column: Column) -> str:
    found = _IN_NAME.search(name)
    return column.pointer.replace(NUMBER, str(int(found[1]) - 1)) if found else column.pointer


def _within(target: Target) -> Target | None:
    """Nothing beyond the last item that the list may have."""
    place = _IN_POINTER.search(target.pointer)
    return target if place is None or int(place[1]) < target.column.most else None


def _unknown(headers: Sequence[str], own: Mapping[str, str | None], found: Targets) -> list[FieldError]:
    """A file whose first line names nothing is told so, instead of hearing its first patient back."""
    lost = [
        header
        for header, target in zip(headers, found, strict=True)
        if target is None and not (header.strip() in own and own[header.strip()] is None)
    ]
    if len(lost) * 2 > len(headers):
        return [FieldError("", "no_header", "The first line must name the columns, as the template does.")]
    message = "There is no such column. The template and the documentation name all that there are."
    return [FieldError(f"/{escape(header.strip())}", "unknown_column", message) for header in lost]


def _twice(found: Targets) -> list[FieldError]:
    pointers = [target.pointer for target in found if target]
    again = [target for place, target in enumerate(filter(None, found)) if target.pointer in pointers[:place]]
    return [FieldError(f"/{escape(each.header)}", "repeated", "Two columns mean the same.") for each in again]


def header_of(pointer: str) -> str:
    """The usual name of the column for this member of a packet."""
    number = _IN_POINTER.search(pointer)
    column = _by_pointer().get(_IN_POINTER.sub(f"/{NUMBER}", pointer))
    if column is None:
        return ""
    return column.name.replace(NUMBER, str(int(number[1]) + 1)) if number else column.name


# How many of each list the template shows; there may be as many as the documentation says.
SHOWN: Mapping[str, int] = {"questions": 3, "treatments": 4, "purposes": 2, "diagnosis_biomarkers": 3}
USUAL_COUNT = 2
LEFT_OUT = frozenset({"patient_id", "diagnosis_id", "patient_deceased_on"})


def template() -> list[str]:
    """The columns of the template. Lists by their own name, which only say that there is none, are left out."""
    return [name for group in _groups() for name in group]


def _groups() -> Iterator[list[str]]:
    """The columns of each list stand together, number by number."""
    waiting: dict[str, list[Column]] = {}
    for column in columns().values():
        if NUMBER in column.name:
            waiting.setdefault(column.name.partition(f"_{NUMBER}")[0], []).append(column)
        elif column.name not in LEFT_OUT and not isinstance(column.field, Items):
            yield [column.name]
    for stem, members in waiting.items():
        for number in range(1, SHOWN.get(stem, USUAL_COUNT) + 1):
            yield [column.name.replace(NUMBER, str(number)) for column in members]
