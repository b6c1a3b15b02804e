"""What a page of the referral form takes for an answer, what it names as wrong, and what of it is written down."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from referrals.domain.lifecycle import EDIT
from referrals.models.engine import Database
from referrals.models.trail import Event
from referrals.web.forms.topics import TOPICS
from tests.factories import days_ago, in_days
from tests.web.draft import CONSENT, QUESTION, SAVE, begin, content, only
from tests.web.visitor import Visitor


def test_a_list_without_a_treatment_is_no_answer(clinician: Visitor, db: Database):
    base, said = begin(clinician), "List at least one treatment, or choose another answer."
    clinician.get(f"{base}/treatment").press(SAVE, treatments_known="listed", other_conditions="Gout")
    assert clinician.status == 422
    assert clinician.page.link(said) == "#f-treatments_known-0"
    kept = dict(clinician.page.form(f"{base}/treatment").fields)
    assert (kept["treatments_known"], kept["other_conditions"]) == ("listed", "Gout")
    assert "treatments" not in content(db)


@pytest.mark.parametrize("answer", ["none", "unknown"])
def test_listed_treatments_are_not_denied_beside_their_list(clinician: Visitor, db: Database, answer: str):
    base = begin(clinician)
    clinician.get(f"{base}/treatment").press(SAVE, treatments_known=answer, **{"treatments-0-modality": "surgery"})
    assert clinician.status == 422
    assert "Treatments are listed below." in clinician.words
    assert "treatments" not in content(db)


def test_who_says_nothing_about_treatment_has_not_finished_the_page(clinician: Visitor, db: Database):
    base = begin(clinician)
    clinician.get(f"{base}/treatment").press(SAVE)
    assert clinician.at == f"{base}/question"
    assert done(clinician) == ["Patient"]
    clinician.get(f"{base}/treatment").press(SAVE, treatments_known="unknown")
    assert done(clinician) == ["Patient", "Treatment"]


def done(guest: Visitor) -> list[str]:
    """The topics that the progress line calls done."""
    return re.findall(r"(\w+) \(done\)", guest.words)


def test_every_fault_of_a_page_is_named_at_once(clinician: Visitor, db: Database):
    base = begin(clinician)
    pages: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
        "patient": (
            {"given_name": "", "birth_date": in_days(30), "postal_code": "x" * 21},
            ("Fill in: Given name", "Date of birth: this date lies in the future.", "Postal code: this may have"),
        ),
        "diagnosis": (
            {"icd10cm_words": "pancreas head", "grade": "x" * 99, "diagnosed_on_year": "2999"},
            ("Choose a code for these words", "Grade: this may have", "Date of diagnosis: this date lies in the future."),
        ),
        "treatment": (
            {"treatments-0-modality": "surgery", "treatments-0-line": "x", "ecog": "1", "ecog_on_year": "2999"},
            ("Choose an answer", "Line: this must be", "Seen on: this date lies in the future."),
        ),
        "question": (
            {"needed_by_date": days_ago(9), "needed_by_kind": "surgery", "max_distance_km": "far"},
            ("Date: this day has passed.", "Not farther than (km): this must be a number"),
        ),
    }  # fmt: skip
    for page, (answers, said) in pages.items():
        clinician.get(f"{base}/{page}").press(SAVE, **answers)
        for each in said if page != "treatment" else said[1:]:
            assert each in clinician.words, each
    clinician.get("/referrals/new").press(SAVE, **pages["patient"][0])
    for each in pages["patient"][1]:
        assert each in clinician.words, each


def test_a_day_that_has_passed_since_keeps_nobody_from_mending_another_field(clinician: Visitor, db: Database):
    with time_machine.travel(datetime.now(UTC) - timedelta(days=20)):
        clinician = Visitor(clinician.app).sign_in("clinician@lakeside.example")
        base = begin(clinician)
        clinician.get(f"{base}/question").press(SAVE, needed_by_date=days_ago(9), needed_by_kind="surgery")
    clinician = Visitor(clinician.app).sign_in("clinician@lakeside.example")
    clinician.get(f"{base}/question").press(SAVE, max_distance_km="far")
    assert "this day has passed" not in clinician.words.lower()
    clinician.press(SAVE, max_distance_km="80")
    assert clinician.at == f"{base}/check"


def test_a_page_that_is_saved_without_a_change_leaves_no_trace(clinician: Visitor, db: Database):
    base = begin(clinician)
    for page in TOPICS:
        clinician.get(f"{base}/{page}").press(SAVE)
        assert clinician.status == 200
    assert edits(db) == []
    write_again = {
        "consent": CONSENT,
        "diagnosis": {"icd10cm_words": "C25.0", "stage_group": "III"},
        "treatment": {"treatments_known": "listed", "treatments-0-modality": "surgery", "ecog": "1"},
        "question": QUESTION | {"needed_by_date": in_days(20), "needed_by_kind": "surgery", "max_distance_km": "50"},
    }
    for page, answers in write_again.items():
        clinician.get(f"{base}/{page}").press(SAVE, **answers)
    assert edits(db) == [
        ["consent"],
        ["diagnosis"],
        ["performance_status", "treatments"],
        ["needed_by", "preferences", "purposes", "questions"],
    ]
    for page in TOPICS:
        clinician.get(f"{base}/{page}").press(SAVE)
    assert len(edits(db)) == 4
    assert only(db).version == 5
    clinician.get(f"{base}/patient").press(SAVE, phone="12345")
    assert edits(db)[4:] == [["patient"]]


def edits(db: Database) -> list[list[str]]:
    """The names of the fields that each rewriting has changed."""
    with db.reading() as session:
        rows = session.scalars(select(Event).where(Event.step == EDIT).order_by(Event.version))
        return [event.data["fields"] for event in rows]


def test_what_would_help_to_judge_it_is_listed_before_sending_and_leads_to_its_field(clinician: Visitor):
    base = begin(clinician)
    clinician.get(f"{base}/diagnosis").press(SAVE, icd10cm="unknown", description="Mass behind the belly")
    clinician.get(f"{base}/check")
    for said in (
        "You can send it without these, but they may change the priority",
        "Diagnosis code (ICD-10-CM) I do not know the code",
        "Cell type (ICD-O-3 morphology) Not given",
        "How certain is the diagnosis? Not given",
        "Stage group Not given",
        "Treatment so far: not given.",
        "Question Not given",
    ):
        assert said in clinician.words, said
    assert "Unusual presentation" not in clinician.words
    wanted = {
        "The cell type (morphology) from the pathology report.": "diagnosis#f-morphology",
        "The stage, where this cancer has one: group, or T, N and M.": "diagnosis#f-stage_group",
        "How certain the diagnosis is.": "diagnosis#f-certainty-0",
        "Treatments given or planned, or that there are none.": "treatment#f-treatments_known-0",
    }
    for words, place in wanted.items():
        clinician.get(f"{base}/check")
        assert clinician.page.link(words) == f"{base}/{place}"
        clinician.follow_link(words)
        assert place.partition("#")[2] in clinician.page.ids
    answers = {
        "treatments_known": "listed",
        "treatments-0-modality": "surgery",
        "treatments-1-modality": "chemotherapy",
    }
    clinician.get(f"{base}/treatment").press(SAVE, **answers)
    clinician.get(f"{base}/check")
    assert clinician.page.link("How the cancer responded to this treatment.").endswith("#f-treatments-1-best_response")
