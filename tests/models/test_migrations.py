"""Migrations go up, down and up again, agree with the models, and survive a kill, on both databases."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Inspector, inspect, text

from referrals.models import schema, schema_version
from referrals.models.engine import Database
from tests.databases import Databases

ROOT = Path(__file__).parents[2]
MIGRATIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))

UPGRADE_AND_DIE = """
import os, signal, sys
from sqlalchemy import Engine, event
from referrals.models import schema

left = int(sys.argv[2])

@event.listens_for(Engine, "before_cursor_execute")
def die(*_):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

schema.upgrade(sys.argv[1])
"""


@contextmanager
def inspected(url: str) -> Iterator[Inspector]:
    with closing(Database(url)) as database, database.engine.connect() as connection:
        yield inspect(connection)


def tables(url: str) -> set[str]:
    with inspected(url) as found:
        return set(found.get_table_names()) - {"alembic_version"}


def named(things: list[Any]) -> dict[str, Any]:
    return {thing["name"]: plain(thing) for thing in things}


def plain(thing: Any) -> Any:
    """The same, with every value in words: two SQL expressions of the same text are equal."""
    if isinstance(thing, dict):
        return {key: plain(value) for key, value in thing.items()}
    return " ".join(str(thing).split())


# What the database tells of all its tables at once, and how it is shown for a comparison.
PARTS: dict[str, tuple[Callable[[Inspector], Any], Callable[[Any], Any]]] = {
    "columns": (Inspector.get_multi_columns, named),
    "key": (Inspector.get_multi_pk_constraint, plain),
    "references": (Inspector.get_multi_foreign_keys, named),
    "unique": (Inspector.get_multi_unique_constraints, named),
    "checks": (Inspector.get_multi_check_constraints, named),
    "indexes": (Inspector.get_multi_indexes, named),
}


def picture(url: str) -> dict[str, Any]:
    """Everything that the database tells of its tables, in an order that can be compared."""
    with inspected(url) as found:
        return {
            part: {table: shown(told) for (_, table), told in read(found).items() if table != "alembic_version"}
            for part, (read, shown) in PARTS.items()
        }


def test_the_newest_file_is_the_newest_migration():
    assert ScriptDirectory(ROOT / "migrations").get_current_head() == schema_version.head()


def test_the_migrated_schema_is_what_the_models_say(databases: Databases):
    modeled = databases.empty()
    with closing(Database(modeled)) as database:
        schema.metadata().create_all(database.engine)
    assert picture(databases.clean()) == picture(modeled)
    databases.forget(modeled)


def test_the_check_finds_nothing_to_change(database_url):
    assert schema.differences(database_url) == []


def test_the_check_names_what_is_missing(fresh_database_url):
    assert schema.differences(fresh_database_url) == [
        f"the database is at migration none, the newest is {schema_version.head()}"
    ]
    schema.upgrade(fresh_database_url)
    with closing(Database(fresh_database_url)) as database, database.writing() as session:
        session.execute(text("ALTER TABLE beat ADD COLUMN mood TEXT"))
        session.execute(text("DROP TABLE rate_counter"))
    found = schema.differences(fresh_database_url)
    assert "remove_column beat beat.mood" in found
    assert any(line.startswith("add_table rate_counter") for line in found)


def test_the_schema_goes_up_down_and_up_again(fresh_database_url):
    schema.upgrade(fresh_database_url)
    first = picture(fresh_database_url)
    assert len(first["columns"]) > 10

    schema.downgrade(fresh_database_url, "base")
    assert tables(fresh_database_url) == set()

    schema.upgrade(fresh_database_url)
    assert picture(fresh_database_url) == first


def test_every_single_migration_can_be_taken_back(fresh_database_url):
    newest_first = list(ScriptDirectory(str(ROOT / "migrations")).walk_revisions())
    before = {}
    for migration in reversed(newest_first):
        before[migration.revision] = picture(fresh_database_url)
        schema.upgrade(fresh_database_url, migration.revision)
    for migration in newest_first:
        schema.downgrade(fresh_database_url, migration.down_revision or "base")
        assert picture(fresh_database_url) == before[migration.revision], migration.revision


def test_migrating_again_changes_nothing(database_url):
    before = picture(database_url)
    schema.upgrade(database_url)
    assert picture(database_url) == before


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_migration_keeps_nobody_out_once_it_is_over(database_url):
    schema.upgrade(database_url)
    with closing(Database(database_url)) as other, other.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")) == 0


def test_a_session_tells_whether_this_version_can_work_with_the_schema(database, fresh_database_url):
    with database.reading() as session:
        assert schema_version.is_usable(session)
    with closing(Database(fresh_database_url)) as other:
        for revision in (None, "0001_networks_and_people"):
            if revision:
                schema.upgrade(fresh_database_url, revision)
            with other.reading() as session:
                assert not schema_version.is_usable(session)


def python(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_of_two_upgrades_at_once_one_waits(fresh_database_url):
    upgrade = "import sys; from referrals.models import schema; schema.upgrade(sys.argv[1])"
    both = [python("-c", upgrade, fresh_database_url) for _ in range(2)]
    printed = [process.communicate(timeout=60)[0].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], printed
    assert schema.differences(fresh_database_url) == []


@pytest.mark.faults
@pytest.mark.parametrize("statements", [3, 12, 30, 55])
def test_a_killed_upgrade_leaves_whole_migrations_and_can_be_run_again(databases: Databases, statements):
    url, other = databases.empty(), databases.empty()
    process = python("-c", UPGRADE_AND_DIE, url, str(statements))
    printed = process.communicate(timeout=60)[0]
    assert process.returncode == -signal.SIGKILL, printed

    with closing(Database(url)) as database, database.reading() as session:
        reached = schema_version.revision(session)
    schema.upgrade(other, reached or "base")
    assert picture(url) == picture(other)

    schema.upgrade(url)
    assert schema.differences(url) == []
    databases.forget(url)
    databases.forget(other)


def test_migrations_are_numbered_in_one_line_and_called_like_their_files():
    script = ScriptDirectory(str(ROOT / "migrations"))
    line = [migration.revision for migration in script.walk_revisions()][::-1]
    assert line == [file.stem for file in MIGRATIONS]
    assert [name[:5] for name in line] == [f"{number:04}_" for number in range(1, len(line) + 1)]
    assert all(re.fullmatch(r"[0-9]{4}_[a-z0-9_]+", name) and len(name) <= 32 for name in line)


@pytest.mark.parametrize("file", MIGRATIONS, ids=lambda file: file.stem)
def test_a_migration_says_what_it_is_for_and_how_to_go_back(file):
    content = file.read_text()
    assert content.startswith('"""')
    assert re.search(r"def downgrade\(\) -> None:\n(?!    pass\n)", content)


def test_deleting_under_a_migration_that_leaves_orphans_is_refused(tmp_path, monkeypatch):
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.alembic]\nscript_location = "%(here)s/migrations"\n')
    (tmp_path / "migrations" / "env.py").write_text((ROOT / "migrations" / "env.py").read_text())
    (versions / "0001_orphans.py").write_text(
        'from alembic import op\nrevision = "0001_orphans"\ndown_revision = None\n'
        "def upgrade():\n"
        "    op.execute('CREATE TABLE parent (id INTEGER PRIMARY KEY)')\n"
        "    op.execute('CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent)')\n"
        "    op.execute('INSERT INTO child VALUES (1, 7)')\n"
        "def downgrade(): pass\n"
    )
    monkeypatch.setattr(schema, "PROJECT", tmp_path)
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    with pytest.raises(RuntimeError, match="without their parent"):
        schema.upgrade(url)
    assert tables(url) == set()


# Those that landed before the promise that nobody stops for an upgrade.
BEFORE_THE_PROMISE = "0026_imports"


def columns(url: str) -> dict[tuple[str, str], bool]:
    """Each column, and whether whoever does not know it may leave it out."""
    with closing(Database(url)) as database:
        inspector = inspect(database.engine)
        return {
            (table, column["name"]): bool(column["nullable"] or column["default"] is not None)
            for table in inspector.get_table_names()
            for column in inspector.get_columns(table)
        }


def test_the_version_before_a_migration_can_work_on_after_it(databases: Databases):
    """It finds each table and column that it knows, and leaves out what it does not know."""
    url = databases.empty()
    schema.upgrade(url, BEFORE_THE_PROMISE)
    for revision in [file.stem for file in MIGRATIONS if file.stem > BEFORE_THE_PROMISE]:
        before = columns(url)
        schema.upgrade(url, revision)
        after = columns(url)
        known = {table for table, _ in before}
        assert before.keys() - after.keys() == set(), f"{revision} takes away"
        must_be_given = {each for each, may_be_left_out in after.items() if not may_be_left_out and each[0] in known}
        assert must_be_given <= before.keys(), f"{revision} asks for what the version before does not know"
        assert {each for each in must_be_given if before[each]} == set(), f"{revision} asks for what could be left out"
    databases.forget(url)
