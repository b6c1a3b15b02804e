"""A center's inbox: what it was asked, what it has accepted."""

from uuid import UUID

from flask import Blueprint

from referrals.api import shapes_of_centers as shapes
from referrals.api.call import Answer, Call, Seen
from referrals.api.endpoint import endpoint
from referrals.api.lists import listing, page, split
from referrals.boundary.center_answers import inbox_item
from referrals.boundary.schemas.centers import OffersAsked
from referrals.domain.centers import OfferStatus
from referrals.domain.people import Kind, Scope
from referrals.pathway.offered import find_offer, inbox

offers = Blueprint("offers", __name__)

CENTER = frozenset({Kind.CENTER})


@offers.get("/offers")
@endpoint(gives=shapes.InboxItem, asks=OffersAsked, scope=Scope.REFERRALS_READ, kinds=CENTER, listed=True)
def listed(call: Call) -> Answer:
    """The offers to the caller's center, latest first."""
    asked = listing(call, "offers", OffersAsked)
    status = OfferStatus(asked.filters["status"]) if "status" in asked.filters else None
    rows, more = split(inbox(call.session, call.actor, status, asked.after, asked.limit + 1), asked.limit)
    after = (rows[-1][0].offered_at, rows[-1][0].id) if more else None
    seen = Seen("referral", [row[0].referral_id for row in rows], "list-offers")
    return page(call, asked, "/offers", [inbox_item(row) for row in rows], after, seen)


@offers.get("/offers/<offer_id>")
@endpoint(gives=shapes.InboxItem, scope=Scope.REFERRALS_READ, kinds=CENTER, versioned=True)
def one(call: Call, offer_id: UUID) -> Answer:
    """One offer to the caller's center."""
    row = find_offer(call.session, call.actor, offer_id)
    return Answer(inbox_item(row), Seen("referral", [row[0].referral_id], "read-offer"), row[0].version)
