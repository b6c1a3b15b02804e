"""Questions while a center has the referral: its own, the network's, and what becomes of both."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from referrals.domain.errors import Forbidden
from referrals.models.referral import Referral
from referrals.pathway.questions import questions_of
from tests.pathway.asked import CLINICIAN, COORDINATOR, answers, asking, broken, reasons, untold
from tests.pathway.conftest import Desk

CENTER = "coordinator@summit"
TO_CENTER: Mapping[str, tuple[str, ...]] = {
    "offered": (),
    "accepted": ("accept",),
    "in_review": ("accept", "start-review"),
}


def at_center(desk: Desk, place: str) -> Referral:
    referral = untold(desk)
    desk.take("complete-triage", referral, COORDINATOR)
    desk.take("offer", referral, COORDINATOR, {"center": str(desk.world.organizations["summit"].id), **WHATEVER})
    for step in TO_CENTER[place]:
        desk.take(step, referral, CENTER, {"specialist": desk.world.user_id("specialist@summit.example")})
    assert referral.status == place
    return referral


# A center that may lack what the unknown verdicts would ask for is offered it all the same.
WHATEVER = {"exception_reason": "They know the patient.", "unknown_acknowledged": True, "late_acknowledged": True}


@pytest.mark.parametrize("place", TO_CENTER)
def test_a_center_asks_and_has_the_time_left_once_it_is_answered(desk: Desk, place: str) -> None:
    referral = at_center(desk, place)
    started, due, center = referral.segment_started_at, referral.next_action_due_at, referral.center_id
    desk.take("request-information", referral, CENTER, asking())
    assert (referral.status, referral.resume_status, referral.waiting_on) == (
        "information_requested",
        place,
        "referrer",
    )
    desk.wait(hours=5)
    assert due is not None
    desk.take("answer-information", referral, CLINICIAN, answers(desk, referral, {"value": "stable"}))
    assert (referral.status, referral.waiting_on, referral.center_id) == (place, "center", center)
    assert referral.segment_started_at == started + timedelta(hours=5)
    assert referral.next_action_due_at == min(due + timedelta(hours=5), referral.due_at or due)
    assert broken(desk) == []


def test_a_center_goes_on_without_the_answer_to_its_own_question_only(desk: Desk) -> None:
    referral = at_center(desk, "in_review")
    desk.take("request-information", referral, COORDINATOR, asking())
    with pytest.raises(Forbidden):
        desk.take("proceed-without", referral, CENTER, reasons(desk, referral))
    desk.take("proceed-without", referral, COORDINATOR, reasons(desk, referral))
    desk.take("request-information", referral, CENTER, asking())
    desk.take("proceed-without", referral, CENTER, reasons(desk, referral))
    assert referral.status == "in_review"


def test_questions_of_a_center_end_when_the_referral_leaves_it_and_those_of_the_network_do_not(desk: Desk) -> None:
    referral = at_center(desk, "accepted")
    for who in (COORDINATOR, CENTER):
        desk.take("request-information", referral, who, asking({"text": "x"}, blocking=False))
    desk.take("request-information", referral, CENTER, asking())
    desk.take("return", referral, CENTER, {"reason": "expertise"})
    assert [each.request.status for each in questions_of(desk.session, referral.id)] == ["open", "closed", "closed"]
    assert (referral.status, referral.resume_status) == ("ready", None)
    assert broken(desk) == []
