"""No column of ours can be set from outside: what a partner may not say is refused by its name, never ignored."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import inspect

from referrals.boundary.schemas import packet as shapes
from referrals.boundary.schemas.steps import STEP_BODIES
from referrals.models.diagnosis import Biomarker, Diagnosis, Treatment
from referrals.models.patient import Patient, PatientIdentifier
from referrals.models.referral import Consent, Referral
from tests.api.partner import codes, if_match
from tests.factories import diagnosis, packet, patient, person, routine, treatment
from tests.opinions import SPECIALIST, bring_to_review, opinion


def columns(model, taken) -> list[str]:
    """Columns and relationships of a model that are no field of what is sent."""
    return sorted({each.key for each in inspect(model).attrs} - set(taken().fields))


def spoiled(part, value):
    whole = packet()
    return whole | {part: value}


PLACES = [
    (Referral, shapes.NewReferral, "", lambda name: packet() | {name: "x"}),
    (Patient, shapes.PatientOfReferral, "/patient", lambda name: spoiled("patient", patient(**{name: "x"}))),
    (
        PatientIdentifier,
        shapes.Identifier,
        "/patient/identifiers/0",
        lambda name: spoiled("patient", patient(identifiers=[{"system": "a", "value": "b", name: "x"}])),
    ),
    (Diagnosis, shapes.DiagnosisOfReferral, "/diagnosis", lambda name: spoiled("diagnosis", diagnosis(**{name: "x"}))),
    (
        Biomarker,
        shapes.Biomarker,
        "/diagnosis/biomarkers/0",
        lambda name: spoiled("diagnosis", diagnosis(biomarkers=[{"name": "a", "value": "b", name: "x"}])),
    ),
    (Treatment, shapes.Treatment, "/treatments/0", lambda name: spoiled("treatments", [treatment(**{name: "x"})])),
    (Consent, shapes.Consent, "/consent", lambda name: spoiled("consent", {"given": True, name: "x"})),
]
CASES = [
    pytest.param(name, at, make, id=f"{model.__name__}.{name}")
    for model, taken, at, make in PLACES
    for name in columns(model, taken)
]


@pytest.fixture
def databases(databases_of, request):
    """What is sent does not reach a database here: one kind is enough."""
    request.node.user_properties.append(("database", "sqlite"))
    return databases_of("sqlite")


def test_there_are_columns_to_try():
    assert len(CASES) > 60


def test_no_column_can_be_sent_with_a_new_referral(lakeside):
    for case in CASES:
        name, at, make = case.values
        answer = lakeside.post("/referrals", make(name))
        assert answer.status_code == 422, case.id
        assert codes(answer).get(f"{at}/{name}") == "unknown_field", case.id


def test_no_column_can_be_patched_into_a_draft(lakeside):
    draft = lakeside.create(packet(submit=False))
    for name in columns(Referral, shapes.Packet):
        answer = lakeside.patch(f"/referrals/{draft['id']}", {name: "x"})
        assert (answer.status_code, codes(answer)) == (422, {f"/{name}": "unknown_field"}), name
    assert lakeside.get(f"/referrals/{draft['id']}").json == draft


def test_no_column_can_be_patched_into_a_record(lakeside):
    referral = lakeside.create(packet())
    made = lakeside.post("/patients", person(9)).json
    treated = lakeside.get(f"/diagnoses/{referral['diagnosis']['id']}/treatments").json["items"][0]
    for path, model, taken in (
        (f"/patients/{made['id']}", Patient, shapes.Patient),
        (f"/diagnoses/{referral['diagnosis']['id']}", Diagnosis, shapes.Diagnosis),
        (f"/treatments/{treated['id']}", Treatment, shapes.Treatment),
    ):
        for name in columns(model, taken):
            answer = lakeside.patch(path, {name: "x"})
            assert (answer.status_code, codes(answer)) == (422, {f"/{name}": "unknown_field"}), (path, name)


def test_no_column_can_be_set_by_a_step(lakeside, coordinator, lead, partner, db, world):
    """Asked of somebody for whom the step is open, so that nothing but the body can be wrong."""
    referral = coordinator.take("claim", lakeside.create(routine())).json
    ended = lakeside.take("withdraw", lakeside.create(routine(2)), reason="other").json
    draft = lakeside.create(packet(3, submit=False))
    declined = lead.take("decline", lakeside.create(routine(4)), reason="other", advice="x").json
    submitted = lakeside.create(routine(5))
    where = {"submit": (lakeside, draft), "contest": (lakeside, declined), "reopen": (lakeside, ended)}
    summit = partner("summit", person=SPECIALIST)
    clinician = partner("lakeside", person="clinician@lakeside.example")
    reviewed, signed = (lakeside.create(routine(number)) for number in (6, 7))
    with db.writing() as session:
        for each in (reviewed, signed):
            bring_to_review(session, world, session.get_one(Referral, UUID(each["id"])), datetime.now(UTC))
    answer = summit.take("sign-opinion", signed, version="*", **opinion())
    assert answer.status_code == 200, answer.text
    where |= {
        "sign-opinion": (summit, reviewed),
        "amend-opinion": (summit, signed),
        "acknowledge": (clinician, signed),
        "close": (lead, signed),
        "withdraw": (lakeside, referral),
        "change-clinician": (lakeside, referral),
        "claim": (coordinator, submitted),
    }
    for step, taken in STEP_BODIES.items():
        caller, target = where.get(step, (coordinator, referral))
        for name in columns(Referral, taken):
            answer = caller.post(f"/referrals/{target['id']}/{step}", {name: "x"}, headers=if_match("*"))
            assert answer.status_code == 422, (step, name, answer.text)
            assert codes(answer).get(f"/{name}") == "unknown_field", (step, name)
