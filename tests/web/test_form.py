"""The referral form of a clinician: drafts, codes, a check before sending, and what is seen after."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from referrals.models.engine import Database
from referrals.models.patient import Patient, PatientIdentifier
from referrals.models.referral import Consent, Referral
from referrals.models.trail import AuditEntry, Event, Receipt
from tests.factories import PASSWORD, World, days_ago, in_days, patient
from tests.web.conftest import Send
from tests.web.draft import CONSENT, NAMES, QUESTION, SAVE, SEND, begin, content, only
from tests.web.visitor import Visitor

# What can only be chosen from a list is not shown again when it is not on it.
CHOSEN = {"referring_clinician", "certainty"}


def write(clinician: Visitor) -> None:
    """Every page of the form, with what each of them can do."""
    clinician.follow_link("New referral o")
    clinician.press(SAVE, **NAMES, record_number="LH-77", phone="+1 555 010 7788", language="de")
    clinician.press(SAVE, **CONSENT)
    clinician.press("Find code", icd10cm_words="head pancreas")
    assert "C25.0 Malignant neoplasm of head of pancreas" in clinician.words
    clinician.press(SAVE, icd10cm="C25.0", morphology_words="8140/3", certainty="confirmed", stage_group="III")
    clinician.press("Add another treatment", treatments_known="listed", **{"treatments-0-modality": "chemotherapy"})
    row = {
        "treatments-0-line": "1",
        "treatments-0-best_response": "PD",
        "treatments-1-modality": "surgery",
        "treatments-1-line": "0",
    }
    clinician.press(SAVE, ecog="1", ecog_on_year=days_ago(3)[:4], other_conditions="Gout\nAsthma", **row)
    clinician.press("Add another question", **QUESTION)
    clinician.press(SAVE, **{"questions-1-text": "Is there a trial?"})


def test_a_referral_is_written_checked_sent_and_followed_without_a_script(clinician: Visitor, db: Database):
    write(clinician)
    assert clinician.at.endswith("/check")
    for said in (
        "Grete",
        "LH-77",
        "C25.0 Malignant neoplasm",
        "Chemotherapy, line 1",
        "Is there a trial?",
        "Clinician",
    ):
        assert said in clinician.words, said
    assert "Still needed" not in clinician.words
    assert "The cell type" not in clinician.words
    clinician.press(SEND)
    sent = only(db)
    assert clinician.at == f"/referrals/{sent.id}/sent"
    for said in (
        sent.reference,
        "P1 Immediate",
        "Promised by",
        "What happens next",
        "we check it and look for a center",
    ):
        assert said in clinician.words, said
    assert content(db)["treatments"][1] == {"line": 0, "modality": "surgery", "status": "given"}
    assert sent.questions == ["Is surgery possible?", "Is there a trial?"]
    assert sent.other_conditions == ["Gout", "Asthma"]
    assert "Grete Lind" in clinician.get("/referrals").words
    with db.reading() as session:
        receipt = session.scalars(select(Receipt)).one()
        actions = set(session.scalars(select(AuditEntry.action)))
    assert (receipt.door, receipt.outcome, receipt.referral_id) == ("form", "accepted", sent.id)
    assert {"create", "edit", "submit"} <= actions


def test_nothing_is_stored_before_the_patient_has_a_name(clinician: Visitor, db: Database):
    clinician.get("/referrals/new").press(SAVE, birth_date="1960-02-01")
    assert clinician.status == 422
    assert clinician.page.title.startswith("Error:")
    assert "Fill in: Given name" in clinician.words
    assert "Fill in: Family name" in clinician.words
    assert dict(clinician.page.form("/referrals/new").fields)["birth_date"] == "1960-02-01"
    with db.reading() as session:
        assert session.scalars(select(Patient)).all() == []


def test_a_draft_is_left_and_gone_on_with(clinician: Visitor, db: Database):
    clinician.get("/referrals/new").press("Save and finish later", **NAMES)
    assert clinician.at == "/referrals"
    assert "The draft is saved" in clinician.words
    assert clinician.words.index("Not sent yet 1") < clinician.words.index("Grete Lind")
    clinician.follow_link("Go on with it : Grete Lind")
    assert clinician.at == f"/referrals/{only(db).id}/check"


def test_a_draft_is_nobody_elses_business(clinician: Visitor, coordinator: Visitor, db: Database):
    begin(clinician)
    assert coordinator.get(f"/referrals/{only(db).id}").status == 404
    assert "Grete" not in coordinator.get("/worklist/open").words


def test_what_is_missing_is_named_and_leads_to_its_field(clinician: Visitor, db: Database):
    base = begin(clinician, birth_date="", sex=None)
    clinician.get(f"{base}/check")
    wanted = {
        "Enter the birth date of the patient.": "patient#f-birth_date",
        "The patient, or who speaks for them, must have agreed before it is sent.": "consent#f-consent_given",
        "Enter the diagnosis code, or say that it is uncoded and describe it.": "diagnosis#f-icd10cm",
        "Choose at least one purpose.": "question#f-purposes-0",
        "Write at least one question for the specialist.": "question#f-questions-0-text",
    }
    for words, place in wanted.items():
        assert clinician.page.link(words) == f"{base}/{place}"
    version = only(db).version
    clinician.press(SEND)
    assert clinician.status == 422
    assert clinician.page.title.startswith("Error:")
    assert (only(db).status, only(db).version) == ("draft", version)
    for words, place in wanted.items():
        clinician.get(f"{base}/check").follow_link(words)
        assert place.partition("#")[2] in clinician.page.ids


def test_nothing_recommended_keeps_anybody_from_sending(clinician: Visitor, db: Database):
    base = begin(clinician)
    clinician.press(SAVE, **CONSENT)
    clinician.press(SAVE, icd10cm="unknown", description="Mass behind the belly, biopsy awaited")
    clinician.press(SAVE, treatments_known="unknown")
    clinician.press(SAVE, **QUESTION)
    clinician.press(SEND)
    assert clinician.at == f"{base}/sent"
    assert content(db)["diagnosis"] == {"uncoded": True, "description": "Mass behind the belly, biopsy awaited"}
    assert "treatments" not in content(db)


def test_no_treatment_and_unknown_treatment_are_two_answers(clinician: Visitor, db: Database):
    base = begin(clinician)
    for answer, words, kept in (
        ("none", "No treatment so far.", []),
        ("unknown", "Treatment so far: not known.", None),
    ):
        clinician.get(f"{base}/treatment").press(SAVE, treatments_known=answer)
        assert content(db).get("treatments") == kept
        assert words in clinician.get(f"{base}/check").words
        clinician.get(f"{base}/treatment")
        assert dict(clinician.page.form(f"{base}/treatment").fields)["treatments_known"] == answer


def test_a_code_that_is_typed_whole_needs_no_choosing(clinician: Visitor, db: Database):
    base = begin(clinician)
    clinician.get(f"{base}/diagnosis").press(SAVE, icd10cm_words=" c50.411 ", morphology_words="8500/3")
    assert clinician.at == f"{base}/treatment"
    assert content(db)["diagnosis"] == {"icd10cm": "C50.411", "morphology": "8500/3"}


def test_words_without_a_choice_are_never_lost_and_never_guessed(clinician: Visitor, db: Database):
    base = begin(clinician)
    clinician.get(f"{base}/diagnosis").press(SAVE, icd10cm_words="pancreas head", description="As typed")
    assert clinician.status == 422
    assert "Choose a code for these words, or say that you do not know it." in clinician.words
    assert dict(clinician.page.form(f"{base}/diagnosis").fields)["description"] == "As typed"
    assert "diagnosis" not in content(db)
    clinician.press(SAVE, icd10cm="C25.0")
    assert content(db)["diagnosis"]["icd10cm"] == "C25.0"


@pytest.mark.parametrize(
    ("page", "answers", "said"),
    [
        ("patient", {"birth_date": in_days(30)}, "Date of birth: this date lies in the future."),
        ("patient", {"given_name": ""}, "Fill in: Given name"),
        ("patient", {"email": "nobody"}, "Email: this must be an email address."),
        ("consent", {"consent_given_on": in_days(30)}, "Given on: this date lies in the future."),
        ("consent", {"consent_until": days_ago(30)}, "Ends on: this consent has ended."),
        ("diagnosis", {"other_codes": "C99.99"}, "Other codes: this is not a code of ICD-10-CM"),
        ("diagnosis", {"diagnosed_on_year": "2020", "diagnosed_on_month": "13"}, "Date of diagnosis: enter it in numbers"),
        ("diagnosis", {"certainty": "perhaps"}, "How certain is the diagnosis: this must be one of"),
        ("diagnosis", {"topography": "X99"}, "this is not a site of ICD-O-3"),
        ("treatment", {"treatments-0-regimen": "FOLFOX"}, "Choose an answer: Kind of treatment"),
        ("treatment", {"treatments-0-modality": "surgery", "treatments-0-line": "first"}, "Line: this must be a whole number"),
        ("treatment", {"ecog": "1", "ecog_on_year": "2999"}, "Seen on: this date lies in the future."),
        ("treatment", {"ecog_on_year": "2020"}, "Choose an answer: Daily activity (ECOG)"),
        ("question", {"needed_by_date": in_days(9)}, "Choose an answer: What happens on that day"),
        ("question", {"needed_by_kind": "surgery"}, "Fill in: Date"),
        ("question", {"max_distance_km": "far"}, "Not farther than (km): this must be a number"),
        ("question", {"questions-0-text": "x" * 4001}, "at most 4,000 characters"),
        ("question", {"referring_clinician": "nobody@lakeside.example"}, "No active clinician of your organization"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_named_at_its_field_and_nothing_is_saved(
    clinician: Visitor, db: Database, page: str, answers: dict[str, str], said: str
):
    base = begin(clinician)
    before = only(db).version
    clinician.get(f"{base}/{page}").press(SAVE, **answers)
    assert clinician.status == 422
    assert clinician.page.title.startswith("Error:")
    assert said in clinician.words
    assert any(href.startswith("#f-") for _, href in clinician.page.links)
    shown = dict(clinician.page.form(f"{base}/{page}").fields)
    typed = {name: value for name, value in answers.items() if name in shown and name not in CHOSEN}
    assert {name: shown[name] for name in typed} == typed
    assert only(db).version == before


def test_a_page_of_the_form_is_filled_with_what_was_saved(clinician: Visitor):
    base = begin(clinician, phone="12345", interpreter_needed="yes", language="fr")
    kept = dict(clinician.get(f"{base}/patient").page.form(f"{base}/patient").fields)
    assert (kept["given_name"], kept["phone"], kept["language"], kept["interpreter_needed"]) == (
        "Grete",
        "12345",
        "fr",
        "yes",
    )
    clinician.press(SAVE, phone="", interpreter_needed=None, language="")
    kept = dict(clinician.get(f"{base}/patient").page.form(f"{base}/patient").fields)
    assert (kept["phone"], kept["language"]) == ("", "")
    assert "interpreter_needed" not in kept


def test_consent_is_kept_with_what_it_covers(clinician: Visitor, db: Database):
    begin(clinician)
    clinician.press(SAVE, **CONSENT)
    with db.reading() as session:
        consent = session.scalars(select(Consent)).one()
    assert (consent.given, consent.scope, consent.given_by) == (True, ["share_with_centers"], "patient")


def test_a_known_number_is_the_known_patient(clinician: Visitor, db: Database):
    begin(clinician, record_number="LH-1")
    begin(clinician, record_number="LH-1")
    with db.reading() as session:
        assert len(session.scalars(select(Patient)).all()) == 1
        assert len(session.scalars(select(Referral)).all()) == 2


def test_a_known_number_with_another_name_is_refused_without_telling_whose_it_is(clinician: Visitor, db: Database):
    begin(clinician, record_number="LH-1")
    clinician.get("/referrals/new").press(SAVE, **NAMES | {"family_name": "Berg"}, record_number="LH-1")
    assert clinician.status == 409
    assert "A patient of yours has this number and differs in these fields." in clinician.words
    assert "Lind" not in clinician.answer.text
    assert dict(clinician.page.form("/referrals/new").fields)["family_name"] == "Berg"


def test_numbers_that_the_page_does_not_show_stay_with_the_patient(clinician: Visitor, send: Send, db: Database):
    numbers = [{"system": "urn:a", "value": "1"}, {"system": "urn:b", "value": "2"}]
    draft = send(1, submit=False, patient=patient(1, identifiers=numbers))
    clinician.get(f"/referrals/{draft.id}/patient").press(SAVE, phone="1")
    clinician.get(f"/referrals/{draft.id}/patient").press(SAVE, record_number="9")
    with db.reading() as session:
        kept = {(each.system, each.number) for each in session.scalars(select(PatientIdentifier))}
    assert kept == {("urn:a", "9"), ("urn:b", "2")}


def test_two_windows_on_one_draft_do_not_overwrite_each_other(
    clinician: Visitor, visitor: Callable[..., Visitor], db: Database
):
    base, colleague = begin(clinician), visitor("colleague@lakeside.example")
    for guest in (clinician, colleague):
        guest.get(f"{base}/diagnosis")
    clinician.press(SAVE, description="What the clinician typed")
    colleague.press(SAVE, description="What the colleague typed", grade="2")
    assert colleague.status == 409
    for said in ("Clinician changed it at", "What the clinician typed", "What the colleague typed", "Grade"):
        assert said in colleague.words
    colleague.press(SAVE)
    assert content(db)["diagnosis"] == {"description": "What the colleague typed", "grade": "2"}


def test_a_second_window_of_ones_own_is_called_that(clinician: Visitor):
    base = begin(clinician)
    clinician.get(f"{base}/consent")
    old = dict(clinician.page.form(f"{base}/consent").fields)
    clinician.press(SAVE, **CONSENT)
    clinician.post(f"{base}/consent", {"version": old["version"]})
    assert clinician.status == 409
    assert "You, in another window, changed it" in clinician.words


def test_a_draft_that_was_sent_meanwhile_keeps_what_was_typed_in_sight(
    clinician: Visitor, visitor: Callable[..., Visitor], send: Send
):
    draft, colleague = send(1, submit=False), visitor("colleague@lakeside.example")
    colleague.get(f"/referrals/{draft.id}/diagnosis")
    clinician.get(f"/referrals/{draft.id}/check").press(SEND)
    colleague.press(SAVE, description="Typed too late")
    assert colleague.status == 409
    assert "“Change” is not open while the referral is “New”." in colleague.words
    assert dict(colleague.page.form(f"/referrals/{draft.id}/diagnosis").fields)["description"] == "Typed too late"


def test_a_referral_is_sent_once(clinician: Visitor, visitor: Callable[..., Visitor], send: Send, db: Database):
    draft, colleague = send(1, submit=False), visitor("colleague@lakeside.example")
    for guest in (clinician, colleague):
        guest.get(f"/referrals/{draft.id}/check")
    clinician.press(SEND)
    colleague.press(SEND)
    assert colleague.status == 409
    with db.reading() as session:
        assert len(session.scalars(select(Receipt)).all()) == 1


def test_a_draft_is_discarded_without_a_reason_because_nobody_has_seen_it(clinician: Visitor, db: Database):
    base = begin(clinician)
    clinician.get("/referrals").follow_link("Discard the draft for Grete Lind")
    assert clinician.page.title.startswith("Discard the draft")
    assert "Nobody has seen it; nobody is told." in clinician.words
    assert "ithdraw" not in clinician.words
    assert "reason" not in clinician.page.form(f"{base}/withdraw").names
    clinician.press("Discard the draft")
    assert clinician.at == "/referrals"
    assert "The draft is discarded" in clinician.words
    assert "Not sent yet 1" not in clinician.words
    with db.reading() as session:
        assert session.scalars(select(Event).where(Event.step == "withdraw")).one().data["reason"] == "other"


def test_the_only_end_of_a_draft_is_that_it_is_discarded(clinician: Visitor):
    base = begin(clinician)
    assert clinician.get(f"{base}/end").answer.headers["Location"] == f"{base}/withdraw"


def test_a_draft_that_was_sent_meanwhile_is_not_withdrawn_by_discarding_it(
    clinician: Visitor, visitor: Callable[..., Visitor], send: Send, db: Database
):
    draft, colleague = send(1, submit=False), visitor("colleague@lakeside.example")
    colleague.get(f"/referrals/{draft.id}/withdraw")
    clinician.get(f"/referrals/{draft.id}/check").press(SEND)
    colleague.press("Discard the draft")
    assert colleague.status == 409
    assert only(db).status == "submitted"
    assert colleague.page.button("Withdraw the referral")


@pytest.mark.parametrize("page", ["check", "patient", "consent", "diagnosis", "treatment"])
def test_whoever_comes_back_after_sending_sees_the_referral(clinician: Visitor, send: Send, page: str):
    sent = send(1)
    clinician.get(f"/referrals/{sent.id}/{page}")
    assert (clinician.status, clinician.answer.headers["Location"]) == (303, f"/referrals/{sent.id}")


def test_what_was_typed_while_the_session_ran_out_comes_back_to_the_same_person(
    visitor: Callable[..., Visitor], world: World, db: Database
):
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), tick=False) as clock:
        guest = visitor("clinician@lakeside.example")
        guest.get("/referrals/new")
        clock.shift(timedelta(minutes=20))
        guest.press(SAVE, **NAMES)
        assert guest.status == 401
        assert "what you typed is kept" in guest.words
        assert "Grete" not in guest.answer.text
        guest.press("Sign in", email="clinician@lakeside.example", password="wrong")
        guest.press("Sign in", email="clinician@lakeside.example", password=PASSWORD)
        assert "It has not been saved yet." in guest.words
        guest.press("Go on where I was")
    assert only(db).patient_given_name == "Grete"


def test_what_was_typed_comes_back_to_nobody_else_and_not_for_long(visitor: Callable[..., Visitor], db: Database):
    for person, minutes in (("colleague@lakeside.example", 5), ("clinician@lakeside.example", 61)):
        with time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), tick=False) as clock:
            guest = visitor("clinician@lakeside.example")
            guest.get("/referrals/new")
            clock.shift(timedelta(minutes=20))
            guest.press(SAVE, **NAMES)
            clock.shift(timedelta(minutes=minutes))
            guest.press("Sign in", email=person, password=PASSWORD)
            assert guest.at == "/referrals/new"
            assert "Grete" not in guest.answer.text
    with db.reading() as session:
        assert session.scalars(select(Referral)).all() == []
