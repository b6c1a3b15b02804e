"""One referral, read whole: everything that an answer or a page shows, in a handful of statements."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from referrals.domain.centers import HOLDING
from referrals.domain.errors import NotFound
from referrals.domain.people import Actor, Kind, Party
from referrals.domain.permissions import may_see_internal_notes
from referrals.models.assessment import Assessment, Override
from referrals.models.message import Message
from referrals.models.opinion import Opinion
from referrals.models.organization import Organization
from referrals.models.patient import Patient, PatientIdentifier
from referrals.models.question import InformationRequest
from referrals.models.referral import OPEN_ROWS, Consent, Facts, Referral
from referrals.models.trail import Event
from referrals.models.user import User
from referrals.pathway.actions import steps_open_to
from referrals.pathway.filters import Condition
from referrals.pathway.intake import Received
from referrals.pathway.offered import SeenOffer, offers_of, offers_of_all
from referrals.pathway.opinions import shown_opinion, shown_opinions
from referrals.pathway.questions import Asked, questions_of, questions_of_all
from referrals.pathway.registry import identifiers_of, identifiers_of_all
from referrals.pathway.scope import may_look, unless_erased, visible

MOST_DUPLICATES = 50
# Where a walk through all records has come to: when the last one was changed, and its id.
Place = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class Record:
    """A referral with what stands around it. `duplicates` are open ones of the same patient that the reader may see."""

    referral: Referral
    organization: Organization
    patient: Patient
    facts: Facts
    assessment: Assessment | None
    consent: Consent | None
    override: Override | None
    owner: User | None
    clinician: User | None
    center: Organization | None
    follows: str | None
    identifiers: list[PatientIdentifier]
    duplicates: list[tuple[UUID, str]]
    offers: list[SeenOffer]
    open_steps: tuple[str, ...]
    questions: list[Asked]
    has_messages: bool
    opinion: Opinion | None = None

    @property
    def standing_offer(self) -> SeenOffer | None:
        """The offer that lives or was accepted, if this reader sees it."""
        return next((seen for seen in self.offers if seen.offer.status in HOLDING), None)


_Owner, _Clinician, _Center, _Followed = aliased(User), aliased(User), aliased(Organization), aliased(Referral)

# The first fields of `Record`, in the order of the columns of `_WHOLE`; whether there are questions and messages comes after them.
_SELECTED = tuple(field.name for field in fields(Record))[:11]
_WHOLE = (
    select(
        Referral,
        Organization,
        Patient,
        Facts,
        Assessment,
        Consent,
        Override,
        _Owner,
        _Clinician,
        _Center,
        _Followed.reference,
        exists().where(InformationRequest.referral_id == Referral.id).label("has_questions"),
        exists().where(Message.referral_id == Referral.id).label("has_messages"),
    )
    .join(Organization, Organization.id == Referral.organization_id)
    .join(Patient, Patient.id == Referral.patient_id)
    .join(Facts, and_(Facts.referral_id == Referral.id, Facts.version == Referral.facts_version))
    .outerjoin(Assessment, and_(Assessment.referral_id == Referral.id, Assessment.number == Referral.assessment_number))
    .outerjoin(Consent, and_(Consent.referral_id == Referral.id, Consent.withdrawn_at.is_(None)))
    .outerjoin(Override, and_(Override.referral_id == Referral.id, Override.ended_at.is_(None)))
    .outerjoin(_Owner, _Owner.id == Referral.owner_id)
    .outerjoin(_Clinician, _Clinician.id == Referral.clinician_id)
    .outerjoin(_Center, _Center.id == Referral.center_id)
    .outerjoin(_Followed, _Followed.id == Referral.follows_id)
)


def read_referral(session: Session, actor: Actor, referral_id: UUID) -> Record:
    """What the actor may read under this id, or `NotFound`."""
    row = session.execute(_WHOLE.where(Referral.id == referral_id, may_look(actor))).one_or_none()
    if row is None:
        raise NotFound
    unless_erased(row[0])
    return _record(session, actor, row)


def record_just_made(session: Session, actor: Actor, referral: Referral) -> Record:
    """The record of a referral that this actor has just written or moved, also where it leaves their sight by it.

    A coordinator who reopens makes a draft that belongs to the referrer; they are told what they made, once.
    """
    return _record(session, actor, session.execute(_WHOLE.where(Referral.id == referral.id)).one())


def record_received(session: Session, actor: Actor, received: Received) -> Record:
    """The record of what has just come in, from what is at hand: nothing is read again."""
    referral = received.referral
    return Record(
        referral=referral,
        organization=session.get_one(Organization, referral.organization_id),
        patient=received.registered.patient,
        facts=received.facts,
        assessment=received.assessment,
        consent=received.consent,
        override=None,
        owner=None,
        clinician=received.clinician,
        center=None,
        follows=None,
        identifiers=list(received.registered.identifiers) or identifiers_of(session, referral.patient_id),
        duplicates=[] if received.registered.is_new else _duplicates(session, actor, referral),
        offers=[],
        open_steps=steps_open_to(actor, referral),
        questions=[],
        has_messages=False,
    )


def _record(session: Session, actor: Actor, row: Any) -> Record:
    referral: Referral = row[0]
    return _with(
        actor,
        row,
        identifiers=identifiers_of(session, referral.patient_id),
        duplicates=_duplicates(session, actor, referral),
        offers=offers_of(session, actor, referral),
        questions=questions_of(session, referral.id) if row.has_questions else [],
        opinion=shown_opinion(session, referral),
    )


def _with(actor: Actor, row: Any, **around: Any) -> Record:
    """The row of `_WHOLE` with what was read beside it."""
    own = dict(zip(_SELECTED, row[:-2], strict=True))
    return Record(**own, **around, open_steps=steps_open_to(actor, row[0]), has_messages=row.has_messages)


def records_after(
    session: Session, actor: Actor, conditions: Sequence[Condition], after: Place | None, limit: int
) -> list[Record]:
    """The next records that the actor may read, by their last change: as many statements for all as for one."""
    key = tuple_(Referral.updated_at, Referral.id)
    query = (
        _WHOLE.where(visible(actor), Referral.erased_at.is_(None), *conditions)
        .order_by(Referral.updated_at, Referral.id)
        .limit(limit)
    )
    rows = session.execute(query.where(key > tuple_(*after)) if after else query).all()
    ids, patients = [row[0].id for row in rows], [row[0].patient_id for row in rows]
    identifiers, others = identifiers_of_all(session, patients), _open_of_all(session, actor, patients)
    offers, questions = offers_of_all(session, actor, ids), questions_of_all(session, ids)
    opinions = shown_opinions(session, [row[0] for row in rows])
    return [
        _with(
            actor,
            row,
            identifiers=identifiers[row[0].patient_id],
            duplicates=[each for each in others[row[0].patient_id] if each[0] != row[0].id][:MOST_DUPLICATES],
            offers=offers[row[0].id],
            questions=questions[row[0].id],
            opinion=opinions.get(row[0].id),
        )
        for row in rows
    ]


def _open_of_all(session: Session, actor: Actor, patients: Sequence[UUID]) -> Mapping[UUID, list[tuple[UUID, str]]]:
    query = (
        select(Referral.patient_id, Referral.id, Referral.reference)
        .where(Referral.patient_id.in_(patients), OPEN_ROWS, visible(actor))
        .order_by(Referral.order_at, Referral.arrived_at, Referral.id)
    )
    found = defaultdict(list)
    for patient_id, referral_id, reference in session.execute(query):
        found[patient_id].append((referral_id, reference))
    return found


def _duplicates(session: Session, actor: Actor, referral: Referral) -> list[tuple[UUID, str]]:
    query = (
        select(Referral.id, Referral.reference)
        .where(Referral.patient_id == referral.patient_id, Referral.id != referral.id, OPEN_ROWS, visible(actor))
        .order_by(Referral.order_at, Referral.arrived_at, Referral.id)
        .limit(MOST_DUPLICATES)
    )
    return [(row.id, row.reference) for row in session.execute(query)]


def events_of(session: Session, referral_id: UUID) -> Sequence[Event]:
    """The timeline, oldest first."""
    return session.scalars(select(Event).where(Event.referral_id == referral_id).order_by(Event.version)).all()


def assessments_of(session: Session, referral_id: UUID) -> Sequence[Assessment]:
    query = select(Assessment).where(Assessment.referral_id == referral_id).order_by(Assessment.number)
    return session.scalars(query).all()


def facts_of(session: Session, referral_id: UUID) -> Sequence[Facts]:
    return session.scalars(select(Facts).where(Facts.referral_id == referral_id).order_by(Facts.version)).all()


def overrides_of(session: Session, referral_id: UUID) -> Sequence[Override]:
    query = select(Override).where(Override.referral_id == referral_id).order_by(Override.created_at)
    return session.scalars(query).all()


def status_since(session: Session, referral_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Since when each of these has stood where it stands."""
    moved = or_(Event.from_status.is_(None), Event.from_status != Event.to_status)
    query = (
        select(Event.referral_id, func.max(Event.at))
        .where(Event.referral_id.in_(referral_ids), moved)
        .group_by(Event.referral_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def may_read_note(event: Event, reader: Actor) -> bool:
    """A note stays with those who wrote it and with the network; the referrer's is for all who read the referral."""
    own = event.organization_id == reader.organization_id
    return own or event.party == Party.R or may_see_internal_notes(reader)


ANOTHER_CENTER = "Another center"


def is_of_another_center(event: Event, reader: Actor) -> bool:
    """A center reads that others were asked before it, and never who they were or what they said."""
    center = event.data.get("center")
    return reader.kind is Kind.CENTER and center is not None and center != str(reader.organization_id)


# Whom the network meant to ask next, and in whose name, is nobody else's business.
NETWORK_ONLY = frozenset({"then", "approved_by"})


def data_for(event: Event, reader: Actor) -> dict[str, Any]:
    """What the event says to this reader."""
    if is_of_another_center(event, reader):
        return {}
    if reader.kind is Kind.NETWORK:
        return event.data
    return {name: told for name, told in event.data.items() if name not in NETWORK_ONLY}


def when_claimed(events: Sequence[Event]) -> datetime | None:
    """When the present owner took it."""
    taken = [event.at for event in events if event.step in ("claim", "assign-owner")]
    return taken[-1] if taken else None
