"""`db`: brings the database to the schema of this version, takes it back, checks that models and migrations agree."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from alembic.util import CommandError
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from referrals.models import schema
from referrals.models.engine import is_unavailable, normalized
from referrals.models.grants import statements
from referrals.models.schema_version import head

db = AppGroup("db", help="The database schema.")


@db.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Migrate up to REVISION, or to the newest."""
    with explained():
        schema.upgrade(address(), revision)
    click.echo(f"The database is at {head() if revision == 'head' else revision}.")


@db.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Migrate down to REVISION; `base` removes every table with its rows."""
    with explained():
        schema.downgrade(address(), revision)
    click.echo(f"The database is at {revision}.")


@db.command("check")
@click.option("--fresh", is_flag=True, help="Check a new SQLite database instead of the one in use.")
def check(fresh: bool) -> None:
    """Tell whether the database, the migrations and the models agree."""
    with explained():
        found = fresh_differences() if fresh else schema.differences(address())
    for difference in found:
        click.echo(difference, err=True)
    if found:
        sys.exit(1)
    click.echo("The models and the migrations agree.")


@db.command("grants")
@click.argument("role")
def grants(role: str) -> None:
    """Print the SQL by which ROLE may run the service on PostgreSQL, and neither own nor rewrite the audit."""
    url = make_url(normalized(address()))
    if url.get_backend_name() != "postgresql":
        raise click.UsageError("SQLite has no roles: there, whoever may write the file may write anything.")
    for statement in statements(role, url.database or "", schema.metadata().tables):
        click.echo(f"{statement};")


def address() -> str:
    return current_app.config["SETTINGS"].database_url


def fresh_differences() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'fresh.sqlite'}"
        schema.upgrade(url)
        return schema.differences(url)


@contextmanager
def explained() -> Iterator[None]:
    """A revision that does not exist is wrong use (2); a database that does not answer is a refusal (1)."""
    try:
        yield
    except CommandError as problem:
        raise click.UsageError(str(problem)) from problem
    except DBAPIError as problem:
        if is_unavailable(problem):
            raise click.ClickException(f"The database does not answer: {problem.orig}") from problem
        raise
