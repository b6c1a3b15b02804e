"""What became of the offers to centers in the last year, read for any number of centers in three statements."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from referrals.domain.center_record import LOOKS_BACK, Answered, Ended, Paces, Record, Signed, paces_of, record_of
from referrals.domain.centers import OfferStatus
from referrals.domain.deadlines import Times
from referrals.domain.errors import Forbidden
from referrals.domain.people import Actor, Kind
from referrals.domain.vocabulary import DeclineOfferReason, Tier
from referrals.models.offer import Offer
from referrals.models.opinion import Opinion
from referrals.models.referral import Referral
from referrals.pathway.centers import Profile, find_center


@dataclass(frozen=True, slots=True)
class Within:
    """From when to when, and of which offers; what has not ended yet is counted whenever it was made."""

    since: datetime
    before: datetime | None = None
    of: ColumnElement[bool] = field(default_factory=true)

    def __call__(self, at: Any) -> ColumnElement[bool]:
        return and_(self.of, at >= self.since, true() if self.before is None else at < self.before)


def last_year(now: datetime) -> Within:
    return Within(now - LOOKS_BACK)


_BY_WORD = (OfferStatus.ACCEPTED, OfferStatus.DECLINED)


def record_of_center(session: Session, actor: Actor, center_id: UUID, now: datetime) -> tuple[Profile, Record]:
    """The record of one center, for the network and for itself."""
    profile = find_center(session, actor.network_id, center_id)
    if not may_read_record(actor, center_id):
        raise Forbidden("not_this_actor", "A center reads its own record, the network any.")
    return profile, records_of(session, [center_id], last_year(now))[center_id]


def may_read_record(actor: Actor, center_id: UUID) -> bool:
    return actor.kind is Kind.NETWORK or actor.organization_id == center_id


def records_of(session: Session, centers: Collection[UUID], within: Within) -> Mapping[UUID, Record]:
    """The record of each of these centers."""
    ended, answered, signed = (
        _by_center(rows) for rows in (read(session, centers, within) for read in (_ended, _answered, _signed))
    )
    return {center: record_of(ended[center], answered[center], signed[center]) for center in centers}


def paces(session: Session, centers: Collection[UUID], times: Times, now: datetime) -> Mapping[UUID, Paces]:
    """How fast each center signs, for those of whom it can be said; one statement."""
    return {
        center: paces_of(found, times)
        for center, found in _by_center(_signed(session, centers, last_year(now))).items()
    }


def _by_center(rows: Any) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for center, each in rows:
        found[center].append(each)
    return found


def _ended(session: Session, centers: Collection[UUID], within: Within) -> Iterator[tuple[UUID, Ended]]:
    """Offers that were answered, lapsed or were taken back within the year, and those that wait."""
    at = func.coalesce(Offer.ended_at, Offer.answered_at)
    query = (
        select(Offer.center_id, Referral.tumor_family, Offer.status, Offer.reason, func.count())
        .join(Referral, Referral.id == Offer.referral_id)
        .where(Offer.center_id.in_(centers), or_(and_(within.of, Offer.status == OfferStatus.LIVE), within(at)))
        .group_by(Offer.center_id, Referral.tumor_family, Offer.status, Offer.reason)
    )
    for center, family, status, reason, count in session.execute(query):
        yield center, Ended(family, OfferStatus(status), DeclineOfferReason(reason) if reason else None, count)


def _answered(session: Session, centers: Collection[UUID], within: Within) -> Iterator[tuple[UUID, Answered]]:
    query = (
        select(Offer.center_id, Referral.tumor_family, Offer.offered_at, Offer.answered_at)
        .join(Referral, Referral.id == Offer.referral_id)
        .where(Offer.center_id.in_(centers), Offer.status.in_(_BY_WORD), within(Offer.answered_at))
    )
    for row in session.execute(query):
        yield row.center_id, Answered(row.tumor_family, row.answered_at - row.offered_at)


def _signed(session: Session, centers: Collection[UUID], within: Within) -> Iterator[tuple[UUID, Signed]]:
    """The first version counts: an amendment is no second answer."""
    query = (
        select(
            Offer.center_id, Referral.tumor_family, Referral.tier, Referral.due_at, Offer.answered_at, Opinion.signed_at,
        )
        .join(Referral, Referral.id == Offer.referral_id)
        .join(Opinion, and_(Opinion.referral_id == Offer.referral_id, Opinion.center_id == Offer.center_id))
        .where(
            Offer.center_id.in_(centers), Offer.status == OfferStatus.ACCEPTED,
            Opinion.version == 1, within(Opinion.signed_at),
        )
    )  # fmt: skip
    for row in session.execute(query):
        yield row.center_id, _opinion(row)


def _opinion(row: Any) -> Signed:
    took, is_late = row.signed_at - row.answered_at, row.due_at is not None and row.signed_at > row.due_at
    return Signed(row.tumor_family, Tier(row.tier or Tier.P4), took, is_late)
