"""Adds rows that may be there already, however many workers add them at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from referrals.models.base import Base

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def add_once(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The keys of those that were added. A row whose unique key is taken is left out without an error."""
    if not rows:
        return []
    insert: Any = _INSERT[session.get_bind().dialect.name](table).values(rows)
    key = next(iter(table.__table__.primary_key))
    return list(session.scalars(insert.on_conflict_do_nothing().returning(key)))
