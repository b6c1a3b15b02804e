"""No column of ours can be set from outside: what a partner may not say is refused by its name, never ignored."""

import pytest
from sqlalchemy import inspect

from referrals.boundary.schemas import packet as shapes
from referrals.boundary.schemas.steps import STEP_BODIES
from referrals.domain.lifecycle import STEPS, When
from referrals.models.diagnosis import Biomarker, Diagnosis, Treatment
from referrals.models.patient import Patient, PatientIdentifier
from referrals.models.referral import Consent, Referral
from tests.api.partner import codes, if_match
from tests.factories import diagnosis, packet, patient, person, treatment
from tests.opinions import SPECIALIST
from tests.web import scenery as scene


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


# Who takes a step, by the letter of the table.
TAKERS = {
    "R": ("lakeside", "clinician@lakeside.example"),
    "C": ("network", "coordinator@network.example"),
    "L": ("network", "lead@network.example"),
    "K": ("summit", "coordinator@summit.example"),
    "S": ("summit", SPECIALIST),
    "A": ("network", "admin@network.example"),
}


def test_no_column_can_be_set_by_a_step(app, partner, db, world):
    """Asked of somebody for whom the step is open, so that nothing but the body can be wrong."""
    standing = scene.build(db, world, app.extensions["archive"]).referrals
    # Where a question holds it up, a step may depend on whose question it is.
    held_up = standing["information_requested"]
    tried = 0
    for step, taken in STEP_BODIES.items():
        lines = [line for line in STEPS[step].lines if When.FLAGGED not in line.when]
        found = [(standing[status], party) for line in lines for status in standing if status in line.sources
                 for party in TAKERS if party in line.parties]  # fmt: skip
        if not found or step == "undo":  # a center sees what it gave back for ten minutes only
            continue
        tried += 1
        able = (
            (partner(TAKERS[party][0], person=TAKERS[party][1]), each)
            for each, party in sorted(found, key=lambda one: one[0] == held_up)
        )
        caller, referral_id = next(
            (who, each) for who, each in able if who.get(f"/referrals/{each}").status_code == 200
        )
        for name in columns(Referral, taken):
            answer = caller.post(f"/referrals/{referral_id}/{step}", {name: "x"}, headers=if_match("*"))
            assert answer.status_code == 422, (step, name, answer.text)
            assert codes(answer).get(f"/{name}") == "unknown_field", (step, name)
    assert tried > 25
