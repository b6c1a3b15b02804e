"""A referral comes in through the JSON door: whole, as a draft, or refused with every reason."""

import pytest
from sqlalchemy import func, select

from referrals.models.patient import IdentityCheck, Patient
from referrals.models.referral import Referral
from referrals.models.trail import Event, Receipt
from tests.api.partner import codes, pointers
from tests.factories import days_ago, diagnosis, in_days, packet, patient, routine, treatment, unknown_id


def rows(db, model, *conditions):
    with db.reading() as session:
        return session.scalars(select(model).where(*conditions)).all()


def test_a_referral_is_received_judged_and_promised_a_date(lakeside, db):
    answer = lakeside.post("/referrals", packet())
    referral = answer.json
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"2"'
    assert answer.headers["Location"].endswith(f"/api/v1/referrals/{referral['id']}")
    assert answer.headers["Location"].startswith("http://")
    assert (referral["status"], referral["core_status"], referral["version"]) == ("submitted", "open", 2)
    assert (referral["waiting_on"], referral["next_action"]) == ("coordinator", "claim")
    assert referral["overdue"] is False
    assert referral["priority"]["tier"] == "P1"
    assert referral["priority"]["due_at"] == referral["due_at"] > referral["submitted_at"]
    assert [each["criterion"] for each in referral["priority"]["criteria"]] == [
        "aggressive",
        "resistant",
        "rare",
        "complex",
    ]
    assert [receipt.outcome for receipt in rows(db, Receipt)] == ["accepted"]
    assert [event.step for event in sorted(rows(db, Event), key=lambda event: event.version)] == ["create", "submit"]


def test_everything_that_was_sent_comes_back(lakeside):
    sent = packet(summary="Seen twice.", other_conditions=["Diabetes"], preferences={"center": "summit"})
    referral = lakeside.create(sent)
    for part in sent.keys() - {"submit", "patient", "diagnosis"}:
        assert referral[part] == sent[part], part
    for part in ("patient", "diagnosis"):
        assert referral[part] | {"id": None} == sent[part] | {"id": None}, part
        assert referral[part]["id"]
    again = lakeside.get(f"/referrals/{referral['id']}").json
    assert again == referral


def test_lists_of_what_is_still_to_come_are_empty(lakeside):
    referral = lakeside.create(packet())
    assert (referral["information_requests"], referral["offers"], referral["opinion"]) == ([], [], None)
    assert "events" not in referral


def test_to_a_draft_only_the_patient_is_required(lakeside):
    draft = lakeside.create({"external_reference": "D-1", "patient": {"given_name": "A", "family_name": "B"}})
    assert (draft["status"], draft["version"], draft["submitted_at"], draft["due_at"]) == ("draft", 1, None, None)
    assert (draft["priority"], draft["diagnosis"], draft["treatments"]) == (None, None, None)
    assert {step["step"] for step in draft["steps"]} >= {"submit", "withdraw"}
    submitted = lakeside.take("submit", draft)
    assert submitted.status_code == 422
    assert sorted(pointers(submitted)) == [
        "/consent/given",
        "/consent/given_on",
        "/diagnosis/icd10cm",
        "/patient/birth_date",
        "/patient/sex",
        "/purposes",
        "/questions",
    ]


def test_all_that_is_missing_to_submit_is_told_at_once_and_nothing_is_kept(lakeside, db):
    answer = lakeside.post("/referrals", {"submit": True, "patient": {"given_name": "Ada"}})
    assert answer.status_code == 422
    assert {
        "/external_reference",
        "/patient/family_name",
        "/patient/birth_date",
        "/patient/sex",
        "/diagnosis/icd10cm",
        "/purposes",
        "/questions",
        "/consent/given",
        "/consent/given_on",
    } == set(pointers(answer))
    assert rows(db, Referral) == rows(db, Patient) == []
    (receipt,) = rows(db, Receipt)
    assert (receipt.outcome, receipt.door, receipt.referral_id) == ("refused", "json", None)
    assert {reason["pointer"] for reason in receipt.reasons} == set(pointers(answer))


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"diagnosis": diagnosis(icd10cm="C99.99")}, "/diagnosis/icd10cm", "unknown_code"),
        ({"diagnosis": diagnosis(topography="X1")}, "/diagnosis/topography", "unknown_code"),
        ({"diagnosis": diagnosis(morphology="81403")}, "/diagnosis/morphology", "unknown_code"),
        ({"diagnosis": diagnosis(other_codes=["C78.7", "nope"])}, "/diagnosis/other_codes/1", "unknown_code"),
        ({"diagnosis": diagnosis(diagnosed_on=in_days(3))}, "/diagnosis/diagnosed_on", "in_the_future"),
        ({"diagnosis": diagnosis(diagnosed_on="2019-3")}, "/diagnosis/diagnosed_on", "invalid_date"),
        ({"diagnosis": diagnosis(certainty="sure")}, "/diagnosis/certainty", "invalid_choice"),
        ({"diagnosis": diagnosis(stage={"system": "AJCC6"})}, "/diagnosis/stage/system", "invalid_choice"),
        ({"diagnosis": diagnosis(stage={"M": "M1"})}, "/diagnosis/stage/M", "unknown_field"),
        ({"diagnosis": diagnosis(biomarkers=[{"value": "G12D"}])}, "/diagnosis/biomarkers/0/name", "required"),
        ({"patient": patient(birth_date=in_days(3))}, "/patient/birth_date", "in_the_future"),
        ({"patient": patient(birth_date="1961-02-30")}, "/patient/birth_date", "invalid_date"),
        ({"patient": patient(birth_date="1961")}, "/patient/birth_date", "invalid_date"),
        ({"patient": patient(sex="F")}, "/patient/sex", "invalid_choice"),
        ({"patient": patient(given_name=" ")}, "/patient/given_name", "blank"),
        ({"patient": patient(given_name="x" * 201)}, "/patient/given_name", "too_long"),
        ({"patient": patient(identifiers=[{"system": "a"}])}, "/patient/identifiers/0/value", "required"),
        ({"patient": patient(identifiers=[{"system": "a", "value": "b"}] * 2)}, "/patient/identifiers/1", "repeated"),
        ({"treatments": [treatment(modality="prayer")]}, "/treatments/0/modality", "invalid_choice"),
        ({"treatments": [treatment(line=-1)]}, "/treatments/0/line", "invalid_number"),
        ({"treatments": [treatment(line=2**31)]}, "/treatments/0/line", "invalid_number"),
        ({"treatments": [treatment(started_on=in_days(5))]}, "/treatments/0/started_on", "in_the_future"),
        ({"treatments": [treatment(best_response="bad")]}, "/treatments/0/best_response", "invalid_choice"),
        ({"purposes": ["curiosity"]}, "/purposes/0", "invalid_choice"),
        ({"purposes": []}, "/purposes", "required"),
        ({"questions": []}, "/questions", "required"),
        ({"questions": ["x" * 4001]}, "/questions/0", "too_long"),
        ({"questions": "one"}, "/questions", "invalid_type"),
        ({"needed_by": {"date": in_days(9), "kind": "party"}}, "/needed_by/kind", "invalid_choice"),
        ({"needed_by": {"date": in_days(9)}}, "/needed_by/kind", "required"),
        ({"consent": {"given": False, "given_on": days_ago(1)}}, "/consent/given", "required"),
        ({"consent": {"given": True}}, "/consent/given_on", "required"),
        ({"consent": {"given": True, "given_on": in_days(5)}}, "/consent/given_on", "in_the_future"),
        ({"external_reference": None}, "/external_reference", "required"),
        ({"performance_status": {"ecog": 6}}, "/performance_status/ecog", "invalid_number"),
        ({"referring_clinician": {"email": "nobody@lakeside.example"}}, "/referring_clinician/email", "unknown"),
        ({"preferences": {"center": "nowhere"}}, "/preferences/center", "unknown"),
        ({"status": "closed"}, "/status", "unknown_field"),
        ({"submit": "yes"}, "/submit", "invalid_type"),
    ],
)
def test_what_does_not_hold_is_refused_by_the_name_of_its_field(lakeside, db, change, pointer, code):
    answer = lakeside.post("/referrals", packet(**change))
    assert answer.status_code == 422, answer.text
    assert codes(answer).get(pointer) == code
    assert rows(db, Referral) == rows(db, Patient) == []
    assert [receipt.outcome for receipt in rows(db, Receipt)] == ["refused"]


def test_a_diagnosis_may_be_described_in_words(lakeside):
    words = {"uncoded": True, "description": "A tumor of the pancreas, biopsy pending"}
    referral = lakeside.create(packet(diagnosis=words))
    assert referral["diagnosis"] | {"id": None} == words | {"id": None}
    assert (referral["priority"]["tier"], referral["priority"]["provisional"]) == ("P2", True)
    answer = lakeside.post("/referrals", packet(2, diagnosis={"uncoded": True}))
    assert pointers(answer) == ["/diagnosis/description"]


def test_a_marker_without_a_result_and_a_high_line_of_treatment_are_taken(lakeside):
    markers = [{"name": "KRAS"}, {"name": "BRAF", "value": None}]
    sent = packet(diagnosis=diagnosis(biomarkers=markers), treatments=[treatment(line=2**31 - 1)])
    referral = lakeside.create(sent)
    assert (referral["diagnosis"]["biomarkers"], referral["treatments"]) == (markers, sent["treatments"])
    record = lakeside.get(f"/diagnoses/{referral['diagnosis']['id']}").json
    assert [marker["value"] for marker in record["biomarkers"]] == [None, None]


def test_codes_are_read_however_they_are_spelled(lakeside):
    referral = lakeside.create(packet(diagnosis=diagnosis(icd10cm=" c250 ", other_codes=["c787"])))
    assert (referral["diagnosis"]["icd10cm"], referral["diagnosis"]["other_codes"]) == ("C25.0", ["C78.7"])


def test_omitted_treatments_are_unknown_and_an_empty_list_is_none(lakeside):
    omitted = {name: value for name, value in packet(1).items() if name != "treatments"}
    assert lakeside.create(omitted)["treatments"] is None
    assert lakeside.create(packet(2, treatments=[]))["treatments"] == []
    assert lakeside.create(packet(3, treatments=None))["treatments"] is None


def test_a_treatment_before_the_diagnosis_is_flagged_and_not_refused(lakeside):
    early = treatment(started_on=days_ago(200), ended_on=days_ago(150))
    referral = lakeside.create(packet(treatments=[early]))
    assert any("/treatments/0" in (flag["path"] or "") for flag in referral["priority"]["flags"])


def test_a_known_number_of_the_own_organization_is_that_patient(lakeside, db):
    first = lakeside.create(packet(1))
    second = lakeside.create(packet(1, external_reference="other"))
    assert second["patient"]["id"] == first["patient"]["id"]
    assert second["duplicates"] == [{"id": first["id"], "reference": first["reference"]}]
    assert len(rows(db, Patient)) == 1


def test_contradicting_demographics_are_told_by_field_and_never_by_value(lakeside, db):
    lakeside.create(packet(1))
    contradiction = patient(1, birth_date="1971-03-02", family_name="Other")
    answer = lakeside.post("/referrals", packet(1, external_reference="other", patient=contradiction))
    assert answer.status_code == 409
    assert sorted(answer.json["fields"]) == ["/patient/birth_date", "/patient/family_name"]
    for word in ("1961", "1971", "Example", "Other"):
        assert word not in answer.text
    (refused,) = rows(db, Receipt, Receipt.outcome == "refused")
    assert {reason["pointer"] for reason in refused.reasons} == {"/patient/birth_date", "/patient/family_name"}
    assert len(rows(db, Referral)) == 1


def test_a_number_of_another_organization_is_answered_neutrally_and_checked_by_a_coordinator(lakeside, hillcrest, db):
    known = lakeside.create(packet(1))
    clinician = {"email": "clinician@hillcrest.example"}
    stranger = patient(1, family_name="Somebody", birth_date="1980-01-01")
    answer = hillcrest.post("/referrals", packet(1, patient=stranger, referring_clinician=clinician))
    unknown = hillcrest.post("/referrals", packet(2, referring_clinician=clinician))
    assert answer.status_code == unknown.status_code == 201
    assert answer.json.keys() == unknown.json.keys()
    assert answer.json["duplicates"] == []
    assert known["id"] not in answer.text
    assert known["patient"]["id"] not in answer.text
    (check,) = rows(db, IdentityCheck)
    assert {str(check.patient_id), str(check.other_patient_id)} == {
        answer.json["patient"]["id"],
        known["patient"]["id"],
    }
    outcomes = {str(receipt.referral_id): receipt.outcome for receipt in rows(db, Receipt)}
    assert outcomes[answer.json["id"]] == "identity_check"
    assert outcomes[unknown.json["id"]] == "accepted"


def test_a_reference_that_was_sent_before_names_the_referral_it_stands_for(lakeside, hillcrest, db):
    first = lakeside.create(packet(1))
    answer = lakeside.post("/referrals", packet(2, external_reference="EHR-2026-1"))
    assert (answer.status_code, answer.json["referral"]) == (409, first["id"])
    assert len(rows(db, Receipt, Receipt.outcome == "refused")) == 1
    clinician = {"email": "clinician@hillcrest.example"}
    other = hillcrest.create(packet(3, external_reference="EHR-2026-1", referring_clinician=clinician))
    assert other["external_reference"] == "EHR-2026-1"


def test_a_known_patient_and_diagnosis_are_named_by_id(lakeside):
    first = lakeside.create(packet(1))
    again = lakeside.create(
        packet(2, patient={"id": first["patient"]["id"]}, diagnosis={"id": first["diagnosis"]["id"]}, treatments=None)
    )
    assert again["patient"]["id"] == first["patient"]["id"]
    assert again["diagnosis"]["id"] == first["diagnosis"]["id"]
    assert again["diagnosis"]["icd10cm"] == "C25.0"


def test_an_id_of_another_organization_is_an_unknown_id(lakeside, hillcrest):
    first = lakeside.create(packet(1))
    clinician = {"email": "clinician@hillcrest.example"}
    foreign = hillcrest.post(
        "/referrals", packet(2, patient={"id": first["patient"]["id"]}, referring_clinician=clinician)
    )
    unknown = hillcrest.post("/referrals", packet(2, patient={"id": unknown_id()}, referring_clinician=clinician))
    assert foreign.status_code == unknown.status_code == 422
    assert codes(foreign) == codes(unknown)


def test_a_referral_that_meets_no_criterion_is_taken_all_the_same(lakeside):
    referral = lakeside.create(routine())
    assert (referral["priority"]["tier"], referral["status"]) == ("P4", "submitted")


def test_two_senders_with_one_reference_leave_one_referral(lakeside, db):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(lakeside.post, "/referrals", packet(n, external_reference="same")) for n in range(4)]
        answers = [each.result() for each in sent]
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201, 409, 409, 409], [answer.text for answer in answers]
    (kept,) = rows(db, Referral)
    assert {answer.json["referral"] for answer in answers if answer.status_code == 409} == {str(kept.id)}
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Receipt)) == 4
