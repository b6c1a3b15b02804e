"""`codes load`: takes in a code table that the product may not ship, such as ICD-O-3 morphology."""

from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import AppGroup
from rich.progress import Progress

from referrals.boundary import clock
from referrals.cli.terminal import console, open_database, refusals
from referrals.knowledge.code_files import parse_code_file
from referrals.pathway.codes import Source, load_codes, version_of

CHUNK = 1 << 20

codes = AppGroup("codes", help="Code tables.")


@codes.command("load")
@click.argument("system")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
def load(system: str, file: Path) -> None:
    """Load FILE (CSV with a header line) as the newest version of SYSTEM. Loading it again changes nothing.

    Understood as their publishers lay them out: icdo3-morphology, icdo3-topography, icdo3-site-histology, oncotree,
    iccc3. For the distance to a center, postal-codes: columns `country`, `code`, `lat`, `lon`. Any other system: columns `code`, `display` and, if you like, `billable` (Y or N).
    """
    with refusals(), Progress(console=console(err=True), transient=True) as progress:
        task = progress.add_task(system, total=lines_of(file))
        source = Source(system, version_of(chunks_of(file)), parse_code_file(system, file))
        with open_database().writing() as session:
            loaded = load_codes(session, source, clock.now(), lambda count: progress.advance(task, count))
    known = "was loaded before" if loaded.already else "loaded"
    click.echo(f"{system}: {loaded.rows} codes, version {loaded.version[:12]}, {known}")


def chunks_of(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            yield chunk


def lines_of(file: Path) -> int:
    return sum(chunk.count(b"\n") for chunk in chunks_of(file))
