"""Questions: who asks what of whom, what a blocking one holds up, and what its answer changes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from referrals.domain.errors import Forbidden, Invalid, NotAllowedNow, NotFound, Refusal
from referrals.models.assessment import Assessment
from referrals.models.question import InformationRequest
from referrals.models.referral import Facts, Referral
from referrals.models.trail import Event
from referrals.pathway.questions import proposed_items, questions_of, questions_past_due
from referrals.pathway.rules import rules_of
from tests.factories import diagnosis, early_breast, treatment
from tests.pathway.asked import (
    CLINICIAN,
    COORDINATOR,
    LEAD,
    STATUS_ITEM,
    TOLD,
    answers,
    asking,
    broken,
    last,
    reasons,
    untold,
    untold_diagnosis,
)
from tests.pathway.conftest import Desk


def codes(refusal: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    return {(error.pointer, error.code) for error in refusal.value.errors}


def test_a_blocking_question_waits_for_whom_it_asks_and_its_answer_is_judged(desk: Desk) -> None:
    referral = untold(desk)
    promised, started = referral.due_at, referral.segment_started_at
    desk.wait(hours=2)
    desk.take("request-information", referral, COORDINATOR, asking(due_at=desk.now + timedelta(days=2)))
    assert (referral.status, referral.resume_status) == ("information_requested", "in_triage")
    assert (referral.waiting_on, referral.next_action) == ("referrer", "answer-information")
    assert referral.next_action_due_at == desk.now + timedelta(days=2)
    desk.wait(hours=5)
    desk.take("reassess", referral, COORDINATOR)
    assert referral.waiting_on == "referrer", "a new judgement does not move a question"
    desk.take("answer-information", referral, CLINICIAN, answers(desk, referral, TOLD))
    assert (referral.status, referral.resume_status, referral.waiting_on) == ("in_triage", None, "coordinator")
    assert referral.tier == "P1"
    assert referral.segment_started_at == started + timedelta(hours=5), "triage has the time left that it had"
    assert (referral.due_at or desk.now) <= (promised or desk.now)
    facts = desk.session.scalars(select(Facts).order_by(Facts.version)).all()[-1]
    assert facts.content["diagnosis"]["disease_status"] == "refractory"
    assert (facts.version, facts.kind, facts.source) == (2, "new_event", "Answer of Clinician")
    row = last(desk, referral).request
    assert (row.status, row.answered_by) == ("answered", "Clinician")
    assert "The priority changed from P2 Urgent to P1 Immediate." in row.changes
    event = desk.session.scalars(select(Event).order_by(Event.version)).all()[-1]
    assert event.data["changes"] == row.changes


@pytest.mark.parametrize("asked", ["laboratory", "patient", "center", "payer"])
def test_anybody_else_than_the_referrer_is_a_third_party(desk: Desk, asked: str) -> None:
    referral = untold(desk)
    desk.take("request-information", referral, COORDINATOR, asking() | {"asked": asked})
    assert referral.waiting_on == "third_party"


def test_without_a_due_time_the_answer_has_the_days_of_an_acknowledgement(desk: Desk) -> None:
    referral = untold(desk)
    desk.take("request-information", referral, COORDINATOR, asking())
    assert referral.tier == "P2"
    assert referral.next_action_due_at == desk.now + timedelta(days=2)


def test_a_question_that_blocks_nothing_leaves_everything_where_it_is(desk: Desk) -> None:
    referral = untold(desk)
    before = (referral.status, referral.waiting_on, referral.next_action_due_at, referral.segment_started_at)
    for _ in range(2):
        desk.take("request-information", referral, COORDINATOR, asking({"text": "Any scan?"}, blocking=False))
    assert (referral.status, referral.waiting_on, referral.next_action_due_at, referral.segment_started_at) == before
    first, second = questions_of(desk.session, referral.id)
    body = {"answers": [{"item": str(second.items[0].id), "value": "CT of May"}]}
    with pytest.raises(Invalid) as refusal:
        desk.take("answer-information", referral, CLINICIAN, body)
    assert codes(refusal) == {("/request", "required")}
    desk.take("answer-information", referral, CLINICIAN, body | {"request": str(second.request.id)})
    assert [each.request.status for each in questions_of(desk.session, referral.id)] == ["open", "answered"]
    assert referral.facts_version == 1
    assert first.request.due_at > desk.now


@pytest.mark.parametrize(
    ("items", "facts", "may"),
    [
        ([STATUS_ITEM], dict, True),
        ([{"field": "/diagnosis/grade"}], dict, False),
        ([{"text": "Who operated?"}], dict, True),
        ([{"document": "imaging"}], dict, True),
        ([{"document": "pathology"}], dict, False),
        ([{"document": "pathology"}], lambda: {"diagnosis": diagnosis(morphology=None)}, True),
        ([{"field": "/diagnosis/stage/m"}], lambda: {"diagnosis": early_breast() | {"stage": None}}, True),
        ([{"field": "/diagnosis/metastatic_sites"}], lambda: {"diagnosis": early_breast() | {"stage": None}}, True),
        ([{"field": "/diagnosis/grade"}, {"field": "/treatments"}], dict, True),
        (
            [{"text": "Who operated?"}, {"document": "other"}],
            lambda: {"diagnosis": diagnosis(), "treatments": []},
            False,
        ),
    ],
)
def test_only_what_could_change_tier_or_center_holds_a_referral_up(
    desk: Desk, items: list[Any], facts: Callable[[], dict[str, Any]], may: bool
) -> None:
    referral = untold(desk, **facts())
    if may:
        desk.take("request-information", referral, COORDINATOR, asking(*items))
        assert referral.status == "information_requested"
        return
    with pytest.raises(Invalid) as refusal:
        desk.take("request-information", referral, COORDINATOR, asking(*items))
    assert codes(refusal) == {("/blocking", "item_could_matter")}


def test_what_is_proposed_is_what_the_judgement_waits_for(desk: Desk) -> None:
    referral = untold(desk, diagnosis=diagnosis(morphology=None, disease_status=None))
    content = desk.session.scalars(select(Facts)).one().content
    rules = rules_of(desk.session, referral.network_id)
    found = {item.path: item for item in proposed_items(content, desk.now, rules)}
    judged = desk.session.scalars(select(Assessment)).one().judgement
    assert {item["path"] for item in judged["missing"]} <= found.keys()
    assert found["/diagnosis/disease_status"].could_change_tier_to == ("P1",)
    assert "rare" in found["/diagnosis/morphology"].decides


def test_everything_that_is_wrong_with_a_question_is_said_at_once(desk: Desk) -> None:
    referral = untold(desk)
    with pytest.raises(Invalid) as refusal:
        desk.take("request-information", referral, COORDINATOR, {**asking(due_at=desk.now), "items": []})
    assert codes(refusal) == {("/items", "has_items"), ("/due_at", "has_due_time")}


def test_everything_that_is_wrong_with_an_answer_is_said_at_once(desk: Desk) -> None:
    referral = untold(desk)
    desk.take(
        "request-information", referral, COORDINATOR, asking(STATUS_ITEM, {"text": "Where?"}, {"document": "letter"})
    )
    body = answers(desk, referral, TOLD, {"value": "here"})
    stranger = {"item": str(referral.id), "value": "x"}
    body["answers"] = [body["answers"][0], body["answers"][0], stranger]
    with pytest.raises(Invalid) as refusal:
        desk.take("answer-information", referral, COORDINATOR, body)
    assert codes(refusal) == {
        ("/answers/1/item", "repeated"),
        ("/answers/2/item", "unknown"),
        ("/answers", "required_items_answered"),
        ("/source", "source_named"),
    }
    assert sum(error.code == "required_items_answered" for error in refusal.value.errors) == 2


def test_what_was_told_by_phone_is_recorded_with_who_told_it(desk: Desk) -> None:
    referral = untold(desk)
    desk.take("request-information", referral, COORDINATOR, asking(STATUS_ITEM, {"text": "Where?", "required": False}))
    body = answers(desk, referral, {"unobtainable": "The clinic has closed."}, source="Dr Rey by phone")
    desk.take("answer-information", referral, COORDINATOR, body)
    asked = last(desk, referral)
    assert (asked.request.source, asked.request.answered_by) == ("Dr Rey by phone", "Coordinator")
    assert [item.answer for item in asked.items] == [{"unobtainable": "The clinic has closed."}, None]
    assert (referral.status, referral.facts_version) == ("in_triage", 1)


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("/diagnosis/diagnosed_on", "2031", "/answers/0/value"),
        ("/treatments", [treatment(started_on="2031", ended_on=None)], "/answers/0/value/0/started_on"),
    ],
)
def test_a_fact_that_cannot_be_is_refused_where_it_was_told(desk: Desk, field: str, value: Any, where: str) -> None:
    referral = untold(desk)
    desk.take("request-information", referral, COORDINATOR, asking({"field": field}, STATUS_ITEM, blocking=False))
    with pytest.raises(Invalid) as refusal:
        desk.take("answer-information", referral, CLINICIAN, answers(desk, referral, {"value": value}, TOLD))
    assert codes(refusal) == {(where, "in_the_future")}
    assert last(desk, referral).is_open


def test_the_referral_goes_on_without_an_answer_with_a_reason_for_each_item(desk: Desk) -> None:
    referral = untold(desk)
    desk.take("request-information", referral, COORDINATOR, asking(STATUS_ITEM, {"text": "x", "required": False}))
    with pytest.raises(Invalid) as refusal:
        desk.take("proceed-without", referral, LEAD, {"reasons": []})
    assert codes(refusal) == {("/reasons", "reason_per_item")}
    desk.take("proceed-without", referral, LEAD, reasons(desk, referral))
    asked = last(desk, referral)
    assert (referral.status, asked.request.status) == ("in_triage", "proceeded")
    assert [item.reason for item in asked.items] == ["Lost.", None]
    reasons_of_judging = desk.session.scalars(select(Assessment.reason).order_by(Assessment.number)).all()
    assert reasons_of_judging == ["submitted", "proceed"]


def test_a_question_gets_more_time_once_and_never_less(desk: Desk) -> None:
    referral = untold(desk)
    desk.take("request-information", referral, COORDINATOR, asking(due_at=desk.now + timedelta(days=2)))

    def more(days: int) -> dict[str, Any]:
        return {"due_at": desk.now + timedelta(days=days), "reason": "The laboratory is slow."}

    with pytest.raises(Invalid) as refusal:
        desk.take("extend", referral, COORDINATOR, more(1))
    assert codes(refusal) == {("/due_at", "later")}
    desk.take("extend", referral, COORDINATOR, more(4))
    assert (referral.status, referral.resume_status) == ("information_requested", "in_triage")
    assert referral.next_action_due_at == last(desk, referral).request.due_at == desk.now + timedelta(days=4)
    with pytest.raises(Invalid) as refusal:
        desk.take("extend", referral, COORDINATOR, more(9))
    assert codes(refusal) == {("", "not_extended_before")}


def test_the_second_missed_due_time_forces_a_choice(desk: Desk) -> None:
    referral = untold(desk)
    desk.take("request-information", referral, COORDINATOR, asking(due_at=desk.now + timedelta(days=1)))
    late: list[tuple[int, bool]] = []
    for _ in range(4):
        late.append((len(questions_past_due(desk.session, desk.now)), last(desk, referral).is_choice_due(desk.now)))
        desk.wait(days=1)
    assert late == [(0, False), (1, False), (1, True), (1, True)]
    desk.take("extend", referral, COORDINATOR, {"due_at": desk.now + timedelta(days=1), "reason": "x"})
    assert not last(desk, referral).is_choice_due(desk.now)
    assert last(desk, referral).is_choice_due(desk.now + timedelta(days=1)), "the time that was added is the last"


def test_the_end_of_a_referral_closes_its_questions(desk: Desk) -> None:
    referral = untold(desk)
    desk.take("request-information", referral, COORDINATOR, asking({"text": "x"}, blocking=False))
    desk.take("request-information", referral, COORDINATOR, asking())
    desk.take("decline", referral, LEAD, {"reason": "other", "advice": "Ask again."})
    assert [each.request.status for each in questions_of(desk.session, referral.id)] == ["closed", "closed"]
    assert (referral.status, referral.resume_status) == ("declined", None)


PLACES = {
    "submitted": (),
    "in_triage": ("claim",),
    "ready": ("claim", "complete-triage"),
    "information_requested": ("claim", "request-information"),
    "declined": ("claim", "decline"),
}
BODIES = {"request-information": asking(), "decline": {"reason": "other", "advice": "x"}}
MAY = {
    "request-information": ({"in_triage", "ready"}, {COORDINATOR, LEAD}),
    "answer-information": ({"in_triage", "ready", "information_requested"}, {CLINICIAN, COORDINATOR}),
    "proceed-without": ({"information_requested"}, {COORDINATOR, LEAD}),
    "extend": ({"information_requested"}, {COORDINATOR, LEAD}),
}
WHO = {COORDINATOR: None, LEAD: None, CLINICIAN: None, "specialist@summit": NotFound, "auditor@network": Forbidden}


@pytest.mark.parametrize("place", PLACES)
def test_who_takes_each_step_of_a_question_from_where(desk: Desk, place: str) -> None:
    referral = desk.receive(diagnosis=untold_diagnosis(), treatments=None, needed_by=None)
    for step in PLACES[place]:
        desk.take(step, referral, LEAD, BODIES.get(step, {}))
    for step, (places, people) in MAY.items():
        for who, hidden in WHO.items():
            kind = refused(desk, step, referral, who)
            parties = hidden if step in ("request-information", "proceed-without") else hidden and Forbidden
            expected = parties or (Forbidden if who not in people else None if place in places else NotAllowedNow)
            assert kind is expected, (step, who, kind)


def refused(desk: Desk, step: str, referral: Referral, who: str) -> type[Refusal] | None:
    """How the step is refused, before what is wrong with its body is looked at; it is undone."""
    later = {"due_at": desk.now + timedelta(days=30), "reason": "x"}
    body = {"request-information": asking(), "answer-information": {"answers": []}, "extend": later}
    try:
        with desk.session.begin_nested() as savepoint:
            desk.take(step, referral, who, body.get(step, {"reasons": []}))
            savepoint.rollback()
    except Invalid:
        return None
    except Refusal as refusal:
        return type(refusal)
    finally:
        desk.session.expire_all()
    return None


def test_two_blocking_questions_cannot_be_open_at_once(desk: Desk) -> None:
    referral = untold(desk)
    desk.take("request-information", referral, COORDINATOR, asking())
    desk.session.add(copied(last(desk, referral).request, desk.now))
    with pytest.raises(IntegrityError):
        desk.session.flush()
    desk.session.rollback()


def copied(row: InformationRequest, now: datetime) -> InformationRequest:
    names = ("network_id", "referral_id", "organization_id", "party", "author_name", "asked", "blocking", "status")
    return InformationRequest(**{name: getattr(row, name) for name in names}, created_at=now, due_at=now, changes=[])


@pytest.mark.parametrize("damage", ["answered", "forgotten", "remembered", "doubled"])
def test_a_question_and_its_referral_that_do_not_agree_are_found(desk: Desk, damage: str) -> None:
    referral, other = untold(desk, 1), untold(desk, 2, external_reference="other")
    desk.take("request-information", referral, COORDINATOR, asking())
    desk.session.flush()
    assert broken(desk) == []
    if damage == "doubled":
        desk.session.execute(text("DROP INDEX uq_information_request_blocking"))
        desk.session.add(copied(last(desk, referral).request, desk.now))
        desk.session.flush()
    else:
        desk.session.execute(
            {
                "answered": update(InformationRequest).values(status="answered", ended_at=desk.now),
                "forgotten": update(Referral).where(Referral.id == referral.id).values(resume_status=None),
                "remembered": update(Referral).where(Referral.id == other.id).values(resume_status="in_triage"),
            }[damage]
        )
    assert broken(desk) == [other.reference if damage == "remembered" else referral.reference]
