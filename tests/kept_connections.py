"""Connections to the PostgreSQL database that tests share outlive the engines that opened them.

Each is a process of the server: a new one costs 5 ms, and 20 more until it knows the tables again.
"""

from collections import deque
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

OTHERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class KeptConnections:
    """Of one database: those that no engine uses now."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.idle: deque[psycopg.Connection[Any]] = deque()

    def keep(self, connection: psycopg.Connection[Any]) -> bool:
        """Whether it is kept: one with an open transaction, or a broken one, is closed as ever."""
        is_usable = connection.info.transaction_status == TransactionStatus.IDLE
        if is_usable and connection.info.dbname == self.database:
            # What a test has set or locked for its session is not the next one's: a migration keeps its lock so long.
            connection.execute("SELECT pg_advisory_unlock_all(); RESET ALL")
            connection.commit()
            self.idle.append(connection)
            return True
        return False

    def close(self) -> None:
        while self.idle:
            self.idle.pop().close()

    def turn_strangers_out(self, cleaner: psycopg.Connection[Any]) -> None:
        """Whoever still holds a connection loses it, and what was ended on the server is forgotten here."""
        alive = {row[0] for row in cleaner.execute(OTHERS)}
        kept = {each.info.backend_pid: each for each in self.idle}
        self.idle = deque(kept[pid] for pid in kept.keys() & alive)
        for pid in alive - kept.keys():
            cleaner.execute("SELECT pg_terminate_backend(%s)", [pid])


def keep_connections(database: str) -> KeptConnections:
    """From now on, what engines close is kept, and what they open is taken from there first."""
    kept = KeptConnections(database)
    connect, close = PGDialect_psycopg.connect, PGDialect_psycopg.do_close

    def take(dialect: PGDialect_psycopg, *words: Any, **options: Any) -> Any:
        if options.get("dbname") == database and kept.idle:
            return kept.idle.pop()
        return connect(dialect, *words, **options)

    def give_back(dialect: PGDialect_psycopg, connection: Any) -> None:
        if not kept.keep(connection):
            close(dialect, connection)

    PGDialect_psycopg.connect, PGDialect_psycopg.do_close = take, give_back
    return kept
