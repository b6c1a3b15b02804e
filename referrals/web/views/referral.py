"""One referral, whole: who it is about, where it stands, what is asked, why its priority, and the steps open now."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from referrals.domain.centers import HOLDING
from referrals.domain.lifecycle import ANSWERED, OPEN, STEPS, Status
from referrals.domain.people import Kind, Party
from referrals.domain.retention import may_hold
from referrals.models.trail import Event
from referrals.pathway.advice import acknowledge_advice, unread_advice
from referrals.pathway.desk import is_identity_in_doubt
from referrals.pathway.elapsed import elapsed
from referrals.pathway.record import Record, events_of, read_referral
from referrals.pathway.seen_by import may_see_who_saw
from referrals.web import paths
from referrals.web.asking import owes_signature
from referrals.web.away import away_notice
from referrals.web.not_done import not_done
from referrals.web.opinions import broken_notice, latest_panel
from referrals.web.outside import recording
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters.elapsed import where_days_went
from referrals.web.presenters.form_page import EndPage
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.noticing import (
    ENDED_BY,
    Declined,
    advice_notice,
    contest_notice,
    countersign_notice,
    ended_notice,
    follows_notice,
    identity_notice,
    stale_notice,
    uncoded_notice,
)
from referrals.web.presenters.offers import offer_notice, offer_rows
from referrals.web.presenters.questions import choice_notice, open_notice
from referrals.web.presenters.referral import banner, referral_page
from referrals.web.presenters.steps import StepButton, condition_button, end_choices, place_button
from referrals.web.questioning import may_answer
from referrals.web.reading import is_coordination, reader
from referrals.web.records import happened, stands_since, whole
from referrals.web.views.conversation import section as conversation
from referrals.web.views.documents import section
from referrals.web.views.fitting import centers_that_fit, who_is_next
from referrals.web.visit import Visit, act, page

referral = Blueprint("referral", __name__, url_prefix=f"{paths.MY_REFERRALS}/<referral_id>")

EDITORS = frozenset({Party.R, Party.C})
ADMINISTRATIVE_ONLY = "You may decline for administrative reasons; a clinical lead may for any."


@referral.get("")
@page
def show(visit: Visit, referral_id: UUID) -> Shown:
    record = read_referral(visit.session, visit.actor, referral_id)
    events = events_of(visit.session, referral_id)
    answer = whole(record, visit.now, stands_since(events))
    outside = recording(visit, record, events[-1])
    said = (*notices(), *outside.notices, *to_notice(visit, record, answer, events))
    about = reader(visit, record, events[-1])
    shown = referral_page(answer, happened(events, visit.actor), about, said, is_stale(visit, record))
    changed = replace(
        shown,
        question_href=paths.referral(referral_id, "question") if may_ask_otherwise(visit, record) else "",
        contacts_href=paths.referral(referral_id, "contacts") if record.referral.submitted_at else "",
        letter_href=letter_href(visit, record),
        seen_by_href=seen_by_href(visit, record),
        hold_href=hold_href(visit, record),
        opinion=latest_panel(visit, record, answer),
        offers=offer_rows(answer["offers"], visit.moment),
        fitting=centers_that_fit(visit, record),
        chain=who_is_next(visit, record, events),
        steps=(*outside.steps, *shown.steps, *of_the_coordinator(visit, record), *of_the_referrer(visit, record)),
        documents=section(visit, record),
        conversation=conversation(visit, record),
        went=where_days_went(elapsed(visit.session, record.referral, events, visit.rules, visit.now)),
    )
    return Shown("referral.html", changed, Seen("referral", [referral_id]))


def of_the_coordinator(visit: Visit, record: Record) -> Iterator[StepButton]:
    """From triage to a center on one page."""
    if Party.C in visit.actor.parties and "complete-triage" in record.open_steps:
        yield place_button(record.referral.id)


def of_the_referrer(visit: Visit, record: Record) -> Iterator[StepButton]:
    """How the patient is now, as long as an opinion can still take it into account."""
    if Party.R in visit.actor.parties and "update-facts" in record.open_steps:
        yield condition_button(record.referral.id)


def letter_href(visit: Visit, record: Record) -> str:
    """Letters come from those who asked and from the network, never from a center."""
    is_theirs = visit.actor.kind is not Kind.CENTER and record.referral.submitted_at is not None
    return paths.letter(record.referral.id) if is_theirs else ""


def seen_by_href(visit: Visit, record: Record) -> str:
    """Not for whoever reads only by break-glass."""
    own = record.referral
    is_theirs = may_see_who_saw(visit.actor) and own.submitted_at is not None and own.id not in visit.actor.opened
    return paths.referral(own.id, paths.SEEN_BY) if is_theirs else ""


def hold_href(visit: Visit, record: Record) -> str:
    is_theirs = may_hold(visit.actor) and record.referral.submitted_at is not None
    return paths.new_legal_hold(record.referral.reference) if is_theirs else ""


def may_ask_otherwise(visit: Visit, record: Record) -> bool:
    """What is asked may change until it is answered."""
    status = Status(record.referral.status)
    return bool(visit.actor.parties & EDITORS) and status in OPEN and status not in ANSWERED


def is_stale(visit: Visit, record: Record) -> bool:
    judged = record.assessment
    if judged is None or record.referral.submitted_at is None:
        return False
    facts_moved = judged.facts_version != record.referral.facts_version
    return facts_moved or judged.policy_version != visit.rules.policy.version


def to_notice(visit: Visit, record: Record, answer: dict[str, Any], events: Sequence[Event]) -> Iterator[Notice]:
    """The most pressing first."""
    own, steps = record.referral, record.open_steps
    yield from broken_notice(visit, record)
    yield from said_against(visit, own.status, events)
    yield from of_the_offer(visit, answer)
    yield from advice_on_the_way(visit, record, events)
    yield from asked_notices(visit, record, answer)
    yield from owner_away(visit, record)
    if record.open_steps and is_stale(visit, record):
        yield stale_notice(own.id, "reassess" in steps)
    if is_coordination(visit) and own.icd10cm is None and "update-facts" in steps:
        yield uncoded_notice(own.id)
    if is_coordination(visit) and "override" in steps and owes_signature(record):
        yield countersign_notice(answer["priority"]["override"], own.id, visit.is_lead, visit.moment)
    if is_identity_in_doubt(visit.session, visit.actor, own.patient_id):
        yield identity_notice()
    if answer["follows"]:
        yield follows_notice(answer["follows"])


def owner_away(visit: Visit, record: Record) -> Iterator[Notice]:
    """Told to the network alone: when its people are away is nobody else's business."""
    if record.owner is not None and is_coordination(visit):
        yield from away_notice(visit, record.owner)


def advice_on_the_way(visit: Visit, record: Record, events: Sequence[Event]) -> Iterator[Notice]:
    if not any(event.step == "interim-advice" for event in events):
        return
    may_read = Party.R in visit.actor.parties and record.organization.id == visit.actor.organization_id
    for row in unread_advice(visit.session, record.referral.id):
        said = f"{row.author_name}, {visit.moment.at(row.given_at)}. Nobody at the referrer has said that they read it."
        yield advice_notice(record.referral.id, row.id, row.text, said, may_read)


@referral.post("/advice/<advice_id>/read")
@act(again=not_done)
def read_advice(visit: Visit, referral_id: UUID, advice_id: UUID) -> Response:
    acknowledge_advice(visit.session, visit.actor, referral_id, advice_id, visit.now)
    visit.note("read-advice", [referral_id])
    return go(paths.referral(referral_id), "Noted that you have read the advice")


def of_the_offer(visit: Visit, answer: dict[str, Any]) -> Iterator[Notice]:
    """What its center is asked, and what it must confirm; the network sees what a center has yet to confirm."""
    standing = next((offer for offer in reversed(answer["offers"]) if offer["status"] in HOLDING), None)
    if standing is not None:
        yield from offer_notice(standing, visit.actor.kind is Kind.CENTER, visit.moment)


def asked_notices(visit: Visit, record: Record, answer: dict[str, Any]) -> Iterator[Notice]:
    """What somebody has to answer; and what a coordinator must choose, where nobody did for the second time."""
    for asked, sent in zip(record.questions, answer["information_requests"], strict=True):
        if asked.is_choice_due(visit.now) and "proceed-without" in record.open_steps:
            yield choice_notice(record.referral.id)
        if asked.is_open and Party.R in visit.actor.parties and may_answer(record):
            yield open_notice(sent, record.referral.id, visit.moment)


def said_against(visit: Visit, status: str, events: Sequence[Event]) -> Iterator[Notice]:
    """Why it ended; or, once that is contested, what stands against what until a lead has answered."""
    if status in ENDED_BY:
        step = ENDED_BY[status][0]
        yield ended_notice(status, next((event.data for event in reversed(events) if event.step == step), {}))
    told = [event for event in events if event.step in ("decline", "contest", "complete-triage")][-2:]
    if [event.step for event in told] == ["decline", "contest"] and Status(status) in OPEN:
        first, contest = told
        by_reader = visit.actor.user_id is not None and first.user_id == visit.actor.user_id
        yield contest_notice(contest.data, Declined(first.actor_name, by_reader, first.at, first.data), visit.moment)


@referral.get("/end")
@page
def end(visit: Visit, referral_id: UUID) -> Shown | Response:
    """The steps that could end it now, each explained; nothing happens on this page. A draft can only be discarded."""
    record = read_referral(visit.session, visit.actor, referral_id)
    if record.referral.status == Status.DRAFT and "withdraw" in record.open_steps:
        return go(paths.referral(referral_id, "withdraw"))
    answer = whole(record, visit.now)
    choices = end_choices([STEPS[step] for step in record.open_steps], referral_id)
    shown = EndPage(
        banner(answer, visit.tiers, visit.moment),
        Link(answer["reference"], paths.referral(referral_id)),
        tuple(_explained(visit, choice) for choice in choices),
    )
    return Shown("end.html", shown, Seen("referral", [referral_id]))


def _explained(visit: Visit, choice: StepButton) -> StepButton:
    if choice.step != "decline" or visit.is_lead:
        return choice
    return replace(choice, explains=f"{choice.explains} {ADMINISTRATIVE_ONLY}")
