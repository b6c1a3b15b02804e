"""Reads the code files that may be loaded but not shipped (ICD-O-3 terms, OncoTree, childhood groups), row by row."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from referrals.knowledge.postal_codes import SYSTEM as POSTAL_CODES, postal_key


class CodeFileError(ValueError):
    """The file is not what it was said to be; the message names the line, never the content."""


@dataclass(frozen=True, slots=True)
class CodeRow:
    """`extra` says where the code holds, for a table of pairs."""

    code: str
    display: str
    billable: bool = True
    extra: str = ""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which columns of a published file make a row; `{name}` in `code` joins several. `shapes`: how a cell must look.

    `fold` writes the columns of a code alike that people write in several ways.
    """

    code: str
    display: str
    extra: str = ""
    needs: tuple[str, ...] = ()
    shapes: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    fold: Callable[[Mapping[str, str]], str] | None = None


SITE_HISTOLOGY = "icdo3-site-histology"

_SITES = r"C\d{3}(-C\d{3})?"
_PAIR_SHAPES = {
    "topography_ranges": re.compile(rf"{_SITES}(, ?{_SITES})*", re.ASCII),
    "morphology": re.compile(r"\d{4}/\d", re.ASCII),
}

_DEGREES = re.compile(r"-?\d{1,3}(\.\d+)?", re.ASCII)

# Files in the layout of their publishers; any other system comes as `code,display[,billable]`.
_LAYOUTS: Mapping[str, _Layout] = {
    "icdo3-morphology": _Layout("{morphology}", "{term}", needs=("morphology", "term")),
    "icdo3-topography": _Layout("{topography}", "{label}", needs=("topography", "label")),
    SITE_HISTOLOGY: _Layout(
        "{morphology}@{site_group}", "{site_group}", "{topography_ranges}",
        needs=("topography_ranges", "site_group", "morphology"), shapes=_PAIR_SHAPES,
    ),
    "oncotree": _Layout("{code}", "{name}", needs=("code", "name")),
    "iccc3": _Layout("{id}", "{group_name}", needs=("id", "group_name")),
    POSTAL_CODES: _Layout(
        "{country} {code}", "{lat} {lon}", needs=("country", "code", "lat", "lon"),
        shapes={"lat": _DEGREES, "lon": _DEGREES}, fold=lambda cells: postal_key(cells["country"], cells["code"]),
    ),
}  # fmt: skip
_ANY = _Layout("{code}", "{display}", needs=("code", "display"))


def parse_code_file(system: str, path: Path) -> Iterator[CodeRow]:
    """Every row in the order of the file. Raises CodeFileError at the first line that cannot be read."""
    layout = _LAYOUTS.get(system, _ANY)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            _check_header(layout, reader.fieldnames or ())
            for row in reader:
                yield _row(layout, row, reader.line_num)
    except UnicodeDecodeError:
        raise CodeFileError("The file is not UTF-8 text.") from None
    except csv.Error as error:
        raise CodeFileError(f"The file is not comma-separated text: {error}.") from None


def _check_header(layout: _Layout, columns: Sequence[str]) -> None:
    missing = [name for name in layout.needs if name not in columns]
    if missing:
        raise CodeFileError(f"Line 1: the column {', '.join(missing)} is missing.")


def _row(layout: _Layout, row: Mapping[str, str | None], line: int) -> CodeRow:
    cells = {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}
    if any(not cells[name] for name in layout.needs):
        raise CodeFileError(f"Line {line}: one of {', '.join(layout.needs)} is empty.")
    for name, shape in layout.shapes.items():
        if not shape.fullmatch(cells[name]):
            raise CodeFileError(f"Line {line}: {name} is not written as its publisher writes it.")
    return CodeRow(
        layout.fold(cells) if layout.fold else layout.code.format_map(cells),
        layout.display.format_map(cells),
        cells.get("billable", "").lower() not in ("n", "no", "false", "0"),
        layout.extra.format_map(cells),
    )


def site_pair(row: CodeRow) -> tuple[str, str]:
    """A row of the site/histology table as (ranges of sites, morphology)."""
    return row.extra, row.code.partition("@")[0]
