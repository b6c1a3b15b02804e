"""Every error at once: a fault of form hides neither what the domain finds wrong nor a name that nobody answers to."""

import pytest

from tests.api.partner import pointers
from tests.factories import diagnosis, packet, person, routine, treatment

LATE = "2999-01-01"
TOLD = {"kind": "correction", "source": "A letter", "reason": "A slip"}
FAULTY_DIAGNOSIS = {"icd10cm": "nope", "diagnosed_on": LATE, "grade": 5, "first_opinion": {"organization": "nowhere"}}
IN_DIAGNOSIS = {"/icd10cm", "/diagnosed_on", "/grade", "/first_opinion/organization"}
FAULTY_TREATMENTS = [{"modality": "magic"}, {"modality": "surgery", "started_on": LATE}]
IN_TREATMENTS = {"/treatments/0/modality", "/treatments/1/started_on"}


def under(part, pointers):
    return {f"{part}{pointer}" for pointer in pointers}


def refused_for(answer):
    assert answer.status_code == 422, answer.text
    return set(pointers(answer))


def test_of_a_new_referral(lakeside):
    sent = packet(
        diagnosis=FAULTY_DIAGNOSIS, treatments=FAULTY_TREATMENTS, referring_clinician={"email": "x@nowhere.example"}
    )
    wrong = under("/diagnosis", IN_DIAGNOSIS) | IN_TREATMENTS | {"/referring_clinician/email"}
    assert refused_for(lakeside.post("/referrals", sent)) == wrong


def test_of_a_draft_that_is_rewritten(lakeside):
    draft = lakeside.create(packet(submit=False))
    patch = {"diagnosis": FAULTY_DIAGNOSIS, "consent": {"given_on": LATE}, "preferences": {"center": "nowhere"}}
    wrong = under("/diagnosis", IN_DIAGNOSIS) | {"/consent/given_on", "/preferences/center"}
    assert refused_for(lakeside.patch(f"/referrals/{draft['id']}", patch)) == wrong


def test_of_a_whole_that_a_patch_would_leave_unfinished(lakeside):
    draft = lakeside.create(packet(submit=False, needed_by=None))
    patch = {"needed_by": {"kind": "surgery"}, "referring_clinician": {"email": "x@nowhere.example"}}
    wrong = {"/needed_by/date", "/referring_clinician/email"}
    assert refused_for(lakeside.patch(f"/referrals/{draft['id']}", patch)) == wrong


def test_of_new_facts(lakeside, coordinator):
    referral = coordinator.take("claim", lakeside.create(routine())).json
    answer = coordinator.take(
        "update-facts", referral, **TOLD, diagnosis=FAULTY_DIAGNOSIS, treatments=FAULTY_TREATMENTS
    )
    assert refused_for(answer) == under("/diagnosis", IN_DIAGNOSIS) | IN_TREATMENTS


def test_of_a_case(lakeside):
    case = {"diagnosis": {"diagnosed_on": LATE, "grade": 5}, "treatments": FAULTY_TREATMENTS, "policy": "1999.1"}
    wrong = {"/diagnosis/diagnosed_on", "/diagnosis/grade", "/diagnosis/icd10cm", "/policy"} | IN_TREATMENTS
    assert refused_for(lakeside.post("/assess", case)) == wrong
    assert refused_for(lakeside.post("/assess", {"diagnosis": {"icd10cm": "nope"}, "policy": "1999.1"})) == {
        "/diagnosis/icd10cm",
        "/policy",
    }


@pytest.mark.parametrize("change", [{"given_name": None}, {}])
def test_of_a_patient(lakeside, change):
    sent = person(1, birth_date=LATE, sex="F", **change)
    missing = {f"/{name}" for name in change}
    assert refused_for(lakeside.post("/patients", sent)) == {"/birth_date", "/sex"} | missing
    known = lakeside.post("/patients", person(1)).json
    assert refused_for(lakeside.patch(f"/patients/{known['id']}", {"birth_date": LATE, "sex": "F"})) == {
        "/birth_date",
        "/sex",
    }


def test_of_a_diagnosis_and_a_treatment(lakeside):
    ada = lakeside.post("/patients", person(1)).json
    path = f"/patients/{ada['id']}/diagnoses"
    assert refused_for(lakeside.post(path, FAULTY_DIAGNOSIS)) == IN_DIAGNOSIS
    assert refused_for(lakeside.post(path, {"grade": 5})) == {"/grade", "/icd10cm"}
    made = lakeside.post(path, diagnosis()).json
    assert refused_for(lakeside.patch(f"/diagnoses/{made['id']}", FAULTY_DIAGNOSIS)) == IN_DIAGNOSIS
    late = {"modality": "magic", "started_on": LATE}
    assert refused_for(lakeside.post(f"/diagnoses/{made['id']}/treatments", late)) == {"/modality", "/started_on"}
    given = lakeside.post(f"/diagnoses/{made['id']}/treatments", treatment()).json
    assert refused_for(lakeside.patch(f"/treatments/{given['id']}", late)) == {"/modality", "/started_on"}
