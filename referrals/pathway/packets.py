"""A referral and its parts in the shape in which they are sent: what an answer shows, and what a patch is laid over."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.models.patient import Patient, PatientIdentifier
from referrals.models.referral import Consent, Facts, Referral
from referrals.models.user import User
from referrals.pathway.registry import identifiers_of


def packet_of(session: Session, referral: Referral) -> dict[str, Any]:
    """The whole packet as it stands now."""
    patient = session.scalars(select(Patient).where(Patient.id == referral.patient_id)).one()
    facts = current_facts(session, referral)
    consent = session.scalars(
        select(Consent).where(Consent.referral_id == referral.id, Consent.withdrawn_at.is_(None))
    ).one_or_none()
    email = session.scalar(select(User.email).where(User.id == referral.clinician_id))
    packet = {
        "external_reference": referral.external_reference,
        "patient": patient_as_sent(patient, identifiers_of(session, patient.id))
        | {"pregnant": facts.content["patient"].get("pregnant")},
        **request_as_sent(referral),
        "referring_clinician": {"email": email} if email else None,
        "consent": consent_as_sent(consent) if consent else None,
    }
    return packet | {part: facts.content[part] for part in ("diagnosis", "treatments") if part in facts.content}


def current_facts(session: Session, referral: Referral) -> Facts:
    query = select(Facts).where(Facts.referral_id == referral.id, Facts.version == referral.facts_version)
    return session.scalars(query).one()


def patient_as_sent(patient: Patient, identifiers: Iterable[PatientIdentifier]) -> dict[str, Any]:
    return {
        "identifiers": [{"system": each.system, "value": each.number} for each in identifiers],
        "given_name": patient.given_name or None,
        "family_name": patient.family_name or None,
        "birth_date": _text(patient.birth_date),
        "sex": patient.sex,
        "language": patient.language,
        "interpreter_needed": patient.interpreter_needed,
        "postal_code": patient.postal_code,
        "country": patient.country,
        "contact": {"email": patient.email, "phone": patient.phone},
        "deceased_on": _text(patient.deceased_on),
    }


def request_as_sent(referral: Referral) -> dict[str, Any]:
    needed_by = {"date": _text(referral.needed_by), "kind": referral.needed_by_kind}
    return {
        "purposes": referral.purposes,
        "questions": referral.questions,
        "summary": referral.summary,
        "performance_status": referral.performance_status,
        "other_conditions": referral.other_conditions,
        "needed_by": needed_by if referral.needed_by else None,
        "preferences": referral.preferences,
    }


def consent_as_sent(consent: Consent) -> dict[str, Any]:
    return {
        "given": consent.given,
        "given_on": _text(consent.given_on),
        "given_by": consent.given_by,
        "scope": consent.scope,
        "centers": consent.centers,
        "until": _text(consent.until),
        "interpreter_used": consent.interpreter_used,
    }


def merge(target: Any, patch: Any) -> Any:
    """JSON Merge Patch (RFC 7396): null takes a member away, an array replaces the whole of what stood there."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def coded(patch: Mapping[str, Any]) -> Mapping[str, Any]:
    """A patch of facts in which a code that is sent says by itself that the diagnosis is not uncoded any more."""
    diagnosis = patch.get("diagnosis")
    return {**patch, "diagnosis": coded_diagnosis(diagnosis)} if isinstance(diagnosis, Mapping) else patch


def coded_diagnosis(patch: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"uncoded": None, **patch} if patch.get("icd10cm") else patch


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
