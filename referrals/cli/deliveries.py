"""`deliveries dead` and `deliveries retry`: letters that were given up, and their tries given back."""

from uuid import UUID

import click
from flask.cli import AppGroup

from referrals.boundary import clock
from referrals.cli.terminal import open_database, refusals
from referrals.domain.mail import FAULTS
from referrals.pathway.deliveries import dead_letters, send_again

deliveries = AppGroup("deliveries", help="Letters to people: what was given up, and trying again.")


@deliveries.command("dead")
def dead() -> None:
    """List the letters that were given up, the newest first. Status 1 when there are any."""
    with refusals(), open_database().reading() as session:
        rows = dead_letters(session)
    for row in rows:
        letter = row.Delivery
        why = FAULTS[letter.last_error].words if letter.last_error else ""
        click.echo(f"{letter.id}  {letter.created_at:%Y-%m-%d %H:%M}Z  {row.reference or '-'}  {row.email}  {why}")
    click.echo(f"{len(rows)} given up." if rows else "No letter was given up.")
    if rows:
        raise click.exceptions.Exit(1)


@deliveries.command("retry")
@click.argument("delivery", required=False, type=click.UUID, metavar="ID")
@click.option("--all", "every", is_flag=True, help="Every letter that was given up.")
def retry(delivery: UUID | None, every: bool) -> None:
    """Give one letter that was given up, or --all of them, its tries back. It keeps its Message-ID."""
    if (delivery is None) is not every:
        raise click.UsageError("Name the ID of one letter, or --all.")
    with refusals(), open_database().writing() as session:
        sent = send_again(session, clock.now(), delivery_id=delivery)
    click.echo(f"{len(sent)} will be sent again.")
