"""What makes an opinion whole, what its seal covers, who must read it, and what must be said of its advice at the end."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from referrals.domain.errors import FieldError
from referrals.domain.vocabulary import Axis, FindingResult, Impact, OutcomeResult

Body = Mapping[str, Any]
Findings = Sequence[Mapping[str, Any]]

# A result that may say what is right instead; of the diagnosis a change must.
MAY_REVISE = frozenset({FindingResult.REFINED, FindingResult.CHANGED})
NEED_A_REASON = frozenset({OutcomeResult.PARTLY, OutcomeResult.NOT})
ATTEMPTS_NEEDED = 3


def unanswered(questions: Sequence[str], answers: Iterable[Mapping[str, Any]]) -> Iterator[FieldError]:
    """Every question is answered once, and nothing is answered that was not asked."""
    given = Counter(answer["question"] for answer in answers)
    for number in range(1, len(questions) + 1):
        if given[number] != 1:
            said = "is not answered" if not given[number] else "is answered more than once"
            yield FieldError("/answers", "questions_answered", f"Question {number} {said}.")
    for number in sorted(number for number in given if number > len(questions)):
        yield FieldError("/answers", "questions_answered", f"There is no question {number}.")


def unjudged(findings: Findings) -> Iterator[FieldError]:
    """Each of the four axes is judged once; a changed diagnosis says to what."""
    given = Counter(finding["axis"] for finding in findings)
    for axis in Axis:
        if given[axis] != 1:
            said = "is not judged" if not given[axis] else "is judged more than once"
            yield FieldError("/findings", "axes_judged", f"The axis {axis} {said}.")
    for place, finding in enumerate(findings):
        yield from _revision_misfit(f"/findings/{place}/revised", finding)


def _revision_misfit(pointer: str, finding: Mapping[str, Any]) -> Iterator[FieldError]:
    result, revised = finding["result"], finding.get("revised")
    if revised is not None and result not in MAY_REVISE:
        yield FieldError(pointer, "unexpected", "Only what is refined or changed is said anew.")
    if not revised and finding["axis"] == Axis.DIAGNOSIS and result == FindingResult.CHANGED:
        yield FieldError(pointer, "axes_judged", "The diagnosis is changed: say to which.")


def finding_of(findings: Findings, axis: Axis) -> tuple[int, Mapping[str, Any]] | None:
    """The finding of an axis, with its place in what was sent."""
    return next(((place, each) for place, each in enumerate(findings) if each["axis"] == axis), None)


def is_weighty(findings: Findings) -> bool:
    """Whether a clinician themselves must read it: the diagnosis changed, or something matters much."""
    return any(
        finding["impact"] == Impact.MAJOR
        or (finding["axis"] == Axis.DIAGNOSIS and finding["result"] == FindingResult.CHANGED)
        for finding in findings
    )


def seal(content: Mapping[str, Any]) -> str:
    """SHA-256 over the document: JSON in UTF-8, keys in order, nothing between them, letters as they are."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def outcome_faults(recommendations: Sequence[str], body: Body) -> Iterator[FieldError]:
    """An outcome for each recommendation, each once; or why none can be had. One of the two, not both."""
    outcomes, unobtainable = body.get("outcomes"), body.get("unobtainable")
    if (outcomes is None) == (unobtainable is None):
        message = "Say what became of each recommendation, or why it cannot be found out."
        yield FieldError("/outcomes", "outcomes_recorded", message)
        return
    if outcomes is not None:
        yield from _not_each_once(recommendations, outcomes)
        yield from _without_reason(outcomes)


def _not_each_once(recommendations: Sequence[str], outcomes: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    given = Counter(outcome["recommendation"] for outcome in outcomes)
    for number, recommendation in enumerate(recommendations, start=1):
        if given[recommendation] != 1:
            said = "has no outcome" if not given[recommendation] else "has more than one outcome"
            yield FieldError("/outcomes", "outcomes_recorded", f"Recommendation {number} {said}.")
    for place, outcome in enumerate(outcomes):
        if outcome["recommendation"] not in recommendations:
            message = "The latest opinion has no recommendation with this id."
            yield FieldError(f"/outcomes/{place}/recommendation", "unknown", message)


def _without_reason(outcomes: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    for place, outcome in enumerate(outcomes):
        if outcome["result"] in NEED_A_REASON and not outcome.get("reason"):
            yield FieldError(f"/outcomes/{place}/reason", "required", "Say why it was not followed, or only partly.")
