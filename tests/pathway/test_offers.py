"""A center is asked, answers or is silent: places are counted, exclusions hold, and the referral never stands still."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from referrals.domain.errors import Forbidden, Invalid, NotAllowedNow, NotFound
from referrals.models.center import Center
from referrals.models.offer import Offer
from referrals.models.referral import Referral
from referrals.models.trail import Event, Outbox
from referrals.pathway.matching import Ask, matches
from referrals.pathway.notices import tell
from referrals.pathway.offers import lapse_offers
from referrals.pathway.rules import rules_of
from tests.pathway.conftest import Desk

COORDINATOR, LEAD = "coordinator@network", "lead@network"
KEEPER, SPECIALIST, HARBOR = "coordinator@summit", "specialist@summit", "specialist@harbor"
CLINICIAN = "clinician@lakeside"


def center_id(desk: Desk, code: str = "summit") -> str:
    return str(desk.world.organizations[code].id)


def ready(desk: Desk, number: int = 1, **changes: Any) -> Referral:
    referral = desk.receive(number, **changes)
    desk.take("claim", referral, COORDINATOR)
    return desk.take("complete-triage", referral, COORDINATOR)


def offered(desk: Desk, number: int = 1, code: str = "summit", **more: Any) -> Referral:
    referral = ready(desk, number)
    return desk.take("offer", referral, COORDINATOR, {"center": center_id(desk, code)} | more)


def accepted(desk: Desk, number: int = 1) -> Referral:
    return desk.take("accept", offered(desk, number), KEEPER)


def in_review(desk: Desk, number: int = 1) -> Referral:
    named = {"specialist": desk.world.user_id("specialist@summit.example")}
    return desk.take("start-review", accepted(desk, number), KEEPER, named)


def offers(desk: Desk, referral: Referral) -> list[Offer]:
    desk.session.flush()
    query = select(Offer).where(Offer.referral_id == referral.id).order_by(Offer.number)
    return list(desk.session.scalars(query))


def words(refused: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {error.code for error in refused.value.errors}


def excluded(desk: Desk, referral: Referral) -> dict[str, list[str]]:
    _, unable = matches(Ask(desk.session, referral, rules_of(desk.session, referral.network_id), desk.now))
    return {fit.center.code: [finding.code for finding in fit.findings] for fit in unable}


def test_an_offer_asks_one_center_and_gives_it_a_time(desk: Desk) -> None:
    referral = offered(desk)
    assert (referral.status, referral.waiting_on, referral.next_action) == ("offered", "center", "accept")
    assert str(referral.center_id) == center_id(desk)
    (offer,) = offers(desk, referral)
    assert offer.status == "live"
    assert referral.next_action_due_at == offer.respond_by
    assert desk.now < offer.respond_by <= referral.due_at


def test_no_center_has_longer_to_answer_than_the_patient_was_promised(desk: Desk) -> None:
    referral = offered(desk, respond_by=desk.now + timedelta(days=60))
    assert referral.next_action_due_at == referral.due_at


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda center: setattr(center, "paused_at", center.updated_at), "center_is_active"),
        (lambda center: setattr(center, "places", 0), "place_is_left"),
        (lambda center: setattr(center, "services", ["pediatrics", "multidisciplinary_team", "remote"]), "center_fits"),
    ],
)
def test_what_stands_against_a_center_is_named(desk: Desk, spoil: Any, word: str) -> None:
    referral = ready(desk)
    spoil(desk.session.get_one(Center, desk.world.organizations["summit"].id))
    desk.session.flush()
    with pytest.raises(Invalid) as refused:
        desk.take("offer", referral, COORDINATOR, {"center": center_id(desk)})
    assert words(refused) == {word}
    assert referral.status == "ready"


def test_a_reason_waives_that_a_center_does_not_fit_or_has_no_place(desk: Desk) -> None:
    referral = ready(desk)
    center = desk.session.get_one(Center, desk.world.organizations["summit"].id)
    center.services, center.places = ["pediatrics"], 0
    desk.session.flush()
    reasons = {"exception_reason": "They know her.", "overbook_reason": "One more is fine."}
    taken = desk.take("offer", referral, COORDINATOR, {"center": center_id(desk)} | reasons)
    assert taken.status == "offered"
    assert offers(desk, referral)[0].overbook_reason == "One more is fine."


def test_a_consent_that_names_other_centers_covers_no_other(desk: Desk) -> None:
    consent = {
        "given": True, "given_on": "2026-11-20", "given_by": "patient", "scope": ["share_with_centers"],
        "centers": ["harbor"], "until": None,
    }  # fmt: skip
    referral = ready(desk, consent=consent)
    with pytest.raises(Invalid) as refused:
        desk.take("offer", referral, COORDINATOR, {"center": center_id(desk), "exception_reason": "We want them."})
    assert words(refused) == {"consent_covers_center"}


def test_places_are_held_by_offers_and_free_again_after_a_no(desk: Desk) -> None:
    center = desk.session.get_one(Center, desk.world.organizations["summit"].id)
    center.places = 1
    desk.session.flush()
    first, second = offered(desk, 1), ready(desk, 2)
    with pytest.raises(Invalid) as refused:
        desk.take("offer", second, COORDINATOR, {"center": center_id(desk)})
    assert words(refused) == {"place_is_left"}
    desk.take("decline-offer", first, KEEPER, {"reason": "capacity"})
    assert desk.take("offer", second, COORDINATOR, {"center": center_id(desk)}).status == "offered"


@pytest.mark.parametrize(
    ("reason", "this_week", "next_week"),
    [("expertise", True, True), ("conflict", True, True), ("capacity", True, False), ("incomplete", True, True)],
)
def test_an_earlier_no_excludes_for_as_long_as_its_reason_lasts(
    desk: Desk, reason: str, this_week: bool, next_week: bool
) -> None:
    referral = offered(desk)
    desk.take("decline-offer", referral, SPECIALIST, {"reason": reason})
    assert (referral.status, referral.center_id) == ("ready", None)
    assert ("answered_before" in excluded(desk, referral).get("summit", [])) is this_week
    desk.wait(days=7)
    assert ("answered_before" in excluded(desk, referral).get("summit", [])) is next_week


def test_what_was_declined_as_incomplete_can_be_offered_again_once_something_came_in(desk: Desk) -> None:
    referral = offered(desk)
    desk.take("decline-offer", referral, SPECIALIST, {"reason": "incomplete"})
    told = {"kind": "new_event", "source": "report", "reason": "it came", "diagnosis": {"grade": "3"}}
    desk.take("update-facts", referral, CLINICIAN, told)
    assert "answered_before" not in excluded(desk, referral).get("summit", [])


def test_a_silent_center_loses_the_offer_and_after_two_is_paused(desk: Desk) -> None:
    first, second = offered(desk, 1), offered(desk, 2)
    assert lapse_offers(desk.session, desk.now) == 0
    desk.wait(days=2)
    assert lapse_offers(desk.session, desk.now) == 2
    assert {first.status, second.status} == {"ready"}
    assert desk.session.get_one(Center, desk.world.organizations["summit"].id).paused_at == desk.now
    assert excluded(desk, first)["summit"][0] == "center_is_active"


def test_an_answer_can_be_undone_for_ten_minutes_and_nobody_hears_of_it(desk: Desk) -> None:
    for step, body in (("accept", {}), ("decline-offer", {"reason": "capacity"})):
        referral = offered(desk, 1 if step == "accept" else 2)
        desk.take(step, referral, KEEPER, body)
        desk.wait(minutes=9)
        desk.take("undo", referral, KEEPER)
        assert (referral.status, offers(desk, referral)[-1].status) == ("offered", "live")
        assert str(referral.center_id) == center_id(desk)
    desk.session.flush()
    tell(desk.session, desk.now)
    waiting = select(Outbox.topic).where(Outbox.done_at.is_(None))
    assert desk.session.scalars(waiting).all() == []


def test_what_may_be_undone_is_told_only_afterward(desk: Desk) -> None:
    referral = accepted(desk)
    tell(desk.session, desk.now)
    waiting = select(Outbox.topic).where(Outbox.done_at.is_(None))
    assert desk.session.scalars(waiting).all() == ["referral.accept"]
    desk.wait(minutes=11)
    tell(desk.session, desk.now)
    assert desk.session.scalars(waiting).all() == []
    with pytest.raises(Invalid) as refused:
        desk.take("undo", referral, KEEPER)
    assert words(refused) == {"within_10_minutes"}


def test_only_ones_own_answer_is_undone_and_only_while_nobody_has_gone_on(desk: Desk) -> None:
    referral = accepted(desk)
    with pytest.raises(Invalid) as refused:
        desk.take("undo", referral, SPECIALIST)
    assert words(refused) == {"own_answer"}
    declined = offered(desk, 2)
    desk.take("decline-offer", declined, KEEPER, {"reason": "capacity"})
    desk.take("assign-owner", declined, COORDINATOR, {"user": desk.world.user_id("second@network.example")})
    with pytest.raises(Invalid) as refused:
        desk.take("undo", declined, KEEPER)
    assert words(refused) == {"no_step_since"}


def test_another_center_knows_of_nothing(desk: Desk) -> None:
    referral = offered(desk)
    for step, body in (("accept", {}), ("decline-offer", {"reason": "other"}), ("undo", {})):
        with pytest.raises(NotFound):
            desk.take(step, referral, HARBOR, body)


def test_a_review_names_active_specialists_of_the_center(desk: Desk) -> None:
    referral = accepted(desk)
    stranger = {"specialist": desk.world.user_id("specialist@harbor.example")}
    with pytest.raises(Invalid) as refused:
        desk.take("start-review", referral, KEEPER, stranger)
    assert words(refused) == {"specialist_is_of_center"}
    named = {"specialist": desk.world.user_id("specialist@summit.example")}
    assert desk.take("start-review", referral, KEEPER, named).status == "in_review"
    assert desk.take("change-specialist", referral, SPECIALIST, named).status == "in_review"


def test_a_center_gives_back_what_it_cannot_answer(desk: Desk) -> None:
    referral = in_review(desk)
    desk.take("return", referral, SPECIALIST, {"reason": "conflict", "text": "I treated her."})
    assert (referral.status, referral.center_id, offers(desk, referral)[0].status) == ("ready", None, "returned")
    assert "answered_before" in excluded(desk, referral)["summit"]


def test_a_coordinator_recalls_once_a_due_time_has_passed_and_a_lead_at_any_time(desk: Desk) -> None:
    referral = in_review(desk)
    with pytest.raises(Forbidden):
        desk.take("recall", referral, COORDINATOR, {"text": "Too slow."})
    other = in_review(desk, 2)
    assert desk.take("recall", other, LEAD, {"text": "Found a nearer one."}).status == "ready"
    desk.wait(days=30)
    assert desk.take("recall", referral, COORDINATOR, {"text": "Silent."}).status == "ready"


def test_advice_on_the_way_reaches_the_referrer_at_once(desk: Desk) -> None:
    referral = in_review(desk)
    desk.take("interim-advice", referral, SPECIALIST, {"text": "Stop the drug now."})
    assert referral.status == "in_review"
    event = desk.session.scalars(select(Event).where(Event.step == "interim-advice")).one()
    assert event.data["text"] == "Stop the drug now."


def test_a_center_at_work_is_asked_before_a_referral_is_withdrawn(desk: Desk) -> None:
    referral = in_review(desk)
    with pytest.raises(NotAllowedNow):
        desk.take("withdraw", referral, CLINICIAN, {"reason": "patient_choice"})
    desk.take("request-withdrawal", referral, CLINICIAN, {"reason": "patient_choice"})
    assert (referral.status, referral.next_action) == ("in_review", "confirm-withdrawal")
    with pytest.raises(Forbidden):
        desk.take("confirm-withdrawal", referral, COORDINATOR)
    assert desk.take("confirm-withdrawal", referral, SPECIALIST).status == "withdrawn"
    assert (referral.center_id, offers(desk, referral)[0].status) == (None, "withdrawn")


def test_the_network_confirms_a_withdrawal_that_the_center_has_not_for_two_working_days(desk: Desk) -> None:
    referral = in_review(desk)
    desk.take("request-withdrawal", referral, COORDINATOR, {"reason": "deceased"})
    desk.wait(days=2)
    assert desk.take("confirm-withdrawal", referral, COORDINATOR).status == "withdrawn"


def test_an_offer_ends_with_its_referral(desk: Desk) -> None:
    for number, who, step, reason in (
        (1, CLINICIAN, "withdraw", "patient_choice"),
        (2, COORDINATOR, "cancel", "other_route"),
    ):
        referral = offered(desk, number)
        desk.take(step, referral, who, {"reason": reason})
        assert [offer.status for offer in offers(desk, referral)] == ["withdrawn"]
        assert referral.center_id is None


def test_facts_that_moved_after_an_offer_wait_for_the_center_to_confirm(desk: Desk) -> None:
    referral = accepted(desk)
    told = {"kind": "correction", "source": "letter", "reason": "typed wrongly", "diagnosis": {"grade": "3"}}
    desk.take("update-facts", referral, CLINICIAN, told)
    assert offers(desk, referral)[0].reconfirm is None
    moved = told | {"diagnosis": {"stage": {"m": "M0", "group": "II"}, "metastatic_sites": [], "other_codes": []}}
    moved |= {"diagnosis": moved["diagnosis"] | {"icd10cm": "C50.411", "topography": None, "morphology": "8500/3"}}
    desk.take("update-facts", referral, CLINICIAN, moved)
    assert offers(desk, referral)[0].reconfirm
    named = {"specialist": desk.world.user_id("specialist@summit.example")}
    desk.take("start-review", referral, KEEPER, named)
    assert offers(desk, referral)[0].reconfirm is None


def test_a_specialist_adds_facts_only_while_their_center_is_working(desk: Desk) -> None:
    told = {"kind": "new_event", "source": "slides", "reason": "read here", "diagnosis": {"grade": "3"}}
    referral = offered(desk)
    with pytest.raises(Forbidden):
        desk.take("update-facts", referral, SPECIALIST, told)
    desk.take("accept", referral, KEEPER)
    desk.take("update-facts", referral, SPECIALIST, told)
    assert offers(desk, referral)[0].facts_version == referral.facts_version


def test_a_colleague_and_the_sender_of_a_duplicate_may_join(desk: Desk) -> None:
    referral, double = (
        offered(desk),
        desk.receive(2, code="hillcrest", referring_clinician={"email": "clinician@hillcrest.example"}),
    )
    other = {"user": desk.world.user_id("clinician@hillcrest.example")}
    with pytest.raises(Invalid) as refused:
        desk.take("join", referral, COORDINATOR, other)
    assert words(refused) == {"consent_covers_clinician"}
    desk.take("cancel", double, COORDINATOR, {"reason": "duplicate", "duplicate_of": str(referral.id)})
    desk.take("join", referral, COORDINATOR, other)
    desk.take("join", referral, CLINICIAN, {"user": desk.world.user_id("colleague@lakeside.example")})
    with pytest.raises(Invalid) as refused:
        desk.take("join", referral, COORDINATOR, other)
    assert words(refused) == {"unchanged"}


def test_a_mistake_needs_an_administrator_and_a_second_person_once_it_was_sent(desk: Desk) -> None:
    referral = offered(desk)
    with pytest.raises(Invalid) as refused:
        desk.take("mark-error", referral, "admin@network", {"text": "The wrong patient."})
    assert words(refused) == {"second_person"}
    body = {"text": "The wrong patient.", "second_person": "lead@network.example"}
    assert desk.take("mark-error", referral, "admin@network", body).status == "entered_in_error"
    with pytest.raises(NotFound):
        desk.take("accept", referral, KEEPER)
