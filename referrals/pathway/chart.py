"""The patient's own record, changed by itself; what a submitted referral was judged on stays as it was."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, selectinload

from referrals.domain.errors import Conflict, FieldError, Invalid, refuse_unless_clean
from referrals.domain.packet import faults
from referrals.domain.people import Actor
from referrals.models.diagnosis import Diagnosis, Treatment
from referrals.models.patient import Patient, PatientWord
from referrals.models.vault import Vault, vault_of
from referrals.pathway.diagnoses import (
    add_diagnosis,
    add_treatment,
    amend_treatment,
    refuse_signed,
    rewrite_diagnosis,
)
from referrals.pathway.meant import unknown_organizations
from referrals.pathway.registry import amend_patient, emptied_names, register_patient, with_number, words_of
from referrals.pathway.rules import rules_of
from referrals.pathway.scope import diagnoses_of, find_patient, patients_of

HIGHEST_LETTER = "\U0010ffff"
NAMED = ("given_name", "family_name")


@contextmanager
def pointing_into(part: str) -> Iterator[None]:
    """The same refusals as for a whole packet, with pointers into the part that was sent by itself."""
    try:
        yield
    except Invalid as error:
        raise Invalid(below(part, error.errors)) from error
    except Conflict as error:
        fields = [pointer.removeprefix(part) for pointer in error.fields]
        raise Conflict(error.message, referral=error.referral, fields=fields) from error.__cause__


def below(part: str, errors: Iterable[FieldError]) -> list[FieldError]:
    return [FieldError(each.pointer.removeprefix(part), each.code, each.message) for each in errors]


def record_patient(session: Session, actor: Actor, sent: Mapping[str, Any], now: datetime) -> tuple[Patient, bool]:
    """The patient who was meant, and whether this organization meets them for the first time."""
    with pointing_into("/patient"):
        refuse_unless_clean([*_faults(session, actor, {"patient": sent}, now), *unnamed(sent)])
        registered = register_patient(session, actor, sent, now)
        session.flush()
    return registered.patient, registered.is_new


def unnamed(sent: Mapping[str, Any]) -> list[FieldError]:
    """A patient who is recorded by themselves has both names."""
    missing = [name for name in NAMED if not sent.get(name)]
    return [FieldError(f"/patient/{name}", "required", "A patient needs this name.") for name in missing]


def change_patient(
    session: Session, actor: Actor, patient: Patient, patch: Mapping[str, Any], now: datetime
) -> Patient:
    with pointing_into("/patient"):
        refuse_unless_clean([*_faults(session, actor, {"patient": patch}, now), *emptied_names(patient, patch)])
        return amend_patient(session, patient, patch, now)


def record_diagnosis(
    session: Session, actor: Actor, patient: Patient, sent: Mapping[str, Any], now: datetime
) -> Diagnosis:
    """A new original diagnosis. It needs a code, or has to be described in words."""
    with pointing_into("/diagnosis"):
        _refuse_faulty_diagnosis(session, actor, patient, sent, now)
        diagnosis = add_diagnosis(session, actor, patient, sent, now)
    session.flush()
    return diagnosis


def change_diagnosis(
    session: Session, actor: Actor, diagnosis: Diagnosis, whole: Mapping[str, Any], now: datetime
) -> Diagnosis:
    """The diagnosis as it now stands, whole."""
    refuse_signed(diagnosis)
    patient = find_patient(session, actor, diagnosis.patient_id)
    with pointing_into("/diagnosis"):
        _refuse_faulty_diagnosis(session, actor, patient, whole, now)
        rewrite_diagnosis(session, diagnosis, whole, now)
    session.flush()
    return diagnosis


def _refuse_faulty_diagnosis(
    session: Session, actor: Actor, patient: Patient, sent: Mapping[str, Any], now: datetime
) -> None:
    birth = patient.birth_date.isoformat() if patient.birth_date else None
    packet = {"patient": {"birth_date": birth}, "diagnosis": sent}
    found = _faults(session, actor, packet, now) + unknown_organizations(session, actor.network_id, packet)
    refuse_unless_clean([*found, *undescribed(sent, found)])


def undescribed(sent: Mapping[str, Any], found: Iterable[FieldError] = ()) -> list[FieldError]:
    """A diagnosis has a code, or is marked as uncoded and described in words."""
    if sent.get("icd10cm") or any(error.pointer == "/diagnosis/icd10cm" for error in found):
        return []
    if not sent.get("uncoded"):
        message = "Enter the diagnosis code, or say that it is uncoded and describe it."
        return [FieldError("/diagnosis/icd10cm", "required", message)]
    if not sent.get("description"):
        return [FieldError("/diagnosis/description", "required", "Describe the diagnosis in words.")]
    return []


def record_treatment(
    session: Session, actor: Actor, diagnosis: Diagnosis, sent: Mapping[str, Any], now: datetime
) -> Treatment:
    refuse_signed(diagnosis)
    with pointing_into("/treatments/0"):
        refuse_unless_clean(_faults(session, actor, {"treatments": [sent]}, now))
    treatment = add_treatment(session, diagnosis, sent, now)
    session.flush()
    return treatment


def change_treatment(
    session: Session, actor: Actor, treatment: Treatment, whole: Mapping[str, Any], now: datetime
) -> Treatment:
    with pointing_into("/treatments/0"):
        refuse_unless_clean(_faults(session, actor, {"treatments": [whole]}, now))
    amend_treatment(treatment, whole, now)
    session.flush()
    return treatment


def _faults(session: Session, actor: Actor, packet: Mapping[str, Any], now: datetime) -> list[FieldError]:
    """What a packet with only this part would be refused for."""
    today: date = rules_of(session, actor.network_id).calendar.local_date(now)
    return faults(packet, today, submitting=False, by_client=False)


def patients_found(
    session: Session, actor: Actor, typed: str | None, after: Sequence[Any] | None, limit: int
) -> Sequence[Patient]:
    """Patients that the actor may see, newest first: all of them, or those with this number or these names."""
    query = (
        select(Patient)
        .options(selectinload(Patient.identifiers))
        .where(patients_of(actor))
        .order_by(Patient.id.desc())
        .limit(limit)
    )
    if typed:
        query = query.where(_matching(actor, typed, vault_of(session)))
    if after:
        query = query.where(Patient.id < after[0])
    return session.scalars(query).all()


def _matching(actor: Actor, typed: str, vault: Vault) -> Any:
    """A number, whole; or a name by the beginnings of its words. Both by their own index."""
    numbered = with_number(actor.network_id, typed, vault.indexes(actor.network_id, typed))
    words = words_of(typed)
    if not words:
        return Patient.id.in_(numbered)
    rarest = max(words, key=len)
    named = select(PatientWord.patient_id).where(PatientWord.network_id == actor.network_id, *_begins(rarest))
    others = [exists().where(PatientWord.patient_id == Patient.id, *_begins(word)) for word in words if word != rarest]
    return or_(Patient.id.in_(numbered), and_(Patient.id.in_(named), *others))


def _begins(word: str) -> tuple[Any, Any]:
    return PatientWord.word >= word, PatientWord.word < word + HIGHEST_LETTER


def diagnoses_of_patient(session: Session, actor: Actor, patient_id: UUID) -> Sequence[Diagnosis]:
    """Oldest first; another organization's only through a referral that carries it."""
    query = (
        select(Diagnosis)
        .options(selectinload(Diagnosis.biomarkers))
        .where(Diagnosis.patient_id == patient_id, diagnoses_of(actor))
        .order_by(Diagnosis.id)
    )
    return session.scalars(query).all()


def treatments_of_diagnosis(session: Session, diagnosis_id: UUID) -> Sequence[Treatment]:
    query = select(Treatment).where(Treatment.diagnosis_id == diagnosis_id).order_by(Treatment.position, Treatment.id)
    return session.scalars(query).all()
