"""Patients as the caller's organization recorded them; others see one only through a referral they may read."""

from typing import Any
from uuid import UUID

from flask import Blueprint

from referrals.api import shapes
from referrals.api.call import Answer, Call, Seen
from referrals.api.endpoint import endpoint
from referrals.api.lists import listing, page, split, told_where_sent
from referrals.boundary.answers import BASE
from referrals.boundary.conditional import refuse_stale, versions_meant
from referrals.boundary.paging import address_of
from referrals.boundary.schemas.packet import Patient as PatientSent
from referrals.boundary.schemas.queries import PatientsAsked
from referrals.domain.people import Kind, Scope
from referrals.models.patient import Patient
from referrals.pathway.chart import change_patient, patients_found, record_patient
from referrals.pathway.packets import patient_as_sent
from referrals.pathway.registry import identifiers_of
from referrals.pathway.scope import find_patient

patients = Blueprint("patients", __name__, url_prefix="/patients")

PROVIDERS = frozenset({Kind.PROVIDER})


def patient_answer(patient: Patient, identifiers: Any) -> dict[str, Any]:
    return {
        "id": patient.id,
        **patient_as_sent(patient, identifiers),
        "version": patient.version,
        "created_at": patient.created_at,
        "updated_at": patient.updated_at,
    }


@patients.get("")
@endpoint(gives=shapes.PatientOut, asks=PatientsAsked, scope=Scope.PATIENTS_READ, listed=True)
def all_of_them(call: Call) -> Answer:
    """Patients whom the caller may see, newest first; by a number or by words of the name, where asked."""
    return _page(call)


@patients.post("/search")
@endpoint(
    gives=shapes.PatientOut,
    takes=PatientsAsked,
    scope=Scope.PATIENTS_READ,
    listed=True,
    repeatable=True,
    may_be_empty=True,
)
def search(call: Call) -> Answer:
    """The same list with its question in the body, so that no address shows a name."""
    return _page(call)


def _page(call: Call) -> Answer:
    with told_where_sent(call):
        asked = listing(call, "patients", PatientsAsked)
    rows = patients_found(call.session, call.actor, asked.filters.get("q"), asked.after, asked.limit + 1)
    found, more = split(rows, asked.limit)
    items = [patient_answer(each, each.identifiers) for each in found]
    seen = Seen("patient", [each.id for each in found], "list")
    return page(call, asked, "/patients", items, (found[-1].id,) if more else None, seen)


@patients.post("")
@endpoint(
    takes=PatientSent,
    gives=shapes.PatientOut,
    scope=Scope.PATIENTS_WRITE,
    kinds=PROVIDERS,
    status=201,
    may_know_it=True,
    writes=True,
    repeatable=True,
    versioned=True,
)
def record(call: Call) -> Answer:
    """Record a patient. A number that the organization knows already is that patient: then the answer is 200."""
    patient, is_new = record_patient(call.session, call.actor, call.body, call.now)
    answer = _whole(call, patient, "create" if is_new else "edit")
    headers = {"Location": address_of(f"{BASE}/patients/{patient.id}")} if is_new else {}
    return Answer(answer.body, answer.seen, answer.version, 201 if is_new else 200, headers)


@patients.get("/<patient_id>")
@endpoint(gives=shapes.PatientOut, scope=Scope.PATIENTS_READ, versioned=True)
def one(call: Call, patient_id: UUID) -> Answer:
    """One patient."""
    return _whole(call, find_patient(call.session, call.actor, patient_id), "read")


@patients.patch("/<patient_id>")
@endpoint(
    takes=PatientSent,
    gives=shapes.PatientOut,
    scope=Scope.PATIENTS_WRITE,
    kinds=PROVIDERS,
    writes=True,
    needs_version=True,
    versioned=True,
)
def rewrite(call: Call, patient_id: UUID) -> Answer:
    """Lay a merge patch over a patient's record."""
    patient = find_patient(call.session, call.actor, patient_id, lock=True)
    refuse_stale(versions_meant(), patient.version)
    return _whole(call, change_patient(call.session, call.actor, patient, call.body, call.now), "edit")


def _whole(call: Call, patient: Patient, action: str) -> Answer:
    body = patient_answer(patient, identifiers_of(call.session, patient.id))
    return Answer(body, Seen("patient", [patient.id], action), patient.version)
