"""What the steps of a question ask on their pages, and which question a page is about."""

from collections.abc import Mapping

from flask import request

from referrals.domain.errors import FieldError
from referrals.domain.people import Party
from referrals.domain.questions import Proposed
from referrals.models.question import InformationItem
from referrals.pathway.questions import Asked, proposed_items
from referrals.pathway.record import Record
from referrals.web.asking_parts import Asking, Body, to_its_end
from referrals.web.forms import questions as forms
from referrals.web.forms.fields import Group, Option
from referrals.web.forms.illness import treatments_misfit
from referrals.web.presenters.pointers import fact_name
from referrals.web.presenters.questions import item_words
from referrals.web.question_words import DECIDES
from referrals.web.visit import Visit

NOTHING_ASKED = "No question is open any more. Somebody may have answered it."


def may_answer(record: Record) -> bool:
    """The table opens the step in every status in which a question could be open; a page wants one that is."""
    return "answer-information" in record.open_steps and any(asked.is_open for asked in record.questions)


def meant(record: Record) -> Asked | None:
    """The question that the address or the form names; else the one that holds the referral up, or the oldest."""
    named = request.values.get("request")
    open_ones = [asked for asked in record.questions if asked.is_open]
    first = sorted(open_ones, key=lambda asked: not asked.request.blocking)
    return next((asked for asked in open_ones if str(asked.request.id) == named), first[0] if first else None)


def blocking(record: Record) -> Asked | None:
    return next((asked for asked in record.questions if asked.is_open and asked.request.blocking), None)


def asks(visit: Visit, record: Record) -> tuple[Group, ...]:
    return forms.ask_groups(
        tuple(Option(item.path, fact_name(item.path), _why(item)) for item in _missing(visit, record))
    )


def _why(item: Proposed) -> str:
    tiers = " or ".join(item.could_change_tier_to)
    could = [f"Could change the priority to {tiers}."] if tiers else []
    return " ".join([*could, *(DECIDES[criterion] for criterion in item.decides)])


def asks_at_first(record: Record, visit: Visit) -> Body:
    """Everything that could change something is chosen; the referrer usually knows."""
    return {"asked": "referrer", "items": {"fields": [item.path for item in _missing(visit, record)]}}


def _missing(visit: Visit, record: Record) -> tuple[Proposed, ...]:
    return proposed_items(record.facts.content, record.referral.submitted_at or visit.now, visit.rules)


def answers(visit: Visit, record: Record) -> tuple[Group, ...]:
    asked = meant(record)
    names_source = Party.R not in visit.actor.parties
    return forms.answer_groups(asked.request.id, items_of(asked), names_source) if asked else ()


def items_of(asked: Asked | None) -> list[forms.Item]:
    """As the form asks them: what is required comes first."""
    if asked is None:
        return []
    return sorted(map(_shown, asked.items), key=lambda item: not item.required)


def _shown(item: InformationItem) -> forms.Item:
    words = item_words({"field": item.field, "document": item.document, "text": item.text})
    return forms.Item(str(item.id), words, item.field, item.document is not None, item.required)


def _required(asked: Asked | None) -> list[forms.Item]:
    return [item for item in items_of(asked) if item.required]


def answered(visit: Visit, record: Record, typed: Body) -> Body:
    items = items_of(meant(record))
    return forms.yes_or_no(items, forms.question_answered(items, typed))


def answers_lack(visit: Visit, record: Record, typed: Body) -> list[FieldError]:
    """What is required is answered, or it is said why it cannot be had."""
    items, given = items_of(meant(record)), typed.get("answers") or []
    told = {each["item"] for each in forms.question_answered(items, typed)["answers"]}
    lacking = [
        FieldError(f"/answers/{place}", "unanswered", f"{item.words}: answer it, or say why it cannot be had.")
        for place, item in enumerate(items)
        if item.required and item.id not in told
    ]
    misfits = [
        error
        for place, each in enumerate(given)
        for error in treatments_misfit(f"/answers/{place}/told", each.get("told"), each.get("value"))
    ]
    return lacking + misfits


def nothing_asked(visit: Visit, record: Record) -> str:
    return "" if meant(record) else NOTHING_ASKED


def reasons(visit: Visit, record: Record) -> tuple[Group, ...]:
    return forms.reason_groups(_required(blocking(record)))


def gone_on(visit: Visit, record: Record, typed: Body) -> Body:
    return forms.reasons_given(_required(blocking(record)), typed)


def given_before(visit: Visit, record: Record) -> str:
    """A question gets more time once."""
    asked = blocking(record)
    return "This question was given more time before. Once is all it gets." if asked and asked.request.extended else ""


QUESTIONS: Mapping[str, Asking] = {
    "request-information": Asking(
        groups=asks,
        body=lambda visit, record, typed: to_its_end("due_at", visit, forms.question_asked(typed)),
        shows=asks_at_first,
    ),
    "answer-information": Asking(groups=answers, body=answered, blocked=nothing_asked, lacks=answers_lack),
    "proceed-without": Asking(groups=reasons, body=gone_on),
    "extend": Asking(
        groups=lambda visit, record: forms.EXTEND,
        body=lambda visit, record, typed: to_its_end("due_at", visit, typed),
        blocked=given_before,
    ),
}
