"""How often a second opinion confirmed the first, by what was judged and by tumor family."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from referrals.domain.reports.parts import (
    ALL,
    GROUP,
    LABEL,
    Bar,
    Chart,
    Column,
    Line,
    Part,
    Unit,
    counted,
    percent,
)
from referrals.domain.tumor_family import family_label
from referrals.domain.vocabulary import Axis, FindingResult, Impact

NO_FAMILY = "unknown"
COLUMNS = (
    GROUP,
    LABEL,
    Column("axis", "What was judged", Unit.WORD, "diagnosis, treatment, stage or biomarkers."),
    Column("opinions", "Opinions", Unit.COUNT, "Opinions signed in the period, each in its latest version."),
    Column("confirmed", "Confirmed", Unit.COUNT, "The first opinion holds."),
    Column("refined", "Refined", Unit.COUNT, "It holds, and is said more exactly."),
    Column("changed", "Changed", Unit.COUNT, "It does not hold."),
    Column("not_assessable", "Could not be judged", Unit.COUNT, "What is needed to judge it was not there."),
    Column("changed_percent", "Changed, share", Unit.PERCENT, "Of those that could be judged."),
    Column("minor", "Minor effect", Unit.COUNT, "With an effect on care that is minor, whatever the result."),
    Column("major", "Major effect", Unit.COUNT, "With an effect on care that is major, whatever the result."),
)
# What people ask about first comes first.
AXES: Mapping[Axis, str] = {
    Axis.DIAGNOSIS: "Diagnosis",
    Axis.TREATMENT: "Treatment",
    Axis.STAGE: "Stage",
    Axis.BIOMARKERS: "Biomarkers",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """So many opinions that said the same of one axis in one family."""

    family: str | None
    axis: str
    result: str
    impact: str
    count: int


def parts(judged: Sequence[Judged]) -> list[Part]:
    return [_part(axis, label, [each for each in judged if each.axis == axis]) for axis, label in AXES.items()]


def _part(axis: Axis, label: str, judged: Sequence[Judged]) -> Part:
    families = sorted({each.family or NO_FAMILY for each in judged}, key=_family_words)
    lines = [_line(axis, family, [e for e in judged if (e.family or NO_FAMILY) == family]) for family in families]
    if lines:
        lines.append(_line(axis, ALL, judged))
    bars = [Bar(str(line["label"]), _number(line["changed_percent"])) for line in lines]
    chart = Chart(f"{label} changed, share of those that could be judged, by tumor family", Unit.PERCENT, bars)
    shows = tuple(each.name for each in COLUMNS if each.name not in ("group", "axis"))
    return Part(axis.value, label, _headline(label, judged), shows, lines, chart if lines else None)


def _line(axis: Axis, family: str, judged: Iterable[Judged]) -> Line:
    known = list(judged)
    by_result = {each: sum(row.count for row in known if row.result == each) for each in FindingResult}
    by_impact = {each: sum(row.count for row in known if row.impact == each) for each in Impact}
    total = sum(by_result.values())
    return {
        "group": family,
        "label": "All families" if family == ALL else _family_words(family),
        "axis": axis.value,
        "opinions": total,
        **{result.value: count for result, count in by_result.items()},
        "changed_percent": percent(by_result[FindingResult.CHANGED], total - by_result[FindingResult.NOT_ASSESSABLE]),
        "minor": by_impact[Impact.MINOR],
        "major": by_impact[Impact.MAJOR],
    }


def _family_words(family: str) -> str:
    return family_label(family) or "Family not known"


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int) else None


def _headline(label: str, judged: Sequence[Judged]) -> str:
    assessed = sum(each.count for each in judged if each.result != FindingResult.NOT_ASSESSABLE)
    if not assessed:
        return "No opinion of the period could judge it." if judged else "No opinion was signed in the period."
    changed = sum(each.count for each in judged if each.result == FindingResult.CHANGED)
    major = sum(each.count for each in judged if each.result == FindingResult.CHANGED and each.impact == Impact.MAJOR)
    if not changed:
        return f"{label}: none of {counted(assessed, 'opinion')} changed it."
    return f"{label}: {changed:,} of {counted(assessed, 'opinion')} changed it, {major:,} with a major effect on care."
