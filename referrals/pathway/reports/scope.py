"""Of what a reader's reports speak, in one place: the same rows that they may read one by one."""

from sqlalchemy import ColumnElement, and_, false

from referrals.domain.lifecycle import Status
from referrals.domain.people import Actor
from referrals.domain.permissions import Sees, sees
from referrals.models.offer import Offer
from referrals.models.referral import Referral
from referrals.models.trail import Receipt
from referrals.pathway.scope import visible


def reported(actor: Actor) -> ColumnElement[bool]:
    """Referrals that were received and should have existed. Drafts and mistakes are nobody's figures."""
    return and_(visible(actor), Referral.submitted_at.is_not(None), Referral.status != Status.ENTERED_IN_ERROR)


def offers(actor: Actor) -> ColumnElement[bool]:
    """A center's own offers, also those that it declined; everybody else's are those of their referrals."""
    if sees(actor) is Sees.OFFERED_TO_CENTER:
        return and_(Offer.center_id == actor.organization_id, Offer.network_id == actor.network_id)
    return reported(actor)


def receipts(actor: Actor) -> ColumnElement[bool]:
    """What came in through the reader's own doors; the network's are all."""
    if sees(actor) is Sees.NOTHING:
        return false()
    if sees(actor) in (Sees.RECEIVED_BY_NETWORK, Sees.EVERYTHING):
        return Receipt.network_id == actor.network_id
    return and_(Receipt.network_id == actor.network_id, Receipt.organization_id == actor.organization_id)
