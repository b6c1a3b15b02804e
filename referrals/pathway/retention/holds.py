"""Legal holds: set and lifted by the network's administrators, each with a reason."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from referrals.domain.errors import Conflict, Forbidden, NotFound
from referrals.domain.people import Actor
from referrals.domain.retention import erased_words, may_hold, may_see_holds
from referrals.models.base import new_id
from referrals.models.patient import Patient
from referrals.models.referral import Referral
from referrals.models.retention import LegalHold
from referrals.pathway.by_reference import received_referral

SHOWN = 50


def refuse_others(actor: Actor) -> None:
    if not may_hold(actor):
        raise Forbidden("not_this_actor", "Legal holds are for administrators of the network, in their own name.")


def refuse_other_readers(actor: Actor) -> None:
    if not may_see_holds(actor):
        raise Forbidden("not_this_actor", "Legal holds are shown to administrators and auditors of the network.")


def set_hold(session: Session, actor: Actor, sent: Mapping[str, Any], now: datetime) -> LegalHold:
    """Nothing of this referral's patient is erased from now on. One hold stands at a time."""
    refuse_others(actor)
    referral = received_referral(session, actor, sent["reference"])
    patient = session.scalars(select(Patient).where(Patient.id == referral.patient_id).with_for_update()).one()
    if patient.erased_at is not None:
        raise Conflict(
            f"{erased_words(patient.erased_at.date())}. There is nothing left to hold.", fields=["/reference"]
        )
    if session.scalar(standing(patient.id)) is not None:
        raise Conflict("A hold stands already for this patient.", fields=["/reference"])
    hold = LegalHold(
        id=new_id(), network_id=actor.network_id, patient_id=patient.id, referral_id=referral.id,
        reason=sent["reason"], set_by_id=actor.user_id, set_by=actor.name, set_at=now,
    )  # fmt: skip
    session.add(hold)
    session.flush()
    return hold


def standing(patient_id: Any) -> Select[UUID]:
    return select(LegalHold.id).where(LegalHold.patient_id == patient_id, LegalHold.lifted_at.is_(None))


def lift_hold(session: Session, actor: Actor, hold_id: UUID, reason: str, now: datetime) -> LegalHold:
    refuse_others(actor)
    query = select(LegalHold).where(LegalHold.network_id == actor.network_id, LegalHold.id == hold_id)
    hold = session.scalars(query.with_for_update()).one_or_none()
    if hold is None:
        raise NotFound
    if hold.lifted_at is not None:
        raise Conflict("This hold was lifted before.")
    hold.lifted_by_id, hold.lifted_by = actor.user_id, actor.name
    hold.lifted_at, hold.lifted_because = now, reason
    session.flush()
    return hold


def _with_reference(actor: Actor) -> Select[LegalHold, str]:
    return (
        select(LegalHold, Referral.reference)
        .join(Referral, Referral.id == LegalHold.referral_id)
        .where(LegalHold.network_id == actor.network_id)
    )


def listed(session: Session, actor: Actor, after: UUID | None, limit: int) -> Sequence[Row[LegalHold, str]]:
    """The newest first, those that were lifted as well."""
    refuse_other_readers(actor)
    query = _with_reference(actor).order_by(LegalHold.id.desc()).limit(limit)
    return session.execute(query.where(LegalHold.id < after) if after else query).all()


def one(session: Session, actor: Actor, hold_id: UUID) -> Row[LegalHold, str]:
    refuse_others(actor)
    row = session.execute(_with_reference(actor).where(LegalHold.id == hold_id)).one_or_none()
    if row is None:
        raise NotFound
    return row
