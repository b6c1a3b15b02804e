"""The tumor family of a case, by which centers state expertise: a telling morphology first, then the code."""

from dataclasses import dataclass

from referrals.domain.case import Case
from referrals.domain.criteria.matching import CodeSet, parse_histologies
from referrals.knowledge.entities import families
from referrals.knowledge.once import once


@dataclass(frozen=True, slots=True)
class _Family:
    name: str
    codes: CodeSet
    histologies: frozenset[int]


@once
def _families() -> tuple[_Family, ...]:
    return tuple(
        _Family(
            row.family,
            CodeSet.of(row.prefixes.split("|")),
            parse_histologies(row.histology_first.split(",") if row.histology_first else ()),
        )
        for row in families()
    )


def tumor_family(case: Case) -> str | None:
    """None for what no family claims, such as a benign tumor outside the nervous system."""
    diagnosis = case.diagnosis
    if diagnosis.morphology is not None:
        histology = diagnosis.morphology.histology
        for family in _families():
            if histology in family.histologies:
                return family.name
    code = diagnosis.principal.flat if diagnosis.principal is not None else diagnosis.site
    return next((family.name for family in _families() if family.codes.has(code)), None)


def family_labels() -> dict[str, str]:
    """Every family with its words for people, in the order of the table."""
    return {row.family: row.label for row in families()}


def family_label(family: str | None) -> str:
    """Empty where the family is not known."""
    return family_labels().get(family, family) if family else ""
