"""Loads a made-up population: COPY on PostgreSQL, executemany on SQLite, indexes built afterwards."""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from referrals.cli.bench.cast import Cast, call_in
from referrals.cli.bench.columns import COLUMNS
from referrals.cli.bench.population import Population, Rows
from referrals.models.engine import Database
from referrals.models.vault import Vault

Progress = Callable[[int], None]
Put = Callable[[Rows], None]

PLAIN_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    JOIN pg_class ON pg_class.oid = indrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = 'public' AND NOT indisunique AND relname = ANY(%s)
"""
SQLITE_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE INDEX%'"
TURNS_TO_VACUUM = 50
SQLITE_LOADING = ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -400000", "temp_store = MEMORY")


def load(url: str, referrals: int, now: datetime, vault: Vault, progress: Progress = lambda loaded: None) -> Cast:
    """Fill an empty, migrated database. Whoever takes part comes through the service's own functions."""
    database = Database(url)
    with database.writing() as session:
        cast = call_in(session, now)
    database.close()
    population = Population(cast, vault, int(now.astimezone(UTC).timestamp()))
    address = make_url(url)
    loading = _into_sqlite if address.get_backend_name() == "sqlite" else _into_postgresql
    with loading(address) as put:
        loaded = 0
        for batch in population.batches(referrals):
            put(batch)
            loaded += len(batch["referral"])
            progress(loaded)
        put(population.counters())
    return cast


@contextmanager
def _into_postgresql(address: URL) -> Iterator[Put]:
    with psycopg.connect(conninfo(address), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # foreign keys hold by construction
        connection.execute("SET timezone = 'UTC'")
        connection.execute("SET maintenance_work_mem = '256MB'")
        indexes = connection.execute(PLAIN_INDEXES, [list(COLUMNS)]).fetchall()
        for name, _ in indexes:
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(name)))

        def put(batch: Rows) -> None:
            with connection.transaction():
                for table, rows in _in_order(batch):
                    _copy(connection, table, rows)

        yield put
        for _, definition in indexes:
            connection.execute(definition)
        _vacuum(connection)


def _vacuum(connection: psycopg.Connection[Any]) -> None:
    """Until every page is known to be visible to all, which an index needs in order to answer alone.

    A page that somebody else holds at that moment, if only to write it to disk, is passed over.
    """
    seen = "SELECT bool_and(relallvisible >= relpages) FROM pg_class WHERE relname = ANY(%s)"
    for _ in range(TURNS_TO_VACUUM):
        connection.execute("VACUUM ANALYZE")
        if connection.execute(seen, [list(COLUMNS)]).fetchone() == (True,):
            return
        time.sleep(0.2)


def conninfo(address: URL) -> str:
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


def _copy(connection: psycopg.Connection[Any], table: str, rows: list[tuple[Any, ...]]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, COLUMNS[table]))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write("".join(map(_line, rows)))


_ESCAPED = {"\\": r"\\", "\n": r"\n", "\t": r"\t", "\r": r"\r"}
_TO_ESCAPE = re.compile(r"[\\\n\t\r]")


def _line(row: tuple[Any, ...]) -> str:
    text = "\t".join([r"\N" if value is None else _escaped(str(value)) for value in row])
    return f"{text}\n"


def _escaped(text: str) -> str:
    return _TO_ESCAPE.sub(lambda found: _ESCAPED[found[0]], text)


@contextmanager
def _into_sqlite(address: URL) -> Iterator[Put]:
    with closing(sqlite3.connect(str(address.database), isolation_level=None)) as connection:
        for pragma in SQLITE_LOADING:
            connection.execute(f"PRAGMA {pragma}")
        indexes = connection.execute(SQLITE_INDEXES).fetchall()
        for name, _ in indexes:
            connection.execute(f'DROP INDEX "{name}"')

        def put(batch: Rows) -> None:
            connection.execute("BEGIN IMMEDIATE")
            for table, rows in _in_order(batch):
                connection.executemany(_insert(table), rows)
            connection.execute("COMMIT")

        yield put
        for _, definition in indexes:
            connection.execute(definition)
        connection.execute("ANALYZE")


def _insert(table: str) -> str:
    names = ", ".join(COLUMNS[table])
    places = ", ".join("?" * len(COLUMNS[table]))
    return f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - names of our own table


def _in_order(batch: Rows) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    return ((table, batch[table]) for table in COLUMNS if batch.get(table))
