"""`demo`: fills an empty database with an invented network on an ordinary morning."""

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.boundary import clock
from referrals.cli.demo.places import PEOPLE, build_places
from referrals.cli.demo.play import play
from referrals.cli.start import DEMO_PASSWORD
from referrals.cli.terminal import open_database, refusals
from referrals.domain.errors import Conflict, Forbidden
from referrals.models.organization import Network


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Load the demo: an empty database only, and never in production. Everybody in it is invented."""
    now = clock.now()
    with refusals():
        refuse_production(current_app.config["SETTINGS"].in_production)
        with open_database().writing() as session:
            refuse_filled(session)
            count = play(session, build_places(session, now), now)
    click.echo(f"{count} referrals. All people, organizations and cases in them are invented.")
    click.echo(f"Sign in with the password {DEMO_PASSWORD} as")
    for email, name, role in PEOPLE:
        click.echo(f"  {email:<28} {name}, {role.value.replace('_', ' ')}")


def refuse_production(in_production: bool) -> None:
    if in_production:
        raise Forbidden("production", "Everybody knows the demo's password: production does not load it.")


def refuse_filled(session: Session) -> None:
    if session.scalar(select(Network.id).limit(1)) is not None:
        raise Conflict("The database is not empty. The demo goes into an empty one only.")
