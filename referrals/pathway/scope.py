"""Who may read what, in one place: every query of the service starts from one of these conditions."""

from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from referrals.domain.centers import OfferStatus
from referrals.domain.errors import Erased, NotFound
from referrals.domain.lifecycle import Status
from referrals.domain.people import Actor
from referrals.domain.permissions import Sees, sees
from referrals.models.diagnosis import Diagnosis, Treatment
from referrals.models.offer import JoinedClinician, Offer
from referrals.models.patient import Patient
from referrals.models.referral import Referral

Found = TypeVar("Found")


def _nothing(actor: Actor) -> ColumnElement[bool]:
    return false()


def _own(actor: Actor) -> ColumnElement[bool]:
    return and_(
        Referral.organization_id == actor.organization_id,
        Referral.status != Status.ENTERED_IN_ERROR,
    )


def _received(actor: Actor) -> ColumnElement[bool]:
    return and_(Referral.network_id == actor.network_id, Referral.submitted_at.is_not(None))


def _at_center(actor: Actor) -> ColumnElement[bool]:
    return and_(
        Referral.center_id == actor.organization_id,
        Referral.submitted_at.is_not(None),
        Referral.status != Status.ENTERED_IN_ERROR,
    )


_SCOPES: Mapping[Sees, Callable[[Actor], ColumnElement[bool]]] = {
    Sees.NOTHING: _nothing,
    Sees.OWN_ORGANIZATION: _own,
    Sees.RECEIVED_BY_NETWORK: _received,
    Sees.OFFERED_TO_CENTER: _at_center,
    Sees.EVERYTHING: _received,
}


def visible(actor: Actor) -> ColumnElement[bool]:
    """The referrals that this actor may read: one indexed equality, and what is hidden from them."""
    return _SCOPES[sees(actor)](actor)


def may_look(actor: Actor) -> ColumnElement[bool]:
    """Of one referral that is opened by its id: what the actor may read, what they have joined, what they broke glass for."""
    return or_(visible(actor), opened(actor), _joined(actor))


def opened(actor: Actor) -> ColumnElement[bool]:
    """What a person has opened by break-glass. Only pages of one referral know of it: no list does, and no step."""
    if not actor.opened:
        return false()
    return and_(
        Referral.id.in_(actor.opened), Referral.network_id == actor.network_id, Referral.submitted_at.is_not(None)
    )


def _joined(actor: Actor) -> ColumnElement[bool]:
    if actor.user_id is None or actor.client_id is not None or sees(actor) is not Sees.OWN_ORGANIZATION:
        return false()
    joined = exists().where(JoinedClinician.referral_id == Referral.id, JoinedClinician.user_id == actor.user_id)
    return and_(joined, Referral.submitted_at.is_not(None), Referral.status != Status.ENTERED_IN_ERROR)


def find_referral(session: Session, actor: Actor, referral_id: UUID, *, lock: bool = False) -> Referral:
    """The referral, locked against a second step when asked. `NotFound` tells nobody whether it exists."""
    query = select(Referral).where(Referral.id == referral_id, visible(actor))
    if lock:
        query = query.with_for_update(key_share=True)
    return unless_erased(_one(session, query))


def unless_erased(referral: Referral) -> Referral:
    """Of a referral whose patient was erased there is nothing left to show, and nothing to do."""
    if referral.erased_at is not None:
        raise Erased(referral.erased_at.date())
    return referral


def find_for_step(session: Session, actor: Actor, referral_id: UUID, step: str) -> Referral:
    """The referral, locked, as far as this step reaches.

    A center that has declined no longer reads the referral, and may still take its last answer back.
    """
    reach = visible(actor)
    if step == "undo" and sees(actor) is Sees.OFFERED_TO_CENTER:
        declined = exists().where(
            Offer.referral_id == Referral.id,
            Offer.center_id == actor.organization_id,
            Offer.status == OfferStatus.DECLINED,
        )
        reach = or_(reach, and_(declined, Referral.status == Status.READY))
    query = select(Referral).where(Referral.id == referral_id, reach)
    return unless_erased(_one(session, query.with_for_update(key_share=True)))


def patients_of(actor: Actor) -> ColumnElement[bool]:
    """A patient is seen by the organization that recorded them, and by others through a referral they may read."""
    if sees(actor) is Sees.OWN_ORGANIZATION:
        return Patient.organization_id == actor.organization_id
    return exists().where(Referral.patient_id == Patient.id, visible(actor))


def diagnoses_of(actor: Actor) -> ColumnElement[bool]:
    """Another organization's diagnoses are shown only through the referral that carries them."""
    if sees(actor) is Sees.OWN_ORGANIZATION:
        return Diagnosis.organization_id == actor.organization_id
    return exists().where(Referral.diagnosis_id == Diagnosis.id, visible(actor))


def find_patient(session: Session, actor: Actor, patient_id: UUID, *, lock: bool = False) -> Patient:
    query = select(Patient).where(Patient.id == patient_id, patients_of(actor))
    found = _one(session, query.with_for_update() if lock else query)
    return still_known(found) if lock else found


def still_known(patient: Patient) -> Patient:
    """A patient who was erased is shown as such, and takes nothing new."""
    if patient.erased_at is not None:
        raise Erased(patient.erased_at.date())
    return patient


def find_diagnosis(session: Session, actor: Actor, diagnosis_id: UUID, *, lock: bool = False) -> Diagnosis:
    query = select(Diagnosis).where(Diagnosis.id == diagnosis_id, diagnoses_of(actor))
    found = _one(session, query.with_for_update() if lock else query)
    if lock:
        still_known(session.get_one(Patient, found.patient_id))
    return found


def find_treatment(session: Session, actor: Actor, treatment_id: UUID, *, lock: bool = False) -> Treatment:
    query = select(Treatment).join(Diagnosis, Diagnosis.id == Treatment.diagnosis_id)
    query = query.where(Treatment.id == treatment_id, diagnoses_of(actor))
    found = _one(session, query.with_for_update(of=Treatment) if lock else query)
    if lock:
        find_diagnosis(session, actor, found.diagnosis_id, lock=True)
    return found


def _one(session: Session, query: Select[Found]) -> Found:
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found
