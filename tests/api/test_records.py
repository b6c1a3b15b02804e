"""Patients, diagnoses and treatments as records of their own, apart from what referrals were judged on."""

import pytest

from tests.api.partner import codes, pointers
from tests.factories import diagnosis, early_breast, in_days, packet, person, treatment, unknown_id


def done(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json


@pytest.fixture
def ada(lakeside):
    return done(lakeside.post("/patients", person(1)), 201)


def test_a_patient_is_recorded_and_everything_comes_back(lakeside, ada):
    assert {name: ada[name] for name in person(1)} == person(1)
    assert lakeside.get(f"/patients/{ada['id']}").json == ada
    made = lakeside.post("/patients", person(2))
    assert made.headers["Location"].endswith(f"/api/v1/patients/{made.json['id']}")


def test_a_known_number_is_that_patient(lakeside, ada):
    again = lakeside.post("/patients", person(1, postal_code="10001"))
    assert (again.status_code, again.json["id"], again.json["postal_code"]) == (200, ada["id"], "10001")
    other = lakeside.post("/patients", person(1, birth_date="1999-01-01"))
    assert (other.status_code, other.json["fields"]) == (409, ["/birth_date"])


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({}, {"/given_name": "required", "/family_name": "required"}),
        (person(birth_date=in_days(9)), {"/birth_date": "in_the_future"}),
        (person(country="USA"), {"/country": "too_long"}),
        (person(language="English!"), {"/language": "invalid_format"}),
        (person(contact={"email": "nowhere"}), {"/contact/email": "invalid_format"}),
        (person(pregnant=True), {"/pregnant": "unknown_field"}),
        (person(id=unknown_id()), {"/id": "unknown_field"}),
    ],
)
def test_a_patient_that_does_not_hold_is_refused_by_its_fields(lakeside, sent, wrong):
    answer = lakeside.post("/patients", sent)
    assert (answer.status_code, codes(answer)) == (422, wrong)


def test_a_merge_patch_changes_what_it_names(lakeside, ada):
    changed = done(lakeside.patch(f"/patients/{ada['id']}", {"contact": {"phone": " 5 "}, "language": None}))
    assert (changed["contact"], changed["language"]) == ({"email": None, "phone": "5"}, None)
    assert changed["given_name"] == "Ada"
    form = {"Content-Type": "application/merge-patch+json"}
    answer = lakeside.call(
        "PATCH", f"/patients/{ada['id']}", data=b'{"postal_code": null}', headers=form | {"If-Match": "*"}
    )
    assert done(answer)["postal_code"] is None
    refused = lakeside.patch(f"/patients/{ada['id']}", {"given_name": None})
    assert (refused.status_code, pointers(refused)) == (422, ["/given_name"])


def test_a_changed_name_reaches_the_lists(lakeside):
    referral = lakeside.create(packet())
    lakeside.patch(f"/patients/{referral['patient']['id']}", {"family_name": "Renamed"})
    assert lakeside.get("/referrals?q=renamed").json["items"][0]["patient"]["family_name"] == "Renamed"
    assert lakeside.get("/referrals?q=example").json["items"] == []


def test_patients_are_found_by_number_and_name(lakeside, ada):
    other = done(lakeside.post("/patients", person(2, given_name="Grace", family_name="O'Example")), 201)
    for asked, found in {
        "": [other, ada],
        "?q=999-00-0001": [ada],
        "?q=exam": [other, ada],
        "?q=grace%20ex": [other],
        "?q=nobody": [],
        "?q=%27": [],
    }.items():
        items = lakeside.get(f"/patients{asked}").json["items"]
        assert [item["id"] for item in items] == [each["id"] for each in found], asked
    assert lakeside.post("/patients/search", {"q": "grace"}).json["items"][0]["id"] == other["id"]


def test_the_network_sees_a_patient_through_a_referral_only(lakeside, coordinator, ada):
    assert coordinator.get(f"/patients/{ada['id']}").status_code == 404
    referral = lakeside.create(packet(1))
    assert referral["patient"]["id"] == ada["id"]
    assert coordinator.get(f"/patients/{ada['id']}").status_code == 200
    assert [each["id"] for each in coordinator.get("/patients").json["items"]] == [ada["id"]]
    refused = coordinator.patch(f"/patients/{ada['id']}", {"postal_code": "1"})
    assert (refused.status_code, refused.json["code"]) == (403, "wrong_kind")


def test_a_diagnosis_is_recorded_with_its_treatments(lakeside, ada):
    made = lakeside.post(f"/patients/{ada['id']}/diagnoses", diagnosis())
    body = done(made, 201)
    assert {name: body[name] for name in diagnosis()} == diagnosis() | {
        "biomarkers": [{"name": "KRAS", "value": "G12D", "method": None, "date": None}]
    }
    assert (body["patient"], body["revises"], body["version"]) == (ada["id"], None, 1)
    assert made.headers["Location"].endswith(f"/api/v1/diagnoses/{body['id']}")
    assert lakeside.get(f"/diagnoses/{body['id']}").json == body
    assert lakeside.get(f"/patients/{ada['id']}/diagnoses").json["items"] == [body]
    treated = done(lakeside.post(f"/diagnoses/{body['id']}/treatments", treatment()), 201)
    assert {name: treated[name] for name in treatment()} == treatment()
    assert lakeside.get(f"/diagnoses/{body['id']}/treatments").json["items"] == [treated]


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({}, {"/icd10cm": "required"}),
        ({"uncoded": True}, {"/description": "required"}),
        (diagnosis(icd10cm="nope"), {"/icd10cm": "unknown_code"}),
        (diagnosis(uncoded=True), {"/uncoded": "contradiction"}),
        (diagnosis(diagnosed_on="1950"), {"/diagnosed_on": "before_birth"}),
        (diagnosis(first_opinion={"organization": "nowhere"}), {"/first_opinion/organization": "unknown"}),
        (diagnosis(patient=unknown_id()), {"/patient": "unknown_field"}),
    ],
)
def test_a_diagnosis_that_does_not_hold_is_refused_by_its_fields(lakeside, ada, sent, wrong):
    answer = lakeside.post(f"/patients/{ada['id']}/diagnoses", sent)
    assert (answer.status_code, codes(answer)) == (422, wrong)


def test_a_changed_record_does_not_rewrite_what_was_judged(lakeside):
    referral = lakeside.create(packet(diagnosis=early_breast(), treatments=[treatment(modality="surgery")]))
    path = f"/diagnoses/{referral['diagnosis']['id']}"
    changed = done(lakeside.patch(path, {"stage": {"m": "M1"}, "disease_status": "progression", "biomarkers": []}))
    assert (changed["stage"]["m"], changed["stage"]["system"]) == ("M1", "AJCC8")
    treated = lakeside.get(f"{path}/treatments").json["items"][0]
    done(lakeside.patch(f"/treatments/{treated['id']}", {"best_response": "PD", "regimen": None}))
    assert lakeside.get(f"/referrals/{referral['id']}").json == referral


def test_a_treatment_changes_by_merge_patch(lakeside):
    referral = lakeside.create(packet())
    path = f"/diagnoses/{referral['diagnosis']['id']}/treatments"
    treated = lakeside.get(path).json["items"][0]
    changed = done(lakeside.patch(f"/treatments/{treated['id']}", {"regimen": None, "line": 2}, version=1))
    assert (changed["regimen"], changed["line"], changed["modality"], changed["version"]) == (
        None,
        2,
        "chemotherapy",
        2,
    )
    for patch, wrong in (
        ({"modality": None}, {"/modality": "required"}),
        ({"started_on": in_days(9), "ended_on": None}, {"/started_on": "in_the_future"}),
        ({"ended_on": "1999"}, {"/ended_on": "before_start"}),
    ):
        answer = lakeside.patch(f"/treatments/{treated['id']}", patch)
        assert (answer.status_code, codes(answer)) == (422, wrong), patch
