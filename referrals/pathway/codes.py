"""Code tables that a network loads for itself: each file is a version, and loading it twice changes nothing."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError, Invalid
from referrals.models.base import new_id
from referrals.models.door import CodeTable, LoadedCode

SYSTEM = re.compile(r"[a-z0-9][a-z0-9.-]{1,39}")
CODE_COLUMNS = ("code", "morphology", "topography", "id")
DISPLAY_COLUMNS = ("display", "term", "label", "name", "title", "description", "group_name")
# The one table that is about pairs: which morphology is known at which sites.
PAIR_COLUMNS = ("topography_ranges", "morphology")
BATCH = 1000
LONGEST_CODE = 200


@dataclass(frozen=True, slots=True)
class Loaded:
    version: str
    rows: int
    already: bool


def version_of(chunks: Iterable[bytes]) -> str:
    """A file's version is what it holds."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def load_codes(
    session: Session,
    system: str,
    version: str,
    header: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    now: datetime,
    progress: Callable[[int], object] = lambda rows: None,
) -> Loaded:
    """Keep a table as the newest of its system, whole or not at all."""
    if not SYSTEM.fullmatch(system):
        raise Invalid([FieldError("/system", "format", "Use small letters, digits, dots and hyphens.")])
    known = select(CodeTable).where(CodeTable.system == system, CodeTable.version == version)
    if table := session.scalars(known).one_or_none():
        table.loaded_at = now
        return Loaded(version, table.rows, already=True)
    read = _reader(header)
    table = CodeTable(id=new_id(), system=system, version=version, rows=0, loaded_at=now)
    session.add(table)
    session.flush()
    for batch in _batches(_distinct(read(row, line) for line, row in enumerate(rows, start=2))):
        session.execute(insert(LoadedCode), [{"id": new_id(), "table_id": table.id, **row} for row in batch])
        table.rows += len(batch)
        progress(len(batch))
    return Loaded(version, table.rows, already=False)


def _reader(header: Sequence[str]) -> Callable[[Mapping[str, str], int], dict[str, Any]]:
    """How a row of such a file is read: by its own column names, of which a few usual ones are understood."""
    if set(PAIR_COLUMNS) <= set(header):
        return _pair
    code = next((name for name in CODE_COLUMNS if name in header), None)
    display = next((name for name in DISPLAY_COLUMNS if name in header), None)
    if code is None or display is None:
        wanted = f"one of {', '.join(CODE_COLUMNS)} and one of {', '.join(DISPLAY_COLUMNS)}"
        raise Invalid([FieldError("/header", "required", f"The first line names no code and words: use {wanted}.")])
    return lambda row, line: _row(row, line, code, display)


def _row(row: Mapping[str, str], line: int, code: str, display: str) -> dict[str, Any]:
    rest = {name: value for name, value in row.items() if name not in (code, display) and value}
    return _checked(line, (row.get(code) or "").strip(), (row.get(display) or "").strip(), rest)


def _pair(row: Mapping[str, str], line: int) -> dict[str, Any]:
    """`C340-C349` with `8041/3`: one code a pair of ranges and morphology."""
    sites, morphology = (row.get(PAIR_COLUMNS[0]) or "").strip(), (row.get(PAIR_COLUMNS[1]) or "").strip()
    group = (row.get("site_group") or "").strip()
    code = f"{group or hashlib.sha256(sites.encode()).hexdigest()[:12]} {morphology}" if morphology else ""
    return _checked(line, code, f"{morphology} at {sites}", {"sites": sites, "morphology": morphology})


def _checked(line: int, code: str, display: str, extra: dict[str, Any]) -> dict[str, Any]:
    if not code or not display or len(code) > LONGEST_CODE:
        message = f"Line {line} has no code or no words, or its code is longer than {LONGEST_CODE} characters."
        raise Invalid([FieldError(f"/lines/{line}", "required", message)])
    return {"code": code, "display": display, "extra": extra}


def _distinct(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Published tables repeat a row here and there; a code that means two things is a fault of the file."""
    seen: dict[str, str] = {}
    for row in rows:
        known = seen.setdefault(row["code"], row["display"])
        if known is row["display"]:
            yield row
        elif known != row["display"]:
            raise Invalid(
                [FieldError("/lines", "duplicate", f"The code {row['code']} stands twice, with other words.")]
            )


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
