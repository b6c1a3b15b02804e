"""Brings a database to the schema of this version, takes it back, and tells where the two differ."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import URL, Connection, MetaData

import referrals.models
from referrals.models.base import Base
from referrals.models.engine import make_engine, normalized
from referrals.models.schema_version import head

PROJECT = Path(__file__).resolve().parents[2]


def metadata() -> MetaData:
    """Every table of the models, from however many modules they live in."""
    for module in pkgutil.iter_modules(referrals.models.__path__):
        importlib.import_module(f"referrals.models.{module.name}")
    return Base.metadata


def upgrade(url: str | URL, revision: str = "head") -> None:
    """Migrate up to `revision`. Safe to run again, and from two places at once."""
    command.upgrade(_configured(url), revision)


def downgrade(url: str | URL, revision: str) -> None:
    """Migrate down to `revision`; `base` leaves an empty database."""
    command.downgrade(_configured(url), revision)


def differences(url: str | URL) -> list[str]:
    """What a migration would still have to change for the database to be as the models say."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return _differences(connection)
    finally:
        engine.dispose()


def _configured(url: str | URL) -> Config:
    return Config(toml_file=PROJECT / "pyproject.toml", attributes={"url": normalized(url)})


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _differences(connection: Connection) -> list[str]:
    if (revision := _revision(connection)) != head():
        return [f"the database is at migration {revision or 'none'}, the newest is {head()}"]
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return [_words(difference) for difference in compare_metadata(context, metadata())]


def _words(difference: Any) -> str:
    """`add_column patient.language`: alembic gives a tuple, or a list of tuples for one changed column."""
    if isinstance(difference, list):
        return ", ".join(_words(one) for one in difference)
    return " ".join(_name(part) for part in difference if part is not None and not isinstance(part, dict))


def _name(part: Any) -> str:
    table = getattr(part, "table", None)
    name = str(getattr(part, "name", None) or part)
    return f"{table.name}.{name}" if table is not None else name
