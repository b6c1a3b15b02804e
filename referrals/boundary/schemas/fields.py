"""Field types of everything that is sent to us. Errors carry a code and a sentence, and never the value."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields

from referrals.domain.errors import FieldError, Invalid

SHORT, LINE, LONG = 40, 200, 4000
MOST_ITEMS = 100
# One character at least that can be seen.
NOT_BLANK = r"[^\s\u0000-\u001f\u007f-\u009f]"

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PARTIAL = re.compile(r"(\d{4})(-\d{2})?(-\d{2})?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z", re.ASCII)
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
# Control characters have no place in a name or a code; line breaks and tabs have one in a text.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


Also = Callable[[Mapping[str, Any]], Iterable[FieldError]]


class Fault(NamedTuple):
    """One thing that is wrong with one field."""

    code: str
    message: str


REQUIRED = Fault("required", "This field is required.")
NULL = Fault("required", "This field may not be null.")
UNKNOWN_FIELD = Fault("unknown_field", "There is no such field here.")
REPEATED = Fault("repeated", "This was said before in the same list.")
NOT_AN_OBJECT = Fault("invalid_type", "This must be a JSON object.")


class Body(Schema):
    """An object that is sent: what it does not name is refused, never ignored."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN_FIELD, "type": NOT_AN_OBJECT}  # type: ignore[dict-item]  # faults, not texts

    def beyond_form(self, sound: Mapping[str, Any], today: date, *, is_whole: bool = True) -> list[FieldError]:
        """What the domain finds wrong in the part whose form is sound, so that a sender hears everything at once.

        What a patch leaves out it does not lack: then it is not `is_whole`.
        """
        return []


class _Coded(fields.Field[Any]):
    """Raises faults instead of texts."""

    wrong = Fault("invalid_type", "This has the wrong type.")

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        return ValidationError([{"required": REQUIRED, "null": NULL}.get(key, self.wrong)])

    def describe(self, **known: Any) -> None:
        """What the documentation says of this field; its own metadata stand above."""
        self.metadata = {**known, **self.metadata}

    def fault(self, code: str, message: str) -> ValidationError:
        return ValidationError([Fault(code, message)])


class Words(_Coded):
    """A text, trimmed, from 1 to `most` characters."""

    wrong = Fault("invalid_type", "This must be a text.")

    def __init__(
        self, most: int = LINE, *, least: int = 1, lines: bool = False, pattern: str = NOT_BLANK, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.least, self.most = least, most
        self.refused = _CONTROL_IN_TEXT if lines else _CONTROL
        self.describe(minLength=least, maxLength=most, **({"pattern": pattern} if least else {}))

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("type")
        text = value.strip()
        if len(text) < self.least:
            raise self.fault("blank", "This must not be blank." if self.least == 1 else "This is too short.")
        if len(text) > self.most:
            raise self.fault("too_long", f"This may have at most {self.most:,} characters.")
        if self.refused.search(text):
            raise self.fault("invalid_characters", "This holds characters that no text should have.")
        return text


class Bytes(_Coded):
    """A file beside the fields of a form; here stands its fingerprint alone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.describe(type="string", format="binary")


class Text(Words):
    """Words of people: 1 to 4,000 characters, line breaks allowed."""

    def __init__(self, most: int = LONG, **kwargs: Any) -> None:
        super().__init__(most, lines=True, **kwargs)


class Pattern(Words):
    """A short text of one form."""

    def __init__(self, pattern: str, says: str, most: int = LINE, **kwargs: Any) -> None:
        super().__init__(most, pattern=f"^(?:{pattern})$", **kwargs)
        self.pattern, self.says = re.compile(pattern, re.ASCII), says

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not self.pattern.fullmatch(text):
            raise self.fault("invalid_format", self.says)
        return text


class Word(_Coded):
    """One word of a published list."""

    def __init__(self, words: Iterable[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = tuple(str(each) for each in words)
        self.wrong = Fault("invalid_choice", f"This must be one of: {', '.join(self.words)}.")
        self.describe(enum=[*self.words, None] if self.allow_none else list(self.words))

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or value.strip() not in self.words:
            raise self.make_error("choice")
        return value.strip()


class Flag(_Coded):
    """true or false, and nothing that looks like it."""

    wrong = Fault("invalid_type", "This must be true or false.")

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("type")
        return value


class Whole(_Coded):
    """A whole number inside its bounds."""

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least, self.most = least, most
        self.wrong = Fault("invalid_number", f"This must be a whole number from {least:,} to {most:,}.")
        self.describe(minimum=least, maximum=most)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        number = int(value) if isinstance(value, float) and value.is_integer() else value  # to JSON 3.0 is whole
        if isinstance(number, bool) or not isinstance(number, int) or not self.least <= number <= self.most:
            raise self.make_error("number")
        return number


class Quantity(_Coded):
    """A number, whole or not, inside its bounds."""

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least, self.most = least, most
        self.wrong = Fault("invalid_number", f"This must be a number from {least:,} to {most:,}.")
        self.describe(minimum=least, maximum=most)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.least <= value <= self.most:
            raise self.make_error("number")
        return value


class Day(_Coded):
    """A whole date; kept as its ISO text."""

    wrong = Fault("invalid_date", "This must be a date such as 2026-11-18.")

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not _DAY.fullmatch(value.strip()) or not _is_day(value.strip()):
            raise self.make_error("date")
        return value.strip()


class PartialDay(_Coded):
    """A clinical date: a year, a month or a day; kept as it was given."""

    wrong = Fault("invalid_date", "This must be a date such as 2026, 2026-11 or 2026-11-18.")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.describe(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = value.strip() if isinstance(value, str) else ""
        if not _PARTIAL.fullmatch(text) or not _is_day((text + "-01-01")[:10]):
            raise self.make_error("date")
        return text


class Instant(_Coded):
    """A moment in UTC, with its Z; becomes an aware datetime."""

    wrong = Fault("invalid_time", "This must be a time in UTC such as 2026-11-18T09:30:00Z.")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.describe(pattern="Z$")

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        text = value.strip() if isinstance(value, str) else ""
        if not _INSTANT.fullmatch(text):
            raise self.make_error("time")
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.make_error("time") from None


class Id(_Coded):
    """The id of a row, in its usual spelling."""

    wrong = Fault("invalid_id", "This must be an id: a UUID.")

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        found = uuid_of(value.strip()) if isinstance(value, str) else None
        if found is None:
            raise self.make_error("id")
        return str(found)


class Part(fields.Nested, _Coded):
    """An object inside an object."""

    wrong = NOT_AN_OBJECT


class WholePart(Part):
    """An object that a merge patch replaces whole: what it requires is required there too."""

    def _deserialize(self, value: Any, attr: Any, data: Any, partial: Any = None, **kwargs: Any) -> Any:
        return super()._deserialize(value, attr, data, partial=False, **kwargs)


class Items(fields.List, _Coded):
    """A list of `least` to `most` items."""

    wrong = Fault("invalid_type", "This must be a list.")

    def __init__(self, item: fields.Field[Any], *, least: int = 0, most: int = MOST_ITEMS, **kwargs: Any) -> None:
        super().__init__(item, **kwargs)
        self.least, self.most = least, most
        self.describe(maxItems=most, **({"minItems": least} if least else {}))

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            raise self.make_error("list")
        if len(value) > self.most:
            raise self.fault("too_many", f"This may have at most {self.most:,} items.")
        if len(value) < self.least:
            raise self.fault("too_few", f"This needs at least {self.least:,}.")
        return super()._deserialize(value, attr, data, **kwargs)


def words_of(enumeration: type[StrEnum], **kwargs: Any) -> Word:
    return Word(list(enumeration), **kwargs)


def uuid_of(text: str) -> UUID | None:
    """The id that a text spells in its usual form; nothing else that Python would take for one."""
    return UUID(text) if _ID.fullmatch(text) else None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@cache
def ready(kind: type[Body]) -> Body:
    """One of this kind, made once: its fields are copied when it is made, and never change when it reads."""
    return kind()


def load(
    schema: Schema,
    sent: Any,
    *,
    partial: bool = False,
    at: str = "",
    today: date | None = None,
    also: Also | None = None,
) -> dict[str, Any]:
    """What was sent, checked and trimmed; or `Invalid` with everything that is wrong with it.

    With `today`, what the domain finds wrong beyond a faulty form is told in the same breath; `also` looks up
    the names in what is sound.
    """
    try:
        loaded: dict[str, Any] = schema.load(sent, partial=partial or None)
    except ValidationError as error:
        found = faults(error.messages, at)
        if today is not None and isinstance(schema, Body) and isinstance(error.valid_data, Mapping):
            beyond = schema.beyond_form(error.valid_data, today, is_whole=not partial)
            found += _not_yet_told([*beyond, *(also(error.valid_data) if also else ())], found)
        raise Invalid(sorted(found, key=lambda each: (each.pointer, each.code))) from None
    return loaded


def _not_yet_told(also: Iterable[FieldError], told: Iterable[FieldError]) -> list[FieldError]:
    """Without what only follows from a faulty form: the same field, what lies in it, or its list, which lost an item."""
    told_at = [each.pointer for each in told]
    return [each for each in also if not any(_follows(each.pointer, pointer) for pointer in told_at)]


def _follows(pointer: str, told_at: str) -> bool:
    return pointer == told_at or pointer.startswith(f"{told_at}/") or _is_lost_from(_list_of(pointer), told_at)


def _is_lost_from(list_: str, told_at: str) -> bool:
    """An item that has no form at all is lost; of one that has a faulty field the rest keeps its place."""
    above, _, place = told_at.rpartition("/")
    return place.isdigit() and (above == list_ or above.startswith(f"{list_}/"))


def _list_of(pointer: str) -> str:
    """`/treatments` of `/treatments/0/line`; the pointer itself where it leads through no list."""
    segments = pointer.split("/")
    numbered = [place for place, segment in enumerate(segments) if segment.isdigit()]
    return "/".join(segments[: numbered[0]]) if numbered else pointer


def faults(messages: Any, at: str = "") -> list[FieldError]:
    """Every fault of a tree of errors as a JSON Pointer, in the order of the pointers."""
    return sorted(_walk(messages, at), key=lambda error: (error.pointer, error.code))


def _walk(messages: Any, at: str) -> Iterable[FieldError]:
    if isinstance(messages, Mapping):
        for key, below in messages.items():
            yield from _walk(below, at if key == "_schema" else f"{at}/{escape(str(key))}")
    else:
        for fault in messages:
            yield FieldError(at, fault.code, fault.message)


def escape(segment: str) -> str:
    return segment[:LINE].replace("~", "~0").replace("/", "~1")
