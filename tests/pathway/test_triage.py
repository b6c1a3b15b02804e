"""From the door to `ready`, with what must not happen on the way."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from referrals.domain.errors import Forbidden, Invalid, NotAllowedNow, NotFound, Stale
from referrals.models.assessment import Assessment, Override
from referrals.models.referral import Facts, Referral
from referrals.models.trail import Event, Outbox, Receipt
from tests.pathway.conftest import Desk

COORDINATOR, SECOND, LEAD, DEPUTY = "coordinator@network", "second@network", "lead@network", "deputy@network"
CLINICIAN = "clinician@lakeside"


def override(desk: Desk, tier: str, **changes: object) -> dict[str, object]:
    expires = desk.now + timedelta(days=7)
    return {"tier": tier, "reason": "clinical_judgement", "text": "Seen today.", "expires_at": expires} | changes


def codes(refusal: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    return {(error.pointer, error.code) for error in refusal.value.errors}


def test_a_received_referral_has_its_event_receipt_facts_and_judgement(desk: Desk) -> None:
    referral = desk.receive()
    events = desk.session.scalars(select(Event).order_by(Event.version)).all()
    assert [(event.version, event.step) for event in events] == [(1, "create"), (2, "submit")]
    assert desk.session.scalars(select(Receipt)).one().referral_id == referral.id
    assert desk.session.scalars(select(Facts)).one().content["diagnosis"]["icd10cm"] == "C25.0"
    assert desk.session.scalars(select(Assessment)).one().tier == referral.tier == "P1"
    assert [row.topic for row in desk.session.scalars(select(Outbox).where(Outbox.done_at.is_(None)))] == [
        "referral.submit"
    ]


def test_a_draft_is_announced_to_nobody_and_has_no_promise(desk: Desk) -> None:
    draft = desk.receive(submit=False)
    assert (draft.status, draft.due_at, draft.submitted_at, draft.tier) == ("draft", None, None, None)
    assert draft.next_action_due_at == desk.now + timedelta(days=1)
    assert desk.session.scalars(select(Outbox).where(Outbox.done_at.is_(None))).all() == []


def test_the_path_from_the_door_to_ready(desk: Desk) -> None:
    referral = desk.receive()
    triage_due = referral.next_action_due_at
    desk.wait(hours=1)
    desk.take("claim", referral, COORDINATOR)
    assert (referral.status, referral.owner_id) == ("in_triage", desk.world.people["coordinator@network.example"].id)
    assert referral.next_action_due_at == triage_due, "claiming does not start the clock anew"
    desk.take("complete-triage", referral, COORDINATOR)
    assert (referral.status, referral.next_action) == ("ready", "offer")
    assert referral.next_action_due_at == desk.now + timedelta(days=1)


def test_a_released_referral_belongs_to_nobody_and_keeps_its_clock(desk: Desk) -> None:
    referral = desk.receive()
    due = referral.next_action_due_at
    desk.take("claim", referral, COORDINATOR)
    desk.wait(hours=3)
    desk.take("release", referral, COORDINATOR)
    assert (referral.status, referral.owner_id, referral.next_action_due_at) == ("submitted", None, due)


def test_a_center_does_not_triage_and_is_not_told_that_the_referral_exists(desk: Desk) -> None:
    referral = desk.receive()
    with pytest.raises(Forbidden):
        desk.take("claim", referral, "specialist@summit")


def test_another_provider_cannot_tell_a_foreign_referral_from_none(desk: Desk) -> None:
    referral = desk.receive()
    with pytest.raises(NotFound):
        desk.take("withdraw", referral, "clinician@hillcrest", {"reason": "patient_choice"})


def test_a_stale_version_is_refused_before_the_table_is_asked(desk: Desk) -> None:
    referral = desk.receive()
    with pytest.raises(Stale):
        desk.take("complete-triage", referral, COORDINATOR, if_version=1)
    with pytest.raises(NotAllowedNow):
        desk.take("complete-triage", referral, COORDINATOR, if_version=2)


def test_facts_that_change_in_triage_are_judged_at_once_and_give_back_the_time_lost(desk: Desk) -> None:
    stage_two = {"icd10cm": "C50.911", "morphology": "8500/3", "certainty": "confirmed",
                 "disease_status": "newly_diagnosed", "stage": {"system": "AJCC8", "group": "II"}}  # fmt: skip
    referral = desk.receive(diagnosis=stage_two, treatments=[], needed_by=None)
    assert referral.tier == "P4"
    desk.wait(days=2)
    news = {"kind": "new_event", "source": "CT of today", "reason": "Liver metastases",
            "diagnosis": {"stage": {"group": "IV", "m": "M1"}}}  # fmt: skip
    desk.take("update-facts", referral, CLINICIAN, news)
    assert referral.tier == "P2"
    assert referral.submitted_at is not None
    assert referral.due_at == referral.submitted_at + timedelta(days=7)
    assert referral.order_at == referral.submitted_at + timedelta(days=7 - 14)
    contents = desk.session.scalars(select(Facts.content).order_by(Facts.version)).all()
    assert [content["diagnosis"]["stage"]["group"] for content in contents] == ["II", "IV"]
    changes = desk.session.scalars(select(Assessment.changes).where(Assessment.number == 2)).one()
    assert any("P2" in sentence for sentence in changes)


def test_facts_that_say_nothing_new_are_refused(desk: Desk) -> None:
    referral = desk.receive()
    same = {"kind": "correction", "source": "x", "reason": "x", "diagnosis": {"icd10cm": "c250"}}
    with pytest.raises(Invalid) as refusal:
        desk.take("update-facts", referral, CLINICIAN, same)
    assert codes(refusal) == {("", "unchanged")}


def test_a_coordinator_lowers_an_urgent_referral_only_through_a_lead(desk: Desk) -> None:
    referral = desk.receive()
    with pytest.raises(Invalid) as refusal:
        desk.take("override", referral, COORDINATOR, override(desk, "P3"))
    assert codes(refusal) == {("/tier", "lead_required")}
    desk.take("override", referral, LEAD, override(desk, "P3"))
    assert (referral.tier, referral.computed_tier) == ("P3", "P1")


def test_a_promise_never_moves_away_and_the_place_follows_the_tier(desk: Desk) -> None:
    referral = desk.receive(needed_by=None)
    promised, place = referral.due_at, referral.order_at
    desk.take("override", referral, LEAD, override(desk, "P4"))
    assert referral.due_at == promised
    assert referral.order_at > place


def test_a_lead_who_sets_what_a_coordinator_set_has_signed_it(desk: Desk) -> None:
    stage_two = {"icd10cm": "C50.911", "morphology": "8500/3", "certainty": "confirmed",
                 "disease_status": "newly_diagnosed", "stage": {"system": "AJCC8", "group": "II"}}  # fmt: skip
    referral = desk.receive(diagnosis=stage_two, treatments=[])
    desk.take("override", referral, COORDINATOR, override(desk, "P1"))
    assert referral.tier == "P1", "up acts at once"
    owed = select(Override.countersign_due_at).where(Override.ended_at.is_(None))
    assert desk.session.scalars(owed).one() == desk.now + timedelta(days=1)
    desk.take("override", referral, LEAD, override(desk, "P1"))
    assert desk.session.scalars(owed).one() is None


def test_a_row_says_who_set_its_priority_while_that_stands(desk: Desk) -> None:
    referral = desk.receive()
    by_rules = list(referral.reasons)
    desk.take("override", referral, LEAD, override(desk, "P3"))
    assert referral.reasons == ["Changed by Lead: clinical judgement.", "The rules give P1."]
    desk.take(
        "update-facts", referral, CLINICIAN, {"kind": "correction", "source": "x", "reason": "x", "treatments": []}
    )
    assert referral.reasons[0] == "Changed by Lead: clinical judgement."
    desk.wait(days=8)
    desk.take("reassess", referral, COORDINATOR)
    assert referral.reasons[0] == by_rules[0]


def test_an_override_that_has_run_out_holds_the_triage_until_it_is_judged_again(desk: Desk) -> None:
    referral = desk.receive()
    desk.take("claim", referral, COORDINATOR)
    desk.take("override", referral, LEAD, override(desk, "P3"))
    desk.wait(days=8)
    with pytest.raises(Invalid) as refusal:
        desk.take("complete-triage", referral, COORDINATOR)
    assert codes(refusal) == {("", "overrides_allowed")}
    desk.take("reassess", referral, COORDINATOR)
    assert referral.tier == "P1"
    desk.take("complete-triage", referral, COORDINATOR)
    assert referral.status == "ready"


def test_a_coordinator_declines_for_administrative_reasons_only(desk: Desk) -> None:
    referral = desk.receive()
    body = {"reason": "not_indicated", "advice": "Ask your own tumor board first."}
    with pytest.raises(Forbidden):
        desk.take("decline", referral, COORDINATOR, body)
    desk.take("decline", referral, COORDINATOR, body | {"reason": "administrative"})
    assert (referral.status, referral.waiting_on, referral.next_action_due_at) == ("declined", None, None)


def test_whoever_declined_does_not_answer_the_contest(desk: Desk) -> None:
    referral = desk.receive()
    desk.take("decline", referral, LEAD, {"reason": "out_of_scope", "advice": "Try elsewhere."})
    desk.wait(days=13)
    desk.take("contest", referral, CLINICIAN, {"text": "It is in scope."})
    assert (referral.status, referral.owner_id) == ("in_triage", None)
    deputy = desk.world.user_id(f"{DEPUTY}.example")
    desk.take("assign-owner", referral, DEPUTY, {"user": deputy})
    assert str(referral.owner_id) == deputy
    with pytest.raises(Invalid) as refusal:
        desk.take("complete-triage", referral, LEAD)
    assert codes(refusal) == {("", "declined_before")}
    desk.take("complete-triage", referral, DEPUTY)
    assert referral.status == "ready"


def test_a_decline_can_be_contested_for_fourteen_days(desk: Desk) -> None:
    referral = desk.receive()
    desk.take("decline", referral, LEAD, {"reason": "out_of_scope", "advice": "Try elsewhere."})
    desk.wait(days=14, seconds=1)
    with pytest.raises(Invalid) as refusal:
        desk.take("contest", referral, CLINICIAN, {"text": "It is in scope."})
    assert codes(refusal) == {("", "within_14_days")}


def test_a_duplicate_names_the_living_referral_that_goes_on(desk: Desk) -> None:
    first, second = desk.receive(1), desk.receive(1, external_reference="another")
    for named, code in ((None, "required"), (str(second.id), "duplicate_is_living")):
        with pytest.raises(Invalid) as refusal:
            desk.take("cancel", second, COORDINATOR, {"reason": "duplicate", "duplicate_of": named})
        assert codes(refusal) == {("/duplicate_of", code)}
    desk.take("cancel", second, COORDINATOR, {"reason": "duplicate", "duplicate_of": str(first.id)})
    assert (second.status, second.duplicate_of_id) == ("cancelled", first.id)


def test_reopening_makes_a_new_draft_without_the_old_consent(desk: Desk) -> None:
    referral = desk.receive()
    desk.take("withdraw", referral, CLINICIAN, {"reason": "patient_choice"})
    version = referral.version
    draft = desk.take("reopen", referral, CLINICIAN, {"text": "She has changed her mind."})
    assert (draft.status, draft.follows_id, draft.questions) == ("draft", referral.id, referral.questions)
    assert (referral.status, referral.version) == ("withdrawn", version)
    with pytest.raises(Invalid) as refusal:
        desk.take("submit", draft, CLINICIAN)
    assert codes(refusal) == {("/consent/given", "required"), ("/consent/given_on", "required")}


def test_a_reopened_referral_keeps_the_day_it_is_needed_by_where_that_lies_ahead(desk: Desk) -> None:
    wish = {"date": "2026-12-10", "kind": "surgery"}
    referral = desk.receive(needed_by=wish)
    desk.take("withdraw", referral, CLINICIAN, {"reason": "patient_choice"})
    again = desk.take("reopen", referral, CLINICIAN, {"text": "She has changed her mind."})
    assert (str(again.needed_by), again.needed_by_kind) == (wish["date"], wish["kind"])
    desk.wait(days=30)
    too_late = desk.take("reopen", referral, CLINICIAN, {"text": "She has changed her mind once more."})
    assert (too_late.needed_by, too_late.needed_by_kind) == (None, None)


def test_an_interested_coordinator_is_told_first_that_this_reason_is_a_leads(desk: Desk) -> None:
    referral = desk.receive(diagnosis={"icd10cm": "C61", "first_opinion": {"organization": "network", "name": None}})
    body = {"reason": "out_of_scope", "advice": "Try elsewhere."}
    with pytest.raises(Forbidden):
        desk.take("decline", referral, COORDINATOR, body)
    with pytest.raises(Invalid) as refusal:
        desk.take("decline", referral, COORDINATOR, body | {"reason": "administrative"})
    assert codes(refusal) == {("", "not_interested")}


def test_an_interested_party_does_not_triage(desk: Desk) -> None:
    referral = desk.receive(diagnosis={"icd10cm": "C61", "first_opinion": {"organization": "network", "name": None}})
    with pytest.raises(Invalid) as refusal:
        desk.take("claim", referral, COORDINATOR)
    assert codes(refusal) == {("", "not_interested")}


def test_an_owner_is_present_and_belongs_to_the_network(desk: Desk) -> None:
    referral = desk.receive()
    desk.take("assign-owner", referral, COORDINATOR, {"user": desk.world.user_id("second@network.example")})
    assert referral.owner_id == desk.world.people["second@network.example"].id
    with pytest.raises(Invalid):
        desk.take("assign-owner", referral, COORDINATOR, {"user": desk.world.user_id("clinician@lakeside.example")})
    deputy = desk.session.get_one(
        type(desk.world.people[f"{DEPUTY}.example"]), desk.world.people[f"{DEPUTY}.example"].id
    )
    deputy.away_from = desk.now.date()
    with pytest.raises(Invalid) as refusal:
        desk.take("assign-owner", referral, COORDINATOR, {"user": str(deputy.id)})
    assert codes(refusal) == {("/user", "away")}


def test_a_referral_stands_where_its_tier_and_submission_put_it(desk: Desk) -> None:
    routine = {"icd10cm": "C61", "morphology": "8140/3", "certainty": "confirmed", "disease_status": "stable",
               "stage": {"group": "I"}}  # fmt: skip
    early = desk.receive(1, diagnosis=routine, treatments=[], needed_by=None)
    desk.wait(days=1)
    late = desk.receive(2, needed_by=None)
    ordered = desk.session.scalars(select(Referral.id).order_by(Referral.order_at)).all()
    assert ordered == [late.id, early.id]
