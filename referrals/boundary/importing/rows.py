"""Reads a table of referrals: which column is what, then row by row what each says, or everything wrong with it."""

import csv
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import IO, Any, NamedTuple

from referrals.boundary.importing.columns import (
    Target,
    Targets,
    columns,
    header_of,
    targets,
)
from referrals.boundary.importing.lines import (
    BEGINNING,
    BYTE_ORDER_MARK,
    LONGEST_LINE,
    Line,
    Mark,
    print_of,
    read_packet,
)
from referrals.domain.errors import FieldError, Invalid, refuse
from referrals.domain.imports import LONGEST_COLUMN_NAME, MOST_COLUMNS

# A quotation mark that nobody closes must not swallow the rest of the file.
MOST_LINES_OF_A_ROW = 200
DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Sheet:
    """How this table is written, and what its columns are."""

    delimiter: str
    targets: Targets

    def to_json(self) -> dict[str, Any]:
        told = [[each.header, each.pointer, each.column.name] if each else None for each in self.targets]
        return {"delimiter": self.delimiter, "columns": told}


def sheet_from(kept: Mapping[str, Any]) -> Sheet:
    known = columns()
    return Sheet(
        kept["delimiter"],
        tuple(Target(each[0], each[1], known[each[2]]) if each else None for each in kept["columns"]),
    )


class _Unreadable(Exception):
    """A row that cannot be read as one."""

    def __init__(self, code: str, message: str) -> None:
        self.error = FieldError("", code, message)


_TOO_LARGE = ("too_large", "The row is longer than 1 MiB.")
_TOO_LONG = ("unclosed_quote", f"A quotation mark is opened and not closed within {MOST_LINES_OF_A_ROW} lines.")
_NOT_TEXT = ("malformed", "The row is not UTF-8.")
_NUL = ("malformed", "The row holds a NUL character.")
_NOT_CSV = ("malformed", "The row is not CSV: its quotation marks do not match.")


class _Feed:
    """Hands the reader of a row one line after the other, and knows where each ends."""

    def __init__(self, file: IO[bytes], begun: Mark) -> None:
        self.file, self.mark = file, begun
        self.waiting: deque[tuple[bytes, int]] = deque()
        self.taken: list[tuple[bytes, int]] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw, length = self.waiting.popleft() if self.waiting else self._read()
        if not raw:
            raise StopIteration
        if self.mark == BEGINNING:
            raw = raw.removeprefix(BYTE_ORDER_MARK)
        self.taken.append((raw, length))
        self.mark = Mark(self.mark.line + 1, self.mark.byte + length)
        return self._text(raw)

    def _read(self) -> tuple[bytes, int]:
        raw = self.file.readline(LONGEST_LINE + 1)
        length, rest = len(raw), raw
        while rest and not rest.endswith(b"\n"):
            rest = self.file.readline(LONGEST_LINE)
            length += len(rest)
        return raw, length

    def _text(self, raw: bytes) -> str:
        if sum(len(each) for each, _ in self.taken) > LONGEST_LINE:
            raise _Unreadable(*_TOO_LARGE)
        if len(self.taken) > MOST_LINES_OF_A_ROW:
            raise _Unreadable(*_TOO_LONG)
        if b"\0" in raw:
            raise _Unreadable(*_NUL)
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise _Unreadable(*_NOT_TEXT) from None

    def give_back(self) -> None:
        """All but the first line of the row: what follows a faulty line is tried by itself."""
        again = self.taken[1:]
        self.waiting.extendleft(reversed(again))
        self.mark = Mark(self.mark.line - len(again), self.mark.byte - sum(length for _, length in again))
        del self.taken[1:]

    @property
    def raw(self) -> bytes:
        return b"".join(raw for raw, _ in self.taken)


class Row(NamedTuple):
    """`number` is its first line. `fault` says why there are no cells."""

    number: int
    mark: Mark
    raw: bytes
    cells: list[str]
    fault: FieldError | None = None


def rows_of(file: IO[bytes], delimiter: str, begun: Mark) -> Iterator[Row]:
    """The rows that say something. `file` stands where `begun` says."""
    feed = _Feed(file, begun)
    while True:
        number, fault = feed.mark.line + 1, None
        feed.taken.clear()
        try:
            cells = next(csv.reader(feed, delimiter=delimiter, strict=True))
        except StopIteration:
            return
        except (_Unreadable, csv.Error) as problem:
            feed.give_back()
            fault, cells = problem.error if isinstance(problem, _Unreadable) else FieldError("", *_NOT_CSV), []
        if fault or any(cell.strip() for cell in cells):
            yield Row(number, feed.mark, feed.raw, cells, fault)


def read_sheet(file: IO[bytes], own: Mapping[str, str | None]) -> tuple[Sheet, Mark]:
    """What the first row says of all others, and where they begin. Unknown columns are refused, all at once."""
    delimiter = _delimiter(file)
    head = next(rows_of(file, delimiter, BEGINNING), None)
    if head is None or head.fault:
        raise Invalid([head.fault if head and head.fault else FieldError("", "empty", "The file says nothing.")])
    if len(head.cells) > MOST_COLUMNS or any(len(cell) > LONGEST_COLUMN_NAME for cell in head.cells):
        refuse("", "no_header", "The first line must name the columns, as the template does.")
    found, errors = targets(head.cells, own)
    if errors:
        raise Invalid(errors)
    return Sheet(delimiter, found), head.mark


def _delimiter(file: IO[bytes]) -> str:
    """What stands most often in the first line: some programs write semicolons or tabs."""
    first = file.readline(LONGEST_LINE)
    file.seek(0)
    return max(DELIMITERS, key=lambda each: first.count(each.encode()))


def read_rows(file: IO[bytes], sheet: Sheet, begun: Mark, today: date) -> Iterator[Line]:
    """The rows from there on, each with everything that is wrong with it."""
    return (_line(row, sheet, today) for row in rows_of(file, sheet.delimiter, begun))


def _line(row: Row, sheet: Sheet, today: date) -> Line:
    fault = row.fault or _too_wide(row, sheet)
    if fault:
        return Line(row.number, print_of(row.raw), {}, (fault,), row.mark)
    packed = pack(sheet, row.cells)
    read = read_packet(row.number, print_of(row.raw), packed.packet, today)
    errors = tuple(packed.named(error) for error in read.errors)
    return Line(row.number, read.reference, read.packet, errors, row.mark)


def _too_wide(row: Row, sheet: Sheet) -> FieldError | None:
    if not any(cell.strip() for cell in row.cells[len(sheet.targets) :]):
        return None
    return FieldError("", "too_many_cells", "The row has more cells than the first line names columns.")


@dataclass(frozen=True, slots=True)
class Packed:
    """What a row says as a packet, and for each of its lists which numbers the items had in the columns."""

    packet: dict[str, Any]
    places: Mapping[str, tuple[int, ...]]
    headers: Mapping[str, str]

    def named(self, error: FieldError) -> FieldError:
        """The same with the column that it speaks of, as far as it speaks of one."""
        pointer = self._as_written(error.pointer)
        header = self.headers.get(pointer) or header_of(pointer)
        return FieldError(error.pointer, error.code, f"{error.message} (Column {header}.)") if header else error

    def _as_written(self, pointer: str) -> str:
        for list_, numbers in self.places.items():
            place, _, rest = pointer.removeprefix(f"{list_}/").partition("/")
            if pointer.startswith(f"{list_}/") and place.isdigit() and int(place) < len(numbers):
                return f"{list_}/{numbers[int(place)]}{'/' if rest else ''}{rest}"
        return pointer


def pack(sheet: Sheet, cells: list[str]) -> Packed:
    """The packet that the cells of a row spell. An empty cell says nothing, and numbers may leave gaps."""
    packet: dict[str, Any] = {}
    headers = {}
    for target, cell in zip(sheet.targets, cells, strict=False):
        if target is not None and cell.strip():
            _put(packet, target.pointer.split("/")[1:], target.column.reads(cell))
            headers[target.pointer] = target.header
    places: dict[str, tuple[int, ...]] = {}
    return Packed(_settled(packet, "", places), places, headers)


class _Numbered(dict[int, Any]):
    """The items of a list on their way, by number."""


def _put(above: dict[Any, Any], segments: list[str], value: Any) -> None:
    """A list that is called empty beside items of its own is not."""
    for place, segment in enumerate(segments[:-1]):
        key: Any = int(segment) if isinstance(above, _Numbered) else segment
        made = _Numbered() if segments[place + 1].isdigit() else {}
        if not isinstance(above.get(key), dict):
            above[key] = made
        above = above[key]
    last: Any = int(segments[-1]) if isinstance(above, _Numbered) else segments[-1]
    if not isinstance(above.get(last), dict):
        above[last] = value


def _settled(value: Any, pointer: str, places: dict[str, tuple[int, ...]]) -> Any:
    if isinstance(value, _Numbered):
        places[pointer] = tuple(sorted(value))
        return [_settled(value[place], f"{pointer}/{number}", places) for number, place in enumerate(places[pointer])]
    if isinstance(value, dict):
        return {name: _settled(below, f"{pointer}/{name}", places) for name, below in value.items()}
    return value
