"""Diagnoses with biomarkers and treatments, between the shape in which they are sent and their rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from referrals.domain.errors import Conflict, FieldError, Invalid
from referrals.domain.people import Actor
from referrals.models.base import new_id
from referrals.models.diagnosis import Biomarker, Diagnosis, Treatment
from referrals.models.organization import Organization
from referrals.models.patient import Patient
from referrals.pathway.people import organization_named

_PLAIN = (
    "icd10cm",
    "topography",
    "morphology",
    "grade",
    "laterality",
    "description",
    "diagnosed_on",
    "basis",
    "certainty",
    "metastatic_sites",
    "disease_status",
    "unusual_presentation",
    "other_codes",
)
_STAGE = ("system", "group", "t", "n", "m")
_BIOMARKER = ("name", "value", "method", "date")
_TREATMENT = (
    "line",
    "modality",
    "regimen",
    "intent",
    "status",
    "started_on",
    "ended_on",
    "best_response",
    "stop_reason",
)


def add_diagnosis(
    session: Session,
    actor: Actor,
    patient: Patient,
    sent: Mapping[str, Any],
    now: datetime,
    revises_id: UUID | None = None,
) -> Diagnosis:
    """A new diagnosis of this patient: an original one, or one that says another anew."""
    diagnosis = Diagnosis(
        id=new_id(),
        network_id=actor.network_id,
        organization_id=patient.organization_id,
        patient=patient,
        revises_id=revises_id,
        version=1,
        created_at=now,
        biomarkers=[],
        treatments=[],
    )
    _fill(session, diagnosis, sent, now)
    session.add(diagnosis)
    return diagnosis


def rewrite_diagnosis(session: Session, diagnosis: Diagnosis, sent: Mapping[str, Any], now: datetime) -> Diagnosis:
    """The whole record as it now stands. Referrals keep what they were judged on."""
    _fill(session, diagnosis, sent, now)
    diagnosis.version += 1
    return diagnosis


def _fill(session: Session, diagnosis: Diagnosis, sent: Mapping[str, Any], now: datetime) -> None:
    for field in _PLAIN:
        setattr(diagnosis, field, sent.get(field))
    diagnosis.uncoded = bool(sent.get("uncoded"))
    stage = sent.get("stage") or {}
    for field in _STAGE:
        setattr(diagnosis, f"stage_{field}", stage.get(field))
    first = sent.get("first_opinion") or {}
    diagnosis.first_opinion_name = first.get("name")
    diagnosis.first_opinion_organization_id = first_opinion_organization(session, diagnosis.network_id, sent)
    diagnosis.updated_at = now
    diagnosis.biomarkers = [
        Biomarker(id=new_id(), network_id=diagnosis.network_id, position=position, **_only(_BIOMARKER, each))
        for position, each in enumerate(sent.get("biomarkers") or [])
    ]


def first_opinion_organization(session: Session, network_id: UUID, sent: Mapping[str, Any]) -> UUID | None:
    code = (sent.get("first_opinion") or {}).get("organization")
    if not code:
        return None
    found = organization_named(session, network_id, code)
    if found is None:
        message = "No organization has this code."
        raise Invalid([FieldError("/diagnosis/first_opinion/organization", "unknown", message)])
    return found.id


def record_treatments(diagnosis: Diagnosis, sent: Sequence[Mapping[str, Any]] | None, now: datetime) -> None:
    """The whole list of treatments; None means that nobody said, which is not the same as none."""
    diagnosis.treatments_recorded = sent is not None
    diagnosis.treatments = [_treatment(diagnosis, position, each, now) for position, each in enumerate(sent or [])]


def _treatment(diagnosis: Diagnosis, position: int, sent: Mapping[str, Any], now: datetime) -> Treatment:
    fields = _only(_TREATMENT, sent) | {"status": sent.get("status") or "given"}
    return Treatment(
        id=new_id(),
        network_id=diagnosis.network_id,
        position=position,
        created_at=now,
        updated_at=now,
        version=1,
        **fields,
    )


def add_treatment(session: Session, diagnosis: Diagnosis, sent: Mapping[str, Any], now: datetime) -> Treatment:
    last = session.scalars(
        select(Treatment.position).where(Treatment.diagnosis_id == diagnosis.id).order_by(Treatment.position.desc())
    ).first()
    treatment = _treatment(diagnosis, 0 if last is None else last + 1, sent, now)
    treatment.diagnosis_id = diagnosis.id
    session.add(treatment)
    diagnosis.treatments_recorded = True
    diagnosis.version += 1
    diagnosis.updated_at = now
    return treatment


def amend_treatment(treatment: Treatment, sent: Mapping[str, Any], now: datetime) -> Treatment:
    """The whole treatment as it now stands."""
    for field, value in (_only(_TREATMENT, sent) | {"status": sent.get("status") or "given"}).items():
        setattr(treatment, field, value)
    treatment.version += 1
    treatment.updated_at = now
    return treatment


def load_diagnosis(session: Session, diagnosis_id: UUID) -> Diagnosis:
    """With its biomarkers and treatments."""
    query = (
        select(Diagnosis)
        .where(Diagnosis.id == diagnosis_id)
        .options(selectinload(Diagnosis.biomarkers), selectinload(Diagnosis.treatments))
    )
    return session.scalars(query).one()


def writable_diagnosis(session: Session, diagnosis_id: UUID | None) -> Diagnosis | None:
    """The row that a referral points to, if it may be written: one that a signed opinion made stays as it was signed."""
    found = load_diagnosis(session, diagnosis_id) if diagnosis_id else None
    return None if found is None or found.revises_id else found


def refuse_signed(diagnosis: Diagnosis) -> None:
    if diagnosis.revises_id is not None:
        raise Conflict("This diagnosis is part of a signed opinion and stays as it is. Record a new one.")


def diagnosis_as_sent(session: Session, diagnosis: Diagnosis) -> dict[str, Any]:
    """The row in the API's shape: every field, null where nothing is known."""
    sent: dict[str, Any] = {field: getattr(diagnosis, field) for field in _PLAIN}
    sent["uncoded"] = diagnosis.uncoded
    stage = {field: getattr(diagnosis, f"stage_{field}") for field in _STAGE}
    sent["stage"] = stage if any(stage.values()) else None
    sent["biomarkers"] = [{field: getattr(each, field) for field in _BIOMARKER} for each in diagnosis.biomarkers]
    sent["first_opinion"] = _first_opinion(session, diagnosis)
    return sent


def _first_opinion(session: Session, diagnosis: Diagnosis) -> dict[str, Any] | None:
    organization_id = diagnosis.first_opinion_organization_id
    if organization_id is None and diagnosis.first_opinion_name is None:
        return None
    query = select(Organization.code).where(Organization.id == organization_id)
    code = session.scalar(query) if organization_id else None
    return {"organization": code, "name": diagnosis.first_opinion_name}


def treatments_as_sent(treatments: Iterable[Treatment]) -> list[dict[str, Any]]:
    return [{field: getattr(each, field) for field in _TREATMENT} for each in treatments]


def _only(fields: Iterable[str], sent: Mapping[str, Any]) -> dict[str, Any]:
    return {field: sent.get(field) for field in fields}
