"""How the centers answered, side by side: each line is a center's record, hidden as small numbers are there."""

from collections.abc import Sequence
from typing import NamedTuple

from referrals.domain.center_record import ACCEPTED, LAPSED, LATE, Line as RecordLine
from referrals.domain.reports.parts import GROUP, LABEL, Bar, Chart, Column, Line, Part, Unit, counted
from referrals.domain.small_numbers import TOTAL

COLUMNS = (
    GROUP,
    LABEL,
    Column("answered", "Answered", Unit.COUNT, "Offers accepted, declined or lapsed in the period. Null below five, and where it would tell such a number; so for all counts here."),
    Column("accepted", "Accepted", Unit.COUNT, "Offers accepted."),
    Column("declined", "Declined", Unit.COUNT, "Offers declined."),
    Column("lapsed", "Lapsed", Unit.COUNT, "Offers that nobody answered in time."),
    Column("accepted_percent", "Accepted, share", Unit.PERCENT, "Of those answered or lapsed."),
    Column("median_hours", "Half answered within", Unit.HOURS, "The median time from offer to answer."),
    Column("opinions", "Opinions", Unit.COUNT, "Opinions signed in the period."),
    Column("in_target_percent", "In time", Unit.PERCENT, "Opinions signed before the patient's promise had passed."),
    Column("median_days", "Half signed within", Unit.DAYS, "The median time from acceptance to the opinion."),
    Column("p80_days", "Four in five signed within", Unit.DAYS, "The 80th percentile of the same, by nearest rank."),
)  # fmt: skip


class Known(NamedTuple):
    """One center and its record in all families."""

    code: str
    name: str
    record: RecordLine


def line(center: Known) -> Line:
    record = center.record
    late = record.late_percent
    return {
        "group": center.code,
        "label": center.name,
        "answered": record.answered[TOTAL],
        "accepted": record.answered[ACCEPTED],
        "declined": record.declined,
        "lapsed": record.answered[LAPSED],
        "accepted_percent": record.accepted_percent,
        "median_hours": record.hours_to_answer,
        "opinions": record.signed[TOTAL],
        "in_target_percent": None if late is None or record.signed[LATE] is None else 100 - late,
        "median_days": record.days_to_opinion,
        "p80_days": record.days_to_opinion_of_most,
    }


def parts(centers: Sequence[Known]) -> list[Part]:
    """Those that were asked or have signed, in the order of their names."""
    lines = [line(each) for each in sorted(centers, key=lambda each: each.name) if _has_done_anything(each.record)]
    answers = ("label", "answered", "accepted", "declined", "lapsed", "accepted_percent", "median_hours")
    opinions = ("label", "opinions", "in_target_percent", "median_days", "p80_days")
    return [
        Part(
            "centers", "Answers to offers", _headline(lines, "accepted_percent", "accepted most"), answers, lines,
            _chart(lines, "accepted_percent", "Offers accepted, share of those answered or lapsed, by center"),
        ),
        Part(
            "opinions", "Opinions", _headline(lines, "in_target_percent", "was most often in time"), opinions, lines,
            _chart(lines, "in_target_percent", "Opinions signed in time, share, by center", 100),
        ),
    ]  # fmt: skip


def _has_done_anything(record: RecordLine) -> bool:
    return record.answered[TOTAL] != 0 or record.signed[TOTAL] != 0


def _headline(lines: Sequence[Line], figure: str, verb: str) -> str:
    known = [each for each in lines if each[figure] is not None]
    if not lines:
        return "No center was asked or has signed anything in the period."
    if not known:
        return f"{counted(len(lines), 'center')} had something to do: too little to compare."
    best = max(known, key=lambda each: int(each[figure] or 0))
    return f"Of {counted(len(known), 'center')} with enough to say, {best['label']} {verb}: {best[figure]} percent."


def _chart(lines: Sequence[Line], figure: str, says: str, target: int | None = None) -> Chart:
    return Chart(
        says, Unit.PERCENT, [Bar(str(each["label"]), _number(each[figure]), target) for each in lines], "all of them"
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int) else None
