"""What an invariant is, and what looking for its breaks finds."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from referrals.models.base import Base

ROWS_AT_ONCE = 1000

Found = Row[*tuple[Any, ...]]

# A number of the design that takes more than one look; what stands here is told beside its number.
_PART_OF: Mapping[str, int] = MappingProxyType({"offers": 4, "questions": 4, "opinion": 4, "days": 7})
_LAST = 11


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
    """`name` is its number in the design, or a word where it is a part of one or about how rows fit together.

    `figures` are counts that are worth keeping though nothing is wrong.
    """

    name: str
    claim: str
    looks_at: type[Base]
    breaks: Callable[[Look], Iterator[Break]]
    figures: Callable[[Look], Mapping[str, Any]] | None = None

    @property
    def number(self) -> int | None:
        return int(self.name) if self.name.isdecimal() else _PART_OF.get(self.name)

    @property
    def title(self) -> str:
        return self.name if self.number is None or self.name.isdecimal() else f"{self.number} {self.name}"

    @property
    def place(self) -> tuple[int, bool]:
        """Where it stands among the others: by number, a whole one before its parts, what has none last."""
        return self.number or _LAST + 1, not self.name.isdecimal()


@dataclass(frozen=True, slots=True)
class Finding:
    """`breaks` names the first of them only; `broken` counts them all."""

    invariant: Invariant
    looked_at: int
    broken: int
    breaks: tuple[Break, ...]
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return self.broken == 0
