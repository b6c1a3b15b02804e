"""Whose time is over: patients whose last referral ended long enough ago, and what keeps one of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from referrals.domain.retention import years_before
from referrals.models.organization import Network
from referrals.models.patient import IdentityCheck, Patient
from referrals.models.referral import Referral
from referrals.models.retention import LegalHold

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Due:
    """A patient, by the references of their referrals alone."""

    patient_id: UUID
    network_id: UUID
    references: tuple[str, ...]
    ended_at: datetime
    is_held: bool


def cutoffs(
    session: Session, now: datetime, years: int | None = None, before: date | None = None
) -> dict[UUID, datetime]:
    """By network the moment before which the last referral must have ended; days are those of the network."""
    found = {}
    for network_id, zone in session.execute(select(Network.id, Network.zone)):
        day = before or years_before(now.astimezone(ZoneInfo(zone)).date(), years or 0) + timedelta(days=1)
        found[network_id] = datetime.combine(day, time.min, ZoneInfo(zone))
    return found


def due(session: Session, network_id: UUID, cutoff: datetime) -> Iterator[Due]:
    """In the order of their ids, a few at a time: so many patients do not fit into memory."""
    after = None
    while some := _next(session, network_id, cutoff, after):
        yield from (_told(session, each, network_id) for each in some if stands_until(session, each, cutoff))
        after = some[-1]


def _next(session: Session, network_id: UUID, cutoff: datetime, after: UUID | None) -> Sequence[UUID]:
    query = (
        select(Patient.id)
        .where(Patient.network_id == network_id, Patient.erased_at.is_(None), _has_referral(), ~_goes_on(cutoff))
        .order_by(Patient.id)
        .limit(AT_ONCE)
    )
    return session.scalars(query.where(Patient.id > after) if after else query).all()


def _has_referral() -> ColumnElement[bool]:
    return exists().where(Referral.patient_id == Patient.id)


def _goes_on(cutoff: datetime) -> ColumnElement[bool]:
    return exists().where(
        Referral.patient_id == Patient.id, or_(Referral.ended_at.is_(None), Referral.ended_at >= cutoff)
    )


def stands_until(session: Session, patient_id: UUID, cutoff: datetime) -> bool:
    """Whether nothing of this person, under whichever organization's record, is open or ended later."""
    query = select(Patient.id).where(Patient.id.in_(same_person(session, patient_id)), _goes_on(cutoff))
    return session.scalar(query.limit(1)) is None


def is_held(session: Session, patient_id: UUID) -> bool:
    """A hold on one record of a person holds the others, too."""
    people = same_person(session, patient_id)
    query = select(LegalHold.id).where(LegalHold.patient_id.in_(people), LegalHold.lifted_at.is_(None))
    return session.scalar(query.limit(1)) is not None


def same_person(session: Session, patient_id: UUID) -> set[UUID]:
    """With every record that is, or may be, of the same person: in doubt nobody is erased too early."""
    known, fresh = {patient_id}, {patient_id}
    while fresh:
        one, other = IdentityCheck.patient_id, IdentityCheck.other_patient_id
        may_be = or_(IdentityCheck.decision.is_(None), IdentityCheck.decision == "same")
        pairs = session.execute(select(one, other).where(may_be, or_(one.in_(fresh), other.in_(fresh)))).all()
        fresh = {each for pair in pairs for each in pair} - known
        known |= fresh
    return known


def _told(session: Session, patient_id: UUID, network_id: UUID) -> Due:
    own = Referral.patient_id == patient_id
    references = session.scalars(select(Referral.reference).where(own).order_by(Referral.reference)).all()
    ended_at: Any = session.scalar(select(func.max(Referral.ended_at)).where(own))
    return Due(patient_id, network_id, tuple(references), ended_at, is_held(session, patient_id))
