"""Questions about a referral and their answers: who asks what of whom, what came of it, what it changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from referrals.domain.questions import RequestStatus
from referrals.web import paths
from referrals.web.presenters.codes import NameOfCode
from referrals.web.presenters.facts import treatment_rows
from referrals.web.presenters.notices import Notice
from referrals.web.presenters.pointers import fact_name
from referrals.web.presenters.times import NOTHING_DUE, Due, Moment, partial_date_words
from referrals.web.question_words import ASKED, DOCUMENT, QUESTION_STATUS, awaited_from
from referrals.web.words import (
    BASIS,
    CERTAINTY,
    DISEASE_STATUS,
    LATERALITY,
    STAGE_SYSTEM,
    Look,
    sentence_list,
    words_for,
)

Sent = Mapping[str, Any]
BLOCKS = Look("Holds the referral up", "bad", "late")
NOT_ANSWERED = "Not answered"


@dataclass(frozen=True)
class AskedItem:
    words: str
    answer: str
    is_missing: bool


@dataclass(frozen=True)
class Inquiry:
    """One question. `answer_href` is "" where this person cannot answer it; `marks` stand at its head."""

    title: str
    told: str
    marks: tuple[Look, ...]
    due: Due
    message: str
    items: tuple[AskedItem, ...]
    outcome: str
    changes: tuple[str, ...]
    answer_href: str


@dataclass(frozen=True)
class Names:
    """What codes are called."""

    of_code: NameOfCode
    of_morphology: NameOfCode


def inquiries(sent: Iterable[Sent], referral_id: object, moment: Moment, names: Names, may_answer: bool) -> tuple[Inquiry, ...]:  # fmt: skip
    """The newest first."""
    found = [_inquiry(each, referral_id, moment, names, may_answer) for each in sent]
    return tuple(reversed(found))


def _inquiry(sent: Sent, referral_id: object, moment: Moment, names: Names, may_answer: bool) -> Inquiry:
    is_open = sent["status"] == RequestStatus.OPEN
    look = QUESTION_STATUS[sent["status"]]
    return Inquiry(
        title=f"{ASKED[sent['asked']]} is asked" if is_open else f"{ASKED[sent['asked']]} was asked",
        told=f"by {sent['author']}, {moment.at(sent['created_at'])}",
        marks=(look, BLOCKS) if is_open and sent["blocking"] else (look,),
        due=moment.due(sent["due_at"]) if is_open else NOTHING_DUE,
        message=sent["message"] or "",
        items=tuple(_item(item, names) for item in sent["items"]),
        outcome=_outcome(sent, moment),
        changes=tuple(sent["changes"]),
        answer_href=answer_href(referral_id, sent["id"]) if is_open and may_answer else "",
    )


def answer_href(referral_id: object, request_id: object) -> str:
    return f"{paths.referral(referral_id, 'answer-information')}?{urlencode({'request': str(request_id)})}"


def _outcome(sent: Sent, moment: Moment) -> str:
    if sent["status"] != RequestStatus.ANSWERED:
        return ""
    source = f", from {sent['source']}" if sent["source"] else ""
    return f"Answered by {sent['answered_by']}{source}, {moment.at(sent['ended_at'])}"


def _item(item: Sent, names: Names) -> AskedItem:
    answer = item["answer"] or {}
    if "value" in answer:
        return AskedItem(item_words(item), value_words(item.get("field"), answer["value"], names), False)
    if "document" in answer:
        return AskedItem(item_words(item), "Attached", False)
    why = answer.get("unobtainable") or item["reason"]
    lead = "Cannot be had" if "unobtainable" in answer else "Gone on without"
    return AskedItem(item_words(item), f"{lead}: {why}" if why else NOT_ANSWERED, True)


_WORDS: Mapping[str, Mapping[str, str]] = {
    "/diagnosis/basis": BASIS,
    "/diagnosis/certainty": CERTAINTY,
    "/diagnosis/disease_status": DISEASE_STATUS,
    "/diagnosis/laterality": LATERALITY,
    "/diagnosis/stage/system": STAGE_SYSTEM,
}


def value_words(field: str | None, value: Any, names: Names) -> str:
    """The answer as people read it."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return "; ".join(_row_words(row) for row in value) or "None"
    if isinstance(value, Mapping):
        return ", ".join(_part_words(f"{field}/{name}", part, names) for name, part in value.items() if part)
    return _part_words(field or "", value, names)


def _part_words(field: str, value: Any, names: Names) -> str:
    named: Mapping[str, Callable[[str], str | None]] = {
        "/diagnosis/icd10cm": names.of_code,
        "/diagnosis/morphology": names.of_morphology,
    }
    if field in named:
        return f"{value} {named[field](value) or ''}".strip()
    if field == "/diagnosis/diagnosed_on":
        return partial_date_words(value)
    return words_for(_WORDS.get(field, {}), value) if field in _WORDS else str(value)


def _row_words(row: Any) -> str:
    if not isinstance(row, Mapping):
        return str(row)
    if "modality" in row:
        (shown,) = treatment_rows([row])
        return ", ".join(part for part in (shown.treatment, shown.regimen, shown.dates, shown.response) if part)
    return " ".join(str(row[name]) for name in ("name", "value") if row.get(name))


def item_words(item: Sent) -> str:
    """What an item asks for, in words; `item` has one of field, document and text."""
    if field := item.get("field"):
        return fact_name(field)
    return str(item.get("text") or DOCUMENT[item["document"]])


def awaited(sent: Iterable[Sent]) -> str:
    """Whose answer the referral waits for, as one reads it to the referrer; "" where it waits for none."""
    held_up = (each["asked"] for each in sent if each["blocking"] and each["status"] == RequestStatus.OPEN)
    return next((awaited_from(asked) for asked in held_up), "")


def open_notice(sent: Sent, referral_id: object, moment: Moment) -> Notice:
    """For who can answer: what is asked, and by when."""
    asked = sentence_list([item_words(item) for item in sent["items"]])
    waits = "Nothing goes on before." if sent["blocking"] else "The referral goes on meanwhile."
    title = f"Asked: {asked}"
    return Notice("info", title, f"{moment.due(sent['due_at']).by.capitalize()}. {waits}", "Answer the question", answer_href(referral_id, sent["id"]))  # fmt: skip


def choice_notice(referral_id: object) -> Notice:
    said = "Choose: go on without it, give more time if it had none, or decline."
    href = paths.referral(referral_id, "proceed-without")
    return Notice("bad", "The answer was due for the second time", said, "Go on without it", href)
