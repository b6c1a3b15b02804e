"""The steps of a referral's life through pages: what each asks, what it refuses, and what happens when two are at it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from referrals.models.assessment import Override
from referrals.models.engine import Database
from referrals.models.referral import Facts, Referral
from referrals.models.trail import AuditEntry, Event
from tests.factories import World, early_breast, in_days
from tests.web.conftest import CLAIMED, Send, change_policy
from tests.web.visitor import Visitor

SOON = (datetime.now(UTC).date() + timedelta(days=10)).isoformat()
WHY = "The tumor blocks the bile duct."


def state(db: Database, referral: Referral) -> Referral:
    with db.reading() as session:
        return session.get_one(Referral, referral.id)


def at(guest: Visitor, referral: Referral, part: str = "") -> Visitor:
    return guest.get(f"/referrals/{referral.id}{'/' if part else ''}{part}")


def test_triage_from_the_first_look_to_ready(coordinator: Visitor, send: Send, db: Database):
    referral = send(1)
    at(coordinator, referral).press("Take it")
    assert "In triage" in coordinator.words
    coordinator.press("Complete triage")
    assert "Ready for a center" in coordinator.words
    assert state(db, referral).status == "ready"


def test_each_step_is_written_down_with_who_took_it(coordinator: Visitor, send: Send, db: Database, world: World):
    referral = send(1)
    at(coordinator, referral).press("Take it")
    with db.reading() as session:
        event = session.scalars(select(Event).where(Event.referral_id == referral.id).order_by(Event.version)).all()[-1]
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "claim")).one()
    person = world.people["coordinator@network.example"].id
    assert (event.step, event.user_id, event.client_id) == ("claim", person, None)
    assert (entry.user_id, entry.ids) == (person, [str(referral.id)])


def test_what_was_taken_can_be_put_back(coordinator: Visitor, claimed: Referral, db: Database):
    at(coordinator, claimed).press("Give it back to the team")
    assert (state(db, claimed).status, state(db, claimed).owner_id) == ("submitted", None)


def routine(send: Send) -> Referral:
    return send(1, diagnosis=early_breast(), treatments=[], needed_by=None, steps=CLAIMED)


def test_a_coordinator_moves_a_referral_up_with_a_reason(coordinator: Visitor, send: Send, db: Database):
    referral = routine(send)
    at(coordinator, referral).follow_link("Change the priority")
    coordinator.press("Change the priority", tier="P3", reason="clinical_judgement", text=WHY, expires_on=SOON)
    assert coordinator.at == f"/referrals/{referral.id}"
    for said in ("P3 Soon", "changed by a person", WHY, "The rules give P4 Planned", "P4 → P3"):
        assert said in coordinator.words, said
    assert WHY in coordinator.words.partition("What happened")[2]
    with db.reading() as session:
        assert session.scalars(select(Override)).one().text == WHY


def test_a_move_into_the_first_priority_waits_for_a_signature_and_acts_meanwhile(
    coordinator: Visitor, lead: Visitor, send: Send, db: Database
):
    referral = routine(send)
    at(coordinator, referral, "override")
    assert "a clinical lead countersigns by" in coordinator.words
    coordinator.press("Change the priority", tier="P1", reason="time_critical", text=WHY, expires_on=SOON)
    assert state(db, referral).tier == "P1"
    assert "A clinical lead countersigns the change to P1" in coordinator.words
    at(lead, referral).press("Countersign P1")
    assert lead.status == 200
    assert "countersigns" not in lead.words
    with db.reading() as session:
        theirs, signed = session.scalars(select(Override).order_by(Override.created_at)).all()
    assert (signed.author_name, signed.tier, signed.reason, signed.text) == ("Lead", "P1", theirs.reason, WHY)
    assert (signed.expires_at, signed.countersign_due_at) == (theirs.expires_at, None)


def test_a_coordinator_is_told_who_may_move_an_urgent_referral_down(coordinator: Visitor, claimed: Referral):
    page = at(coordinator, claimed, "override")
    assert page.status == 200
    assert "Only a clinical lead may move a referral down out of P1 or P2." in page.words
    assert "tier" not in {name for form in page.page.forms for name in form.names}


def test_a_lead_moves_it_down(lead: Visitor, claimed: Referral, db: Database):
    at(lead, claimed, "override").press(
        "Change the priority", tier="P3", reason="data_error", text=WHY, expires_on=SOON
    )
    assert state(db, claimed).tier == "P3"


def test_an_override_lasts_to_the_end_of_the_day_and_no_longer_than_allowed(
    lead: Visitor, claimed: Referral, db: Database
):
    last = date.fromisoformat(in_days(28)).isoformat()
    at(lead, claimed, "override").press(
        "Change the priority", tier="P2", reason="data_error", text=WHY, expires_on=last
    )
    assert lead.status == 200
    with db.reading() as session:
        override = session.scalars(select(Override)).one()
    assert override.expires_at <= override.created_at + timedelta(days=28)
    assert override.expires_at > override.created_at + timedelta(days=27)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, ["Choose an answer: New priority", "Choose an answer: Reason", "Fill in: Why"]),
        (
            {"tier": "P2", "reason": "data_error", "text": WHY, "expires_on": in_days(40)},
            ["It must end within 28 days."],
        ),
        ({"tier": "P2", "reason": "data_error", "text": WHY, "expires_on": "soon"}, ["Stands until: enter a day"]),
        ({"tier": "P9", "reason": "x", "text": WHY, "expires_on": SOON}, ["New priority: this must be one of"]),
        ({"tier": "P2", "reason": "data_error", "text": "x" * 4001, "expires_on": SOON}, ["at most 4,000 characters"]),
    ],
)
def test_what_is_missing_is_named_at_its_field_and_what_was_typed_stays(
    lead: Visitor, claimed: Referral, db: Database, answers: dict[str, Any], said: list[str]
):
    before = state(db, claimed).version
    at(lead, claimed, "override").press("Change the priority", **answers)
    assert lead.status == 422
    assert lead.page.title.startswith("Error:")
    assert "There is a problem" in lead.words
    for each in said:
        assert each in lead.words
    links = [href for words, href in lead.page.links if href.startswith("#f-")]
    assert links
    assert {href[1:] for href in links} <= set(lead.page.ids)
    if answers.get("text") == WHY:
        assert ("text", WHY) in lead.page.form(f"/referrals/{claimed.id}/override").fields
    assert state(db, claimed).version == before


def test_the_second_of_two_sees_both_texts_and_may_save_again(
    lead: Visitor, visitor: Callable[..., Visitor], claimed: Referral, db: Database
):
    deputy = visitor("deputy@network.example")
    for guest in (lead, deputy):
        at(guest, claimed, "override")
    lead.press("Change the priority", tier="P2", reason="data_error", text="The lead's words.", expires_on=SOON)
    deputy.press("Change the priority", tier="P3", reason="data_error", text="The deputy's words.", expires_on=SOON)
    assert deputy.status == 409
    for said in ("Somebody else changed this referral first", "Lead changed it at", "P2 Urgent", "P3 Soon"):
        assert said in deputy.words, said
    kept = dict(deputy.page.form(f"/referrals/{claimed.id}/override").fields)
    assert kept["text"] == "The deputy's words."
    assert kept["version"] == str(state(db, claimed).version)
    deputy.press("Change the priority")
    assert state(db, claimed).tier == "P3"


def test_a_step_that_closed_meanwhile_says_so_and_keeps_the_text(
    coordinator: Visitor, visitor: Callable[..., Visitor], claimed: Referral
):
    second = visitor("second@network.example")
    at(second, claimed, "cancel")
    at(coordinator, claimed, "cancel").press("Cancel the referral", reason="other_route")
    second.press("Cancel the referral", reason="deceased", text="The family called.")
    assert second.status == 409
    second.press("Cancel the referral")
    assert second.status == 409
    assert "This step is not open now" in second.words
    assert "Coordinator changed it at" in second.words
    assert dict(second.page.form(f"/referrals/{claimed.id}/cancel").fields)["text"] == "The family called."


@pytest.mark.parametrize("version", ["", "x", "-1", "0", "9" * 30, None])
def test_a_form_without_its_version_changes_nothing(
    coordinator: Visitor, claimed: Referral, db: Database, version: str | None
):
    coordinator.post(f"/referrals/{claimed.id}/complete-triage", {"version": version})
    assert coordinator.status == 400
    assert state(db, claimed).status == "in_triage"


def test_a_step_that_is_not_open_is_refused_with_where_it_stands(coordinator: Visitor, send: Send):
    referral = send(1)
    coordinator.post(f"/referrals/{referral.id}/complete-triage", {"version": str(referral.version)})
    assert coordinator.status == 409
    assert "“Complete triage” is not open while the referral is “New”." in coordinator.words
    assert at(coordinator, referral, "reopen").status == 409


def test_what_the_rules_refuse_is_said_in_words(coordinator: Visitor, claimed: Referral, db: Database, world: World):
    change_policy(db, world)
    at(coordinator, claimed).press("Complete triage")
    assert coordinator.status == 422
    assert "The policy has changed. Judge the referral again first." in coordinator.words
    assert coordinator.page.link("Open the referral") == f"/referrals/{claimed.id}"


def test_new_facts_are_judged_at_once_and_stand_beside_the_old(coordinator: Visitor, send: Send, db: Database):
    referral = routine(send)
    at(coordinator, referral, "update-facts").press(
        "Update the clinical facts",
        kind="new_event", source="CT of today", reason="It has spread.", stage_group="IV", stage_m="M1",
        metastatic_sites="liver",
    )  # fmt: skip
    assert coordinator.status == 200
    assert state(db, referral).tier == "P2"
    assert "P2 Urgent" in coordinator.words
    with db.reading() as session:
        facts = session.scalars(select(Facts).where(Facts.referral_id == referral.id).order_by(Facts.version)).all()
    assert [row.content["diagnosis"]["stage"]["group"] for row in facts] == ["I", "IV"]
    assert facts[1].content["diagnosis"]["metastatic_sites"] == ["liver"]
    assert facts[1].content["diagnosis"]["description"] == "Invasive carcinoma, right breast"
    assert facts[1].content["treatments"] == []


def test_facts_sent_back_as_they_stand_change_nothing(coordinator: Visitor, claimed: Referral, db: Database):
    at(coordinator, claimed, "update-facts").press(
        "Update the clinical facts", kind="correction", source="x", reason="y"
    )
    assert coordinator.status == 422
    assert "Nothing was changed. Change at least one fact." in coordinator.words
    assert state(db, claimed).facts_version == 1


def test_every_fault_of_new_facts_is_named_at_once(coordinator: Visitor, claimed: Referral, db: Database):
    at(coordinator, claimed, "update-facts").press(
        "Update the clinical facts", treatments_told="none", grade="x" * 99, diagnosed_on_year="2999"
    )
    assert coordinator.status == 422
    for said in (
        "Choose an answer: What kind of change",
        "Fill in: Why is it changed",
        "Grade: this may have at most 40 characters.",
        "Date of diagnosis: this date lies in the future.",
        "Treatments are listed below. Say so, or empty them.",
    ):
        assert said in coordinator.words, said
    assert state(db, claimed).facts_version == 1


def test_a_diagnosis_in_words_gets_its_code_from_a_look_up(coordinator: Visitor, send: Send, db: Database):
    words_only = {"uncoded": True, "description": "Cancer of the pancreas", "certainty": "confirmed"}
    referral = send(1, diagnosis=words_only, treatments=[])
    at(coordinator, referral).follow_link("Add the code")
    coordinator.press("Find code", icd10cm_words="pancreas head", source="Pathology", kind="correction")
    assert "C25.0 Malignant neoplasm of head of pancreas" in coordinator.words
    assert "S36" not in coordinator.words
    assert dict(coordinator.page.form(f"/referrals/{referral.id}/update-facts").fields)["source"] == "Pathology"
    coordinator.press("Update the clinical facts", icd10cm="C25.0", reason="The report came.")
    assert coordinator.status == 200
    with db.reading() as session:
        latest = session.scalars(select(Facts).order_by(Facts.version.desc())).first()
    assert latest.content["diagnosis"]["icd10cm"] == "C25.0"
    assert not latest.content["diagnosis"].get("uncoded")


def test_unknown_treatment_stays_unknown_until_somebody_says_that_there_was_none(
    coordinator: Visitor, send: Send, db: Database
):
    referral = send(1, treatments=None)
    change = {"kind": "correction", "source": "Phone", "reason": "Grade was missing."}
    at(coordinator, referral, "update-facts").press("Update the clinical facts", grade="3", **change)
    assert "treatments" not in newest_facts(db)
    at(coordinator, referral, "update-facts").press("Update the clinical facts", treatments_told="none", **change)
    assert newest_facts(db)["treatments"] == []


def newest_facts(db: Database) -> dict[str, Any]:
    with db.reading() as session:
        found = session.scalars(select(Facts).order_by(Facts.version.desc())).first()
    assert found
    return found.content


def test_an_owner_is_assigned_from_the_team(coordinator: Visitor, claimed: Referral, db: Database, world: World):
    at(coordinator, claimed, "assign-owner")
    options = coordinator.answer.text
    assert "Lead" in options
    assert "Clinician" not in options.partition('id="f-user"')[2].partition("</select>")[0]
    coordinator.press("Assign", user=world.user_id("second@network.example"))
    assert "To Second" in coordinator.words
    assert str(state(db, claimed).owner_id) == world.user_id("second@network.example")


def test_another_clinician_of_the_same_hospital_takes_over(
    clinician: Visitor, claimed: Referral, db: Database, world: World
):
    at(clinician, claimed, "change-clinician")
    assert world.user_id("clinician@hillcrest.example") not in clinician.answer.text
    clinician.press("Change the clinician", user=world.user_id("colleague@lakeside.example"))
    assert str(state(db, claimed).clinician_id) == world.user_id("colleague@lakeside.example")


def test_ending_begins_with_a_page_that_explains_and_does_nothing(
    coordinator: Visitor, claimed: Referral, db: Database
):
    at(coordinator, claimed).follow_link("End…")
    assert "You may decline for administrative reasons; a clinical lead may for any." in coordinator.words
    assert {words for words, href in coordinator.page.links if href.endswith(("/decline", "/cancel"))} == {
        "Decline…",
        "Cancel the referral…",
    }
    assert state(db, claimed).status == "in_triage"


def test_a_coordinator_declines_for_administrative_reasons_only(coordinator: Visitor, claimed: Referral, db: Database):
    at(coordinator, claimed, "decline")
    form = coordinator.page.form(f"/referrals/{claimed.id}/decline")
    assert coordinator.answer.text.count('name="reason"') == 1
    assert form
    coordinator.post(
        f"/referrals/{claimed.id}/decline",
        {"version": str(claimed.version), "reason": "not_indicated", "advice": "No."},
    )
    assert coordinator.status == 403
    at(coordinator, claimed, "decline").press("Decline", reason="administrative", advice="Send it to your own board.")
    assert state(db, claimed).status == "declined"


def test_the_referrer_contests_and_somebody_else_answers(
    lead: Visitor, clinician: Visitor, visitor: Callable[..., Visitor], claimed: Referral, db: Database
):
    at(lead, claimed, "decline").press("Decline", reason="not_indicated", advice="Wait for the scan.")
    at(clinician, claimed).follow_link("Contest the decision")
    clinician.press("Contest the decision", text="The scan is here.")
    assert state(db, claimed).status == "in_triage"
    deputy = at(visitor("deputy@network.example"), claimed)
    for said in ("The scan is here.", "Wait for the scan.", "by Lead, ", "A different clinical lead answers."):
        assert said in deputy.words, said
    assert "In triage Contested" in lead.get("/worklist").words
    assert "by you, " in at(lead, claimed).words
    lead.press("Complete triage")
    assert lead.status == 422
    assert "Somebody else answers the contest." in lead.words
    deputy.press("Complete triage")
    assert state(db, claimed).status == "ready"
    assert "Contested" not in deputy.words
    assert "Contested" not in deputy.get("/worklist").words


def test_a_duplicate_is_named_by_its_reference(coordinator: Visitor, send: Send, db: Database):
    goes_on, duplicate = send(1), send(1, steps=CLAIMED)
    at(coordinator, duplicate, "cancel").press("Cancel the referral", reason="duplicate")
    assert "Name the referral that goes on." in coordinator.words
    for wrong, said in (
        ("SO-26-0000001-A", "does not match"),
        ("4711", "A reference looks like SO-26-0004711-K."),
        ("SO-26-9999999-0", ""),
    ):
        coordinator.press("Cancel the referral", reason="duplicate", duplicate_of=wrong)
        assert coordinator.status == 422
        assert said in coordinator.words
    typed = goes_on.reference.replace("-", " ").lower()
    coordinator.press("Cancel the referral", reason="duplicate", duplicate_of=typed.replace(" ", ""))
    assert state(db, duplicate).status == "cancelled"
    assert state(db, duplicate).duplicate_of_id == goes_on.id


def test_the_referrer_withdraws_and_starts_again(clinician: Visitor, claimed: Referral, db: Database):
    at(clinician, claimed).follow_link("End…").follow_link("Withdraw the referral…")
    clinician.press("Withdraw the referral", reason="patient_choice")
    assert state(db, claimed).status == "withdrawn"
    clinician.follow_link("Start again from it")
    clinician.press("Start again from it", text="The patient changed her mind.")
    assert clinician.at.endswith("/consent")
    assert "A new draft was made. Ask the patient for consent again." in clinician.words
    with db.reading() as session:
        draft = session.scalars(select(Referral).where(Referral.follows_id == claimed.id)).one()
    assert draft.status == "draft"
    assert f"Started again from {claimed.reference}" in at(clinician, draft).words


def test_what_is_asked_may_change_until_it_is_answered(clinician: Visitor, claimed: Referral, db: Database):
    at(clinician, claimed).follow_link("Change what is asked")
    assert "referring_clinician" not in clinician.page.form(f"/referrals/{claimed.id}/question").names
    clinician.press("Save the change", **{"questions-0-text": "Is surgery possible now?"})
    assert clinician.at == f"/referrals/{claimed.id}"
    assert "Is surgery possible now?" in clinician.words
    assert state(db, claimed).questions == ["Is surgery possible now?"]
    assert at(clinician, claimed, "diagnosis").answer.headers["Location"] == f"/referrals/{claimed.id}"
