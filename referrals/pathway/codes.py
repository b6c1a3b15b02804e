"""Code tables that a network loads for itself: each file is a version, and loading it twice changes nothing."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError, Invalid
from referrals.knowledge.code_files import SITE_HISTOLOGY, CodeFileError, CodeRow, site_pair
from referrals.models.base import new_id
from referrals.models.door import CodeTable, LoadedCode

SYSTEM = re.compile(r"[a-z0-9][a-z0-9.-]{1,39}")
BATCH = 1000
LONGEST_CODE = 200


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it is read. Its version is what it holds."""

    system: str
    version: str
    rows: Iterable[CodeRow]


@dataclass(frozen=True, slots=True)
class Loaded:
    version: str
    rows: int
    already: bool


def version_of(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def load_codes(
    session: Session, source: Source, now: datetime, progress: Callable[[int], object] = lambda rows: None
) -> Loaded:
    """Keep a table as the newest of its system, whole or not at all."""
    if not SYSTEM.fullmatch(source.system):
        raise Invalid([FieldError("/system", "format", "Use small letters, digits, dots and hyphens.")])
    known = select(CodeTable).where(CodeTable.system == source.system, CodeTable.version == source.version)
    if table := session.scalars(known).one_or_none():
        table.loaded_at = now
        return Loaded(source.version, table.rows, already=True)
    table = CodeTable(id=new_id(), system=source.system, version=source.version, rows=0, loaded_at=now)
    session.add(table)
    session.flush()
    for batch in _batches(_distinct(source)):
        session.execute(insert(LoadedCode), [{"id": new_id(), "table_id": table.id, **row} for row in batch])
        table.rows += len(batch)
        progress(len(batch))
    return Loaded(source.version, table.rows, already=False)


def _distinct(source: Source) -> Iterator[dict[str, Any]]:
    """Published tables repeat a row here and there; a code that means two things is a fault of the file."""
    seen: dict[str, str] = {}
    for row in _readable(source.rows):
        if len(row.code) > LONGEST_CODE:
            raise _faulty(f"A code is longer than {LONGEST_CODE} characters.")
        if seen.get(row.code, row.display) != row.display:
            raise _faulty(f"The code {row.code} stands twice, with other words.")
        if row.code not in seen:
            seen[row.code] = row.display
            yield {"code": row.code, "display": row.display, "extra": _extra(source.system, row)}


def _readable(rows: Iterable[CodeRow]) -> Iterator[CodeRow]:
    try:
        yield from rows
    except CodeFileError as problem:
        raise _faulty(str(problem)) from None


def _faulty(message: str) -> Invalid:
    return Invalid([FieldError("/file", "malformed", message)])


def _extra(system: str, row: CodeRow) -> dict[str, Any]:
    if system != SITE_HISTOLOGY:
        return {"billable": "Y" if row.billable else "N"}
    sites, morphology = site_pair(row)
    return {"sites": sites, "morphology": morphology}


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
