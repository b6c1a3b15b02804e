"""What the commands share: the open database, the one who acts, and how a refusal is told and ends (status 1)."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import click
from flask import current_app
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from referrals.domain.errors import FieldError, Invalid, Refusal
from referrals.domain.people import Actor, Kind
from referrals.models import schema_version
from referrals.models.engine import Database, is_unavailable
from referrals.models.keys import KeysRefused

DOOR = "terminal"


def open_database() -> Database:
    database: Database = current_app.extensions["database"]
    return database


def operator(network_id: UUID, organization_id: UUID | None = None) -> Actor:
    """Whoever may run commands on the server. The audit knows the door, not the person."""
    return Actor(
        network_id=network_id,
        organization_id=organization_id,
        kind=Kind.NETWORK,
        roles=frozenset(),
        user_id=None,
        client_id=None,
        name=DOOR,
    )


@contextmanager
def refusals() -> Iterator[None]:
    """A refusal is told in full on standard error and ends the command with status 1; nothing was changed."""
    try:
        yield
    except Refusal as refusal:
        for line in told(refusal):
            click.echo(line, err=True)
        raise click.exceptions.Exit(1) from None
    except KeysRefused as problem:
        raise click.ClickException(str(problem)) from None
    except DBAPIError as problem:
        raise click.ClickException(told_of_database(problem)) from None


def told_of_database(problem: DBAPIError) -> str:
    """One line without the statement's values: they may be a patient's."""
    if is_unavailable(problem):
        return "The database does not answer."
    with open_database().reading() as session:
        if not schema_version.is_usable(session):
            return "The database is not at the schema of this version: run `flask --app wsgi db upgrade`."
    rule = getattr(getattr(problem.orig, "diag", None), "constraint_name", None)
    return f"The database refused: {type(problem.orig).__name__}{f' by {rule}' if rule else ''}. What had no receipt is undone."


def told(refusal: Refusal) -> list[str]:
    if isinstance(refusal, Invalid):
        return ["Refused:", *(f"  {pointed(error)}" for error in refusal.errors)]
    return [f"Refused: {refusal.message}"]


def pointed(error: FieldError) -> str:
    return f"{error.pointer or '/'}: {error.message} [{error.code}]"


def console(*, err: bool = False) -> Console:
    """Plain lines where nobody watches, so that output can be read by a program."""
    return Console(stderr=err, highlight=False, soft_wrap=True)
