"""The database is away, full, shut to writers, locked or out of connections: callers hear "not now", nothing that was accepted is lost, and the server goes on by itself once it is back."""

import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from referrals.models import schema
from referrals.models.engine import Database
from tests.databases import Databases
from tests.factories import settle
from tests.faults.outage import Sender, filled, nothing_is_lost, small_disk
from tests.faults.servers import Server
from tests.faults.workers import wait_until
from tests.postgres import OPTIONS, Cluster, account, postgres_cluster

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
READY_WITHIN = 5.0
NAME = "hospital"
# Few connections, so that a test can take them all; and what is committed is written, as it is in earnest.
CHANGED = ("max_connections=14", "synchronous_commit=on")
EARNEST = (*(option for option in OPTIONS if not option.startswith(("max_connections", "synchronous"))), *CHANGED)


@dataclass
class Hospital:
    """One PostgreSQL of its own, a server over it that is never restarted, and a partner that sends."""

    cluster: Cluster
    disk: Path
    database: Database
    server: Server
    sender: Sender

    def ask(self, statement: str) -> list[tuple]:
        with psycopg.connect(self.cluster.url, autocommit=True) as connection:
            answer = connection.execute(statement)
            return answer.fetchall() if answer.description else []

    def hang_up(self) -> None:
        """As after a failover: no connection lives on."""
        self.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{NAME}'")

    def comes_back_by_itself(self) -> None:
        began = time.monotonic()
        wait_until(lambda: self.sender.ready() == 200)
        assert time.monotonic() - began < READY_WITHIN
        wait_until(lambda: self.sender.send() == 201)
        assert self.server.process.poll() is None
        self.database.close()
        nothing_is_lost(self.database, self.sender)


@contextmanager
def hospital(disk: Path, folder: Path) -> Iterator[Hospital]:
    """Its database lies on a small disk of its own; what PostgreSQL itself writes does not."""
    with ExitStack() as stack:
        cluster = stack.enter_context(postgres_cluster(EARNEST))
        place = disk / "tables"
        place.mkdir(mode=0o777)
        place.chmod(0o777)
        if owner := account():
            os.chown(place, owner["user"], owner["group"])
        with psycopg.connect(cluster.url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE TABLESPACE small LOCATION {}").format(str(place)))
            connection.execute(f"CREATE DATABASE {NAME} TABLESPACE small")
        url = make_url(cluster.url).set(database=NAME).render_as_string(hide_password=False)
        schema.upgrade(url)
        database = Database(url)
        stack.callback(database.close)
        with database.writing() as session:
            world = settle(session)
        server = Server(url, folder, DATABASE_POOL="2")
        stack.callback(server.kill)
        yield Hospital(cluster, disk, database, server, Sender(database, world, server))


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    # Not below pytest's folders: PostgreSQL's own account may not enter those.
    with tempfile.TemporaryDirectory(prefix="referrals-disk-", dir="/tmp") as place:
        Path(place).chmod(0o755)
        with small_disk(Path(place) / "disk", 90) as disk, hospital(disk, tmp_path_factory.mktemp("data")) as made:
            yield made


@pytest.fixture(autouse=True)
def _which_database(request: pytest.FixtureRequest) -> None:
    if "away" in request.fixturenames:
        request.node.user_properties.append(("database", "postgresql"))


@contextmanager
def sending(sender: Sender) -> Iterator[None]:
    """A partner sends one referral after the other meanwhile."""
    enough = threading.Event()

    def send() -> None:
        while not enough.is_set():
            sender.send()

    thread = threading.Thread(target=send)
    thread.start()
    try:
        wait_until(lambda: len(sender.acknowledged) > 3)
        yield
    finally:
        enough.set()
        thread.join()


def test_postgresql_is_stopped_and_started_and_the_server_goes_on(away: Hospital):
    for how in ("fast", "immediate"):
        with sending(away.sender):
            refused = away.sender.refused
            away.cluster.stop(how)
            wait_until(lambda refused=refused: away.sender.refused > refused + 2)
            assert (away.sender.ready(), away.sender.live()) == (503, 200)
            away.cluster.start()
        away.comes_back_by_itself()


def test_a_postgresql_that_has_become_read_only_answers_not_now(away: Hospital):
    away.ask(f"ALTER DATABASE {NAME} SET default_transaction_read_only = on")
    away.hang_up()
    try:
        wait_until(lambda: away.sender.send() == 503)
        assert away.sender.read() == 503, "nobody reads where the audit cannot say so"
        assert away.sender.ready() == 503
    finally:
        away.ask(f"ALTER DATABASE {NAME} RESET default_transaction_read_only")
    away.hang_up()
    away.comes_back_by_itself()


def test_a_postgresql_without_a_free_connection_answers_not_now(away: Hospital):
    with ExitStack() as taken:
        away.hang_up()
        with suppress(psycopg.OperationalError):
            while True:
                taken.enter_context(closing(psycopg.connect(away.cluster.url)))
        assert away.sender.send() == 503
        assert (away.sender.ready(), away.sender.live()) == (503, 200)
    away.comes_back_by_itself()


def test_a_full_disk_under_postgresql_answers_not_now_and_leaves_nothing_half(away: Hospital):
    with filled(away.disk):
        wait_until(lambda: away.sender.send() == 503)
        assert away.sender.live() == 200
    away.comes_back_by_itself()


@pytest.fixture
def alone(tmp_path: Path, databases_of: Callable[[str], Databases]) -> Iterator[tuple[Sender, Database, Path]]:
    """A SQLite file, with its documents, on a small disk of its own."""
    with small_disk(tmp_path / "disk", 24) as disk:
        made = databases_of("sqlite").fresh().removeprefix("sqlite:///")
        file = disk / "referrals.sqlite"
        file.write_bytes(Path(made).read_bytes())
        database = Database(f"sqlite:///{file}")
        with database.writing() as session:
            world = settle(session)
        server = Server(f"sqlite:///{file}", disk / "data")
        try:
            yield Sender(database, world, server), database, disk
        finally:
            server.kill()
            database.close()


def test_a_full_disk_under_sqlite_answers_not_now_and_leaves_nothing_half(alone: tuple[Sender, Database, Path]):
    sender, database, disk = alone
    assert sender.send() == 201
    with filled(disk):
        wait_until(lambda: sender.send() == 503)
        assert sender.live() == 200
    wait_until(lambda: sender.send() == 201)
    nothing_is_lost(database, sender)
    with closing(sqlite3.connect(disk / "referrals.sqlite")) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_file_that_stays_locked_answers_not_now(alone: tuple[Sender, Database, Path]):
    sender, database, disk = alone
    with closing(sqlite3.connect(disk / "referrals.sqlite", isolation_level=None)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        assert (sender.send(), sender.ready(), sender.live()) == (503, 200, 200)
        somebody.execute("ROLLBACK")
    assert sender.send() == 201
    nothing_is_lost(database, sender)
