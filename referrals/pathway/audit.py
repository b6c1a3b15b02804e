"""Reading the audit: who read, changed or was denied what, as far as the reader answers for those who did."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select, tuple_, union_all
from sqlalchemy.orm import Session

from referrals.domain.errors import Forbidden
from referrals.domain.people import Actor, Kind, Role
from referrals.models.audit import AuditSubject
from referrals.models.contact import Contact
from referrals.models.diagnosis import Diagnosis
from referrals.models.document import Document
from referrals.models.message import Message
from referrals.models.organization import ApiClient, Organization
from referrals.models.referral import Referral
from referrals.models.trail import AuditEntry
from referrals.models.user import Membership, User

READERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
MOST_PEOPLE = 500
Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """`first` is in it, `until` is not. `subjects` are rows: entries that name any of them; None asks for no row."""

    first: datetime
    until: datetime
    user_id: UUID | None = None
    client_id: UUID | None = None
    action: str = ""
    entity: str = ""
    request_id: str = ""
    subjects: Sequence[UUID] | None = None


def refuse_other_readers(actor: Actor) -> None:
    """Administrators and auditors; of partner systems those with the scope for it, checked at the door."""
    if actor.client_id is None and not actor.roles & READERS:
        raise Forbidden("not_this_actor", "The audit is read by administrators and auditors.")


def sees_network(actor: Actor) -> bool:
    return actor.kind is Kind.NETWORK


def entries(session: Session, actor: Actor, asked: Asked, after: Place | None, limit: int) -> Sequence[Row[Any]]:
    """The newest first: so many, from the one after `after` on."""
    query = _query(actor, asked).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)
    if after is not None:
        query = query.where(tuple_(AuditEntry.at, AuditEntry.id) < tuple_(*after))
    return session.execute(query).all()


def _query(actor: Actor, asked: Asked) -> Select[Any]:
    query = (
        select(
            *AuditEntry.__table__.columns,
            User.name.label("user_name"),
            ApiClient.name.label("client_name"),
            Organization.name.label("organization_name"),
        )
        .select_from(AuditEntry)
        .outerjoin(User, User.id == AuditEntry.user_id)
        .outerjoin(ApiClient, ApiClient.id == AuditEntry.client_id)
        .outerjoin(Organization, Organization.id == AuditEntry.organization_id)
    )
    return query.where(*_scope(actor), AuditEntry.at >= asked.first, AuditEntry.at < asked.until, *_narrowed(asked))


def _scope(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """What belongs to the network is its own; any other organization answers for what its own people did."""
    network = AuditEntry.network_id == actor.network_id
    return (network,) if sees_network(actor) else (network, AuditEntry.organization_id == actor.organization_id)


def _narrowed(asked: Asked) -> list[ColumnElement[bool]]:
    exact: Mapping[Any, Any] = {
        AuditEntry.user_id: asked.user_id,
        AuditEntry.client_id: asked.client_id,
        AuditEntry.action: asked.action,
        AuditEntry.entity: asked.entity,
        AuditEntry.request_id: asked.request_id,
    }
    found = [column == value for column, value in exact.items() if value]
    if asked.subjects is not None:
        naming = select(AuditSubject.entry_id).where(AuditSubject.entity_id.in_(asked.subjects))
        found.append(AuditEntry.id.in_(naming))
    return found


def subjects_named(session: Session, actor: Actor, referral: str | UUID) -> list[UUID]:
    """The rows that somebody means by a reference, or by the id of a row: a referral comes with all that is its own."""
    if isinstance(referral, UUID):
        return subjects_of(session, actor.network_id, [referral], [referral]) or [referral]
    known = select(Referral.id).where(Referral.network_id == actor.network_id, Referral.reference == referral)
    found = session.scalars(known).all()
    return subjects_of(session, actor.network_id, found, ())


def subjects_of(
    session: Session, network_id: UUID, referrals: Collection[UUID], patients: Collection[UUID]
) -> list[UUID]:
    """The ids under which the audit names these referrals and patients, and what hangs on them."""
    of_patients = select(Referral.id).where(Referral.patient_id.in_(patients), Referral.network_id == network_id)
    whole = {*referrals, *session.scalars(of_patients)}
    hanging = (
        select(Document.id).where(Document.referral_id.in_(whole)),
        select(Message.id).where(Message.referral_id.in_(whole)),
        select(Contact.id).where(Contact.referral_id.in_(whole)),
        select(Diagnosis.id).where(Diagnosis.patient_id.in_(patients)),
    )
    return [*whole, *patients, *session.scalars(union_all(*hanging))]


def references(session: Session, network_id: UUID, rows: Sequence[Row[Any]]) -> dict[str, str]:
    """By their ids, the references of the referrals that these entries name; of each entry the first few."""
    named = {UUID(each) for row in rows if row.entity in SHOWN_AS for each in row.ids[:NAMED]}
    query = select(Referral.id, Referral.reference).where(
        Referral.id.in_(named), Referral.network_id == network_id, Referral.submitted_at.is_not(None)
    )
    return {str(row.id): row.reference for row in session.execute(query)}


SHOWN_AS = frozenset({"referral", "address", "break_glass"})
NAMED = 3


@dataclass(frozen=True, slots=True)
class Doers:
    """People and partner systems whose entries the reader may ask for, by name."""

    people: Sequence[Any] = ()
    systems: Sequence[Any] = ()

    @property
    def names(self) -> dict[str, str]:
        """By their ids."""
        return {str(each.id): each.name for each in (*self.people, *self.systems)}


def doers(session: Session, actor: Actor) -> Doers:
    people = select(User.id, User.name).where(User.network_id == actor.network_id)
    systems = select(ApiClient.id, ApiClient.name).where(ApiClient.network_id == actor.network_id)
    if not sees_network(actor):
        own = select(Membership.user_id).where(Membership.organization_id == actor.organization_id)
        people = people.where(User.id.in_(own))
        systems = systems.where(ApiClient.organization_id == actor.organization_id)
    return Doers(
        session.execute(people.order_by(User.name, User.id).limit(MOST_PEOPLE)).all(),
        session.execute(systems.order_by(ApiClient.name, ApiClient.id).limit(MOST_PEOPLE)).all(),
    )
