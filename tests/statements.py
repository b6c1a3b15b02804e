"""Counts the SQL statements that a block sends, so that a budget can be asserted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from referrals.models.engine import Database


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements of the block, in order: `with statements(database) as sent: …; assert len(sent) <= 3`."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
