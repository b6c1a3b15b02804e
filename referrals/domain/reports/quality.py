"""How complete what comes in is: what referrals carry, what was asked back, what the doors refused, what people changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from referrals.domain.override import REASON_WORDS
from referrals.domain.reports.parts import GROUP, LABEL, Bar, Chart, Column, Labels, Line, Part, Unit, counted, percent
from referrals.domain.vocabulary import OverrideReason

COLUMNS = (
    GROUP,
    LABEL,
    Column("count", "Count", Unit.COUNT, "How many."),
    Column("of", "Of", Unit.COUNT, "Out of how many."),
    Column("percent", "Share", Unit.PERCENT, "The first of the second."),
)
SHOWS = ("label", "count", "of", "percent")
CARRIED: Labels = {
    "stage": "Stage",
    "morphology": "Morphology",
    "biomarkers": "At least one biomarker",
    "performance_status": "Performance status",
}
WANTING: Labels = {
    "uncoded": "Diagnosis in words, without a code",
    "asked": "Something had to be asked",
    "unanswered": "A question waits for its answer",
    "gone_on_without": "Went on without an answer",
}
DOORS: Labels = {
    "accepted": "Accepted",
    "identity_check": "Accepted, with an identity check",
    "refused": "Refused",
}
OVERRIDES: Labels = {reason.value: REASON_WORDS[reason].capitalize() for reason in OverrideReason}


@dataclass(frozen=True, slots=True)
class Refused:
    """So many refusals for the same fault in the same field: `code at /pointer`."""

    code: str
    pointer: str
    count: int


def parts(
    received: int,
    carried: Mapping[str, int],
    intakes: Mapping[str, int],
    refused: Sequence[Refused],
    overrides: Mapping[str, int],
) -> list[Part]:
    return [
        _shares("carried", "What referrals carry", CARRIED, carried, received, "Referrals that carry it, share"),
        _shares("wanting", "What they lack", WANTING, carried, received, "Referrals of which it is true, share"),
        _shares("intakes", "What the doors did", DOORS, intakes, sum(intakes.values()), "Intakes, share", "intake"),
        _refusals(refused, intakes.get("refused", 0)),
        _shares(
            "overrides", "Priorities changed by people", OVERRIDES, overrides, sum(overrides.values()),
            "Changes of priority by reason, share", "change of priority",
        ),
    ]  # fmt: skip


def _shares(
    name: str, title: str, labels: Labels, counts: Mapping[str, int], whole: int, says: str, noun: str = "referral"
) -> Part:
    lines = [_line(group, label, counts.get(group, 0), whole) for group, label in labels.items()] if whole else []
    chart = Chart(says, Unit.PERCENT, [_bar(line) for line in lines]) if lines else None
    return Part(name, title, _headline(name, lines, whole, noun), SHOWS, lines, chart)


def _line(group: str, label: str, count: int, whole: int) -> Line:
    return {"group": group, "label": label, "count": count, "of": whole, "percent": percent(count, whole)}


def _bar(line: Line) -> Bar:
    return Bar(str(line["label"]), float(line["percent"] or 0))


def _headline(name: str, lines: Sequence[Line], whole: int, noun: str) -> str:
    many = noun.replace("change", "changes") if noun.startswith("change") else f"{noun}s"
    if not lines:
        return f"No {noun} in the period."
    if name == "carried":
        least = min(lines, key=lambda line: int(line["count"] or 0))
        return f"Least often there: {least['label']}, in {least['count']:,} of {counted(whole, noun, many)}."
    if name == "intakes":
        return f"{lines[-1]['count']:,} of {counted(whole, noun, many)} were refused."
    most = max(lines, key=lambda line: int(line["count"] or 0))
    return f"Most often: {most['label']}, {most['count']:,} of {counted(whole, noun, many)}."


# A long tail of single faults helps nobody.
NAMED_AT_MOST = 20


def _refusals(refused: Sequence[Refused], whole: int) -> Part:
    """The commonest faults. One intake may have several, so that the shares add up to more than all."""
    worst = sorted(refused, key=lambda each: (-each.count, each.code, each.pointer))[:NAMED_AT_MOST]
    lines = [_line(f"{e.code} {e.pointer}".strip(), _fault(e), e.count, whole) for e in worst]
    said = f"Most often: {lines[0]['label']}, {lines[0]['count']:,} of {counted(whole, 'refusal')}." if lines else ""
    bars = [Bar(str(line["label"]), float(line["percent"] or 0)) for line in lines[:8]]
    chart = Chart("Refusals with this fault, share", Unit.PERCENT, bars) if lines else None
    return Part("refusals", "Why the doors refused", said or "Nothing was refused in the period.", SHOWS, lines, chart)


def _fault(each: Refused) -> str:
    words = each.code.replace("_", " ").capitalize()
    return f"{words}, in {each.pointer}" if each.pointer else words
