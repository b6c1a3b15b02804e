"""What an invariant is, and what looking for its breaks finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from referrals.models.base import Base

ROWS_AT_ONCE = 1000

Found = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Break:
    """A row that breaks an invariant, by a name that leads to it: a reference number, or a table and a key."""

    row: str
    why: str


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the database: everything is judged as of `now`."""

    session: Session
    now: datetime

    def rows(self, query: Select[*tuple[Any, ...]]) -> Iterator[Found]:
        """Rows as they come: a million of them do not fit into memory."""
        with self.session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)) as rows:
            yield from rows

    def count(self, table: type[Base]) -> int:
        return self.session.scalar(select(func.count()).select_from(table)) or 0


@dataclass(frozen=True, slots=True)
class Invariant:
    """`name` is its number in the design, or a word where the invariant is about how rows fit together."""

    name: str
    claim: str
    looks_at: type[Base]
    breaks: Callable[[Look], Iterator[Break]]


@dataclass(frozen=True, slots=True)
class Finding:
    """`breaks` names the first of them only; `broken` counts them all."""

    invariant: Invariant
    looked_at: int
    broken: int
    breaks: tuple[Break, ...]

    @property
    def holds(self) -> bool:
        return self.broken == 0
