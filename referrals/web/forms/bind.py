"""Between a form and the API's shape: what was typed becomes a packet, a packet and its errors become a form."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from referrals.domain.errors import FieldError
from referrals.web.forms.fields import CODE_NOT_KNOWN, DATE_PARTS, ErrorLink, Field, Form, Group, Kind, Repeat


class Posted(Protocol):
    """What a browser sends: werkzeug's MultiDict."""

    def get(self, name: str, /) -> str | None: ...
    def getlist(self, name: str, /) -> list[str]: ...
    def __iter__(self) -> Any: ...


def _text(field: Field, posted: Posted) -> str | None:
    return (posted.get(field.name) or "").strip() or None


def _number(field: Field, posted: Posted) -> int | str | None:
    """What is no whole number stays as typed: the packet's own check says what to do about it."""
    typed = _text(field, posted)
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 10 else typed


def _partial_date(field: Field, posted: Posted) -> str | None:
    day, month, year = ((posted.get(f"{field.name}_{part}") or "").strip() for part in DATE_PARTS)
    typed = [year, month.zfill(2) if month else "", day.zfill(2) if day else ""]
    while typed and not typed[-1]:
        typed.pop()
    return "-".join(typed) or None


def _lines(field: Field, posted: Posted) -> list[str] | None:
    lines = (posted.get(field.name) or "").splitlines()
    return [line.strip() for line in lines if line.strip()] or None


def _list(field: Field, posted: Posted) -> list[str] | None:
    words = re.split(r"[,;\n]", posted.get(field.name) or "")
    return [word.strip() for word in words if word.strip()] or None


def _choice(field: Field, posted: Posted) -> int | str | None:
    return (_number if field.is_number else _text)(field, posted)


def _code(field: Field, posted: Posted) -> str | None:
    chosen = _text(field, posted)
    return None if chosen == CODE_NOT_KNOWN else chosen


READ: Mapping[Kind, Callable[[Field, Posted], Any]] = {
    Kind.NUMBER: _number,
    Kind.PARTIAL_DATE: _partial_date,
    Kind.LINES: _lines,
    Kind.LIST: _list,
    Kind.SELECT: _choice,
    Kind.BOXES: lambda field, posted: posted.getlist(field.name) or None,
    Kind.BOX: lambda field, posted: posted.get(field.name) is not None,
    Kind.CODE: _code,
}


def answer(field: Field, posted: Posted) -> Any:
    return READ.get(field.kind, _text)(field, posted)


def place(packet: dict[str, Any], pointer: str, value: Any) -> None:
    """Put a value where a JSON Pointer says, making objects and lists on the way."""
    keys = pointer.split("/")[1:]
    here: Any = packet
    for key, following in zip(keys, [*keys[1:], None], strict=True):
        fresh: Any = value if following is None else ([] if following.isdigit() else {})
        if isinstance(here, list):
            here.extend({} for _ in range(int(key) + 1 - len(here)))
            if following is None:
                here[int(key)] = value
            here = here[int(key)]
        else:
            here[key] = value if following is None else (here.get(key) or fresh)
            here = here[key]


def find(packet: Any, pointer: str) -> Any:
    for key in pointer.split("/")[1:]:
        if isinstance(packet, list):
            packet = packet[int(key)] if key.isdigit() and int(key) < len(packet) else None
        else:
            packet = packet.get(key) if isinstance(packet, Mapping) else None
    return packet


def row_numbers(repeat: Repeat, posted: Posted) -> list[int]:
    """The rows that the browser sent, in their order, gaps and all."""
    parts = [name.split("-") for name in posted if name.startswith(f"{repeat.name}-")]
    return sorted({int(part[1]) for part in parts if len(part) > 2 and part[1].isdigit()})


def _row(repeat: Repeat, index: int, posted: Posted) -> Any:
    """One row as an object, or as a bare value where the pattern is a single field without a name of its own."""
    answers = {
        pattern.pointer: answer(shown, posted) for pattern, shown in zip(repeat.fields, repeat.row(index), strict=True)
    }
    return answers[""] if "" in answers else {name: value for name, value in answers.items() if value is not None}


def rows(repeat: Repeat, posted: Posted) -> list[Any]:
    """Rows in which nothing was typed are left out; what only stands there by default is nothing."""
    standing = {field.pointer: field.value for field in repeat.fields if field.kind in (Kind.SELECT, Kind.RADIOS)}
    found = [_row(repeat, index, posted) for index in row_numbers(repeat, posted)]
    return [row for row in found if row and not _only_defaults(row, standing)]


def _only_defaults(row: Any, standing: Mapping[str, str]) -> bool:
    return isinstance(row, dict) and all(standing.get(name) == value for name, value in row.items())


def packet_from(form: Form, posted: Posted, keep_blank: bool = False) -> dict[str, Any]:
    """The packet that the answers make. With `keep_blank`, a blank answer is null: a merge patch then clears it.

    An object in which everything is blank is itself blank: no date and no kind make no `needed_by`.
    """
    packet: dict[str, Any] = {}
    for item in (item for group in form.groups for item in group.items if item.pointer):
        value = (rows(item, posted) or None) if isinstance(item, Repeat) else answer(item, posted)
        if keep_blank or value is not None:
            place(packet, item.pointer, value)
        if isinstance(item, Field) and item.unknown_pointer:
            _say_unknown(packet, item, posted.get(item.name) == CODE_NOT_KNOWN, keep_blank)
    return {name: _without_hollow(part) for name, part in packet.items()}


def _say_unknown(packet: dict[str, Any], field: Field, is_unknown: bool, keep_blank: bool) -> None:
    if is_unknown or keep_blank:
        place(packet, field.unknown_pointer, True if is_unknown else None)


def _without_hollow(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    solid = {name: _without_hollow(value) for name, value in part.items()}
    return solid if any(value is not None for value in solid.values()) else None


def typed_words(field: Field, posted: Posted) -> str:
    return (posted.get(f"{field.name}_words") or "").strip()


def seen_words(field: Field, posted: Posted) -> str:
    """The words whose answer stood on the page that was sent."""
    return posted.get(f"{field.name}_looked_up") or ""


def waiting_words(field: Field, posted: Posted) -> str:
    """Words that wait for a code: typed since the last look-up, whatever is chosen, or with nothing chosen at all."""
    words = typed_words(field, posted)
    return words if words != seen_words(field, posted) or not posted.get(field.name) else ""


def shown_value(field: Field, value: Any) -> Field:
    """The field with what it shows."""
    if field.kind is Kind.BOXES:
        return replace(field, values=tuple(str(item) for item in value or ()))
    if field.kind is Kind.PARTIAL_DATE:
        year, month, day = [*str(value or "").split("-"), "", ""][:3]
        return replace(field, values=(day.lstrip("0"), month.lstrip("0"), year))
    if field.kind in (Kind.LINES, Kind.LIST):
        return replace(field, value="\n".join(value) if isinstance(value, list) else str(value or ""))
    if field.kind is Kind.BOX:
        return replace(field, value="yes" if value else "")
    return replace(field, value=field.value if value is None else str(value))


def _fill_repeat(repeat: Repeat, packet: Mapping[str, Any], extra: int) -> Repeat:
    sent = find(packet, repeat.pointer) or []
    count = max(len(sent), repeat.at_least) + extra
    filled = [
        tuple(shown_value(field, find(packet, field.pointer)) for field in repeat.row(index)) for index in range(count)
    ]
    return replace(repeat, rows=tuple(filled))


def fill(form: Form, packet: Mapping[str, Any], add: str = "") -> Form:
    """The form showing a packet; `add` names the repeat that gets one more blank row."""

    def filled(item: Field | Repeat) -> Field | Repeat:
        if isinstance(item, Repeat):
            return _fill_repeat(item, packet, extra=1 if item.name == add else 0)
        if item.unknown_pointer and find(packet, item.unknown_pointer):
            return replace(item, value=CODE_NOT_KNOWN)
        return shown_value(item, find(packet, item.pointer)) if item.pointer else item

    return change_items(form, filled)


def change_items(form: Form, change: Callable[[Field | Repeat], Field | Repeat]) -> Form:
    groups = tuple(replace(group, items=tuple(change(item) for item in group.items)) for group in form.groups)
    return replace(form, groups=groups)


def change_fields(form: Form, change: Callable[[Field], Field]) -> Form:
    def changed(item: Field | Repeat) -> Field | Repeat:
        if isinstance(item, Field):
            return change(item)
        return replace(item, rows=tuple(tuple(change(field) for field in row) for row in item.rows))

    return change_items(form, changed)


def field_at(fields: Iterable[Field], pointer: str) -> Field | None:
    """The field that an error speaks of: the one at that place, else the nearest around or inside it."""
    placed = [field for field in fields if field.pointer]
    around = [field for field in placed if pointer == field.pointer or pointer.startswith(f"{field.pointer}/")]
    inside = [field for field in placed if pointer and field.pointer.startswith(f"{pointer}/")]
    return max(around, key=lambda field: len(field.pointer)) if around else next(iter(inside), None)


def with_errors(form: Form, errors: Iterable[FieldError]) -> Form:
    """Each message at its field and, in the order of the page, in the summary; what has no field stands first."""
    found = tuple(errors)
    at = {error: field_at(form.fields, error.pointer) for error in found}
    messages: dict[str, str] = {}
    for error, field in at.items():
        if field:
            messages.setdefault(field.name, error.message)
    shown = change_fields(form, lambda field: replace(field, error=messages.get(field.name, "")))
    loose = [ErrorLink(error.message, "") for error, field in at.items() if field is None]
    linked = [ErrorLink(field.error, f"#{field.focus_id}") for field in shown.fields if field.error]
    return replace(shown, errors=(*loose, *linked))


def with_field(form: Form, name: str, **changes: Any) -> Form:
    """One field changed, such as options that only the database knows."""
    return change_fields(form, lambda field: replace(field, **changes) if field.name == name else field)


def without_group(form: Form, legend: str) -> Form:
    return replace(form, groups=tuple(group for group in form.groups if group.legend != legend))


def group_of(*items: Field | Repeat, legend: str = "", hint: str = "") -> Group:
    return Group(items, legend, hint)
