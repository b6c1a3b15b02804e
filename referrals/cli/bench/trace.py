"""Writes down the statements that one call of the service sends, so that the bare driver can send them again."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import event

from referrals.cli.bench.bulk import conninfo
from referrals.domain.reference import make_reference
from referrals.models.base import new_id
from referrals.models.engine import SQLITE_PRAGMAS, Database

OUR_OWN = ("rate_counter", "SET SESSION", "PRAGMA")
_REFERENCE = re.compile(r"SO-[0-9]{2}-[0-9]{7}-[0-9A-Z]")
_HEX_ID = re.compile(r"[0-9a-f]{32}")
Parameters = Mapping[str, Any] | Sequence[Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """One statement as the driver got it; `many` has its parameters as a list."""

    statement: str
    parameters: Any
    many: bool


@dataclass(slots=True)
class Trace:
    """The transactions of a call, in order; the token check, which comes first, is left out."""

    transactions: list[list[Sent]] = field(default_factory=list)
    writes: list[bool] = field(default_factory=list)

    def begin(self, connection: Any) -> None:
        self.transactions.append([])
        self.writes.append(bool(connection.get_execution_options().get("writes", True)))

    def send(self, statement: str, parameters: Any, many: bool) -> None:
        if not any(word in statement for word in OUR_OWN) and "access_token" not in statement:
            self.transactions[-1].append(Sent(statement, parameters, many))


@contextmanager
def traced(database: Database) -> Iterator[Trace]:
    """Everything that the block sends."""
    found, engine = Trace(), database.engine

    def send(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        found.send(statement, parameters, many)

    event.listen(engine, "begin", found.begin)
    event.listen(engine, "before_cursor_execute", send)
    try:
        yield found
    finally:
        event.remove(engine, "begin", found.begin)
        event.remove(engine, "before_cursor_execute", send)


def bare_connection(database: Database) -> Any:
    """The driver's own connection, with the settings that the service makes."""
    url = database.engine.url
    if url.get_backend_name() == "postgresql":
        return psycopg.connect(conninfo(url), autocommit=True)
    connection = sqlite3.connect(str(url.database), isolation_level=None, check_same_thread=False)
    for pragma in SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


class Replay:
    """Sends a trace again through the bare driver: the same statements in the same transactions."""

    def __init__(self, trace: Trace, connection: Any, *, is_postgresql: bool) -> None:
        self.connection, self.is_postgresql = connection, is_postgresql
        pairs = zip(trace.writes, trace.transactions, strict=True)
        self.transactions = [(writes, sent) for writes, sent in pairs if sent]

    def play(self) -> list[list[dict[str, Any]]]:
        """The rows of each statement that gives any."""
        found: list[list[dict[str, Any]]] = []
        for writes, statements in self.transactions:
            self.connection.execute(self._begin(writes))
            for sent in statements:
                found += self._send(sent)
            self.connection.execute("COMMIT")
        return found

    def _begin(self, writes: bool) -> str:
        if self.is_postgresql:
            return "BEGIN" if writes else "BEGIN READ ONLY"
        return "BEGIN IMMEDIATE" if writes else "BEGIN"

    def _send(self, sent: Sent) -> list[list[dict[str, Any]]]:
        cursor = self.connection.cursor()
        if sent.many:
            cursor.executemany(sent.statement, [self.fresh(each) for each in sent.parameters])
            return []
        cursor.execute(sent.statement, self.fresh(sent.parameters))
        if cursor.description is None:
            return []
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        self.read(sent.statement, rows)
        return [rows]

    def read(self, statement: str, rows: list[dict[str, Any]]) -> None:
        """A statement has answered."""

    def fresh(self, parameters: Any) -> Any:
        return parameters


class FreshReplay(Replay):
    """The same for a call that writes: what it made is made anew each time, under new ids and numbers."""

    def __init__(
        self, trace: Trace, connection: Any, *, is_postgresql: bool, known: frozenset[str], unique: Sequence[str]
    ) -> None:
        super().__init__(trace, connection, is_postgresql=is_postgresql)
        self.known, self.unique = known, frozenset(unique)
        self.made: dict[str, Any] = {}
        self.number = 0

    def play(self) -> list[list[dict[str, Any]]]:
        self.made = {}
        return super().play()

    def read(self, statement: str, rows: list[dict[str, Any]]) -> None:
        if statement.startswith("UPDATE reference_counter"):
            [self.number] = rows[0].values()

    def fresh(self, parameters: Any) -> Any:
        if isinstance(parameters, Mapping):
            return {name: self._value(value) for name, value in parameters.items()}
        return tuple(self._value(value) for value in parameters)

    def _value(self, value: Any) -> Any:
        make = self._maker(value)
        if make is None:
            return value
        key = value.hex if isinstance(value, UUID) else value
        if key not in self.made:
            self.made[key] = make()
        return self.made[key]

    def _maker(self, value: Any) -> Callable[[], Any] | None:
        if isinstance(value, UUID):
            return None if value.hex in self.known else new_id
        if not isinstance(value, str):
            return None
        if value in self.unique:
            return lambda: f"{value}-{new_id().hex}"
        if _REFERENCE.fullmatch(value):
            return lambda: make_reference(int(value[3:5]), self.number)
        if _HEX_ID.fullmatch(value) and value not in self.known:
            return lambda: new_id().hex
        return None
