"""Patients, their diagnoses and treatments, as an organization's record; what a referral was judged on stays apart."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from referrals.domain.errors import Conflict, FieldError, refuse_unless_clean
from referrals.domain.people import Actor
from referrals.models.base import new_id
from referrals.models.patient import IdentityCheck, Patient, PatientIdentifier, PatientWord
from referrals.models.referral import Referral

_NAMES = ("given_name", "family_name")
_IDENTITY = (*_NAMES, "birth_date", "sex")
_PLAIN = ("language", "interpreter_needed", "postal_code", "country")
_CONTACT = ("email", "phone")


def fold(text: str) -> str:
    """For comparing names: case, accents and spacing set aside."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in bare if not unicodedata.combining(letter)).split())


def words_of(*names: str) -> list[str]:
    return sorted({word[:200] for name in names for word in re.split(r"[^\w]+", fold(name)) if word})


@dataclass(frozen=True, slots=True)
class Registered:
    """A patient, and what a coordinator has to compare because somebody else knows one of their numbers."""

    patient: Patient
    checks: tuple[IdentityCheck, ...] = ()
    is_new: bool = False
    identifiers: tuple[PatientIdentifier, ...] = ()


def register_patient(session: Session, actor: Actor, sent: Mapping[str, Any], now: datetime) -> Registered:
    """The patient whom the sender means: the one that they already know by a number, or a new one.

    Raises `Conflict` naming the fields (never the values) in which a known patient would be contradicted.
    """
    identifiers = sent.get("identifiers") or []
    holders = _holders(session, actor.network_id, identifiers)
    own = {row.patient_id for row in holders if row.organization_id == actor.organization_id}
    if len(own) > 1:
        raise Conflict("These numbers belong to different patients.", fields=["/patient/identifiers"])
    if own:
        known, numbers = _recognize(session, own.pop(), sent, identifiers, now)
        return Registered(known, identifiers=numbers)
    patient, numbers = _new_patient(session, actor, sent, now)
    return Registered(patient, _suspect_same_person(session, patient, holders, now), is_new=True, identifiers=numbers)


def _holders(session: Session, network_id: UUID, identifiers: Sequence[Mapping[str, Any]]) -> list[PatientIdentifier]:
    sent = {(each["system"], each["value"]) for each in identifiers}
    if not sent:
        return []
    query = select(PatientIdentifier).where(
        PatientIdentifier.network_id == network_id, PatientIdentifier.value.in_({value for _, value in sent})
    )
    return [row for row in session.scalars(query) if (row.system, row.value) in sent]


def _recognize(
    session: Session,
    patient_id: UUID,
    sent: Mapping[str, Any],
    identifiers: Sequence[Mapping[str, Any]],
    now: datetime,
) -> tuple[Patient, tuple[PatientIdentifier, ...]]:
    patient = session.scalars(select(Patient).where(Patient.id == patient_id)).one()
    contradicted = [f"/patient/{field}" for field in _IDENTITY if _contradicts(patient, sent, field)]
    if contradicted:
        raise Conflict("A patient of yours has this number and differs in these fields.", fields=contradicted)
    learned = [field for field in _IDENTITY if not getattr(patient, field) and sent.get(field) is not None]
    for field in learned:
        _assign(patient, field, sent[field])
    _take_demographics(patient, sent)
    if session.is_modified(patient):
        patient.version += 1
        patient.updated_at = now
    if learned:
        _carry_names(session, patient)
    return patient, _with_new_numbers(session, patient, identifiers)


def _contradicts(patient: Patient, sent: Mapping[str, Any], field: str) -> bool:
    known, claimed = getattr(patient, field), sent.get(field)
    if not known or claimed is None:
        return False
    if field == "sex":
        return "unknown" not in (known, claimed) and bool(known != claimed)
    if field == "birth_date":
        return bool(known != date.fromisoformat(claimed))
    return fold(known) != fold(claimed)


def _new_patient(
    session: Session, actor: Actor, sent: Mapping[str, Any], now: datetime
) -> tuple[Patient, tuple[PatientIdentifier, ...]]:
    patient = Patient(
        id=new_id(),
        network_id=actor.network_id,
        organization_id=actor.organization_id,
        interpreter_needed=False,
        version=1,
        created_at=now,
        updated_at=now,
    )
    for field in _IDENTITY:
        _assign(patient, field, sent.get(field))
    _take_demographics(patient, sent)
    session.add(patient)
    numbers = tuple(_identifier(patient, identifier) for identifier in sent.get("identifiers") or [])
    session.add_all(numbers)
    _index_names(session, patient)
    return patient, numbers


def _identifier(patient: Patient, sent: Mapping[str, Any]) -> PatientIdentifier:
    return PatientIdentifier(
        id=new_id(),
        network_id=patient.network_id,
        organization_id=patient.organization_id,
        patient=patient,
        system=sent["system"],
        value=sent["value"],
    )


def _with_new_numbers(
    session: Session, patient: Patient, sent: Sequence[Mapping[str, Any]]
) -> tuple[PatientIdentifier, ...]:
    """Every number of the patient; those that are sent for the first time are written down."""
    known = identifiers_of(session, patient.id)
    pairs = {(each.system, each.value) for each in known}
    added = [_identifier(patient, each) for each in sent if (each["system"], each["value"]) not in pairs]
    session.add_all(added)
    return (*known, *added)


def _index_names(session: Session, patient: Patient) -> None:
    for word in words_of(patient.given_name, patient.family_name):
        session.add(PatientWord(patient=patient, network_id=patient.network_id, word=word))


def _suspect_same_person(
    session: Session, patient: Patient, holders: Sequence[PatientIdentifier], now: datetime
) -> tuple[IdentityCheck, ...]:
    """A number known only elsewhere: nobody is told whose it is; a coordinator compares the two."""
    checks = tuple(
        IdentityCheck(
            id=new_id(), network_id=patient.network_id, patient=patient, other_patient_id=other_id, created_at=now
        )
        for other_id in sorted({row.patient_id for row in holders})
    )
    session.add_all(checks)
    return checks


def _assign(patient: Patient, field: str, value: Any) -> None:
    if field in ("birth_date", "deceased_on"):
        value = date.fromisoformat(value) if value else None
    setattr(patient, field, (value or "") if field in _NAMES else value)


def _take_demographics(patient: Patient, sent: Mapping[str, Any]) -> None:
    """What does not identify a person is kept up to date with what was sent last."""
    for field in _PLAIN:
        if sent.get(field) is not None:
            setattr(patient, field, sent[field])
    for field in _CONTACT:
        value = (sent.get("contact") or {}).get(field)
        if value is not None:
            setattr(patient, field, value)
    if sent.get("deceased_on") is not None:
        _assign(patient, "deceased_on", sent["deceased_on"])


def amend_patient(session: Session, patient: Patient, patch: Mapping[str, Any], now: datetime) -> Patient:
    """A merge patch over the record. The names that lists show on referrals follow in the same transaction."""
    _refuse_emptied_names(patient, patch)
    for field in (*_IDENTITY, *_PLAIN, "deceased_on"):
        if field in patch:
            _assign(patient, field, patch[field])
    contact = patch.get("contact", {})
    for field in _CONTACT:
        if contact is None or field in contact:
            setattr(patient, field, (contact or {}).get(field))
    patient.interpreter_needed = bool(patient.interpreter_needed)
    if "identifiers" in patch:
        _replace_identifiers(session, patient, patch["identifiers"] or [])
    patient.version += 1
    patient.updated_at = now
    session.flush()
    _carry_names(session, patient)
    return patient


def _refuse_emptied_names(patient: Patient, patch: Mapping[str, Any]) -> None:
    """A name that is known is not taken away; one that a draft never had may go on lacking."""
    emptied = [field for field in _NAMES if field in patch and not patch[field] and getattr(patient, field)]
    refuse_unless_clean(FieldError(f"/patient/{field}", "required", "A patient needs this name.") for field in emptied)


def _replace_identifiers(session: Session, patient: Patient, sent: Sequence[Mapping[str, Any]]) -> None:
    taken = [
        row
        for row in _holders(session, patient.network_id, sent)
        if row.organization_id == patient.organization_id and row.patient_id != patient.id
    ]
    if taken:
        raise Conflict("Another patient of yours has one of these numbers.", fields=["/patient/identifiers"])
    session.execute(delete(PatientIdentifier).where(PatientIdentifier.patient_id == patient.id))
    for each in sent:
        session.add(_identifier(patient, each))


def _carry_names(session: Session, patient: Patient) -> None:
    session.execute(delete(PatientWord).where(PatientWord.patient_id == patient.id))
    _index_names(session, patient)
    session.execute(
        update(Referral)
        .where(Referral.patient_id == patient.id)
        .values(
            patient_given_name=patient.given_name,
            patient_family_name=patient.family_name,
            patient_birth_date=patient.birth_date,
            patient_sex=patient.sex,
        )
        .execution_options(synchronize_session="fetch")
    )


def identifiers_of(session: Session, patient_id: UUID) -> list[PatientIdentifier]:
    query = select(PatientIdentifier).where(PatientIdentifier.patient_id == patient_id)
    return list(session.scalars(query.order_by(PatientIdentifier.id)))
