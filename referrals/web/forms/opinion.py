"""The editor of an opinion: the short answer, each question, the four axes, the advice, and the words for the patient."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from referrals.domain.opinion_words import (
    ADVICE_KIND,
    AXIS,
    CHANNEL,
    CONTACT_OUTCOME,
    CONTACT_WITH,
    IMPACT,
    OUTCOME,
    PLAN,
    RESULT,
    STRENGTH,
    URGENCY,
)
from referrals.domain.vocabulary import Axis
from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Group, Kind, Option, Repeat, options_of
from referrals.web.forms.illness import CHOOSE, CODE, COURSE, DESCRIPTION, MARKERS, STAGE, SURE, TISSUE, TREATMENTS

ONLY_IF_NEW = "Only where it is refined or changed. What stays as it was can stay empty."
REVISES: Mapping[str, str] = {
    Axis.DIAGNOSIS: "The diagnosis as you see it",
    Axis.STAGE: "The stage as you see it",
}


def editor_groups(questions: Sequence[str], amending: bool) -> tuple[Group, ...]:
    """Everything that an opinion says, in the order in which it is read."""
    why = _area("text", "Why is the opinion amended?", "The referrer reads this first.")
    return (
        *((group_of(why),) if amending else ()),
        group_of(_area("short_answer", "Short answer", "The first thing that the clinician reads.")),
        group_of(*(_answer(place, asked) for place, asked in enumerate(questions)), legend="Their questions"),
        *(_axis(place, axis) for place, axis in enumerate(Axis)),
        group_of(RECOMMENDATIONS, legend="Recommendations", hint="Empty one to take it away."),
        group_of(
            _area("plain_summary", "In plain words, for the patient", "Short sentences, no abbreviations."),
            replace(_area("dissent", "Another view among the authors"), is_required=False),
            legend="Summary",
        ),
    )


def _area(name: str, label: str, hint: str = "") -> Field:
    return Field(name, label, Kind.AREA, f"/{name}", hint=hint, is_required=True)


def _answer(place: int, asked: str) -> Field:
    return Field(f"answer-{place}", asked, Kind.AREA, f"/answers/{place}/text", is_required=True)


def _axis(place: int, axis: Axis) -> Group:
    at = f"/findings/{place}"
    name = AXIS[axis]
    judged = (
        Field(f"{axis}_result", f"{name}: what do you find?", Kind.RADIOS, f"{at}/result", options=options_of(RESULT), is_required=True),
        Field(f"{axis}_impact", f"{name}: what does it change?", Kind.RADIOS, f"{at}/impact", options=options_of(IMPACT), is_required=True),
        Field(f"{axis}_rationale", f"{name}: why?", Kind.AREA, f"{at}/rationale", is_required=True),
    )  # fmt: skip
    return group_of(*judged, *_revised(axis, f"{at}/revised"), legend=name)


def _revised(axis: Axis, at: str) -> tuple[Field | Repeat, ...]:
    if axis is Axis.DIAGNOSIS:
        first = replace(CODE, label="New diagnosis code (ICD-10-CM)", hint=ONLY_IF_NEW, unknown_pointer="")
        others = [each for group in (TISSUE, SURE, COURSE) for each in group.items if isinstance(each, Field)]
        kept = [each for each in others if each.name in {"morphology", "grade", "certainty"}]
        return tuple(_moved(each, "/diagnosis", at) for each in (first, DESCRIPTION_OF_REVISED, *kept))
    if axis is Axis.STAGE:
        found = [
            each for each in STAGE.items if isinstance(each, Field) and each.pointer.startswith("/diagnosis/stage/")
        ]
        return tuple(_moved(each, "/diagnosis/stage", at) for each in found)
    rows = _first_repeat(MARKERS) if axis is Axis.BIOMARKERS else TREATMENTS
    return (replace(rows, pointer=f"{at}/{rows.name}", at_least=0, hint=ONLY_IF_NEW),)


DESCRIPTION_OF_REVISED = replace(DESCRIPTION, label="New diagnosis in words", hint="")


def _first_repeat(group: Group) -> Repeat:
    return next(each for each in group.items if isinstance(each, Repeat))


def _moved(field: Field, before: str, after: str) -> Field:
    """The same question, asked of what is revised."""
    return replace(field, pointer=after + field.pointer.removeprefix(before), is_required=False)


RECOMMENDATIONS = Repeat(
    "recommendations",
    "Recommendation",
    "/recommendations",
    (
        Field("text", "What do you advise?", Kind.AREA, "text"),
        Field("kind", "Kind", Kind.SELECT, "kind", options=(CHOOSE, *options_of(ADVICE_KIND)), width="m"),
        Field("strength", "How strong", Kind.SELECT, "strength", options=(CHOOSE, *options_of(STRENGTH)), width="m"),
        Field("urgency", "How soon", Kind.SELECT, "urgency", options=(CHOOSE, *options_of(URGENCY)), width="m"),
    ),
    add="Add another recommendation",
)


def body_of(content: Mapping[str, Any], questions: Sequence[str]) -> dict[str, Any]:
    """The draft as the step takes it: what is not said yet is missing, and named by its place."""
    answers, findings = (
        _padded(content.get(name), count) for name, count in (("answers", len(questions)), ("findings", 4))
    )
    return {name: value for name, value in content.items() if name not in ("answers", "findings")} | {
        "answers": [{"question": number, **each} for number, each in enumerate(answers, start=1)],
        "findings": [{"axis": axis.value, **each} for axis, each in zip(Axis, findings, strict=True)],
        "recommendations": content.get("recommendations") or [],
    }  # fmt: skip


def _padded(rows: Sequence[Mapping[str, Any]] | None, count: int) -> list[Mapping[str, Any]]:
    found = list(rows or ())[:count]
    return found + [{}] * (count - len(found))


ACKNOWLEDGE: tuple[Group, ...] = (
    group_of(
        Field("plan", "What do you plan?", Kind.RADIOS, "/plan", options=options_of(PLAN), is_required=True),
        Field("text", "Note", Kind.AREA, "/text", hint="The center and the coordinator read it."),
    ),
)


def closing_groups(recommendations: Sequence[Mapping[str, Any]]) -> tuple[Group, ...]:
    """What became of each recommendation, or why nobody can say."""
    asked = tuple(_became(place, each) for place, each in enumerate(recommendations))
    return (*asked, group_of(UNOBTAINABLE, legend="It cannot be found out"))


def _became(place: int, advice: Mapping[str, Any]) -> Group:
    at = f"/outcomes/{place}"
    number = place + 1
    return group_of(
        Field(f"result-{place}", f"Recommendation {number}: what became of it?", Kind.RADIOS, f"{at}/result", options=options_of(OUTCOME)),
        Field(f"reason-{place}", f"Recommendation {number}: why?", Kind.AREA, f"{at}/reason", hint="Needed where it was not followed, or only in part."),
        Field(f"recommendation-{place}", "", Kind.HIDDEN, f"{at}/recommendation", value=advice["id"]),
        legend=f"{number}. {advice['text']}",
    )  # fmt: skip


UNOBTAINABLE = Field(
    "unobtainable",
    "Why nobody can say what became of it",
    Kind.AREA,
    "/unobtainable",
    hint="Such as: the patient has moved away. Leave it empty if you have answered above.",
)

CONTACT: tuple[Group, ...] = (
    group_of(
        Field("with", "Who was it?", Kind.SELECT, "/with", options=(Option("", "Choose"), *options_of(CONTACT_WITH)), is_required=True, width="m"),
        Field("channel", "By what way?", Kind.SELECT, "/channel", options=(Option("", "Choose"), *options_of(CHANNEL)), is_required=True, width="m"),
        Field("outcome", "What came of it?", Kind.RADIOS, "/outcome", options=options_of(CONTACT_OUTCOME), is_required=True),
        Field("person", "Who was reached", pointer="/person", hint="A name, if somebody was."),
        Field("text", "Note", Kind.AREA, "/text"),
    ),
)  # fmt: skip
