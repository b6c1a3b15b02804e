"""Which migration a database is at, and whether that is the newest: asked by every readiness check."""

from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"


@cache
def head() -> str:
    """The newest migration of this version. They stand in one line, and each file is called as its revision."""
    return max(file.stem for file in VERSIONS.glob("[0-9]*.py"))


def revision(session: Session) -> str | None:
    """The migration that the database is at; None where it was never migrated."""
    connection = session.connection()
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def is_usable(session: Session) -> bool:
    """Whether this version can work with the database: it has its schema, or that of a newer version.

    A migration leaves the version before it working, so that nobody stops for an upgrade: docs/operations.md.
    """
    found = revision(session)
    return found is not None and found >= head()
