"""Patients and diagnoses that are known: named by id or recognized by a number, never contradicted unseen."""

import pytest
from sqlalchemy import select

from referrals.models.patient import IdentityCheck, Patient
from referrals.models.referral import Referral
from tests.api.partner import codes, pointers
from tests.factories import diagnosis, early_breast, packet, patient, person, routine, treatment, unknown_id


def done(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json


def rows(db, model):
    with db.reading() as session:
        return session.scalars(select(model)).all()


@pytest.fixture
def ada(lakeside):
    return done(lakeside.post("/patients", person(1)), 201)


@pytest.fixture
def cancer(lakeside, ada):
    made = done(lakeside.post(f"/patients/{ada['id']}/diagnoses", diagnosis()), 201)
    done(lakeside.post(f"/diagnoses/{made['id']}/treatments", treatment()), 201)
    return done(lakeside.get(f"/diagnoses/{made['id']}"))


@pytest.fixture
def draft(lakeside):
    return lakeside.create(packet(2, submit=False))


def numbers(*values):
    return [{"system": "urn:x", "value": value} for value in values]


def test_an_id_beside_contradicting_demographics_is_refused_by_their_fields(lakeside, ada, db):
    contradiction = {"id": ada["id"], "family_name": "Other", "birth_date": "1999-01-01", "sex": "male"}
    answer = lakeside.post("/referrals", packet(2, patient=contradiction))
    assert (answer.status_code, answer.json["fields"]) == (
        409,
        ["/patient/family_name", "/patient/birth_date", "/patient/sex"],
    )
    other = lakeside.post("/referrals", packet(2, patient={"id": ada["id"], "identifiers": numbers("9")}))
    known = done(other, 201)["patient"]
    assert known["identifiers"] == [*ada["identifiers"], *numbers("9")]
    assert lakeside.get(f"/patients/{ada['id']}").json["identifiers"] == known["identifiers"]
    assert len(rows(db, Patient)) == 1


def test_an_id_beside_another_patients_number_is_a_contradiction(lakeside, ada):
    other = done(lakeside.post("/patients", person(2)), 201)
    answer = lakeside.post("/referrals", packet(3, patient={"id": ada["id"], "identifiers": other["identifiers"]}))
    assert (answer.status_code, answer.json["fields"]) == (409, ["/patient/identifiers"])


def test_a_patient_who_is_not_known_well_enough_is_not_sent_by_id(lakeside):
    draft = lakeside.create({"external_reference": "D1", "patient": {"given_name": "D"}})
    sent = packet(2, patient={"id": draft["patient"]["id"], "sex": "female"})
    answer = lakeside.post("/referrals", sent)
    assert (answer.status_code, sorted(pointers(answer))) == (422, ["/patient/birth_date", "/patient/family_name"])


def test_a_new_number_of_a_known_patient_is_compared_with_whoever_has_it_elsewhere(lakeside, hillcrest, ada, db):
    elsewhere = done(hillcrest.post("/patients", person(2, identifiers=numbers("9"))), 201)
    sent = packet(1, patient={"id": ada["id"], "identifiers": numbers("9")})
    answer = done(lakeside.post("/referrals", sent), 201)
    assert elsewhere["id"] not in str(answer)
    done(lakeside.patch(f"/patients/{ada['id']}", {"identifiers": numbers("9", "10")}))
    (check,) = rows(db, IdentityCheck)
    assert (str(check.patient_id), str(check.other_patient_id)) == (ada["id"], elsewhere["id"])
    done(hillcrest.post("/patients", person(3, identifiers=numbers("11"))), 201)
    done(lakeside.patch(f"/patients/{ada['id']}", {"identifiers": numbers("11")}))
    assert len(rows(db, IdentityCheck)) == 2


def test_a_diagnosis_may_be_named_by_id_for_a_patient_recognized_by_a_number(lakeside, cancer):
    referral = done(lakeside.post("/referrals", packet(1, diagnosis={"id": cancer["id"]})), 201)
    assert (referral["diagnosis"]["id"], referral["diagnosis"]["icd10cm"]) == (cancer["id"], "C25.0")
    stranger = lakeside.post("/referrals", packet(2, diagnosis={"id": cancer["id"]}))
    assert (stranger.status_code, codes(stranger)) == (422, {"/diagnosis/id": "unknown"})


@pytest.mark.parametrize("sent", [{"treatments": None}, {}])
def test_treatments_that_are_not_sent_beside_a_known_diagnosis_are_those_of_its_record(lakeside, cancer, sent):
    whole = {name: value for name, value in packet(1).items() if name != "treatments"}
    referral = done(lakeside.post("/referrals", whole | {"diagnosis": {"id": cancer["id"]}} | sent), 201)
    assert [each["regimen"] for each in referral["treatments"]] == ["FOLFIRINOX"]


def test_a_known_diagnosis_is_taken_as_it_stands(lakeside, cancer):
    beside = {"id": cancer["id"], "icd10cm": "C61", "grade": None, "stage": {"m": "M0"}}
    answer = lakeside.post("/referrals", packet(1, diagnosis=beside))
    assert (answer.status_code, codes(answer)) == (
        422,
        {"/diagnosis/icd10cm": "unexpected", "/diagnosis/stage": "unexpected"},
    )


def test_a_draft_is_given_to_another_patient_and_to_their_diagnosis(lakeside, ada, cancer, draft, db):
    path = f"/referrals/{draft['id']}"
    moved = done(lakeside.patch(path, {"patient": {"id": ada["id"]}, "diagnosis": {"id": cancer["id"]}}))
    assert (moved["patient"]["id"], moved["diagnosis"]["id"]) == (ada["id"], cancer["id"])
    assert moved["diagnosis"]["icd10cm"] == "C25.0"
    assert [each["regimen"] for each in moved["treatments"]] == ["FOLFIRINOX"]
    assert lakeside.get(path).json == moved
    sent = done(lakeside.take("submit", moved))
    assert sent["patient"]["id"] == ada["id"]
    assert lakeside.get(f"/diagnoses/{cancer['id']}").json == cancer


def test_a_draft_points_to_another_record_even_where_both_say_the_same(lakeside):
    """Which record is meant is a change by itself: the next one to it must reach the right record."""
    patient_id = done(lakeside.post("/patients", person(1)), 201)["id"]
    first, second = (done(lakeside.post(f"/patients/{patient_id}/diagnoses", diagnosis()), 201)["id"] for _ in "12")
    sent = {"external_reference": "D", "patient": {"id": patient_id}, "diagnosis": {"id": first}}
    draft = done(lakeside.post("/referrals", sent), 201)
    moved = done(lakeside.patch(f"/referrals/{draft['id']}", {"diagnosis": {"id": second}}))
    assert (moved["diagnosis"]["id"], moved["version"]) == (second, draft["version"] + 1)


def test_a_draft_that_moves_with_a_number_known_elsewhere_is_named_to_the_coordinator(
    lakeside, hillcrest, ada, draft, db
):
    done(hillcrest.post("/patients", person(3, identifiers=numbers("9"))), 201)
    done(lakeside.patch(f"/referrals/{draft['id']}", {"patient": {"id": ada["id"], "identifiers": numbers("9")}}))
    (check,) = rows(db, IdentityCheck)
    assert str(check.referral_id) == draft["id"]


def test_a_draft_that_moves_to_another_patient_takes_its_diagnosis_along(lakeside, ada, draft):
    done(lakeside.patch(f"/patients/{ada['id']}", {"birth_date": "1961-03-03"}))
    moved = done(lakeside.patch(f"/referrals/{draft['id']}", {"patient": {"id": ada["id"]}}))
    assert (moved["patient"]["id"], moved["patient"]["birth_date"]) == (ada["id"], "1961-03-03")
    assert moved["diagnosis"]["id"] != draft["diagnosis"]["id"]
    (own,) = lakeside.get(f"/patients/{ada['id']}/diagnoses").json["items"]
    assert own["id"] == moved["diagnosis"]["id"]
    (item,) = lakeside.get("/referrals").json["items"]
    assert item["patient"]["birth_date"] == "1961-03-03"


def test_a_draft_goes_to_nobody_unknown_and_to_nobody_contradicted(lakeside, hillcrest, ada, cancer, draft):
    path = f"/referrals/{draft['id']}"
    theirs = done(hillcrest.post("/patients", person(7)), 201)
    for unknown in (theirs["id"], unknown_id()):
        answer = lakeside.patch(path, {"patient": {"id": unknown}})
        assert (answer.status_code, codes(answer)) == (422, {"/patient/id": "unknown"})
    contradicted = lakeside.patch(path, {"patient": {"id": ada["id"], "birth_date": "1999-01-01"}})
    assert (contradicted.status_code, contradicted.json["fields"]) == (409, ["/patient/birth_date"])
    for sent, wrong in (
        ({"id": cancer["id"]}, {"/diagnosis/id": "unknown"}),
        ({"id": unknown_id()}, {"/diagnosis/id": "unknown"}),
    ):
        answer = lakeside.patch(path, {"diagnosis": sent})
        assert (answer.status_code, codes(answer)) == (422, wrong)
    assert lakeside.get(path).json == draft


def test_a_draft_that_is_sent_back_with_its_own_ids_is_edited_in_place(lakeside, draft):
    sent = {"patient": draft["patient"], "diagnosis": draft["diagnosis"] | {"grade": "3"}}
    edited = done(lakeside.patch(f"/referrals/{draft['id']}", sent))
    assert edited["patient"] == draft["patient"]
    assert (edited["diagnosis"]["id"], edited["diagnosis"]["grade"]) == (draft["diagnosis"]["id"], "3")
    (facts,) = lakeside.get(f"/referrals/{draft['id']}/facts").json["items"]
    assert "id" not in facts["diagnosis"]


def test_a_draft_keeps_off_numbers_and_references_that_are_taken(lakeside, ada, draft):
    path = f"/referrals/{draft['id']}"
    taken = lakeside.patch(path, {"patient": {"identifiers": ada["identifiers"]}})
    assert (taken.status_code, taken.json["fields"]) == (409, ["/patient/identifiers"])
    known = lakeside.create(routine(5))
    answer = lakeside.patch(path, {"external_reference": known["external_reference"]})
    assert (answer.status_code, answer.json["referral"]) == (409, known["id"])
    done(lakeside.patch(path, {"external_reference": draft["external_reference"]}))
    faulty = lakeside.patch(path, {"external_reference": 5, "patient": [], "diagnosis": "C61"})
    assert sorted(pointers(faulty)) == ["/diagnosis", "/external_reference", "/patient"]


UNKNOWN = {
    "patient": {"id": unknown_id()},
    "diagnosis": diagnosis(first_opinion={"organization": "nowhere"}),
    "preferences": {"center": "nowhere"},
    "referring_clinician": {"email": "nobody@lakeside.example"},
}
WHERE = {
    "/patient/id",
    "/diagnosis/first_opinion/organization",
    "/preferences/center",
    "/referring_clinician/email",
}


def test_every_name_that_nobody_answers_to_is_told_at_once(lakeside, draft, db):
    answer = lakeside.post("/referrals", packet(3, **UNKNOWN, questions=[]))
    assert (answer.status_code, set(pointers(answer))) == (422, WHERE | {"/questions"})
    late = {"consent": {"given_on": "2999-01-01"}}
    patched = lakeside.patch(f"/referrals/{draft['id']}", UNKNOWN | late)
    assert (patched.status_code, set(pointers(patched))) == (422, WHERE | {"/consent/given_on"})
    assert len(rows(db, Referral)) == 1


def test_an_unknown_organization_stands_beside_the_other_faults_of_a_diagnosis(lakeside, ada, coordinator):
    faulty = {"first_opinion": {"organization": "nowhere"}, "icd10cm": "nope"}
    answer = lakeside.post(f"/patients/{ada['id']}/diagnoses", faulty)
    assert set(pointers(answer)) == {"/first_opinion/organization", "/icd10cm"}
    referral = done(coordinator.take("claim", lakeside.create(routine(5))))
    told = {"kind": "correction", "source": "A letter", "reason": "A slip"}
    refused = coordinator.take("update-facts", referral, **told, diagnosis=faulty)
    assert set(pointers(refused)) == {"/diagnosis/first_opinion/organization", "/diagnosis/icd10cm"}


def test_a_code_that_is_sent_takes_the_place_of_the_words(lakeside, coordinator):
    words = {"uncoded": True, "description": "A tumor, biopsy pending"}
    draft = lakeside.create(routine(1, submit=False) | {"diagnosis": words})
    coded = done(lakeside.patch(f"/referrals/{draft['id']}", {"diagnosis": {"icd10cm": "C61"}}))
    assert (coded["diagnosis"]["icd10cm"], coded["diagnosis"].get("uncoded")) == ("C61", None)
    sent = coordinator.take("claim", lakeside.create(routine(2) | {"diagnosis": words})).json
    told = {"kind": "new_event", "source": "Pathology", "reason": "The biopsy is back"}
    updated = done(coordinator.take("update-facts", sent, **told, diagnosis={"icd10cm": "C61"}))
    assert (updated["diagnosis"]["icd10cm"], updated["diagnosis"].get("uncoded")) == ("C61", None)
    unsaid = coordinator.take("update-facts", updated, **told, diagnosis=None, treatments=None)
    assert codes(unsaid) == {"": "required"}
    refused = coordinator.take("update-facts", updated, **told, diagnosis={"icd10cm": "C62.10", "uncoded": True})
    assert pointers(refused) == ["/diagnosis/uncoded"]
    record = done(lakeside.post(f"/patients/{sent['patient']['id']}/diagnoses", words), 201)
    changed = done(lakeside.patch(f"/diagnoses/{record['id']}", {"icd10cm": "C61"}))
    assert (changed["icd10cm"], changed["uncoded"]) == ("C61", False)


def test_a_known_patient_needs_no_description_and_the_judgement_knows_their_age(lakeside):
    child = done(lakeside.post("/patients", person(1, birth_date="2015-01-01")), 201)
    sent = routine(1) | {"patient": {"id": child["id"]}, "diagnosis": early_breast() | {"diagnosed_on": None}}
    referral = lakeside.create(sent)
    described = lakeside.create(routine(2) | {"patient": patient(2, birth_date="2015-01-01")})
    assert referral["priority"]["tier"] == described["priority"]["tier"]
    before_birth = lakeside.post(
        "/referrals", packet(3, patient={"id": child["id"]}, diagnosis={"icd10cm": "C61", "diagnosed_on": "2014"})
    )
    assert codes(before_birth) == {"/diagnosis/diagnosed_on": "before_birth"}
