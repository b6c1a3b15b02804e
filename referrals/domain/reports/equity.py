"""Whether people wait alike: how long, and who has the opinion in time, by language, sex and distance.

Only patients of one priority are compared with each other, because the rules mean the others to wait differently.
Numbers below five are hidden, and with them every number from which they could be worked out. What all groups have
together stands in every part alike, and in other reports: so it is never taken to protect a hidden number, and where
nothing else would protect it, that priority is left out of that part.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from referrals.domain.languages import LANGUAGE
from referrals.domain.reports.parts import (
    ALL,
    DAY,
    GROUP,
    LABEL,
    Bar,
    Chart,
    Column,
    Labels,
    Line,
    Part,
    Unit,
    of_enough,
    percent,
)
from referrals.domain.small_numbers import TOTAL, Shown, is_small, without_small
from referrals.domain.statuses import BEFORE_OPINION
from referrals.domain.vocabulary import Sex, Tier

IN_TIME, LATE = "in_time", "late"
NOT_TOLD = "not_told"
COLUMNS = (
    GROUP,
    LABEL,
    Column("tier", "Priority", Unit.WORD, "The referral's priority now."),
    Column("referrals", "Referrals", Unit.COUNT, "Received in the period, and answered or late. Null below five, and where it would tell such a number; so for all counts here."),
    Column("in_target", "In time", Unit.COUNT, "The opinion was signed before the promise had passed."),
    Column("late", "Late", Unit.COUNT, "The opinion was signed after it, or is not there yet though it has passed."),
    Column("in_target_percent", "In time, share", Unit.PERCENT, "Of those answered or late; null unless the three numbers are shown."),
    Column("median_days", "Half within", Unit.DAYS, "Median days from submission to the opinion, of those answered; null below five."),
)  # fmt: skip

# In kilometers along the great circle, from the patient's postal code to the center that was asked last.
BANDS = (50, 150, 300)
SEXES: Labels = {
    Sex.FEMALE.value: "Female",
    Sex.MALE.value: "Male",
    Sex.OTHER.value: "Other",
    Sex.UNKNOWN.value: "Not known",
    NOT_TOLD: "Not known",
}


class Had(NamedTuple):
    """One referral. `answered_at` is when the first version of the opinion was signed."""

    tier: Tier
    language: str | None
    sex: str | None
    km: float | None
    status: str
    submitted_at: datetime
    due_at: datetime
    answered_at: datetime | None


@dataclass(slots=True)
class _Cell:
    ends: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    days: list[float] = field(default_factory=list)

    def add(self, end: str, took: timedelta | None) -> None:
        self.ends[end] += 1
        if took is not None:
            self.days.append(took / DAY)


Cells = Mapping[tuple[str, Tier], Mapping[str, _Cell]]


def band_of(km: float | None) -> str:
    if km is None:
        return NOT_TOLD
    return next((f"under_{limit}" for limit in BANDS if km < limit), f"from_{BANDS[-1]}")


def language_of(code: str | None) -> str:
    """ "es-MX" is Spanish, too."""
    return (code or "").replace("_", "-").split("-")[0].strip().lower() or NOT_TOLD


def _bands() -> Labels:
    between = {f"under_{high}": f"{low} to {high} km" for low, high in zip((0, *BANDS), BANDS, strict=False)}
    return between | {f"from_{BANDS[-1]}": f"{BANDS[-1]} km and more", NOT_TOLD: "Not known"}


@dataclass(frozen=True, slots=True)
class Side:
    """One thing by which people may differ. Groups without a label are named by their code."""

    title: str
    labels: Labels


SIDES: Mapping[str, Side] = MappingProxyType(
    {
        "language": Side("By language", {**LANGUAGE, NOT_TOLD: "Not known"}),
        "sex": Side("By sex", SEXES),
        "distance": Side("By distance to the center", _bands()),
    }
)


def cells_of(rows: Iterable[Had], now: datetime) -> Cells:
    """What became of them, by side and priority; whoever still waits in time is not counted yet."""
    found: dict[tuple[str, Tier], dict[str, _Cell]] = defaultdict(lambda: defaultdict(_Cell))
    for row in rows:
        if (end := _end(row, now)) is None:
            continue
        took = row.answered_at - row.submitted_at if row.answered_at else None
        groups = language_of(row.language), row.sex or NOT_TOLD, band_of(row.km)
        for side, group in zip(SIDES, groups, strict=True):
            for each in (group, ALL):
                found[side, row.tier][each].add(end, took)
    return found


def _end(row: Had, now: datetime) -> str | None:
    """None for whoever waits in time, and for what ended without an opinion."""
    if row.answered_at is not None:
        return IN_TIME if row.answered_at <= row.due_at else LATE
    return LATE if row.status in BEFORE_OPINION and row.due_at < now else None


def parts(cells: Cells, labels: Labels) -> list[Part]:
    return [_part(name, side, cells, labels) for name, side in SIDES.items()]


def _part(name: str, side: Side, cells: Cells, labels: Labels) -> Part:
    lines: list[Line] = []
    for tier in Tier:
        groups = cells.get((name, tier), {})
        shown = shown_of({group: cell.ends for group, cell in groups.items() if group != ALL})
        # Where nothing may be told not even the groups are.
        order = sorted(groups.keys() - {ALL}, key=lambda group: _place(group, side)) if shown else ()
        lines += [_line(tier, group, groups[group], shown, side) for group in (*order, ALL) if group in groups]
    shows = ("label", "tier", "referrals", "in_target", "late", "in_target_percent", "median_days")
    return Part(name, side.title, _headline(lines, labels), shows, lines, _chart(lines, side, labels))


def _place(group: str, side: Side) -> tuple[int, str]:
    """In the order of the labels; what has none stands beside what is not known, at the end."""
    known = list(side.labels)
    return known.index(group) if group in known else len(known) - 1, group


def shown_of(counts: Mapping[str, Mapping[str, int]]) -> Shown | None:
    """The table with small numbers hidden; None where only the total's own numbers could protect them."""
    shown = without_small(counts, (IN_TIME, LATE))
    for name, told in shown[TOTAL].items():
        real = sum(row.get(each, 0) for row in counts.values() for each in (IN_TIME, LATE) if name in (each, TOTAL))
        if told is None and not is_small(real):
            return None
    return None if None in shown[TOTAL].values() else shown


def _line(tier: Tier, group: str, cell: _Cell, shown: Shown | None, side: Side) -> Line:
    told = shown[TOTAL if group == ALL else group] if shown else {}
    whole, in_time, late = told.get(TOTAL), told.get(IN_TIME), told.get(LATE)
    is_told = None not in (whole, in_time, late)
    return {
        "group": group,
        "label": "All" if group == ALL else side.labels.get(group, group),
        "tier": tier.value,
        "referrals": whole,
        "in_target": in_time,
        "late": late,
        "in_target_percent": percent(in_time, whole) if is_told else None,
        "median_days": of_enough(cell.days, 0.5) if whole is not None else None,
    }


def _headline(lines: Sequence[Line], labels: Labels) -> str:
    """The widest gap between two groups of one priority."""
    if not lines:
        return "No referral of the period has been answered or is late."
    gaps = [_gap(low, high) for low in lines for high in lines if _may_compare(low, high)]
    if not gaps:
        return "Too few to compare: numbers below five are not shown."
    gap, low, high = max(gaps, key=lambda each: each[0])
    if not gap:
        return "No difference between the groups that can be shown."
    return (
        f"The widest gap is in {labels[str(low['tier'])]}: {high['in_target_percent']} percent in time ({high['label']}),"
        f" {low['in_target_percent']} percent ({low['label']})."
    )


def _may_compare(low: Line, high: Line) -> bool:
    is_known = None not in (low["in_target_percent"], high["in_target_percent"])
    return is_known and low is not high and low["tier"] == high["tier"] and ALL not in (low["group"], high["group"])


def _gap(low: Line, high: Line) -> tuple[int, Line, Line]:
    return int(high["in_target_percent"] or 0) - int(low["in_target_percent"] or 0), low, high


def _chart(lines: Sequence[Line], side: Side, labels: Labels) -> Chart | None:
    """Of the priority of which most can be told: all in one would compare what is not alike."""
    told = [line for line in lines if line["in_target_percent"] is not None]
    if all(line["group"] == ALL for line in told):
        return None
    tier = max((line for line in told if line["group"] != ALL), key=lambda line: int(line["referrals"] or 0))["tier"]
    bars = [Bar(str(line["label"]), float(line["in_target_percent"] or 0)) for line in told if line["tier"] == tier]
    return Chart(f"Share in time in {labels[str(tier)]}, {side.title.lower()}", Unit.PERCENT, bars)
