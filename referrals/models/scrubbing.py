"""Leaves nothing behind in a file of SQLite where something was taken out of it."""

from contextlib import closing
from typing import Any

from sqlalchemy.orm import Session

from referrals.models.engine import Database


def write_over(session: Session) -> None:
    """What this connection takes out from now on is written over with zeros in its pages."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")


def wipe(database: Database) -> bool:
    """The log of SQLite still holds the pages as they were. False where somebody went on reading: then it still does."""
    if database.engine.dialect.name != "sqlite":
        return True
    database.close()
    with closing(database.engine.raw_connection()) as connection:
        driver: Any = connection.driver_connection
        [(is_busy, *_)] = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return not is_busy
