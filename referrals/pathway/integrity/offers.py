"""Invariants of offers: one center at a time, and no place given away that is not there."""

from collections.abc import Iterator, Mapping

from sqlalchemy import and_, exists, func, or_, select

from referrals.domain.centers import HOLDING, OfferStatus
from referrals.domain.lifecycle import ANSWERED, CENTER_WORKING, Status
from referrals.domain.people import CLOCK
from referrals.models.center import Capacity, Center
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
    """Held places beyond a week's own are those for which somebody gave a reason."""
    places = func.coalesce(Capacity.places, Center.places)
    planned = func.count(Offer.id).filter(Offer.overbook_reason.is_(None))
    query = (
        select(Organization.code, Offer.week, places.label("places"), planned.label("planned"))
        .join(Organization, Organization.id == Offer.center_id)
        .join(Center, Center.organization_id == Offer.center_id)
        .outerjoin(Capacity, and_(Capacity.center_id == Offer.center_id, Capacity.week == Offer.week))
        .where(Offer.status.in_(HOLDING))
        .group_by(Organization.code, Offer.week, places)
    )
    for row in look.rows(query):
        if row.planned > row.places:
            yield Break(f"center {row.code}, week of {row.week}", f"holds {row.planned} of {row.places} places")


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
