"""The forms of a question: what to ask of whom, its answer item by item, and how to go on without one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from referrals.web.forms import illness
from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Group, Kind, Option, Repeat, options_of
from referrals.web.forms.shared import text_field
from referrals.web.question_words import ASKED, DOCUMENT


class Item(NamedTuple):
    """One thing that was asked, as the form shows it. `field` is None for a document and for words."""

    id: str
    words: str
    field: str | None
    is_document: bool
    required: bool


YES, NO = "yes", "no"
WAITS = (
    Option(YES, "It waits for the answer", "The promised time runs on all the same."),
    Option(NO, "It goes on meanwhile", "The answer is read when it comes."),
)
DUE = Field(
    "due_on",
    "Answer by",
    Kind.DATE,
    "/due_at",
    hint="Without a day, as many working days as this priority gives for reading an opinion.",
    width="m",
)
PREGNANT = Field("pregnant", "Is the patient pregnant?", Kind.RADIOS, "/patient/pregnant", options=(Option(YES, "Yes"), Option(NO, "No")))  # fmt: skip
EXTEND: tuple[Group, ...] = (
    group_of(
        replace(DUE, label="New day", hint="It must be later than the day that stands, and can be set once.", is_required=True),
        text_field("reason", "Why does it take longer?"),
    ),
)  # fmt: skip


def ask_groups(missing: tuple[Option, ...]) -> tuple[Group, ...]:
    """What could change anything is offered first; where nothing could, a question holds nothing up."""
    facts = Field("facts", "Facts that are missing and could change something", Kind.BOXES, "/items/fields", options=missing)  # fmt: skip
    return (
        group_of(
            *([facts] if missing else []),
            Field("documents", "Documents", Kind.BOXES, "/items/documents", options=options_of(DOCUMENT)),
            Field("texts", "Anything else", Kind.LINES, "/items/texts", hint="One question a line."),
            legend="What is needed?",
        ),
        group_of(
            Field("asked", "Who is asked?", Kind.RADIOS, "/asked", options=options_of(ASKED), is_required=True),
            Field("blocking", "What happens meanwhile?", Kind.RADIOS, "/blocking", options=WAITS if missing else WAITS[1:], is_required=True),
            DUE,
            text_field("message", "A line to whoever answers", required=False),
            legend="Who, and by when?",
        ),
    )  # fmt: skip


def question_asked(typed: Mapping[str, Any]) -> dict[str, Any]:
    """The body of request-information."""
    wanted = typed.get("items") or {}
    items = [
        {name: value}
        for part, name in (("fields", "field"), ("documents", "document"), ("texts", "text"))
        for value in wanted.get(part) or ()
    ]
    body = {name: typed[name] for name in ("asked", "message", "due_at") if typed.get(name)}
    return body | {"items": items} | ({"blocking": typed["blocking"] == YES} if typed.get("blocking") else {})


def answer_groups(request_id: object, items: Sequence[Item], names_source: bool) -> tuple[Group, ...]:
    """One group an item, with the inputs that its fact has in the referral form."""
    hidden = Field("request", "", Kind.HIDDEN, "/request", value=str(request_id))
    source = Field("source", "Who told it, and how?", pointer="/source", hint="Such as: Dr Rey, by phone.", is_required=True)  # fmt: skip
    return (
        *(_asked(item, place) for place, item in enumerate(items)),
        group_of(hidden, *([source] if names_source else [])),
    )


def _asked(item: Item, place: int) -> Group:
    without = Field(f"without_{place}", "It cannot be had, because", pointer=f"/answers/{place}/unobtainable")
    hint = "" if item.required else "May stay empty."
    return group_of(*_inputs(item, place), without, legend=item.words, hint=hint)


def _inputs(item: Item, place: int) -> tuple[Field | Repeat, ...]:
    at = f"/answers/{place}/value"
    if item.field is None:
        hint = "Write what it says." if item.is_document else ""
        return (Field(f"words_{place}", "Answer", Kind.AREA, at, hint=hint),)
    if item.field == "/treatments":
        return replace(illness.TREATMENTS_TOLD, pointer=f"/answers/{place}/told"), replace(illness.TREATMENTS, pointer=at)  # fmt: skip
    known = [each for each in _KNOWN if each.pointer == item.field or each.pointer.startswith(f"{item.field}/")]
    return tuple(_moved(each, item.field, at, place) for each in known)


_KNOWN: tuple[Field | Repeat, ...] = (
    illness.CODE,
    illness.DESCRIPTION,
    PREGNANT,
    *(item for group in illness.DIAGNOSIS[1:] for item in group.items),
)


def _moved(known: Field | Repeat, field: str, at: str, place: int) -> Field | Repeat:
    """The input of the referral form, where its answer belongs in this one. A look-up of codes knows it by its name."""
    pointer = f"{at}{known.pointer.removeprefix(field)}"
    if isinstance(known, Repeat):
        return replace(known, pointer=pointer)
    name = known.name if known.kind is Kind.CODE else f"{known.name}_{place}"
    return replace(known, name=name, pointer=pointer, unknown_pointer="")


def question_answered(items: Sequence[Item], typed: Mapping[str, Any]) -> dict[str, Any]:
    """The body of answer-information: what was left empty is not answered."""
    given = typed.get("answers") or []
    told = [_told(given[place] if place < len(given) else {}) for place, _ in enumerate(items)]
    answers = [{"item": item.id, **each} for item, each in zip(items, told, strict=True) if each]
    return {name: typed[name] for name in ("request", "source") if typed.get(name)} | {"answers": answers}


def _told(given: Mapping[str, Any]) -> dict[str, Any]:
    answer = {name: given[name] for name in ("value", "unobtainable") if given.get(name) is not None}
    if given.get("told") == illness.NONE and "value" not in answer:
        answer["value"] = []
    return answer


def yes_or_no(items: Iterable[Item], body: Mapping[str, Any]) -> dict[str, Any]:
    """Whether the patient is pregnant is chosen in words, and told as true or false."""
    asked = {item.id for item in items if item.field == PREGNANT.pointer}
    answers = [
        {**each, "value": each["value"] == YES} if each["item"] in asked and "value" in each else each
        for each in body["answers"]
    ]
    return {**body, "answers": answers}


def reason_groups(items: Iterable[Item]) -> tuple[Group, ...]:
    """Why it goes on without each item."""
    return (
        group_of(
            *(
                Field(f"reason_{place}", item.words, Kind.AREA, f"/reasons/{place}/reason", hint="Why does it go on without this?", is_required=True)
                for place, item in enumerate(items)
            )
        ),
    )  # fmt: skip


def reasons_given(items: Iterable[Item], typed: Mapping[str, Any]) -> dict[str, Any]:
    given = typed.get("reasons") or []
    return {
        "reasons": [
            {"item": item.id, **(given[place] if place < len(given) else {})} for place, item in enumerate(items)
        ]
    }
