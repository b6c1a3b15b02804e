"""A report in words: tabs, the days it is about, and for each part a sentence, a picture and a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from referrals.domain.people import Kind
from referrals.domain.reports.names import REPORTS
from referrals.domain.reports.parts import Chart, Column, Line, Part, Period, Report, Unit
from referrals.domain.reports.turnaround import WORKING_DAYS
from referrals.domain.vocabulary import WaitingOn
from referrals.web import paths
from referrals.web.drawing import WIDTH, figure_words, fitting, height_of
from referrals.web.presenters.notices import Notice
from referrals.web.presenters.times import Moment, date_words

PARTY: Mapping[str | None, str] = MappingProxyType(
    {
        None: "Several",
        WaitingOn.REFERRER: "Referrer",
        WaitingOn.COORDINATOR: "Coordinator",
        WaitingOn.CENTER: "Center",
        WaitingOn.THIRD_PARTY: "Somebody else",
    }
)
GAP_TITLE = "Network gaps"
GAP_ASKS = "Who has no center to go to, and why"

# How the address of a chart is made, for whoever looks.
Address = Callable[[Chart], str]


@dataclass(frozen=True)
class Tab:
    label: str
    href: str
    is_current: bool
    asks: str = ""


@dataclass(frozen=True)
class Picture:
    """The same drawing in light and in dark; `note` says what its line means."""

    light: str
    dark: str
    says: str
    note: str
    width: int
    height: int


@dataclass(frozen=True)
class Section:
    id: str
    title: str
    headline: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    picture: Picture | None


@dataclass(frozen=True)
class ReportPage:
    """`headline` is empty where the first section says the same."""

    title: str
    asks: str
    tabs: tuple[Tab, ...]
    alarm: tuple[Notice, ...]
    headline: str
    period: str
    first: str
    last: str
    basis: str
    sections: tuple[Section, ...]
    here: str
    csv: str


@dataclass(frozen=True)
class ReportsPage:
    of: str
    tabs: tuple[Tab, ...]


OF: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.PROVIDER: "Of the referrals of your organization.",
        Kind.NETWORK: "Of all referrals that the network has received.",
        Kind.CENTER: "Of the referrals that your center was offered, works on or has answered.",
    }
)


def reports_page(kind: Kind) -> ReportsPage:
    return ReportsPage(OF[kind], tabs("", kind is Kind.NETWORK))


def tabs(current: str, is_network: bool) -> tuple[Tab, ...]:
    """Every report; who has nowhere to go is for the network to know."""
    own = tuple(Tab(known.title, paths.report(name), name == current, known.asks) for name, known in REPORTS.items())
    gap = Tab(GAP_TITLE, paths.NETWORK_GAP, current == GAP_TITLE, GAP_ASKS)
    return (*own, gap) if is_network else own


def report_page(report: Report, is_network: bool, moment: Moment, address: Address) -> ReportPage:
    known = REPORTS[report.name]
    period = report.period
    return ReportPage(
        title=known.title,
        asks=known.asks,
        tabs=tabs(report.name, is_network),
        alarm=(Notice("warn", "Too many are called immediate", report.alarm),) if report.alarm else (),
        headline="" if report.headline == report.parts[0].headline else report.headline,
        period=f"{date_words(period.first)} to {date_words(period.last)}, as of {moment.at(report.at)}.",
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        basis=known.basis,
        sections=tuple(_section(part, known.columns, address) for part in report.parts),
        here=paths.report(report.name),
        csv=_csv(report.name, period),
    )


def _csv(name: str, period: Period) -> str:
    return paths.report_csv(name, period.first.isoformat(), period.last.isoformat())


def _section(part: Part, columns: Sequence[Column], address: Address) -> Section:
    shown = [column for name in part.shows for column in columns if column.name == name]
    is_drawn = part.chart is not None and part.chart.is_worth_drawing
    return Section(
        id=part.name,
        title=part.title,
        headline=part.headline,
        head=tuple(column.label or "Group" for column in shown),
        rows=tuple(tuple(_cell(column, line) for column in shown) for line in part.lines),
        picture=_picture(part.chart, address) if is_drawn and part.chart else None,
    )


def _cell(column: Column, line: Line) -> str:
    value = line.get(column.name)
    if column.name == "party":
        return PARTY[value if isinstance(value, str) else None]
    if column.name == "target_days" and line.get("target_runs") == WORKING_DAYS:
        return f"{value} working day{'' if value == 1 else 's'}"
    if column.unit is Unit.WORD:
        return str(value or "All")
    return figure_words(value if isinstance(value, int | float) else None, column.unit)


def _picture(chart: Chart, address: Address) -> Picture:
    drawn = fitting(chart)
    light = address(drawn)
    return Picture(
        light=light,
        dark=paths.in_the_dark(light),
        says=f"Bar chart: {chart.says}. The figures stand in the table.",
        note=_note(chart, len(drawn.bars)),
        width=WIDTH,
        height=height_of(drawn),
    )


def _note(chart: Chart, drawn: int) -> str:
    line = f" The line marks {chart.line}." if any(bar.target is not None for bar in chart.bars) else ""
    rest = f" The first {drawn} of {len(chart.bars)}." if drawn < len(chart.bars) else ""
    return f"{chart.says}.{line}{rest}"
