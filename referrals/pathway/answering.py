"""A question is settled: answered item by item, or gone on without; and the referral is judged again."""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError, Invalid, refuse_unless_clean
from referrals.domain.lifecycle import Status
from referrals.domain.people import Actor, Party
from referrals.domain.questions import RequestStatus
from referrals.domain.vocabulary import FactsKind
from referrals.models.assessment import Assessment
from referrals.models.base import Base
from referrals.models.question import InformationItem
from referrals.models.referral import Referral
from referrals.pathway.assessment import judge
from referrals.pathway.facts import merged, new_faults, record_facts
from referrals.pathway.guards import not_interested
from referrals.pathway.packets import current_facts, merge
from referrals.pathway.questions import Asked, blocking_question, question_meant, questions_of
from referrals.pathway.review import refuse_by_proviso
from referrals.pathway.standing_offer import held_offer
from referrals.pathway.steps import Act, advance

Body = Mapping[str, Any]
Answers = Sequence[Body]
ANSWERED_WITH = ("value", "document", "unobtainable")


def answer_information(act: Act, referral: Referral, body: Body) -> Referral:
    """What was asked is there, or cannot be had. Facts that were told stand beside the old ones from now on."""
    questions = questions_of(act.session, referral.id)
    asked, errors = question_meant(questions, body.get("request"))
    if asked is None:
        raise Invalid([*errors, *_source_named(act.actor, body)])
    before = current_facts(act.session, referral).content
    after = merged(before, facts_told(asked, body["answers"]))
    refuse_unless_clean(
        [
            *faults_of_answers(act.session, act.actor, questions, body),
            *_faults_of_facts(act, asked, body["answers"], before, after),
        ]
    )
    _keep(act, asked, body)
    row, confirm = _judged(act, referral, asked, body, before, after)
    without = sum("unobtainable" in each for each in body["answers"])
    data = _told_of(asked, row, referral) | {"unobtainable": without, "center_confirms": confirm}
    return _settle(act, referral, asked, RequestStatus.ANSWERED, row, body, data)


def proceed_without(act: Act, referral: Referral, body: Body) -> Referral:
    """Nobody waits for the answer any longer: the referral goes on, with a reason for each item that is missing."""
    asked = blocking_question(act.session, referral.id)
    own = asked.request.organization_id == act.actor.organization_id
    holding = ("asked_by_own_center",) if own else ()
    refuse_by_proviso(
        act, referral, "proceed-without", holding, "A center goes on without answers to its own question."
    )
    refuse_unless_clean([*not_interested(act, referral), *_reason_per_item(asked, body["reasons"])])
    reasons = {str(each["item"]): each["reason"] for each in body["reasons"]}
    for item in asked.items:
        item.reason = reasons.get(str(item.id))
    row = judge(act, referral, current_facts(act.session, referral).content, "proceed")
    return _settle(act, referral, asked, RequestStatus.PROCEEDED, row, body, _told_of(asked, row, referral))


def faults_of_answers(session: Session, actor: Actor, questions: Sequence[Asked], body: Body) -> list[FieldError]:
    """Everything that keeps these answers from being recorded, but for the values of facts."""
    asked, errors = question_meant(questions, body.get("request"))
    if asked is not None:
        errors += [
            *_unfit("/answers", asked, body["answers"]),
            *_unknown_documents(session, asked, body["answers"]),
            *_required_items_answered(asked, body["answers"]),
        ]
    return [*errors, *_source_named(actor, body)]


def facts_told(asked: Asked, answers: Answers) -> dict[str, Any]:
    """The body of update-facts that these answers make."""
    fields = {str(item.id): item.field for item in asked.items if item.field}
    told: dict[str, Any] = {}
    for each in answers:
        if "value" in each and (field := fields.get(str(each["item"]))):
            told = merge(told, reduce(lambda value, name: {name: value}, reversed(names_of(field)), each["value"]))
    return told


def names_of(field: str) -> list[str]:
    """The way to the fact in the body of update-facts, where pregnancy stands beside the diagnosis."""
    return field.removeprefix("/patient").split("/")[1:]


def _unfit(at: str, asked: Asked, given: Answers) -> Iterator[FieldError]:
    """Each item once, and only items of this question."""
    known, seen = {str(item.id) for item in asked.items}, set()
    for place, each in enumerate(given):
        item = str(each["item"])
        if item not in known:
            yield FieldError(f"{at}/{place}/item", "unknown", "This question has no item with this id.")
        elif item in seen:
            yield FieldError(f"{at}/{place}/item", "repeated", "This item was answered before in the same list.")
        seen.add(item)


def _unknown_documents(session: Session, asked: Asked, answers: Answers) -> Iterator[FieldError]:
    for place, each in enumerate(answers):
        if "document" in each and not _is_attached(session, asked, each["document"]):
            message = "No document of this referral has this id."
            yield FieldError(f"/answers/{place}/document", "unknown", message)


def _is_attached(session: Session, asked: Asked, document_id: Any) -> bool:
    """Documents are kept in a table of their own, where there is one."""
    table = Base.metadata.tables.get("document")
    if table is None:
        return False
    query = select(table.c.id).where(
        table.c.id == table.c.id.type.python_type(document_id), table.c.referral_id == asked.request.referral_id
    )
    return session.execute(query).first() is not None


def _required_items_answered(asked: Asked, answers: Answers) -> Iterator[FieldError]:
    answered = {str(each["item"]) for each in answers}
    for item in asked.required:
        if str(item.id) not in answered:
            message = f"{_named(item)} is required: answer it, or say why it cannot be had."
            yield FieldError("/answers", "required_items_answered", message)


def _named(item: InformationItem) -> str:
    """What is asked may be somebody's own words, which no error repeats."""
    return f"Item {item.position + 1} ({item.field or item.document or item.id})"


def _source_named(actor: Actor, body: Body) -> list[FieldError]:
    """Whoever records what somebody else said names them."""
    if Party.R in actor.parties or body.get("source"):
        return []
    return [FieldError("/source", "source_named", "Say who answered and how, such as by phone.")]


def _faults_of_facts(act: Act, asked: Asked, answers: Answers, before: Body, after: Body) -> list[FieldError]:
    found = new_faults(act, before, after)
    return [FieldError(place_of(error.pointer, asked, answers), error.code, error.message) for error in found]


def place_of(pointer: str, asked: Asked, answers: Answers) -> str:
    """Where in the answers the fact stands that an error names: M may have been told alone or within the stage."""
    fields = {str(item.id): item.field for item in asked.items if item.field}
    for place, each in enumerate(answers):
        field = fields.get(str(each["item"]), "")
        if field and (pointer == field or pointer.startswith(f"{field}/")):
            return f"/answers/{place}/value{pointer.removeprefix(field)}"
        if field and field.startswith(f"{pointer}/"):
            return f"/answers/{place}/value"
    return "/answers"


def _keep(act: Act, asked: Asked, body: Body) -> None:
    given = {str(each["item"]): each for each in body["answers"]}
    for item in asked.items:
        if each := given.get(str(item.id)):
            item.answer = {kind: each[kind] for kind in ANSWERED_WITH if kind in each}
    asked.request.answered_by, asked.request.source = act.actor.name, body.get("source")


def _judged(
    act: Act, referral: Referral, asked: Asked, body: Body, before: Body, after: Body
) -> tuple[Assessment, list[str]]:
    """An answer that tells nothing new about the illness is judged, too: nobody waits for it any longer."""
    if before == after:
        return judge(act, referral, after, "answer"), []
    source = body.get("source") or f"Answer of {act.actor.name}"
    reason = {"kind": FactsKind.NEW_EVENT, "source": source, "reason": "The answer to a question."}
    return record_facts(act, referral, facts_told(asked, body["answers"]) | reason, after)


_STEP_TO: Mapping[RequestStatus, str] = {
    RequestStatus.ANSWERED: "answer-information",
    RequestStatus.PROCEEDED: "proceed-without",
}


def _settle(
    act: Act, referral: Referral, asked: Asked, status: RequestStatus, row: Assessment, body: Body, data: Body
) -> Referral:
    """The question is over. An offer that had to wait for it has as long again as it waited."""
    asked.request.status, asked.request.ended_at, asked.request.changes = status, act.now, row.changes
    advance(act, referral, _STEP_TO[status], note=body.get("note"), data=data, blocking=asked.blocking)
    if asked.blocking is not None and referral.respond_by is not None and referral.status == Status.OFFERED:
        offer = held_offer(act.session, referral.id)
        if offer is not None:
            offer.respond_by = referral.respond_by
    return referral


def _told_of(asked: Asked, row: Assessment, referral: Referral) -> dict[str, Any]:
    fields = [item.field for item in asked.items if item.field]
    return {"request": str(asked.request.id), "fields": fields, "changes": row.changes, "tier": referral.tier}


def _reason_per_item(asked: Asked, reasons: Answers) -> Iterator[FieldError]:
    yield from _unfit("/reasons", asked, reasons)
    given = {str(each["item"]) for each in reasons}
    for item in asked.required:
        if str(item.id) not in given:
            message = f"Say why the referral goes on without {_named(item).lower()}."
            yield FieldError("/reasons", "reason_per_item", message)
