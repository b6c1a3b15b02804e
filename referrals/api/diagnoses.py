"""The diagnoses of a patient's record, and what was done about each."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint

from referrals.api import shapes
from referrals.api.call import Answer, Call, Seen
from referrals.api.endpoint import endpoint
from referrals.api.lists import listing, page
from referrals.boundary.answers import BASE
from referrals.boundary.conditional import refuse_stale, versions_meant
from referrals.boundary.paging import address_of
from referrals.boundary.schemas.fields import Body, load, ready
from referrals.boundary.schemas.packet import Diagnosis as DiagnosisSent, Treatment as TreatmentSent
from referrals.boundary.schemas.queries import Page
from referrals.domain.errors import FieldError
from referrals.domain.people import Kind, Scope
from referrals.models.diagnosis import Diagnosis, Treatment
from referrals.pathway.chart import (
    below,
    change_diagnosis,
    change_treatment,
    diagnoses_of_patient,
    record_diagnosis,
    record_treatment,
    treatments_of_diagnosis,
)
from referrals.pathway.diagnoses import diagnosis_as_sent, load_diagnosis, treatments_as_sent
from referrals.pathway.meant import unknown_organizations
from referrals.pathway.packets import coded_diagnosis, merge
from referrals.pathway.scope import find_diagnosis, find_patient, find_treatment

diagnoses = Blueprint("diagnoses", __name__)

READS: Mapping[str, Any] = {"scope": Scope.PATIENTS_READ}
WRITES: Mapping[str, Any] = {
    "scope": Scope.PATIENTS_WRITE,
    "kinds": frozenset({Kind.PROVIDER}),
    "writes": True,
    "versioned": True,
}


@diagnoses.get("/patients/<patient_id>/diagnoses")
@endpoint(gives=shapes.DiagnosisOut, asks=Page, listed=True, **READS)
def of_patient(call: Call, patient_id: UUID) -> Answer:
    """The diagnoses of a patient, oldest first; another organization's are not shown."""
    find_patient(call.session, call.actor, patient_id)
    rows = diagnoses_of_patient(call.session, call.actor, patient_id)
    return _page(call, f"/patients/{patient_id}/diagnoses", rows, "diagnosis", lambda row: diagnosis_answer(call, row))


def unknown_to_us(call: Call, sound: Mapping[str, Any]) -> list[FieldError]:
    found = unknown_organizations(call.session, call.actor.network_id, {"diagnosis": sound})
    return below("/diagnosis", found)


@diagnoses.post("/patients/<patient_id>/diagnoses")
@endpoint(takes=DiagnosisSent, gives=shapes.DiagnosisOut, status=201, repeatable=True, looks_up=unknown_to_us, **WRITES)
def add(call: Call, patient_id: UUID) -> Answer:
    """Record a diagnosis of a patient."""
    patient = find_patient(call.session, call.actor, patient_id)
    diagnosis = record_diagnosis(call.session, call.actor, patient, call.body, call.now)
    return _made(call, f"/diagnoses/{diagnosis.id}", "diagnosis", diagnosis, diagnosis_answer(call, diagnosis))


@diagnoses.get("/diagnoses/<diagnosis_id>")
@endpoint(gives=shapes.DiagnosisOut, versioned=True, **READS)
def one(call: Call, diagnosis_id: UUID) -> Answer:
    """One diagnosis, as it was first made; a revised one is another that points to it."""
    found = load_diagnosis(call.session, find_diagnosis(call.session, call.actor, diagnosis_id).id)
    return _shown(call, "diagnosis", found, diagnosis_answer(call, found), "read")


@diagnoses.patch("/diagnoses/<diagnosis_id>")
@endpoint(takes=DiagnosisSent, gives=shapes.DiagnosisOut, needs_version=True, looks_up=unknown_to_us, **WRITES)
def rewrite(call: Call, diagnosis_id: UUID) -> Answer:
    """Lay a merge patch over a diagnosis. What a referral was judged on stays as it was."""
    found = load_diagnosis(call.session, find_diagnosis(call.session, call.actor, diagnosis_id, lock=True).id)
    refuse_stale(versions_meant(), found.version)
    whole = _merged(diagnosis_as_sent(call.session, found), coded_diagnosis(call.body), DiagnosisSent)
    change_diagnosis(call.session, call.actor, found, whole, call.now)
    return _shown(call, "diagnosis", found, diagnosis_answer(call, found), "edit")


@diagnoses.get("/diagnoses/<diagnosis_id>/treatments")
@endpoint(gives=shapes.TreatmentOut, asks=Page, listed=True, **READS)
def treatments(call: Call, diagnosis_id: UUID) -> Answer:
    """What was or will be done about a diagnosis, in the order in which it was recorded."""
    find_diagnosis(call.session, call.actor, diagnosis_id)
    rows = treatments_of_diagnosis(call.session, diagnosis_id)
    return _page(call, f"/diagnoses/{diagnosis_id}/treatments", rows, "treatment", treatment_answer)


@diagnoses.post("/diagnoses/<diagnosis_id>/treatments")
@endpoint(takes=TreatmentSent, gives=shapes.TreatmentOut, status=201, repeatable=True, **WRITES)
def add_treatment(call: Call, diagnosis_id: UUID) -> Answer:
    """Record a treatment of a diagnosis."""
    diagnosis = find_diagnosis(call.session, call.actor, diagnosis_id)
    treatment = record_treatment(call.session, call.actor, diagnosis, call.body, call.now)
    return _made(call, f"/diagnoses/{diagnosis_id}/treatments", "treatment", treatment, treatment_answer(treatment))


@diagnoses.patch("/treatments/<treatment_id>")
@endpoint(takes=TreatmentSent, gives=shapes.TreatmentOut, needs_version=True, **WRITES)
def rewrite_treatment(call: Call, treatment_id: UUID) -> Answer:
    """Lay a merge patch over a treatment."""
    found = find_treatment(call.session, call.actor, treatment_id, lock=True)
    refuse_stale(versions_meant(), found.version)
    whole = _merged(treatments_as_sent([found])[0], call.body, TreatmentSent)
    change_treatment(call.session, call.actor, found, whole, call.now)
    return _shown(call, "treatment", found, treatment_answer(found), "edit")


def _merged(stands: Mapping[str, Any], patch: Mapping[str, Any], schema: type[Body]) -> dict[str, Any]:
    return load(ready(schema), merge(stands, patch))


def diagnosis_answer(call: Call, row: Diagnosis) -> dict[str, Any]:
    return {
        "id": row.id,
        "patient": row.patient_id,
        **diagnosis_as_sent(call.session, row),
        "revises": row.revises_id,
        **_times(row),
    }


def treatment_answer(row: Treatment) -> dict[str, Any]:
    return {"id": row.id, "diagnosis": row.diagnosis_id, **treatments_as_sent([row])[0], **_times(row)}


def _times(row: Diagnosis | Treatment) -> dict[str, Any]:
    return {"version": row.version, "created_at": row.created_at, "updated_at": row.updated_at}


def _page(call: Call, path: str, rows: Sequence[Any], entity: str, answer: Callable[[Any], dict[str, Any]]) -> Answer:
    """A patient has few of these: they are read whole, and cut to the page that was asked for."""
    asked = listing(call, path, Page)
    known = [row.id for row in rows]
    start = known.index(asked.after[0]) + 1 if asked.after and asked.after[0] in known else 0
    shown = rows[start : start + asked.limit]
    after = (shown[-1].id,) if start + asked.limit < len(rows) else None
    seen = Seen(entity, [row.id for row in shown], "list")
    return page(call, asked, path, [answer(row) for row in shown], after, seen)


def _made(call: Call, path: str, entity: str, row: Diagnosis | Treatment, body: dict[str, Any]) -> Answer:
    shown = _shown(call, entity, row, body, "create")
    return Answer(body, shown.seen, row.version, 201, {"Location": address_of(BASE + path)})


def _shown(call: Call, entity: str, row: Diagnosis | Treatment, body: dict[str, Any], action: str) -> Answer:
    return Answer(body, Seen(entity, [row.id], action), row.version)
