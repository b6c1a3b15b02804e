"""A question is put, and gets more time once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from referrals.domain.errors import FieldError, refuse_unless_clean
from referrals.domain.lifecycle import STEPS
from referrals.domain.people import Party
from referrals.domain.questions import LONGEST_WAIT, RequestStatus, answer_due, could_matter
from referrals.domain.reminders import SECOND_DUE
from referrals.domain.vocabulary import Tier
from referrals.models.base import new_id
from referrals.models.question import InformationItem, InformationRequest
from referrals.models.referral import Referral
from referrals.pathway.guards import not_interested
from referrals.pathway.packets import current_facts
from referrals.pathway.questions import Asked, blocking_question, proposed_items
from referrals.pathway.steps import Act, advance

Body = Mapping[str, Any]


def request_information(act: Act, referral: Referral, body: Body) -> Referral:
    """Ask somebody for what is missing; a blocking question holds the referral up until it is settled.

    That only one of them is open at a time follows from the table: while one is, none can be asked.
    """
    due_at = body.get("due_at") or _usually_due(act, referral)
    refuse_unless_clean(
        [
            *not_interested(act, referral),
            *_has_items(body),
            *_has_due_time(act, due_at),
            *_item_could_matter(act, referral, body),
        ]
    )
    asked = _write(act, referral, body, due_at)
    advance(
        act,
        referral,
        "request-information",
        note=body.get("note"),
        data={
            "request": str(asked.request.id),
            "asked": asked.request.asked,
            "blocking": asked.request.blocking,
            "due_at": due_at.isoformat(),
            "fields": [item.field for item in asked.items if item.field],
            "documents": [item.document for item in asked.items if item.document],
            "texts": sum(item.text is not None for item in asked.items),
        },
        blocking=asked.blocking,
    )
    return referral


def extend(act: Act, referral: Referral, body: Body) -> Referral:
    """The blocking question gets one later due time."""
    asked, due_at = blocking_question(act.session, referral.id), body["due_at"]
    refuse_unless_clean([*not_interested(act, referral), *_not_extended_before(asked), *_later(act, asked, due_at)])
    row = asked.request
    row.choice_at = due_at if row.due_at <= act.now else due_at + SECOND_DUE
    row.due_at, row.extended = due_at, True
    data = {"request": str(row.id), "due_at": due_at.isoformat(), "reason": body["reason"]}
    advance(act, referral, "extend", note=body.get("note"), data=data, blocking=asked.blocking)
    return referral


def _usually_due(act: Act, referral: Referral) -> datetime:
    return answer_due(act.now, Tier(referral.tier or Tier.P4), act.rules.policy, act.rules.calendar)


def _has_items(body: Body) -> list[FieldError]:
    if body["items"]:
        return []
    return [FieldError("/items", "has_items", "Ask for at least one thing.")]


def _has_due_time(act: Act, due_at: datetime) -> list[FieldError]:
    if due_at > act.now:
        return _within_a_year(act, due_at)
    return [FieldError("/due_at", "has_due_time", "The answer needs a due time that lies ahead.")]


def _within_a_year(act: Act, due_at: datetime) -> list[FieldError]:
    if due_at <= act.now + LONGEST_WAIT:
        return []
    return [FieldError("/due_at", "too_late", "Nobody waits for an answer for more than a year.")]


def _item_could_matter(act: Act, referral: Referral, body: Body) -> list[FieldError]:
    if not body["blocking"] or not body["items"]:
        return []
    content = current_facts(act.session, referral).content
    if could_matter(body["items"], proposed_items(content, referral.submitted_at or act.now, act.rules)):
        return []
    message = "No answer to this could change the priority or which center may answer: ask without holding it up."
    return [FieldError("/blocking", "item_could_matter", message)]


def _write(act: Act, referral: Referral, body: Body, due_at: datetime) -> Asked:
    request = InformationRequest(
        id=new_id(),
        network_id=referral.network_id,
        referral=referral,
        organization_id=act.actor.organization_id,
        party=_asking_party(act),
        author_name=act.actor.name,
        asked=body["asked"],
        blocking=body["blocking"],
        status=RequestStatus.OPEN,
        message=body.get("message"),
        created_at=act.now,
        due_at=due_at,
        choice_at=due_at + SECOND_DUE if body["blocking"] else None,
        extended=False,
        changes=[],
    )
    items = tuple(_item(request, position, sent) for position, sent in enumerate(body["items"]))
    act.session.add_all([request, *items])
    return Asked(request, items)


def _item(request: InformationRequest, position: int, sent: Body) -> InformationItem:
    return InformationItem(
        id=new_id(),
        network_id=request.network_id,
        request=request,
        position=position,
        field=sent.get("field"),
        document=sent.get("document"),
        text=sent.get("text"),
        required=sent.get("required") is not False,
    )


def _asking_party(act: Act) -> Party:
    asking = act.actor.parties & STEPS["request-information"].parties
    return next(party for party in Party if party in asking)


def _not_extended_before(asked: Asked) -> list[FieldError]:
    if not asked.request.extended:
        return []
    return [FieldError("", "not_extended_before", "This question was given more time before: once is all it gets.")]


def _later(act: Act, asked: Asked, due_at: datetime) -> list[FieldError]:
    if due_at > max(act.now, asked.request.due_at):
        return _within_a_year(act, due_at)
    return [FieldError("/due_at", "later", "The new due time must lie ahead, and after the one that stands.")]
