"""Invariants of offers: one center at a time, and no place given away that is not there."""

from collections.abc import Iterator, Mapping

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from referrals.domain.centers import HOLDING, LINES, OfferStatus, Service
from referrals.domain.lifecycle import ANSWERED, CENTER_WORKING, Status
from referrals.domain.people import CLOCK
from referrals.models.center import Capacity, Center, LineLimit
from referrals.models.fallback import Fallback
from referrals.models.offer import Offer
from referrals.models.organization import Organization
from referrals.models.referral import Referral
from referrals.pathway.integrity.finding import Break, Invariant, Look

# Which offer stands behind each status; a blocking question may hide either, and an end hides none.
STANDS: Mapping[OfferStatus, frozenset[Status]] = {
    OfferStatus.LIVE: frozenset({Status.OFFERED, Status.INFORMATION_REQUESTED}),
    OfferStatus.ACCEPTED: CENTER_WORKING | ANSWERED | {Status.INFORMATION_REQUESTED, Status.CANCELLED},
}
NEEDS_ONE = frozenset({Status.OFFERED}) | CENTER_WORKING | ANSWERED


def offers_that_do_not_fit(look: Look) -> Iterator[Break]:
    """At most one offer holds a place for a referral, it is that of its center, and the status says the same."""
    yield from _held_twice(look)
    yield from _held_by_the_wrong_status(look)
    yield from _without_an_offer(look)


def _held_twice(look: Look) -> Iterator[Break]:
    query = (
        select(Referral.reference, func.count().label("held"))
        .join(Offer, Offer.referral_id == Referral.id)
        .where(Offer.status.in_(HOLDING))
        .group_by(Referral.id, Referral.reference)
        .having(func.count() > 1)
    )
    for row in look.rows(query):
        yield Break(row.reference, f"is held by {row.held} offers at once")


def _held_by_the_wrong_status(look: Look) -> Iterator[Break]:
    fits = or_(*(and_(Offer.status == offer, Referral.status.in_(statuses)) for offer, statuses in STANDS.items()))
    query = (
        select(Referral.reference, Referral.status, Offer.status.label("offer"))
        .join(Offer, Offer.referral_id == Referral.id)
        .where(
            Offer.status.in_(HOLDING), or_(~fits, Referral.center_id.is_(None), Referral.center_id != Offer.center_id)
        )
    )
    for row in look.rows(query):
        yield Break(row.reference, f"is {row.status} with another center or an offer that is {row.offer}")


def _without_an_offer(look: Look) -> Iterator[Break]:
    held = select(Offer.id).where(Offer.referral_id == Referral.id, Offer.status.in_(HOLDING)).exists()
    wrong = or_(and_(Referral.status.in_(NEEDS_ONE), ~held), and_(Referral.center_id.is_not(None), ~held))
    for row in look.rows(select(Referral.reference, Referral.status).where(wrong)):
        yield Break(row.reference, f"is {row.status} or shows a center, and no offer says so")


def places_given_twice(look: Look) -> Iterator[Break]:
    """Held places beyond a week's own, or beyond the limit of a line, are those for which somebody gave a reason.

    What was held when a center stated fewer stays held: only an offer made since then can be one too many.
    """
    yield from _given_twice(look, func.coalesce(Capacity.places, Center.places), None)
    for line in LINES:
        yield from _given_twice(look, _limit_of(line), line)


def _limit_of(line: Service) -> ColumnElement[int]:
    """That of the week, else that of a usual one."""
    own = select(LineLimit.places).where(LineLimit.center_id == Offer.center_id, LineLimit.service == line)
    of_week = own.where(LineLimit.week == Offer.week).correlate(Offer).scalar_subquery()
    return func.coalesce(of_week, own.where(LineLimit.week.is_(None)).correlate(Offer).scalar_subquery())


def _given_twice(look: Look, places: ColumnElement[int], line: Service | None) -> Iterator[Break]:
    planned: list[ColumnElement[bool]] = [Offer.status.in_(HOLDING), Offer.overbook_reason.is_(None)]
    planned += [] if line is None else [Offer.line == line]
    count = func.count(Offer.id)
    query = (
        select(Organization.code, Offer.week, func.min(places).label("places"), count.label("planned"))
        .join(Organization, Organization.id == Offer.center_id)
        .join(Center, Center.organization_id == Offer.center_id)
        .outerjoin(Capacity, and_(Capacity.center_id == Offer.center_id, Capacity.week == Offer.week))
        .where(*planned)
        .group_by(Organization.code, Offer.week, Center.capacity_stated_at)
        .having(
            count > func.min(places),
            or_(Center.capacity_stated_at.is_(None), func.max(Offer.offered_at) > Center.capacity_stated_at),
        )
    )
    for row in look.rows(query):
        whose = f"places for {line}" if line else "places"
        yield Break(f"center {row.code}, week of {row.week}", f"holds {row.planned} of {row.places} {whose}")


def asked_without_approval(look: Look) -> Iterator[Break]:
    """Whatever the clock offered, a person had approved that center for that referral."""
    approved = exists().where(
        Fallback.referral_id == Offer.referral_id,
        Fallback.center_id == Offer.center_id,
        Fallback.used_at == Offer.offered_at,
    )
    query = (
        select(Referral.reference, Offer.number)
        .join(Offer, Offer.referral_id == Referral.id)
        .where(Offer.offered_by == CLOCK, ~approved)
    )
    for row in look.rows(query):
        yield Break(row.reference, f"was offered by the clock (offer {row.number}), and nobody had approved it")


OFFERS = (
    Invariant("offers", "At most one offer holds each referral, that of its center", Offer, offers_that_do_not_fit),
    Invariant("fallbacks", "What the clock offered, a person had approved", Fallback, asked_without_approval),
    Invariant(
        "9", "Places held are never more than the week's own, unless somebody gave a reason", Center, places_given_twice
    ),
)
