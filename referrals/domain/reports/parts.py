"""What a report is made of: a period, parts with a headline, lines of figures, and what a chart of them shows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil

from referrals.domain.calendar import midnight
from referrals.domain.small_numbers import FEWEST_SHOWN

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# A report looks back a year, as a center's record does.
LOOKS_BACK_DAYS = 365
ALL = "all"

Value = str | int | float | None
Line = Mapping[str, Value]
Labels = Mapping[str, str]


class Unit(StrEnum):
    WORD = "word"
    COUNT = "count"
    PERCENT = "percent"
    HOURS = "hours"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of a report, under the name that partners read. `says` is what it means."""

    name: str
    label: str
    unit: Unit
    says: str


# Every report begins its lines so.
GROUP = Column("group", "Group", Unit.WORD, "What the line is about, as a code.")
LABEL = Column("label", "", Unit.WORD, "The same in words.")


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: float | None
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of one unit. `says` is what is drawn, not what follows from it; `line` what the line across them marks."""

    says: str
    unit: Unit
    bars: Sequence[Bar]
    line: str = ""

    @property
    def is_worth_drawing(self) -> bool:
        return any(bar.value is not None for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Part:
    """`shows` names the columns that mean something here, in their order; in all others every line is empty."""

    name: str
    title: str
    headline: str
    shows: Sequence[str]
    lines: Sequence[Line] = ()
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the network, both ends included."""

    first: date
    last: date
    since: datetime
    before: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """`basis` says what was counted. An alarm is a sentence for whoever steers the network."""

    name: str
    at: datetime
    period: Period
    headline: str
    basis: str
    parts: Sequence[Part]
    alarm: str | None = None


def period_of(first: date | None, last: date | None, today: date, zone: str) -> Period:
    """What is not said is the year that ends today, or on the last day that is named."""
    end = last or today
    begin = first or end - LOOKS_BACK_DAYS * DAY
    return Period(begin, end, midnight(begin, zone), midnight(end + DAY, zone))


def percentile(numbers: Iterable[float], share: float) -> float | None:
    """By nearest rank: the smallest of the numbers that at least this share of them does not exceed."""
    ranked = sorted(numbers)
    return ranked[max(ceil(share * len(ranked)), 1) - 1] if ranked else None


def of_enough(numbers: Sequence[float], share: float, digits: int = 1) -> float | None:
    """A percentile where enough speak for it, else None: of four, one alone would decide."""
    found = percentile(numbers, share) if len(numbers) >= FEWEST_SHOWN else None
    return None if found is None else round(found, digits)


def percent(part: int | None, whole: int | None) -> int | None:
    return None if part is None or not whole else int(100 * part / whole + 0.5)


def tier_labels(label: Callable[[str], str], tiers: Iterable[str]) -> Labels:
    return {tier: f"{tier} {label(tier)}" for tier in tiers}


def counted(number: int, one: str, many: str | None = None) -> str:
    """ "1 referral", "1,200 referrals"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def span_words(hours: float) -> str:
    """ "3 hours", "1.5 days": below two days in hours, as nobody thinks in tenths of a short day."""
    if hours < 48:
        whole = max(int(hours + 0.5), 1)
        return f"{whole} hour{'' if whole == 1 else 's'}"
    days = round(hours / 24, 1)
    return f"{days:g} days"


def share_words(part: int, whole: int, verb: str, otherwise: str = "") -> str:
    """ "3 of 40 took longer than their target"."""
    return f"{part:,} of {whole:,} {verb}" if part else otherwise or f"none of {whole:,} {verb}"
