"""Leaves nothing behind in a file of SQLite where something was taken out of it."""

from sqlalchemy.orm import Session

from referrals.models.engine import Database


def write_over(session: Session) -> None:
    """What this connection takes out from now on is written over with zeros in its pages."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")


def wipe(database: Database) -> None:
    """The log of SQLite still holds the pages as they were."""
    if database.engine.dialect.name == "sqlite":
        database.close()
        connection = database.engine.raw_connection()
        connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()  # type: ignore[union-attr]  # an open connection has its driver's
        connection.close()
