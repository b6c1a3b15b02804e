"""What the steps of an opinion take: the opinion itself, that it was read, and what came of it."""

from collections.abc import Mapping
from typing import Any

from referrals.boundary.schemas.fields import Body, Id, Items, Part, Text, Whole, WholePart, ready, words_of
from referrals.boundary.schemas.packet import Biomarker, Diagnosis, Stage, Treatment
from referrals.domain import vocabulary as known

MOST_QUESTIONS, MOST_RECOMMENDATIONS = 20, 50
HIGHEST_VERSION = 2**31 - 1


class AnswerGiven(Body):
    """The answer to one question, by its number from 1."""

    question = Whole(1, MOST_QUESTIONS, required=True)
    text = Text(required=True)


class BiomarkersRevised(Body):
    biomarkers = Items(WholePart(Biomarker), required=True)


class TreatmentsRevised(Body):
    treatments = Items(WholePart(Treatment), required=True)


# What is right instead, by axis. That of the diagnosis is a merge patch over the original.
REVISED: Mapping[str, type[Body]] = {
    known.Axis.DIAGNOSIS: Diagnosis,
    known.Axis.STAGE: Stage,
    known.Axis.BIOMARKERS: BiomarkersRevised,
    known.Axis.TREATMENT: TreatmentsRevised,
}


class Revised(Diagnosis, Stage, TreatmentsRevised):
    """Every field that one axis or another may revise."""

    treatments = Items(WholePart(Treatment))


class Revision(Part):
    """An object whose shape its axis decides: the finding around it says which."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Revised, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, partial: Any = None, **kwargs: Any) -> Any:
        axis = data.get("axis") if isinstance(data, Mapping) else None
        shape = REVISED.get(axis, Diagnosis) if isinstance(axis, str) else Diagnosis
        return ready(shape).load(value, partial=partial)


class FindingMade(Body):
    """What the opinion says of one axis. `revised` is what is right instead: fields of a diagnosis or of a stage,

    `{"biomarkers": […]}`, or `{"treatments": […]}`, by the axis.
    """

    axis = words_of(known.Axis, required=True)
    result = words_of(known.FindingResult, required=True)
    impact = words_of(known.Impact, required=True)
    rationale = Text(required=True)
    revised = Revision(allow_none=True)


class Advice(Body):
    """One recommendation."""

    kind = words_of(known.RecommendationKind, required=True)
    text = Text(required=True)
    strength = words_of(known.Strength, required=True)
    urgency = words_of(known.Urgency, required=True)


class Opinion(Body):
    """A whole opinion."""

    short_answer = Text(required=True)
    answers = Items(Part(AnswerGiven), most=MOST_QUESTIONS, required=True)
    findings = Items(Part(FindingMade), most=len(known.Axis) * 2, required=True)
    recommendations = Items(Part(Advice), most=MOST_RECOMMENDATIONS, required=True)
    plain_summary = Text(required=True)
    dissent = Text(allow_none=True)


class SignOpinion(Opinion):
    """An opinion, to be signed by the person who is named."""

    note = Text(allow_none=True)


class AmendOpinion(SignOpinion):
    """A new version in place of the last; `text` says why."""

    text = Text(required=True)


class Acknowledge(Body):
    """The version that was read, and what is planned."""

    note = Text(allow_none=True)
    version = Whole(1, HIGHEST_VERSION, required=True)
    plan = words_of(known.Plan, required=True)
    text = Text(allow_none=True)


class OutcomeTold(Body):
    recommendation = Id(required=True)
    result = words_of(known.OutcomeResult, required=True)
    reason = Text(allow_none=True)


class Close(Body):
    """What became of each recommendation, or why that cannot be found out."""

    note = Text(allow_none=True)
    outcomes = Items(Part(OutcomeTold), most=MOST_RECOMMENDATIONS, allow_none=True)
    unobtainable = Text(allow_none=True)


class OpinionAsked(Body):
    """Which version; the latest where not said."""

    version = Whole(1, HIGHEST_VERSION, metadata={"description": "The latest where not said."})
