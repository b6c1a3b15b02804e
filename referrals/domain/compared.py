"""Why the first center comes first: the terms in which it differs from the second, in one sentence."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from referrals.domain.matching import Fit


class TermWords(NamedTuple):
    """A preference as a row of a table calls it, as it speaks for the first, and as it would for the second."""

    name: str
    ahead: str
    behind: str


TERM_WORDS: Mapping[str, TermWords] = MappingProxyType(
    {
        "expertise": TermWords("Expertise", "more expertise", "has more expertise"),
        "trials": TermWords("Open trials", "open trials", "has open trials"),
        "comprehensive": TermWords("Comprehensive center", "a comprehensive center", "is a comprehensive center"),
        "language": TermWords("Language", "the patient's language", "speaks the patient's language"),
        "distance": TermWords("Distance", "closer", "would be closer"),
        "late": TermWords("Lateness", "an earlier answer", "would answer earlier"),
        "unknown": TermWords("What is unknown", "less that is unknown", "leaves less unknown"),
    }
)


def why_first(ranked: Sequence[Fit], family: str = "") -> str:
    """Empty where nobody can be asked. The differences of the terms add up to that of the scores."""
    if not ranked:
        return ""
    if len(ranked) == 1:
        return "No other center can be asked."
    first, second = ranked[:2]
    name, apart = second.center.name, _apart(first, second)
    ahead = ", ".join(f"{_speaks(term, family)} (+{by})" for term, by in apart.items() if by > 0)
    behind = " and ".join(f"{TERM_WORDS[term].behind} ({by})" for term, by in apart.items() if by < 0)
    if not ahead:
        return f"Level with {name}: only the order of their codes puts it first."
    return f"Ahead of {name}: {ahead}{f'; {name} {behind}' if behind else ''}."


def _speaks(term: str, family: str) -> str:
    in_family = f" in {family}" if family and term == "expertise" else ""
    return f"{TERM_WORDS[term].ahead}{in_family}"


def _apart(first: Fit, second: Fit) -> dict[str, int]:
    both = {term: points - second.terms[term] for term, points in first.terms.items()}
    return {term: by for term, by in both.items() if by}
