"""Runs the migrations: one upgrade at a time, never waiting long for a lock, all or nothing."""

import os
from typing import Any

from alembic import context
from sqlalchemy import Connection

from config import settings_from
from referrals.models.engine import make_engine
from referrals.models.schema import metadata

UPGRADE_LOCK = 7_206_531_902  # any number that nothing else in the database locks


def migrate() -> None:
    url = context.config.attributes.get("url") or settings_from(os.environ).database_url
    engine = make_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            {"sqlite": migrate_sqlite, "postgresql": migrate_postgresql}[engine.dialect.name](connection)
    finally:
        engine.dispose()


def migrate_sqlite(connection: Connection) -> None:
    """One transaction for the whole run, which takes the write lock first: a second upgrade waits, then finds nothing to do.

    SQLite changes a table by building it anew; while that goes on its children would lose their parent.
    """
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    with connection.begin():
        configure(connection, render_as_batch=True, transactional_ddl=True)
        context.run_migrations()
        if orphans := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5):
            raise RuntimeError(f"the migration left rows without their parent: {[tuple(row)[:3] for row in orphans]}")


def migrate_postgresql(connection: Connection) -> None:
    """One transaction a migration. A table that stays locked stops the run instead of queueing every reader behind it."""
    for statement in (
        "SET SESSION statement_timeout = 0",
        "SET SESSION lock_timeout = 0",
        f"SELECT pg_advisory_lock({UPGRADE_LOCK})",
        "SET SESSION lock_timeout = '5s'",
    ):
        connection.exec_driver_sql(statement)
    connection.commit()
    configure(connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def configure(connection: Connection, **options: Any) -> None:
    context.configure(
        connection=connection, target_metadata=metadata(), compare_type=True, compare_server_default=True, **options
    )


if context.is_offline_mode():
    raise SystemExit("Migrations need a database: SQL scripts without one are not made here.")
migrate()
