"""Opinions are whole before they are signed, never change afterwards, and are followed to what became of them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from referrals.domain.errors import Forbidden, Invalid, NotAllowedNow
from referrals.domain.vocabulary import OutcomeResult
from referrals.models.diagnosis import Diagnosis
from referrals.models.opinion import Acknowledgement, Finding, Opinion, Outcome, Recommendation
from referrals.models.referral import Referral
from referrals.pathway.contacts import record_contact
from referrals.pathway.opinions import NotAsSigned, latest_opinion, read_opinion, shown_opinion
from referrals.pathway.outcomes import outcomes_of, recommendation_ids, record_no_response
from tests.factories import person_actor
from tests.opinions import OPINION, REVISED, bring_to_review, opinion, revising
from tests.pathway.conftest import Desk

SPECIALIST, CLINICIAN, LEAD = "specialist@summit", "clinician@lakeside", "lead@network"
FINDINGS = OPINION["findings"]


@pytest.fixture
def reviewed(desk: Desk) -> Referral:
    return bring_to_review(desk.session, desk.world, desk.receive(), desk.now)


@pytest.fixture
def signed(desk: Desk, reviewed: Referral) -> Referral:
    return desk.take("sign-opinion", reviewed, SPECIALIST, revising())


@pytest.fixture
def read(desk: Desk, signed: Referral) -> Referral:
    return desk.take("acknowledge", signed, CLINICIAN, {"version": 1, "plan": "follow"})


def refused(desk: Desk, step: str, referral: Referral, who: str, body: dict[str, Any]) -> set[tuple[str, str]]:
    before = (referral.status, referral.version)
    with pytest.raises(Invalid) as caught:
        desk.take(step, referral, who, body)
    assert (referral.status, referral.version) == before
    return {(error.pointer, error.code) for error in caught.value.errors}


UNSIGNABLE = [
    ({"answers": []}, ("/answers", "questions_answered")),
    ({"answers": [{"question": 1, "text": "a"}, {"question": 1, "text": "b"}]}, ("/answers", "questions_answered")),
    ({"answers": [*OPINION["answers"], {"question": 2, "text": "b"}]}, ("/answers", "questions_answered")),
    ({"findings": FINDINGS[:3]}, ("/findings", "axes_judged")),
    ({"findings": [*FINDINGS[:3], FINDINGS[0]]}, ("/findings", "axes_judged")),
    ({"findings": [{**REVISED, "revised": None}, *FINDINGS[1:]]}, ("/findings/0/revised", "axes_judged")),
    ({"findings": [{**REVISED, "result": "confirmed"}, *FINDINGS[1:]]}, ("/findings/0/revised", "unexpected")),
    (
        {"findings": [{**REVISED, "revised": {"icd10cm": "C25.99"}}, *FINDINGS[1:]]},
        ("/findings/0/revised/icd10cm", "unknown_code"),
    ),
    ({"identity_confirmed": False}, ("/identity_confirmed", "identity_confirmed")),
]


@pytest.mark.parametrize(("changes", "error"), UNSIGNABLE)
def test_an_opinion_is_signed_whole_or_not_at_all(desk, reviewed, changes, error):
    assert error in refused(desk, "sign-opinion", reviewed, SPECIALIST, opinion(**changes))
    assert latest_opinion(desk.session, reviewed) is None


def test_every_guard_is_told_at_once(desk, reviewed):
    found = refused(
        desk, "sign-opinion", reviewed, SPECIALIST, opinion(answers=[], findings=[], identity_confirmed=False)
    )
    assert {code for _, code in found} == {"questions_answered", "axes_judged", "identity_confirmed"}


def test_a_revised_diagnosis_is_a_second_row_that_points_to_the_original(desk, signed):
    session = desk.session
    original = session.get_one(Diagnosis, signed.diagnosis_id)
    finding = session.scalars(select(Finding).where(Finding.axis == "diagnosis")).one()
    revised = session.get_one(Diagnosis, finding.revised_diagnosis_id)
    assert (original.icd10cm, original.morphology) == ("C25.0", "8140/3")
    assert (revised.icd10cm, revised.morphology, revised.revises_id) == ("C25.4", "8246/3", original.id)
    assert (revised.grade, revised.organization_id) == (original.grade, original.organization_id)


def test_an_opinion_that_was_signed_waits_to_be_read(desk, signed):
    found = read_opinion(desk.session, signed)
    assert (signed.status, signed.waiting_on, signed.next_action) == ("opinion_issued", "referrer", "acknowledge")
    assert signed.next_action_due_at > desk.now
    assert (found.version, found.content["authors"][0]["name"], len(found.sha256)) == (1, "Specialist", 64)


def test_an_amendment_is_a_new_version_that_has_to_be_read_again(desk, read):
    desk.wait(days=2)
    amended = desk.take("amend-opinion", read, SPECIALIST, opinion(text="The panel came back."))
    assert (amended.status, amended.segment_started_at) == ("opinion_issued", desk.now)
    assert read_opinion(desk.session, amended).content["amends"] == "The panel came back."
    assert read_opinion(desk.session, amended, 1).version == 1
    old = {"version": 1, "plan": "follow"}
    assert refused(desk, "acknowledge", amended, CLINICIAN, old) == {("/version", "version_is_latest")}
    desk.take("acknowledge", amended, CLINICIAN, {**old, "version": 2})
    again = desk.take("amend-opinion", amended, SPECIALIST, opinion(text="A slip of the pen."))
    assert read_opinion(desk.session, again).version == 3


def test_nobody_signs_amends_or_reads_for_another(desk, signed):
    with pytest.raises(Forbidden):
        desk.take("acknowledge", signed, "admin@lakeside", {"version": 1, "plan": "follow"})
    with pytest.raises(Forbidden):
        desk.take("amend-opinion", signed, CLINICIAN, opinion(text="x"))
    with pytest.raises(NotAllowedNow):
        desk.take("sign-opinion", signed, SPECIALIST, opinion())


KEPT = (Opinion, Finding, Recommendation, Acknowledgement, Outcome)


def test_no_part_of_an_opinion_can_be_changed_or_lost(desk, read):
    session = desk.session
    rows = recommendation_ids(session, read_opinion(session, read))
    outcomes = [{"recommendation": str(each), "result": "followed"} for each in rows]
    desk.take("close", read, CLINICIAN, {"outcomes": outcomes})
    session.flush()
    revised = "revises_id IS NOT NULL"
    attempts = [f"UPDATE {table.__tablename__} SET network_id = network_id" for table in KEPT]
    attempts += [f"DELETE FROM {table.__tablename__}" for table in KEPT]
    attempts += [f"UPDATE diagnosis SET icd10cm = 'C25.1' WHERE {revised}", f"DELETE FROM diagnosis WHERE {revised}"]
    attempts += [f"UPDATE biomarker SET value = 'x' WHERE diagnosis_id IN (SELECT id FROM diagnosis WHERE {revised})"]
    for attempt in attempts:
        with pytest.raises(DatabaseError, match="only ever added to"), session.begin_nested():
            session.execute(text(attempt))


def test_what_is_not_as_it_was_signed_is_shown_to_nobody(desk, signed):
    found = read_opinion(desk.session, signed)
    with desk.session.no_autoflush:
        found.content = {**found.content, "short_answer": "Something else."}
        with pytest.raises(NotAsSigned):
            read_opinion(desk.session, signed)
        assert shown_opinion(desk.session, signed) is None
    desk.session.expire(found)


def outcomes_for(desk: Desk, referral: Referral, *results: str) -> list[dict[str, Any]]:
    found = read_opinion(desk.session, referral)
    rows = recommendation_ids(desk.session, found)
    return [{"recommendation": str(row), "result": result} for row, result in zip(rows, results, strict=False)]


UNCLOSABLE = [
    (lambda told: {}, ("/outcomes", "outcomes_recorded")),
    (lambda told: {"outcomes": told, "unobtainable": "x"}, ("/outcomes", "outcomes_recorded")),
    (lambda told: {"outcomes": told[:1]}, ("/outcomes", "outcomes_recorded")),
    (lambda told: {"outcomes": [told[0], told[0]]}, ("/outcomes", "outcomes_recorded")),
    (lambda told: {"outcomes": [{**told[0], "result": "partly"}, told[1]]}, ("/outcomes/0/reason", "required")),
    (
        lambda told: {"outcomes": [*told, {**told[0], "recommendation": "01940000-0000-7000-8000-000000000000"}]},
        ("/outcomes/2/recommendation", "unknown"),
    ),
]


@pytest.mark.parametrize(("body", "error"), UNCLOSABLE)
def test_a_referral_is_closed_with_an_outcome_for_each_recommendation(desk, read, body, error):
    told = outcomes_for(desk, read, "followed", "unknown")
    assert error in refused(desk, "close", read, CLINICIAN, body(told))


def test_an_outcome_may_be_unknown_or_unobtainable(desk, read):
    closed = desk.take("close", read, CLINICIAN, {"outcomes": outcomes_for(desk, read, "followed", "unknown")})
    assert (closed.status, closed.waiting_on, closed.ended_at) == ("closed", None, desk.now)
    amended = desk.take("amend-opinion", closed, SPECIALIST, opinion(text="Late finding."))
    assert (amended.status, amended.ended_at) == ("opinion_issued", None)
    desk.take("acknowledge", amended, CLINICIAN, {"version": 2, "plan": "discuss"})
    assert desk.take("close", amended, CLINICIAN, {"unobtainable": "She moved abroad."}).status == "closed"


def test_only_a_lead_closes_what_nobody_has_read_and_only_after_three_attempts(desk, signed):
    body = {"unobtainable": "The practice has closed."}
    coordinator = person_actor(desk.session, desk.world, "coordinator@network.example")
    for _ in range(3):
        assert refused(desk, "close", signed, LEAD, body) == {("", "attempts_documented")}
        desk.wait(days=1)
        call = {"with": "referrer", "channel": "phone", "outcome": "not_reached"}
        record_contact(desk.session, coordinator, signed, call, desk.now)
    with pytest.raises(NotAllowedNow):
        desk.take("close", signed, "coordinator@network", body)
    assert desk.take("close", signed, LEAD, body).status == "closed"


def test_silence_is_written_down_once_and_closes_nothing(desk, read):
    due = read.next_action_due_at
    assert record_no_response(desk.session, due + timedelta(days=27)) == 0
    assert record_no_response(desk.session, due + timedelta(days=28)) == 1
    assert record_no_response(desk.session, due + timedelta(days=29)) == 0
    told = outcomes_of(desk.session, read_opinion(desk.session, read)).values()
    assert [(row.result, row.source) for row in told] == [(OutcomeResult.UNKNOWN, "no_response")] * 2
    assert read.status == "acknowledged"
