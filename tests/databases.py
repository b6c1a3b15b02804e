"""Databases for tests: each of both kinds is migrated once a session, then copied or emptied for every test."""

import itertools
import shutil
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, text

from referrals.models import schema
from referrals.models.engine import Database
from referrals.models.keys import KeyFolder, Keys
from referrals.models.vault import Vault
from tests.kept_connections import keep_connections
from tests.postgres import postgres_server

TURNS_TO_VACUUM = 100
KINDS = ("sqlite", "postgresql")
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"


class SQLiteDatabases:
    """A migrated file, copied for each use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count()
        self.template = folder / "template.sqlite"
        schema.upgrade(f"sqlite:///{self.template}")

    def empty(self) -> str:
        """The address of a database without any table."""
        return f"sqlite:///{self.folder / f'{next(self.numbers)}.sqlite'}"

    def fresh(self) -> str:
        """The address of a migrated database that nobody else uses."""
        url = self.empty()
        shutil.copyfile(self.template, url.removeprefix("sqlite:///"))
        return url

    clean = fresh

    def forget(self, url: str) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + ending).unlink(missing_ok=True)


class PostgreSQLDatabases:
    """A migrated template. Copying it takes 50 ms or more, so tests in turn share one copy that is emptied in 2 ms.

    What empties it is one connection for all turns: a new one would need six times as long.
    """

    def __init__(self, server: str) -> None:
        self.server = server
        self.numbers = itertools.count()
        self.turns = itertools.count(1)
        self.template = self.address("template_migrated")
        self.make("template_migrated")
        schema.upgrade(self.template)
        self.keep_what_migrations_wrote()
        self.shared = self.fresh()
        self.kept = keep_connections(self.shared.rpartition("/")[2])
        self.cleaner = psycopg.connect(self.shared, autocommit=True)

    def address(self, name: str) -> str:
        return f"{self.server.rpartition('/')[0]}/{name}"

    def make(self, name: str, template: str = "template0") -> str:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        if self.version() < 150000:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        with psycopg.connect(self.server, autocommit=True) as server:
            server.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.address(name)

    def version(self) -> int:
        with psycopg.connect(self.server) as server:
            return server.info.server_version

    def keep_what_migrations_wrote(self) -> None:
        """Rows that a migration wrote are laid aside, to be put back after each emptying."""
        with psycopg.connect(self.template) as template:
            names = [row[0] for row in template.execute(TABLES)]
            filled = [
                name
                for name in names
                if template.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(name))).fetchone()
            ]
            template.execute("CREATE SCHEMA pristine")
            for name in filled:
                template.execute(sql.SQL("CREATE TABLE pristine.{0} AS TABLE public.{0}").format(sql.Identifier(name)))
            refill = [
                sql.SQL("INSERT INTO public.{0} OVERRIDING SYSTEM VALUE TABLE pristine.{0}").format(
                    sql.Identifier(name)
                )
                for name in filled
            ]
            restart = [
                sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(row[0]))
                for row in template.execute(SEQUENCES)
            ]
            delete = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in names]
            self.emptying = sql.SQL("; ").join([*delete, *restart, *refill])

    def empty(self) -> str:
        return self.make(f"empty_{next(self.numbers)}")

    def fresh(self) -> str:
        return self.make(f"fresh_{next(self.numbers)}", "template_migrated")

    def clean(self) -> str:
        """The shared database, as migrated. The replica role keeps triggers and foreign keys out of the emptying."""
        self.kept.turn_strangers_out(self.cleaner)
        with self.cleaner.transaction():
            self.cleaner.execute("SET LOCAL session_replication_role = replica")
            self.cleaner.execute(self.emptying)
        if next(self.turns) % TURNS_TO_VACUUM == 0:
            self.cleaner.execute("VACUUM")
        return self.shared

    def close(self) -> None:
        self.kept.close()
        self.cleaner.close()

    def forget(self, url: str) -> None:
        if url != self.shared:
            with psycopg.connect(self.server, autocommit=True) as server:
                server.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(url.rpartition("/")[2]))
                )


def unguard(connection: Connection) -> None:
    """As somebody with the keys to the database: past triggers, constraints and foreign keys."""
    if connection.dialect.name == "sqlite":
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        return
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    checks = "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
    for table, check in connection.execute(text(checks)).all():
        connection.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{check}"'))


Databases = SQLiteDatabases | PostgreSQLDatabases


@pytest.fixture(scope="session")
def databases_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Databases]]:
    """`databases_of("sqlite")` and `databases_of("postgresql")`: each is made when a test first asks for it."""
    made: dict[str, Databases] = {}
    with ExitStack() as stack:

        def databases(kind: str) -> Databases:
            if kind not in made:
                made[kind] = (
                    SQLiteDatabases(tmp_path_factory.mktemp("sqlite"))
                    if kind == "sqlite"
                    else stack.enter_context(closing(PostgreSQLDatabases(stack.enter_context(postgres_server()))))
                )
            return made[kind]

        yield databases


@pytest.fixture(params=KINDS)
def databases(request: pytest.FixtureRequest, databases_of: Callable[[str], Databases]) -> Databases:
    """The databases of one kind; the test runs once for each."""
    request.node.user_properties.append(("database", request.param))
    return databases_of(request.param)


def in_turn(cases: Iterable[tuple[Any, ...]], everywhere: Container[Any] = ()) -> list[Any]:
    """Values for `databases` and more, where what is tested is decided above the databases.

    The cases take turns on the two kinds; those that end with one of `everywhere` run on both, in the long run all do.
    """
    return [
        pytest.param(kind, *case, marks=() if (place + turn) % 2 == 0 or case[-1] in everywhere else pytest.mark.long)
        for place, case in enumerate(cases)
        for turn, kind in enumerate(KINDS)
    ]


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The address of a migrated database without rows."""
    url = databases.clean()
    yield url
    databases.forget(url)


@pytest.fixture
def fresh_database_url(databases: Databases) -> Iterator[str]:
    """The address of a database that no migration has touched."""
    url = databases.empty()
    yield url
    databases.forget(url)


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """With the keys of an application that has its data here, too."""
    opened = Database(database_url, vault=Vault(Keys("", KeyFolder(tmp_path / "data" / "keys"))))
    yield opened
    opened.close()
