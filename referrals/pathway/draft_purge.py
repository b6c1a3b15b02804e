"""Drops drafts that nobody has touched for long, with everything that came with them and belongs to nothing else."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, insert, or_, select
from sqlalchemy.orm import Session

from referrals.domain.lifecycle import Status
from referrals.models.delivery import Delivery, Reminder
from referrals.models.diagnosis import Biomarker, Diagnosis, Treatment
from referrals.models.patient import IdentityCheck, Patient, PatientIdentifier, PatientWord
from referrals.models.referral import Consent, Facts, Referral
from referrals.models.task import Task
from referrals.models.trail import AuditEntry, Event, Notification, Outbox

PURGE = "purge"


def purge_stale_drafts(session: Session, untouched_since: datetime, now: datetime, limit: int = 20) -> int:
    """Nothing that was ever submitted: the condition is repeated here although the database holds it too.

    The receipt stays, and the audit says which numbers were given to drafts that are gone.
    """
    stale = (
        select(Referral)
        .where(
            Referral.status == Status.DRAFT,
            Referral.submitted_at.is_(None),
            Referral.updated_at <= untouched_since,
            ~_is_named_elsewhere(),
        )
        .order_by(Referral.updated_at, Referral.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    drafts = session.scalars(stale).all()
    for draft in drafts:
        _purge(session, draft, now)
    return len(drafts)


def _is_named_elsewhere() -> ColumnElement[bool]:
    other = Referral.__table__.alias("other")
    return exists().where(or_(other.c.follows_id == Referral.id, other.c.duplicate_of_id == Referral.id))


def _purge(session: Session, draft: Referral, now: datetime) -> None:
    _remember_number(session, draft, now)
    _drop_trail(session, draft.id)
    session.execute(delete(Referral).where(Referral.id == draft.id))
    session.expunge(draft)
    if draft.diagnosis_id is not None:
        _drop_diagnosis(session, draft.diagnosis_id, draft.created_at)
    _drop_patient(session, draft.patient_id, draft.created_at)


def _remember_number(session: Session, draft: Referral, now: datetime) -> None:
    """Numbers are given without a gap: this entry is what tells a purged draft from a lost referral."""
    entry = {
        "network_id": draft.network_id,
        "at": now,
        "action": PURGE,
        "entity": "referral",
        "ids": [str(draft.id)],
        "detail": {"references": [draft.reference]},
    }
    session.execute(insert(AuditEntry), entry)


def _drop_trail(session: Session, referral_id: UUID) -> None:
    events = select(Event.id).where(Event.referral_id == referral_id)
    session.execute(delete(Outbox).where(Outbox.event_id.in_(events)))
    for table in (Notification, Reminder, Delivery, Task, Event, Facts, Consent, IdentityCheck):
        session.execute(delete(table).where(table.referral_id == referral_id))


def _drop_diagnosis(session: Session, diagnosis_id: UUID, born_at: datetime) -> None:
    """Only a diagnosis that was first written with the draft, and that no other referral or diagnosis speaks of."""
    used = or_(
        exists().where(Referral.diagnosis_id == diagnosis_id),
        exists().where(Diagnosis.revises_id == diagnosis_id),
    )
    orphan = select(Diagnosis.id).where(Diagnosis.id == diagnosis_id, Diagnosis.created_at == born_at, ~used)
    if session.scalar(orphan) is not None:
        for table in (Biomarker, Treatment):
            session.execute(delete(table).where(table.diagnosis_id == diagnosis_id))
        session.execute(delete(Diagnosis).where(Diagnosis.id == diagnosis_id))


def _drop_patient(session: Session, patient_id: UUID, born_at: datetime) -> None:
    """Only a patient who was first written with the draft, and of whom nothing else is known."""
    known: Sequence[ColumnElement[bool]] = (
        exists().where(Referral.patient_id == patient_id),
        exists().where(Diagnosis.patient_id == patient_id),
        exists().where(or_(IdentityCheck.patient_id == patient_id, IdentityCheck.other_patient_id == patient_id)),
    )
    orphan = select(Patient.id).where(Patient.id == patient_id, Patient.created_at == born_at, ~or_(*known))
    if session.scalar(orphan) is not None:
        for table in (PatientIdentifier, PatientWord):
            session.execute(delete(table).where(table.patient_id == patient_id))
        session.execute(delete(Patient).where(Patient.id == patient_id))
