"""`integrity check` and `audit verify`: prove that the record is whole, or name the row where it is not."""

import re
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from referrals.boundary import clock
from referrals.cli.terminal import open_database, refusals
from referrals.domain.errors import Conflict
from referrals.models.engine import Database
from referrals.pathway.certificates import Proof, keep, proof_of
from referrals.pathway.checkpoints import Unreadable, heads_in, kept_heads, line_of
from referrals.pathway.integrity.finding import Finding
from referrals.pathway.seals import Head, newest_head, verify

SHOWN = 20


integrity = AppGroup("integrity", help="The invariants of the service.")


@integrity.command("check")
@click.option(
    "--rows", default=SHOWN, show_default=True, type=click.IntRange(1, 100), help="Rows named for each break."
)
@click.option("--keep", "is_kept", is_flag=True, help="Keep a certificate of it, beside those of the nights.")
def check(rows: int, is_kept: bool) -> None:
    """Prove each invariant on the rows as they are. Status 1 when one is broken."""
    with refusals():
        database = open_database()
        with database.reading() as session:
            proof = proof_of(session, clock.now(), lambda finding: show(finding, rows))
        if is_kept:
            keep_certificate(database, proof)
    click.echo("Every invariant holds." if not proof.broken else f"{len(proof.broken)} invariants are broken.")
    if proof.broken:
        raise click.exceptions.Exit(1)


def keep_certificate(database: Database, proof: Proof) -> None:
    with database.writing() as session:
        number = keep(session, proof)
    if number is None:
        raise Conflict("Another certificate was kept at the same moment. Run this again.")
    click.echo(f"Kept as certificate {number}.")


def show(finding: Finding, rows: int) -> None:
    mark = "ok" if finding.holds else f"BROKEN by {finding.broken:,}"
    invariant = finding.invariant
    click.echo(f"{invariant.title:>11}  {invariant.claim}: {finding.looked_at:,} rows, {mark}")
    for found in finding.breaks[:rows]:
        click.echo(f"{'':>11}    {found.row}: {found.why}")
    if finding.broken > rows:
        click.echo(f"{'':>11}    and {finding.broken - rows:,} more")


audit = AppGroup("audit", help="The record of who read or changed what.")


@audit.command("verify")
@click.option(
    "--expect", metavar="POSITION:DIGEST", help="A head that was noted earlier: the chain must still hold it."
)
@click.option(
    "--checkpoints",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of checkpoints, as the worker writes it: the chain must still hold every one.",
)
def audit_verify(expect: str | None, file: Path | None) -> None:
    """Follow the seals from the first to the last. Status 1, and the first broken row named, where they do not hold.

    The checkpoints that the database keeps are proven in any case.
    """
    expected = [*([noted(expect)] if expect else ()), *(in_file(file) if file else ())]
    keys = current_app.extensions["keys"]
    with refusals(), open_database().reading() as session:
        expected += kept_heads(session)
        result = verify(session, keys, expected)
    if result.broken:
        click.echo(f"Broken after {result.checked:,} sealed entries: {result.broken}.")
        raise click.exceptions.Exit(1)
    click.echo(f"{result.checked:,} sealed entries hold; {result.unsealed:,} wait for their seal.")
    click.echo(f"Heads noted earlier and still held: {len(set(expected)):,}.")
    click.echo(f"Head: {result.head.position}:{result.head.digest}")


def noted(text: str) -> Head:
    if not re.fullmatch(r"[0-9]{1,18}:[0-9a-f]{64}", text):
        raise click.BadParameter("use POSITION:DIGEST, as `audit verify` prints it", param_hint="--expect")
    position, _, digest = text.partition(":")
    return Head(int(position), digest)


@audit.command("checkpoint")
def audit_checkpoint() -> None:
    """Print the head of the chain as a line of a checkpoint file, to be kept out of reach of this machine."""
    with refusals(), open_database().reading() as session:
        head = newest_head(session)
    click.echo(line_of(head, clock.now()))


def in_file(file: Path) -> list[Head]:
    try:
        return heads_in(file)
    except Unreadable as problem:
        raise click.BadParameter(str(problem), param_hint="--checkpoints") from None
