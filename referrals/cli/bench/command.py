"""`bench`: makes up referrals, starts the real server on each database and prints every figure beside its floor."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from referrals.cli.bench import in_process, matching, partners
from referrals.cli.bench.bulk import load
from referrals.cli.bench.measure import interleave
from referrals.cli.bench.postgresql import OwnServer, free_port, own_server
from referrals.cli.bench.report import Beside, Figure, table_of
from referrals.cli.bench.served import KEYS, Served, served
from referrals.cli.bench.subjects import Field, Measured, subjects_of
from referrals.cli.terminal import console
from referrals.models import schema
from referrals.models.keys import KeyFolder, Keys
from referrals.models.vault import Vault

FEW = 10_000
KINDS = {"sqlite": ("sqlite",), "postgresql": ("postgresql",), "both": ("postgresql", "sqlite")}
CALLS_A_TURN = 10
WIDTH = 132


@click.command("bench")
@click.option("--referrals", type=click.IntRange(min=1_000, max=5_000_000), default=20_000, show_default=True)
@click.option("--database", "kind", type=click.Choice(sorted(KINDS)), default="both", show_default=True)
@click.option("--server", type=click.Choice(["gunicorn", "waitress"]), default="gunicorn", show_default=True)
@click.option("--rounds", type=click.IntRange(min=2), default=30, show_default=True, help="Ten calls of each a round.")
@click.option("--matching-only", is_flag=True, help="Only what needs no server: placing a queue, ranking centers.")
def bench(referrals: int, kind: str, server: str, rounds: int, matching_only: bool) -> None:
    """Measure the real server with this many referrals, beside what the bare driver would need.

    Brings its own databases and leaves nothing behind. The status is 0 also where a target is missed.
    """
    beside = matched(min(referrals, matching.QUEUE))
    if matching_only:
        told([], [], beside, "Matching, in this process")
        return
    with ExitStack() as stack, shown() as progress:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="referrals-bench-")))
        bed = Bed(stack, folder, server, progress)
        fields = [(bed.make(each, referrals), bed.make(each, min(FEW, referrals), small=True)) for each in KINDS[kind]]
        measured = [subjects_of(main, small) for main, small in fields]
        measure(measured, rounds, progress)
        web = max(main.served.memory() for main, _ in fields)
        for main, _ in fields:
            beside.append(bed.work_for_partners(main))
        figures = bed.figures(web)
    title = f"{referrals:,} referrals, {server}, {rounds * CALLS_A_TURN} calls of each in one run"
    told(measured, figures, beside, title)


def matched(queue: int) -> list[Beside]:
    """Placing so long a queue, and ranking for one: in this process, before anything else runs beside it."""
    with shown() as progress:
        progress.add_task(f"Placing {queue:,} at {matching.CENTERS} centers", total=None)
        placed = matching.placing(queue)
        if placed is None:
            progress.console.print(matching.WITHOUT_SCIPY)
        return [each for each in (placed, matching.ranking()) if each]


def told(measured: list[Measured], figures: list[Figure], beside: list[Beside], title: str) -> None:
    table, missed = table_of(measured, figures, beside, title)
    paper = console()
    paper.width = max(paper.width, WIDTH)
    paper.print(table, soft_wrap=False)
    click.echo("Every target is kept." if not missed else f"{missed} over their target.")


@contextmanager
def shown() -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(err=True)) as progress:
        yield progress


def measure(measured: list[Measured], rounds: int, progress: Progress) -> None:
    subjects = [subject for each in measured for subject in each.subjects.values()]
    task = progress.add_task("Measuring", total=rounds)
    interleave(subjects, rounds, CALLS_A_TURN, lambda: progress.advance(task))
    for subject in subjects:
        subject.caller.close()


class Bed:
    """Where a bench lies: a folder of its own, and whatever it starts there, stopped in the end."""

    def __init__(self, stack: ExitStack, folder: Path, server: str, progress: Progress) -> None:
        self.stack, self.folder, self.server, self.progress = stack, folder, server, progress
        self.vault = Vault(Keys("", KeyFolder(folder / KEYS)))
        self.generated: list[Figure] = []
        self.rates: list[Figure] = []
        self.worker = 0.0
        self.urls: dict[str, str] = {}
        self._postgresql: OwnServer | None = None

    def make(self, kind: str, referrals: int, *, small: bool = False) -> Field:
        """A database with this many referrals, and a server over it."""
        name = f"{kind}{'_few' if small else ''}"
        url, database_process = self._address(kind, name)
        schema.upgrade(url)
        task = self.progress.add_task(f"Filling {kind}", total=referrals)
        began = time.perf_counter()
        cast = load(
            url, referrals, datetime.now(UTC), self.vault, lambda loaded: self.progress.update(task, completed=loaded)
        )
        if not small:
            rate = referrals / (time.perf_counter() - began)
            self.generated.append(Figure(f"making up referrals, {kind}", rate, "/s"))
            self.urls[kind] = url
        return Field(kind, self._serve(url, name, database_process), cast, small)

    def _address(self, kind: str, name: str) -> tuple[str, int | None]:
        if kind == "sqlite":
            return f"sqlite:///{self.folder / name}.sqlite", None
        if self._postgresql is None:
            self._postgresql = self.stack.enter_context(own_server())
        return self._postgresql.new_database(name), self._postgresql.process

    def _serve(self, url: str, name: str, database_process: int | None) -> Served:
        return self.stack.enter_context(served(url, self.folder / name, free_port(), self.server, database_process))

    def work_for_partners(self, field: Field) -> Beside:
        """What the worker does over the database of this field, once the web processes have done their part."""
        task = self.progress.add_task(f"Working for partners, {field.kind}", total=1)
        folder = self.folder / field.kind
        with partners.partner(field.kind, self.urls[field.kind], folder, lambda: field.served.usage().database) as of:
            work = partners.measured(of)
        self.rates += work.rates
        self.worker = max(self.worker, work.memory)
        self.progress.advance(task)
        return work.sending

    def figures(self, web: float) -> list[Figure]:
        judging = Figure("judging one case", in_process.judging(), "ms CPU", 0.3)
        memory = [
            Figure("memory of a web worker", web, "MiB", 100),
            Figure("memory of a background worker", self.worker, "MiB"),
        ]
        return [judging, *memory, *self.rates, *self.generated]
