"""Referrals, patients and diagnoses as partners are answered: plain values, ready to be written as JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from referrals.boundary.center_answers import offer_answer, review_answer
from referrals.boundary.opinion_answers import opinion_answer
from referrals.boundary.question_answers import question_answer
from referrals.domain.lifecycle import BEFORE_OPINION, STATUSES
from referrals.domain.vocabulary import Criterion
from referrals.models.assessment import Assessment, Override
from referrals.models.organization import Organization
from referrals.models.user import User
from referrals.pathway.packets import consent_as_sent, patient_as_sent, request_as_sent
from referrals.pathway.queue import Listed
from referrals.pathway.record import Record

BASE = "/api/v1"
CORE_STATUS: Mapping[str, str] = {status.value: facts.core_status.value for status, facts in STATUSES.items()}
CRITERIA = tuple(criterion.value for criterion in Criterion)


def referral_answer(record: Record, now: datetime) -> dict[str, Any]:
    """One referral, whole: everything that was sent comes back, with all that became of it."""
    referral = record.referral
    return {
        "id": referral.id,
        "reference": referral.reference,
        "external_reference": referral.external_reference,
        "version": referral.version,
        **_standing(referral, now),
        "owner": _person(record.owner),
        "steps": [{"step": step, "href": f"{BASE}/referrals/{referral.id}/{step}"} for step in record.open_steps],
        "duplicates": [{"id": each_id, "reference": reference} for each_id, reference in record.duplicates],
        "follows": _followed(record),
        "organization": _organization(record.organization),
        "center": _organization(record.center),
        "patient": _patient(record),
        "diagnosis": _diagnosis(record),
        "treatments": record.facts.content.get("treatments"),
        **request_as_sent(referral),
        "referring_clinician": {"email": record.clinician.email} if record.clinician else None,
        "consent": _consent(record),
        "information_requests": [question_answer(asked, now) for asked in record.questions],
        "offers": [offer_answer(seen.offer, seen.center) for seen in record.offers],
        "review": review_answer(record.standing_offer),
        "opinion": opinion_answer(record.opinion) if record.opinion else None,
        "priority": _priority(record),
        "tumor_family": referral.tumor_family,
        "created_at": referral.created_at,
        "updated_at": referral.updated_at,
    }


def _standing(row: Any, now: datetime) -> dict[str, Any]:
    """Whose turn it is, what is next, and what was promised; of a whole referral or of a row of a list."""
    status, due_at = row.status, row.due_at
    return {
        "status": status,
        "core_status": CORE_STATUS[status],
        "waiting_on": row.waiting_on,
        "next_action": row.next_action,
        "next_action_due_at": row.next_action_due_at,
        "submitted_at": row.submitted_at,
        "due_at": due_at,
        "overdue": due_at is not None and due_at < now and status in BEFORE_OPINION,
    }


def _person(user: User | None) -> dict[str, Any] | None:
    return {"id": user.id, "name": user.name} if user else None


def _organization(organization: Organization | None) -> dict[str, Any] | None:
    if organization is None:
        return None
    return {"id": organization.id, "code": organization.code, "name": organization.name}


def _followed(record: Record) -> dict[str, Any] | None:
    """The ended referral from which this one was begun anew."""
    if record.referral.follows_id is None:
        return None
    return {"id": record.referral.follows_id, "reference": record.follows}


def _patient(record: Record) -> dict[str, Any]:
    patient = record.patient
    pregnant = (record.facts.content.get("patient") or {}).get("pregnant")
    return {"id": patient.id, **patient_as_sent(patient, record.identifiers), "pregnant": pregnant}


def _diagnosis(record: Record) -> dict[str, Any] | None:
    sent: Mapping[str, Any] | None = record.facts.content.get("diagnosis")
    return None if sent is None else {**sent, "id": record.referral.diagnosis_id}


def _consent(record: Record) -> dict[str, Any] | None:
    if record.consent is None:
        return None
    sent = consent_as_sent(record.consent)
    if sent["interpreter_used"] is None:
        del sent["interpreter_used"]
    return sent


def _priority(record: Record) -> dict[str, Any] | None:
    """What the rules found, the promise, and the tier that a person set instead, if one did. A draft has none."""
    referral = record.referral
    if record.assessment is None or referral.submitted_at is None:
        return None
    return priority_answer(record.assessment.judgement, due_at=referral.due_at) | {
        "tier": referral.tier,
        "override": _override(record.override, record.assessment),
    }


def priority_answer(judgement: Mapping[str, Any], *, due_at: datetime | None) -> dict[str, Any]:
    return {
        "tier": judgement["tier"],
        "label": judgement["label"],
        "due_at": due_at,
        "policy": judgement["policy"],
        "provisional": judgement["provisional"],
        "override": None,
        "criteria": judgement["criteria"],
        "missing": judgement["missing"],
        "range": judgement["range"],
        "flags": judgement["flags"],
    }


def _override(row: Override | None, assessment: Assessment) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "tier": row.tier,
        "computed_tier": assessment.tier,
        "reason": row.reason,
        "text": row.text,
        "author": row.author_name,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "countersign_due_at": row.countersign_due_at,
    }


def list_item(row: Listed, now: datetime) -> dict[str, Any]:
    """One row of a worklist, from columns alone."""
    return {
        "id": row.id,
        "reference": row.reference,
        "version": row.version,
        **_standing(row, now),
        "tier": row.tier,
        "provisional": row.provisional,
        "reasons": row.reasons,
        "criteria_met": [name for name in CRITERIA if getattr(row, name)],
        "patient": {
            "id": row.patient_id,
            "given_name": row.patient_given_name or None,
            "family_name": row.patient_family_name or None,
            "birth_date": row.patient_birth_date,
            "sex": row.patient_sex,
        },
        "diagnosis": {"icd10cm": row.icd10cm, "description": row.description, "morphology": row.morphology},
        "tumor_family": row.tumor_family,
        "center": _named(row.center_id, row.center_code, row.center_name),
        "owner": {"id": row.owner_id, "name": row.owner_name} if row.owner_id else None,
        "organization": _named(row.organization_id, row.organization_code, row.organization_name),
        "updated_at": row.updated_at,
    }


def _named(row_id: Any, code: str | None, name: str | None) -> dict[str, Any] | None:
    return {"id": row_id, "code": code, "name": name} if row_id else None
