"""Offers as they are read: those of one referral, and the inbox of a center."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session

from referrals.domain.centers import HOLDING, UNDO_WITHIN, OfferStatus
from referrals.domain.errors import NotFound
from referrals.domain.lifecycle import Status
from referrals.domain.people import Actor, Kind
from referrals.models.offer import Offer
from referrals.models.organization import Organization
from referrals.models.referral import Referral
from referrals.models.trail import Event
from referrals.models.user import User

After = tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class SeenOffer:
    """An offer with the names that stand around it."""

    offer: Offer
    center: Organization
    specialist: User | None


def offers_of(session: Session, actor: Actor, referral: Referral) -> list[SeenOffer]:
    """The offers of a referral, first to last. A center sees its own; before triage there are none, and nothing is asked."""
    if referral.triaged_at is None:
        return []
    query = _whole().where(Offer.referral_id == referral.id).order_by(Offer.number)
    if actor.kind is Kind.CENTER:
        query = query.where(Offer.center_id == actor.organization_id)
    return [SeenOffer(*row) for row in session.execute(query)]


def offers_of_all(session: Session, actor: Actor, referral_ids: Sequence[UUID]) -> Mapping[UUID, list[SeenOffer]]:
    """The same of many referrals, in one statement."""
    query = _whole().where(Offer.referral_id.in_(referral_ids)).order_by(Offer.referral_id, Offer.number)
    if actor.kind is Kind.CENTER:
        query = query.where(Offer.center_id == actor.organization_id)
    found = defaultdict(list)
    for row in session.execute(query):
        found[row[0].referral_id].append(SeenOffer(*row))
    return found


def _whole() -> Any:
    return (
        select(Offer, Organization, User)
        .join(Organization, Organization.id == Offer.center_id)
        .outerjoin(User, User.id == Offer.specialist_id)
    )


# What an inbox shows: of an offer that has ended only that it was made and how it ended.
_INBOX = (
    select(Offer, Organization, Referral.reference, Referral.tier, Referral.due_at, Referral.status, Referral.version)
    .join(Organization, Organization.id == Offer.center_id)
    .join(Referral, Referral.id == Offer.referral_id)
)


def inbox(session: Session, actor: Actor, status: OfferStatus | None, after: After, limit: int) -> list[Any]:
    """The offers to the actor's center, latest first: live and accepted ones, unless others are asked for."""
    wanted = HOLDING if status is None else (status,)
    query = (
        _INBOX.where(Offer.center_id == actor.organization_id, Offer.status.in_(wanted))
        .order_by(Offer.offered_at.desc(), Offer.id.desc())
        .limit(limit)
    )
    if after:
        query = query.where(tuple_(Offer.offered_at, Offer.id) < tuple_(*after))
    return list(session.execute(query))


def declined_just_now(session: Session, actor: Actor, now: datetime) -> list[Any]:
    """Referrals that this person has declined for their center, and may still undo: id, reference, version, at."""
    query = (
        select(Referral.id, Referral.reference, Referral.version, Event.at)
        .join(Event, and_(Event.referral_id == Referral.id, Event.version == Referral.version))
        .where(
            Event.step == "decline-offer",
            Event.user_id == actor.user_id,
            Event.organization_id == actor.organization_id,
            Event.at >= now - UNDO_WITHIN,
            Referral.status == Status.READY,
        )
        .order_by(Event.at.desc())
    )
    return list(session.execute(query))


def find_offer(session: Session, actor: Actor, offer_id: UUID) -> Any:
    row = session.execute(_INBOX.where(Offer.id == offer_id, Offer.center_id == actor.organization_id)).one_or_none()
    if row is None:
        raise NotFound
    return row
