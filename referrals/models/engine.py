"""Opens the database: one engine for web, worker, terminal, migrations and tests; sessions that read and sessions that write."""

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
from psycopg import OperationalError as OperationalErrorOfDriver
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError, TimeoutError as PoolTimeout
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.pool import ConnectionPoolEntry

from referrals.models.vault import VAULT, Vault

BUSY_SECONDS = 10
# A connection of SQLite reads the statistics of its planner once; the worker refreshes them every hour.
STATISTICS_SECONDS = 3600
TRUSTED_SECONDS = 5

# What makes a session one that reads: a single snapshot, and nothing changed in it.
READING: dict[str, dict[str, Any]] = {
    "sqlite": {"writes": False},
    "postgresql": {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
}
NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs3", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "afs", "ceph", "glusterfs"}
)

SQLITE_PRAGMAS = (
    "journal_mode = WAL",
    f"busy_timeout = {BUSY_SECONDS * 1000}",
    "foreign_keys = ON",
    "synchronous = FULL",
    "trusted_schema = OFF",
)
POSTGRESQL_SETTINGS = (
    "SET SESSION statement_timeout = '30s'",
    "SET SESSION lock_timeout = '10s'",
    "SET SESSION idle_in_transaction_session_timeout = '60s'",
    # What a machine that was cut off has locked is free again after a quarter of a minute, not after two hours.
    "SET SESSION tcp_keepalives_idle = 5",
    "SET SESSION tcp_keepalives_interval = 3",
    "SET SESSION tcp_keepalives_count = 3",
    "SET SESSION tcp_user_timeout = '14s'",
)
# And this side notices as soon.
KEEPALIVES: Mapping[str, int] = {
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 14_000,
}
SQLITE_UNAVAILABLE = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN}
)


def _json_text(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


JSON_DRIVER: Mapping[str, Any] = {"json_serializer": _json_text, "json_deserializer": orjson.loads}


class ReadingSessionWrote(RuntimeError):
    """A programming error: a session opened for reading was asked to write."""


def make_engine(url: str | URL, *, pool_size: int = 8) -> Engine:
    """An engine for `url` that keeps our rules on every connection it opens."""
    address = normalized(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address, pool_size)
    if address.get_backend_name() == "postgresql":
        return _postgresql(address, pool_size)
    raise ValueError("the database is SQLite or PostgreSQL: the address begins with sqlite:/// or postgresql://")


def normalized(url: str | URL) -> URL:
    """The same address, with the driver named that we ship: psycopg 3."""
    address = make_url(url)
    if address.drivername in {"postgres", "postgresql"}:
        return address.set(drivername="postgresql+psycopg")
    return address


class Database:
    """One database of the service, and the keys of what is locked in it. Opening it connects to nothing yet."""

    def __init__(self, url: str | URL, *, pool_size: int = 8, vault: Vault | None = None) -> None:
        self.engine = make_engine(url, pool_size=pool_size)
        self._readers = self.engine.execution_options(**READING[self.engine.dialect.name])
        self._writers = self.engine.execution_options(writes=True)
        self.info = {VAULT: vault}

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and can change nothing."""
        with _ReadingSession(self._readers, expire_on_commit=False, info=self.info) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is committed when its block ends well, and undone when it does not."""
        with Session(self._writers, expire_on_commit=False, info=self.info) as session, session.begin():
            yield session

    def close(self) -> None:
        self.engine.dispose()


class _ReadingSession(Session):
    """Ends with a commit: a rollback would make PostgreSQL's driver throw away every statement it has prepared."""

    def close(self) -> None:
        connection: Connection | None = self.info.pop("connection", None)
        if connection is not None and connection.in_transaction() and not connection.invalidated:
            with suppress(DBAPIError):
                connection.commit()
        super().close()


@event.listens_for(_ReadingSession, "after_begin")
def _remember(session: Session, transaction: Any, connection: Connection) -> None:
    session.info["connection"] = connection


@event.listens_for(_ReadingSession, "before_flush")
def _refuse_flush(session: Session, context: Any, instances: Any) -> None:
    if session.new or session.deleted or any(session.is_modified(row) for row in session.dirty):
        raise ReadingSessionWrote("a session opened with reading() was asked to write")


@event.listens_for(_ReadingSession, "do_orm_execute")
def _refuse_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        raise ReadingSessionWrote("a session opened with reading() was asked to write")


def is_unavailable(error: BaseException) -> bool:
    """Whether the database could not be reached, stayed locked or takes no changes: the caller may try again later."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return sqlite_code & 0xFF in SQLITE_UNAVAILABLE
    if isinstance(error.orig, ReadOnlySqlTransaction):  # a standby, or shut to writers on purpose
        return True
    return error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError))


def is_shut_to_writers(session: Session) -> bool:
    """Whether the server takes no changes: a standby after a failover, or an operator who said so."""
    if session.get_bind().dialect.name == "sqlite":
        return False
    return bool(session.scalar(text(_SHUT)))


_SHUT = "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean"


def _sqlite(url: URL, pool_size: int) -> Engine:
    if _is_file(url):
        _prepare_place(Path(str(url.database)))
        engine = create_engine(
            url, pool_size=pool_size, max_overflow=pool_size, pool_recycle=STATISTICS_SECONDS, **JSON_DRIVER
        )
    else:
        engine = create_engine(url, **JSON_DRIVER)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _is_file(url: URL) -> bool:
    return bool(url.database) and url.database != ":memory:" and not str(url.database).startswith("file:")


def _prepare_place(file: Path) -> None:
    folder = file.absolute().parent
    folder.mkdir(parents=True, exist_ok=True)
    if (kind := file_system_of(folder)) in NETWORK_FILE_SYSTEMS:
        raise ValueError(f"SQLite loses data on a network file system, and {folder} is {kind}: use PostgreSQL")


def file_system_of(folder: Path) -> str | None:
    """The kind of file system that holds `folder`, where the system tells."""
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return None
    rows = (line.split() for line in mounts.read_text(errors="replace").splitlines())
    holding = [(len(row[1]), row[2]) for row in rows if folder.resolve().is_relative_to(row[1])]
    return max(holding)[1] if holding else None


def _set_pragmas(connection: Any, record: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself: it does so too late, and updates are lost.
    connection.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        _set_pragma(connection, f"PRAGMA {pragma}")


def _set_pragma(connection: Any, pragma: str) -> None:
    """SQLite does not wait by itself where a new file becomes WAL while somebody else writes to it."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute(pragma).close()
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the write lock at once: one that reads first and writes later would lose against another."""
    writes = connection.get_execution_options().get("writes", True)
    driver: Any = connection.connection.driver_connection
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
    try:
        driver.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}").close()
        driver.execute(begin).close()
    except sqlite3.OperationalError as problem:
        raise OperationalError(begin, None, problem) from problem


def _postgresql(url: URL, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=BUSY_SECONDS,
        connect_args={"connect_timeout": 5, "application_name": "referrals", "prepare_threshold": 1, **KEEPALIVES},
        **JSON_DRIVER,
    )
    event.listen(engine, "connect", _set_timeouts)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _refuse_dead)
    return engine


def _set_timeouts(connection: Any, record: ConnectionPoolEntry) -> None:
    for setting in POSTGRESQL_SETTINGS:
        connection.execute(setting)
    connection.commit()
    _note_use(connection, record)


def _note_use(connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _refuse_dead(connection: Any, record: ConnectionPoolEntry, proxy: Any) -> None:
    """A server that was restarted leaves dead connections behind. Asking each time would cost a third of a short read."""
    if time.monotonic() - record.info["used"] < TRUSTED_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except OperationalErrorOfDriver as problem:
        raise DisconnectionError from problem
