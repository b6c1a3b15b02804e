"""`import`: many referrals from one file of JSON lines, with a receipt for each line."""

import json
import sys
import time
from collections import Counter
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import IO

import click
from flask.cli import with_appcontext
from rich.progress import Progress

from referrals.boundary import clock
from referrals.boundary.importing.importer import Importer
from referrals.boundary.importing.lines import BEGINNING, read_lines
from referrals.cli.terminal import DOOR, console, open_database, refusals
from referrals.domain.errors import Forbidden
from referrals.domain.imports import BATCH, TAKEN_IN, LineOutcome
from referrals.domain.people import Actor, Kind, Role
from referrals.models.engine import Database
from referrals.models.organization import Organization
from referrals.pathway.accounts import find_organization


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--organization", "code", required=True, metavar="CODE", help="The provider whose referrals these are.")
@click.option("--network", help="The network's code, where there are several.")
@click.option("--receipts", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write receipts here.")
@with_appcontext
def import_lines(file: IO[bytes], code: str, network: str | None, receipts: Path | None) -> None:
    """Take in FILE, one referral a line, in the shape of POST /referrals. Status 1 when a line was refused.

    Prints one JSON receipt for each line as soon as it is safe. A line that is refused stops nobody; a line that
    is here already, by its external_reference, is left alone: a broken run is simply started again.
    """
    began = time.monotonic()
    with ExitStack() as stack:
        stack.enter_context(refusals())
        importer = importer_for(open_database(), code, network)
        out = stack.enter_context(receipts.open("w", encoding="utf-8")) if receipts else sys.stdout
        counts = take_in(file, importer, out)
    click.echo(summary(counts, time.monotonic() - began), err=receipts is None)
    if counts[LineOutcome.REFUSED]:
        raise click.exceptions.Exit(1)


def take_in(file: IO[bytes], importer: Importer, out: IO[str]) -> Counter[str]:
    """Receipts are written once their batch is safe: whatever happens next, each of them stays true."""
    counts, lines = Counter[str](), read_lines(file, BEGINNING, importer.clock().date())
    with Progress(console=console(err=True), transient=True) as progress:
        task = progress.add_task("Import", total=size_of(file))
        while batch := list(islice(lines, BATCH)):
            taken = importer.take(batch)
            out.write("".join(f"{json.dumps(receipt.to_json(), ensure_ascii=False)}\n" for receipt in taken))
            out.flush()
            counts.update(receipt.outcome for receipt in taken)
            progress.update(task, completed=batch[-1].mark.byte)
    return counts


def size_of(file: IO[bytes]) -> int | None:
    """None where it is no file but a pipe."""
    try:
        return Path(file.name).stat().st_size
    except (OSError, TypeError, AttributeError):
        return None


def summary(counts: Counter[str], seconds: float) -> str:
    total, admitted = counts.total(), sum(counts[outcome] for outcome in TAKEN_IN)
    pace = f"{total / seconds:,.0f} a second" if seconds > 0 else "at once"
    return (
        f"{total:,} lines: {admitted:,} accepted ({counts[LineOutcome.CHECKED]:,} with an identity check), "
        f"{counts[LineOutcome.HERE]:,} already here, {counts[LineOutcome.REFUSED]:,} refused; {pace}."
    )


def importer_for(database: Database, code: str, network: str | None) -> Importer:
    with database.reading() as session:
        organization = find_organization(session, code, network=network)
    if organization.kind != Kind.PROVIDER:
        raise Forbidden("not_a_provider", f"{code} is a {organization.kind}: referrals come from providers.")
    return Importer(database, sender(organization), clock.now, DOOR)


def sender(organization: Organization) -> Actor:
    """The provider itself. Who treats the patient is said in each line."""
    return Actor(
        network_id=organization.network_id,
        organization_id=organization.id,
        kind=Kind.PROVIDER,
        roles=frozenset({Role.CLINICIAN}),
        user_id=None,
        client_id=None,
        name=f"Import for {organization.name}"[:200],
    )
