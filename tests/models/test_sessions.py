"""What reading and writing sessions promise, on both databases."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from referrals.models.engine import Database, ReadingSessionWrote, is_unavailable, normalized
from referrals.models.organization import Network, Organization
from tests.statements import statements

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def a_network(code: str = "coast") -> Network:
    return Network(code=code, name="Coast", zone="America/Los_Angeles", created_at=NOW)


def codes(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Network.code).order_by(Network.code)))


@pytest.fixture
def opened() -> Iterator[Callable[[str], Database]]:
    with ExitStack() as stack:
        yield lambda url: stack.enter_context(closing(Database(url)))


def test_a_new_file_is_opened_while_somebody_else_writes_to_it(tmp_path: Path) -> None:
    """Two upgrades of a new database at once: the second waits, where SQLite alone would give up."""
    file = tmp_path / "new.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("CREATE TABLE thing (id INTEGER)")
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO thing VALUES (1)")
        commit = threading.Timer(0.2, lambda: other.execute("COMMIT"))
        commit.start()
        with closing(Database(f"sqlite:///{file}")) as database, database.reading() as session:
            assert session.scalar(text("SELECT id FROM thing")) == 1
            assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        commit.join()


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_begins_with_an_empty_database(database, turn):
    assert codes(database) == []
    with database.writing() as session:
        session.add(a_network())


def test_a_writing_session_keeps_what_its_block_wrote(database):
    with database.writing() as session:
        session.add(a_network())
    assert codes(database) == ["coast"]


def test_a_writing_session_leaves_nothing_of_a_block_that_failed(database):
    def fail_after_writing() -> None:
        with database.writing() as session:
            session.add(a_network())
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_writing()
    assert codes(database) == []


def test_a_row_can_be_read_after_its_session_has_ended(database):
    with database.writing() as session:
        session.add(network := a_network())
    assert network.name == "Coast"
    assert network.created_at == NOW


def write_row(session):
    session.add(a_network())
    session.flush()


def change_row(session):
    session.scalars(select(Network)).one().name = "Bay"
    session.flush()


def remove_row(session):
    session.delete(session.scalars(select(Network)).one())
    session.flush()


@pytest.mark.parametrize(
    "write",
    [
        write_row,
        change_row,
        remove_row,
        lambda session: session.execute(update(Network).values(name="Bay")),
        lambda session: session.execute(delete(Network)),
    ],
    ids=["add", "change", "remove", "update", "delete"],
)
def test_a_reading_session_refuses_to_write(database, write):
    with database.writing() as session:
        session.add(a_network())
    with database.reading() as session, pytest.raises(ReadingSessionWrote):
        write(session)
    assert codes(database) == ["coast"]


def test_the_database_itself_refuses_what_a_reading_session_slips_past_us(database):
    with database.reading() as session, pytest.raises(DBAPIError, match=r"read-?only"):
        session.execute(text("UPDATE network SET name = 'Bay'"))
    with database.writing() as session:
        session.add(a_network())
    assert codes(database) == ["coast"]


def test_a_reference_to_nothing_is_refused(database):
    def orphan() -> None:
        with database.writing() as session:
            network = a_network()
            session.add(Organization(network_id=network.id, kind="network", code="x", name="X", created_at=NOW))

    with pytest.raises(IntegrityError):
        orphan()


def test_two_writers_who_read_first_lose_no_update(database):
    with database.writing() as session:
        session.add(a_network())
        session.flush()
        session.execute(update(Network).values(name="0"))

    def count_up(_: int) -> None:
        for _ in range(10):
            with database.writing() as session:
                network = session.scalars(select(Network).with_for_update()).one()
                network.name = str(int(network.name) + 1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_up, range(4)))
    with database.reading() as session:
        assert session.scalar(select(Network.name)) == "40"


def test_readers_go_on_while_somebody_writes(database):
    reached, release = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with database.writing() as session:
            session.add(a_network())
            session.flush()
            reached.set()
            release.wait(10)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    assert reached.wait(10)
    try:
        assert codes(database) == []
    finally:
        release.set()
        writer.join()
    assert codes(database) == ["coast"]


def test_statements_are_counted(database):
    with statements(database) as sent, database.reading() as session:
        session.scalars(select(Network.code)).all()
        session.execute(text("SELECT 1"))
    assert len(sent) == 2


def test_a_locked_file_and_a_missing_server_are_unavailable_and_a_mistake_is_not(opened, tmp_path):
    nowhere = opened("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(OperationalError) as refused, nowhere.reading() as session:
        session.execute(text("SELECT 1"))
    assert is_unavailable(refused.value)

    closed = opened(f"sqlite:///{tmp_path}")
    with pytest.raises(OperationalError) as unreadable, closed.reading() as session:
        session.execute(text("SELECT 1"))
    assert is_unavailable(unreadable.value)

    file = opened(f"sqlite:///{tmp_path / 'a' / 'new' / 'folder' / 'x.sqlite'}")
    with pytest.raises(OperationalError) as mistaken, file.reading() as session:
        session.execute(text("SELECT * FROM nothing"))
    assert not is_unavailable(mistaken.value)
    assert not is_unavailable(ValueError())


def test_a_file_that_stays_locked_is_unavailable(opened, tmp_path, monkeypatch):
    monkeypatch.setattr("referrals.models.engine.SQLITE_PRAGMAS", ("journal_mode = WAL", "busy_timeout = 50"))
    file = opened(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with file.writing() as holder:
        holder.execute(text("CREATE TABLE held (id INTEGER)"))
        with pytest.raises(OperationalError) as locked, file.writing() as waiting:
            waiting.execute(text("CREATE TABLE wanted (id INTEGER)"))
    assert is_unavailable(locked.value)


def test_a_sqlite_connection_keeps_our_rules(opened, tmp_path):
    database = opened(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with database.reading() as session:
        kept = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous", "trusted_schema")
        }
    assert kept == {
        "journal_mode": "wal",
        "busy_timeout": 10_000,
        "foreign_keys": 1,
        "synchronous": 2,
        "trusted_schema": 0,
    }


def test_sqlite_on_a_network_file_system_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("referrals.models.engine.file_system_of", lambda folder: "nfs4")
    with pytest.raises(ValueError, match="network file system"):
        Database(f"sqlite:///{tmp_path / 'x.sqlite'}")


def test_postgresql_means_the_driver_that_we_ship():
    for address in ("postgres://a@b/c", "postgresql://a@b/c", "postgresql+psycopg://a@b/c"):
        assert normalized(address).drivername == "postgresql+psycopg"


@pytest.fixture
def server_restarts(databases_of, opened):
    """A PostgreSQL database, and what makes every open connection to it die."""
    databases = databases_of("postgresql")
    database = opened(databases.clean())

    def restart() -> None:
        databases.clean()  # begins by ending every other connection

    return database, restart


def test_connections_that_died_at_rest_are_replaced_unnoticed(server_restarts, monkeypatch):
    database, restart = server_restarts
    monkeypatch.setattr("referrals.models.engine.TRUSTED_SECONDS", 0)
    for _ in range(2):
        assert codes(database) == []
        restart()


def test_a_connection_that_dies_in_use_is_unavailable_once_and_then_replaced(server_restarts):
    database, restart = server_restarts
    assert codes(database) == []
    restart()
    with pytest.raises(OperationalError) as lost:
        codes(database)
    assert is_unavailable(lost.value)
    assert codes(database) == []


def test_a_reading_session_sees_one_state_of_the_database(database):
    with database.reading() as session:
        assert session.scalars(select(Network.code)).all() == []
        with database.writing() as other:
            other.add(a_network())
        assert session.scalars(select(Network.code)).all() == []
    assert codes(database) == ["coast"]


def test_another_database_is_refused_in_words():
    with pytest.raises(ValueError, match="SQLite or PostgreSQL"):
        Database("mysql://a@b/c")


def test_postgresql_keeps_what_it_has_prepared_when_a_reading_session_ends(database):
    """A rollback would throw it away, and the counts of a worklist would be planned anew for each answer."""
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite keeps its statements by itself")
    question = select(Network.id).where(Network.code == "coast")
    for _ in range(3):
        with database.reading() as session:
            session.execute(question).all()
    with database.reading() as session:
        prepared = session.execute(text("SELECT statement FROM pg_prepared_statements")).scalars().all()
    assert any("network.code" in statement for statement in prepared)
