"""Copies of a running database, made and put back by the engine's own means."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, inspect

from referrals.domain.errors import Conflict
from referrals.models.engine import Database

SQLITE, POSTGRESQL = "database.sqlite", "database.dump"
# How libpq is told of an address without anybody else on the machine reading a password.
LIBPQ: Mapping[str, str] = {
    "host": "PGHOST",
    "port": "PGPORT",
    "username": "PGUSER",
    "password": "PGPASSWORD",
    "database": "PGDATABASE",
}


def is_sqlite(database: Database) -> bool:
    return database.engine.dialect.name == "sqlite"


def copy_out(database: Database, folder: Path) -> Path:
    """One state of the database, while others write to it."""
    if is_sqlite(database):
        return _copy_sqlite(database, folder / SQLITE)
    target = folder / POSTGRESQL
    _run(["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}"], database.engine.url)
    return target


def _copy_sqlite(database: Database, target: Path) -> Path:
    with closing(sqlite3.connect(str(database.engine.url.database))) as source:
        source.execute("PRAGMA busy_timeout = 10000")
        source.execute("VACUUM INTO ?", (str(target),))
    return target


def copy_in(database: Database, folder: Path) -> None:
    """Into a database without any table; all of it or nothing."""
    refuse_filled(database)
    if is_sqlite(database):
        database.close()
        place = Path(str(database.engine.url.database))
        half = place.with_name(f"{place.name}.half")
        shutil.copyfile(folder / SQLITE, half)
        for beside in ("-wal", "-shm"):
            Path(f"{place}{beside}").unlink(missing_ok=True)
        half.replace(place)
        return
    command = ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run([*command, f"--dbname={database.engine.url.database}", str(folder / POSTGRESQL)], database.engine.url)


def refuse_filled(database: Database) -> None:
    if inspect(database.engine).get_table_names():
        raise Conflict("There are tables in this database. A backup is put into an empty one.")


def _run(command: list[str], url: URL) -> None:
    told = {variable: str(getattr(url, part)) for part, variable in LIBPQ.items() if getattr(url, part) is not None}
    told |= {f"PG{name.upper()}": str(value) for name, value in url.query.items()}
    program = shutil.which(command[0])
    if program is None:
        raise Conflict(f"{command[0]} is not on this machine: install the client programs of PostgreSQL.")
    done = subprocess.run([program, *command[1:]], env=os.environ | told, capture_output=True, text=True, check=False)
    if done.returncode:
        # Its first line names what is wrong; what follows may quote rows.
        raise Conflict(f"{command[0]} failed: {done.stderr.strip().splitlines()[0] if done.stderr.strip() else ''}")
