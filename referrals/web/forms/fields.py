"""What a form is made of: fields, groups of them, repeated rows, each tied to a place in the API's shape."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Kind(StrEnum):
    TEXT = "text"
    EMAIL = "email"
    PASSWORD = "password"  # noqa: S105 - the kind of an input, not a secret
    TEL = "tel"
    NUMBER = "number"
    DATE = "date"
    PARTIAL_DATE = "partial_date"
    AREA = "area"
    LINES = "lines"
    LIST = "list"
    RADIOS = "radios"
    SELECT = "select"
    BOXES = "boxes"
    BOX = "box"
    CODE = "code"
    HIDDEN = "hidden"
    FILE = "file"


CODE_NOT_KNOWN = "unknown"
CODE_UNKNOWN = "I do not know the code"
DATE_PARTS = ("day", "month", "year")


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class Field:
    """`pointer` is the place of the answer in the packet, "" for what only the page needs.

    LINES are one text a line; a LIST may have commas too. A select with `is_number` answers with a number.
    `unknown_pointer` is where "I do not know the code" is said, where it is said at all.
    `value` and `values` are what is shown (a partial date shows day, month, year), `error` what to do about it.
    A code is searched by `words`; `looked_up` are the words whose answer was seen, `title` is that of the chosen code,
    `more` what the button sends that asks for more of the found ones.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    pointer: str = ""
    hint: str = ""
    options: tuple[Option, ...] = ()
    is_required: bool = False
    width: str = ""
    is_number: bool = False
    unknown_pointer: str = ""
    autocomplete: str = "off"
    value: str = ""
    values: tuple[str, ...] = ()
    words: str = ""
    looked_up: str = ""
    title: str = ""
    more: str = ""
    error: str = ""

    @property
    def id(self) -> str:
        return f"f-{self.name}"

    @property
    def is_chosen_apart(self) -> bool:
        """A code was chosen that is not among those found."""
        return self.value not in ("", CODE_NOT_KNOWN, *(option.value for option in self.options))

    @property
    def focus_id(self) -> str:
        """What a link of the error summary must focus: the input itself, or the first of several."""
        if self.kind in (Kind.RADIOS, Kind.BOXES):
            return f"{self.id}-0"
        return f"{self.id}-{DATE_PARTS[0]}" if self.kind is Kind.PARTIAL_DATE else self.id


@dataclass(frozen=True)
class Repeat:
    """Rows of the same fields. `fields` is the pattern; `rows` are shown, each field named "treatments-0-line"."""

    name: str
    label: str
    pointer: str
    fields: tuple[Field, ...]
    add: str
    hint: str = ""
    at_least: int = 1
    rows: tuple[tuple[Field, ...], ...] = ()

    def row(self, index: int) -> tuple[Field, ...]:
        """A blank row of the pattern, in its place."""
        return tuple(
            replace(
                pattern,
                name=f"{self.name}-{index}-{pattern.name}",
                pointer=f"{self.pointer}/{index}/{pattern.pointer}".rstrip("/"),
            )
            for pattern in self.fields
        )


@dataclass(frozen=True)
class Group:
    """One topic inside a form; without a legend its fields simply follow."""

    items: tuple[Field | Repeat, ...]
    legend: str = ""
    hint: str = ""


@dataclass(frozen=True)
class ErrorLink:
    words: str
    href: str


@dataclass(frozen=True)
class PasskeyButton:
    """A way beside the form, for a browser with a script: `answer` is where it leads to."""

    label: str
    answer: str
    ask: str


@dataclass(frozen=True)
class Form:
    """`version` is sent along wherever a referral changes, so that nobody overwrites somebody else."""

    action: str
    submit: str
    groups: tuple[Group, ...]
    version: int | None = None
    later: str = ""
    cancel_href: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[ErrorLink, ...] = ()
    passkey: PasskeyButton | None = None

    @property
    def marks_needed(self) -> bool:
        """Where most may stay empty, what is needed is marked; else what is optional."""
        asked = [shown for shown in self.fields if shown.kind not in (Kind.HIDDEN, Kind.BOX)]
        return sum(shown.is_required for shown in asked) * 2 < len(asked)

    @property
    def carries_file(self) -> bool:
        return any(shown.kind is Kind.FILE for shown in self.fields)

    @property
    def has_other_buttons(self) -> bool:
        """Whether a button stands before the one that saves: Enter would press it, if no hidden one came first."""
        return any(isinstance(item, Repeat) or item.kind is Kind.CODE for group in self.groups for item in group.items)

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every field as it stands, those of repeated rows among them."""
        return tuple(shown for group in self.groups for item in group.items for shown in fields_of(item))


def fields_of(item: Field | Repeat) -> tuple[Field, ...]:
    return (item,) if isinstance(item, Field) else tuple(shown for row in item.rows for shown in row)


def options_of(table: Mapping[str, str], only: Iterable[str] | None = None) -> tuple[Option, ...]:
    return tuple(Option(str(value), words) for value, words in table.items() if only is None or value in only)
