"""The table that a bench prints: every figure with its floor, its ratio and its target."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.table import Table

from referrals.cli.bench.measure import Subject
from referrals.cli.bench.subjects import Measured

OK, OVER = "[green]ok[/green]", "[red]over[/red]"


@dataclass(frozen=True, slots=True)
class Ratio:
    """`limit` holds for the ratio of the medians, and for the CPU too where `cpu` says so."""

    what: str
    subjects: tuple[str, ...]
    floors: tuple[str, ...]
    limit: float | None = None
    cpu: bool = False
    at_least: bool = False


RATIOS = (
    Ratio("first page", ("first page",), ("first page, floor",)),
    Ratio("counts", ("counts",), ("counts, floor",)),
    Ratio(
        "worklist answer (page + counts)",
        ("first page", "counts"),
        ("first page, floor", "counts, floor"),
        limit=2.0,
        cpu=True,
    ),
    Ratio("deep page : first page", ("deep page",), ("first page",), limit=1.3),
    Ratio("first page, all : few", ("first page",), ("first page, few",), limit=1.3),
    Ratio("counts, all : few", ("counts",), ("counts, few",), limit=2.0),
    Ratio("one referral : list floor", ("one referral",), ("first page, floor",), limit=2.0),
    Ratio("one referral", ("one referral",), ("one referral, floor",)),
    Ratio("create with submit (rate)", ("create",), ("create, floor",), limit=0.40, at_least=True),
    Ratio("code look-up : empty view", ("look-up",), ("empty view",), limit=1.5),
    Ratio("assess : empty view", ("assess",), ("empty view",)),
    Ratio("events from the beginning", ("events",), ("events, floor",), limit=2.0, cpu=True),
    Ratio("events at the head", ("newest events",), ("newest events, floor",), limit=2.0, cpu=True),
    Ratio("events at the head : from the beginning", ("newest events",), ("events",), limit=1.3),
    Ratio("events, all : few", ("events",), ("events, few",), limit=1.3),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table, ready to be shown."""

    cells: tuple[str, ...]
    is_ok: bool | None


@dataclass(frozen=True, slots=True)
class Figure:
    """Something without a floor: a number, and what it must not pass."""

    what: str
    value: float
    unit: str
    limit: float | None = None
    at_least: bool = False

    @property
    def is_ok(self) -> bool | None:
        return kept(self.value, self.limit, at_least=self.at_least)


@dataclass(frozen=True, slots=True)
class Beside:
    """Something that runs in this process beside its floor, in seconds of CPU; both must come to the same answer."""

    what: str
    own: Sequence[float]
    floor: Sequence[float]
    limit: float | None
    is_same: bool

    @property
    def ratio(self) -> float:
        return statistics.median(self.own) / statistics.median(self.floor)

    @property
    def is_ok(self) -> bool | None:
        return kept(self.ratio, self.limit, at_least=False) if self.is_same else False


def kept(value: float, limit: float | None, *, at_least: bool) -> bool | None:
    if limit is None:
        return None
    return value >= limit if at_least else value <= limit


def table_of(
    measured: Sequence[Measured], figures: Iterable[Figure], beside: Iterable[Beside], title: str
) -> tuple[Table, int]:
    """The table, and how many targets were missed."""
    table = Table(title=title, title_justify="left", caption_justify="left", header_style="bold")
    for name in ("what", "p50 ms", "p99 ms", "CPU web", "CPU db", "floor p50", "floor CPU", "ratio", "ratio CPU"):
        table.add_column(name, justify="left" if name == "what" else "right")
    table.add_column("target", justify="right")
    table.add_column("")
    lines: list[Line] = []
    for each in measured:
        lines += _section(table, each)
    for figure in figures:
        lines.append(_figure(table, figure))
    table.add_section()
    lines += [_beside(table, pair) for pair in beside]
    return table, sum(line.is_ok is False for line in lines)


def _section(table: Table, measured: Measured) -> list[Line]:
    table.add_section()
    table.add_row(f"[bold]{measured.kind}[/bold]")
    lines = [line_of(ratio, measured) for ratio in RATIOS]
    for line in lines:
        table.add_row(*line.cells, _mark(line.is_ok))
    return lines


def line_of(ratio: Ratio, measured: Measured) -> Line:
    above = [measured.subjects[name] for name in ratio.subjects]
    below = [measured.subjects[name] for name in ratio.floors]
    time, cpu = _share(above, below, lambda each: each.median), _share(above, below, lambda each: each.cpu)
    found = (1 / time if time else 0.0) if ratio.at_least else time
    marks = [kept(found, ratio.limit, at_least=ratio.at_least)]
    if ratio.cpu:
        marks.append(kept(cpu, ratio.limit, at_least=False))
    cells = (
        ratio.what,
        _sum(above, lambda each: each.median),
        f"{max(each.slowest_of_hundred for each in above):.2f}",
        _sum(above, lambda each: each.web_cpu),
        _sum(above, lambda each: each.database_cpu),
        _sum(below, lambda each: each.median),
        _sum(below, lambda each: each.cpu),
        f"{found:.2f}",
        f"{cpu:.2f}",
        _target(ratio.limit, at_least=ratio.at_least),
    )
    return Line(cells, None if ratio.limit is None else all(marks))


def _share(above: Sequence[Subject], below: Sequence[Subject], of: Callable[[Subject], float]) -> float:
    floor = sum(map(of, below))
    return sum(map(of, above)) / floor if floor else 0.0


def _sum(subjects: Sequence[Subject], of: Callable[[Subject], float]) -> str:
    return f"{sum(map(of, subjects)):.2f}"


def _target(limit: float | None, *, at_least: bool) -> str:
    if limit is None:
        return ""
    return f"{'≥' if at_least else '≤'} {limit:g}"


def _mark(is_ok: bool | None) -> str:
    if is_ok is None:
        return ""
    return OK if is_ok else OVER


def _figure(table: Table, figure: Figure) -> Line:
    table.add_section() if figure.what.startswith("judging") else None
    shown = f"{figure.value:,.3g}" if figure.value < 100 else f"{figure.value:,.0f}"
    target = _target(figure.limit, at_least=figure.at_least)
    cells = (figure.what, f"{shown} {figure.unit}", "", "", "", "", "", "", "", target)
    table.add_row(*cells, _mark(figure.is_ok))
    return Line(cells, figure.is_ok)


def _beside(table: Table, each: Beside) -> Line:
    own, floor = (f"{statistics.median(seconds) * 1000:,.2f}" for seconds in (each.own, each.floor))
    said = each.what if each.is_same else f"{each.what} [bold red]DO NOT AGREE[/bold red]"
    cells = (said, "", "", own, "", "", floor, "", f"{each.ratio:.2f}", _target(each.limit, at_least=False))
    table.add_row(*cells, _mark(each.is_ok))
    return Line(cells, each.is_ok)
