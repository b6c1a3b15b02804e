"""Letters to the patient: what they are made of, and the clinician's word that the summary may be read."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.errors import Forbidden, Refusal, Stale
from referrals.domain.letters import Addressee, NoLetter, addressee, against_a_letter
from referrals.domain.lifecycle import Status
from referrals.domain.people import Actor, Kind, Party
from referrals.models.base import new_id
from referrals.models.letter import SummaryRelease
from referrals.models.opinion import Opinion
from referrals.models.organization import Network, Organization
from referrals.models.patient import Patient
from referrals.models.referral import Referral
from referrals.pathway.opinions import read_opinion
from referrals.pathway.record import Record, read_referral
from referrals.pathway.scope import find_referral


class NoLetterNow(Refusal):
    """Nothing is written to this patient, and nothing is released."""

    code = "no_letter"

    def __init__(self, why: NoLetter) -> None:
        super().__init__("There is no letter for this referral.")
        self.why = why


@dataclass(frozen=True, slots=True)
class Correspondence:
    """`opinion` is the latest; the patient may read its summary once there is a `release` of that very version."""

    record: Record
    network: str
    center: str
    addressee: Addressee
    opinion: Opinion | None
    release: SummaryRelease | None


def correspondence(session: Session, actor: Actor, referral_id: UUID, today: date) -> Correspondence:
    """What a letter is made of today, or `NoLetterNow`. A center has its own words for its own patients."""
    record = read_referral(session, actor, referral_id)
    if actor.kind is Kind.CENTER:
        raise Forbidden("not_this_actor", "Letters come from those who asked for the opinion.")
    _refuse_without_letter(record.referral, record.patient)
    opinion = record.opinion
    consent = record.consent
    return Correspondence(
        record=record,
        network=session.get_one(Network, record.referral.network_id).name,
        center=session.get_one(Organization, opinion.center_id).name if opinion else "",
        addressee=addressee(consent.given_by if consent else None, record.patient.birth_date, today),
        opinion=opinion,
        release=_release_of(session, opinion) if opinion else None,
    )


def release_summary(
    session: Session, actor: Actor, referral_id: UUID, now: datetime, if_version: int
) -> SummaryRelease:
    """The referring clinician has read it and lets the patient read it. Said twice, it stays as it was said first."""
    referral = find_referral(session, actor, referral_id, lock=True)
    if Party.R not in actor.parties:
        raise Forbidden("not_this_actor", "The referring clinician releases it.")
    if referral.version != if_version:
        raise Stale
    _refuse_without_letter(referral, session.get_one(Patient, referral.patient_id))
    opinion = read_opinion(session, referral)
    return _release_of(session, opinion) or _released(session, actor, opinion, now)


def _refuse_without_letter(referral: Referral, patient: Patient) -> None:
    why = against_a_letter(
        Status(referral.status), was_sent=referral.submitted_at is not None, deceased_on=patient.deceased_on
    )
    if why is not None:
        raise NoLetterNow(why)


def _release_of(session: Session, opinion: Opinion) -> SummaryRelease | None:
    return session.scalars(select(SummaryRelease).where(SummaryRelease.opinion_id == opinion.id)).one_or_none()


def _released(session: Session, actor: Actor, opinion: Opinion, now: datetime) -> SummaryRelease:
    row = SummaryRelease(
        id=new_id(),
        network_id=opinion.network_id,
        opinion=opinion,
        user_id=actor.user_id,
        user_name=actor.name,
        at=now,
    )
    session.add(row)
    return row
