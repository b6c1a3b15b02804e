"""`retention due` and `retention erase`: whose time is over, and erasing them. References and dates, never a name."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from referrals.boundary import clock
from referrals.boundary.erasing import due_everywhere, erase_each
from referrals.cli.terminal import open_database, refusals
from referrals.pathway.retention.due import Due, cutoffs

retention = AppGroup("retention", help="Patients whose data must not be kept any longer.")

DAY = click.DateTime(["%Y-%m-%d"])
UNSET = "No period is set: name a day with --before, or set REFERRALS_RETENTION_YEARS."

STILL_IN_THE_LOG = "The log of the database still holds what was erased, as somebody went on reading: run this again."


@retention.command("due")
@click.option("--before", type=DAY, help="Those whose last referral ended before this day, instead of the setting.")
def list_due(before: datetime | None) -> None:
    """List whose time is over, by reference and last end, and what is on hold."""
    waiting, _ = found(before.date() if before else None)
    show(waiting)


@retention.command("erase")
@click.option("--before", type=DAY, help="Those whose last referral ended before this day.")
@click.option("--due", "is_due", is_flag=True, help="Those whose time is over by REFERRALS_RETENTION_YEARS.")
@click.option("--dry-run", is_flag=True, help="Only list whom it would be.")
def erase(before: datetime | None, is_due: bool, dry_run: bool) -> None:
    """Erase patients for good. One a transaction: it may be stopped and run again."""
    if (before is None) is not is_due:
        raise click.UsageError("Name a day with --before, or --due.")
    waiting, limits = found(before.date() if before else None)
    if dry_run:
        show(waiting)
        return
    store = current_app.extensions["archive"].store
    with refusals():
        done = erase_each(open_database(), store, waiting, limits, lambda session: clock.now())
    click.echo(f"{done.erased} erased, {len(waiting) - done.erased} kept.")
    if not done.is_wiped:
        click.echo(STILL_IN_THE_LOG, err=True)
        raise click.exceptions.Exit(1)


def found(before: date | None) -> tuple[Sequence[Due], Mapping[UUID, datetime]]:
    with refusals(), open_database().reading() as session:
        limits = limits_of(session, before)
        return due_everywhere(session, limits), limits


def limits_of(session: Session, before: date | None) -> Mapping[UUID, datetime]:
    years = current_app.config["SETTINGS"].retention_years
    if before is None and years is None:
        raise click.UsageError(UNSET)
    if before is not None and before > clock.now().date():
        raise click.UsageError("The day lies ahead.")
    return cutoffs(session, clock.now(), years, before)


def show(waiting: Sequence[Due]) -> None:
    for each in waiting:
        click.echo(f"{each.ended_at:%Y-%m-%d}  {', '.join(each.references)}{'  on hold' if each.is_held else ''}")
    held = sum(each.is_held for each in waiting)
    click.echo(f"{len(waiting) - held} due, {held} on hold.")
