"""The feed of what happened, for systems: each event once, in an order that no late commit can break."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Subquery, and_, false, func, select, update
from sqlalchemy.orm import Session

from referrals.domain.lifecycle import Status
from referrals.domain.people import Actor
from referrals.domain.permissions import Sees, sees
from referrals.models.add_once import add_once
from referrals.models.referral import Referral
from referrals.models.trail import Event, FeedEnd, Outbox

BATCH = 1000


def number_events(session: Session, network_id: UUID | None = None) -> int:
    """Give the events that are committed and have no number yet the next ones; of every network where none is named.

    Who holds the row of a feed's end numbers; others wait for it, and see then what was numbered. So an event that
    is committed later has a later number, whenever it was begun. Call it with a transaction of its own.
    """
    waiting = select(Outbox.network_id).where(Outbox.sequence.is_(None)).distinct()
    if network_id is not None:
        waiting = waiting.where(Outbox.network_id == network_id)
    return sum(_number(session, each) for each in sorted(session.scalars(waiting)))


def _number(session: Session, network_id: UUID) -> int:
    add_once(session, FeedEnd, [{"network_id": network_id, "sequence": 0}])
    end = session.scalars(select(FeedEnd.sequence).where(FeedEnd.network_id == network_id).with_for_update()).one()
    placed = _placed(network_id)
    given = update(Outbox).where(Outbox.id == placed.c.id).values(sequence=end + placed.c.place)
    count = len(session.execute(given.returning(Outbox.id)).all())
    session.execute(update(FeedEnd).where(FeedEnd.network_id == network_id).values(sequence=end + count))
    return count


def _placed(network_id: UUID) -> Subquery:
    """Whose turn it is: about a batch of the oldest, the events of one referral together, by version.

    What was written first may be committed last; only versions tell the order within a referral.
    """
    unnumbered = (Outbox.network_id == network_id, Outbox.sequence.is_(None))
    oldest = select(Outbox.event_id).where(*unnumbered).order_by(Outbox.id).limit(BATCH)
    touched = select(Event.referral_id).where(Event.id.in_(oldest.subquery().select()))
    first = func.first_value(Outbox.id).over(partition_by=Event.referral_id, order_by=Event.version)
    theirs = (
        select(Outbox.id, Event.version, first.label("first"))
        .join(Event, Event.id == Outbox.event_id)
        .where(*unnumbered, Event.referral_id.in_(touched))
        .subquery()
    )
    place = func.row_number().over(order_by=(theirs.c.first, theirs.c.version))
    return select(theirs.c.id, place.label("place")).subquery()


def _nothing(actor: Actor) -> ColumnElement[bool]:
    return false()


def _of_referrer(actor: Actor) -> ColumnElement[bool]:
    return Outbox.referrer_id == actor.organization_id


def _of_network(actor: Actor) -> ColumnElement[bool]:
    """A draft is its author's own business until it is sent."""
    return and_(Outbox.network_id == actor.network_id, Event.to_status != Status.DRAFT)


def _of_center(actor: Actor) -> ColumnElement[bool]:
    return Outbox.center_id == actor.organization_id


_SCOPES: Mapping[Sees, Callable[[Actor], ColumnElement[bool]]] = MappingProxyType(
    {
        Sees.NOTHING: _nothing,
        Sees.OWN_ORGANIZATION: _of_referrer,
        Sees.RECEIVED_BY_NETWORK: _of_network,
        Sees.OFFERED_TO_CENTER: _of_center,
        Sees.EVERYTHING: _of_network,
    }
)


def told_to(actor: Actor) -> ColumnElement[bool]:
    """What of the outbox, joined with its events, this actor may learn: what happened while they could read it.

    The step by which somebody loses sight of a referral is the last one they learn of, or they would wait for ever.
    """
    return _SCOPES[sees(actor)](actor)


def events_after(session: Session, actor: Actor, after: int, limit: int) -> Sequence[Row[int | None, Event, str]]:
    """The next events in the order of the feed, each with its number before it and its referral's reference behind."""
    query = (
        select(Outbox.sequence, Event, Referral.reference)
        .join(Event, Event.id == Outbox.event_id)
        .join(Referral, Referral.id == Event.referral_id)
        .where(told_to(actor), Outbox.sequence > after)
        .order_by(Outbox.sequence)
        .limit(limit)
    )
    return session.execute(query).all()


def is_more_after(session: Session, actor: Actor, after: int) -> bool:
    """Whether the feed goes on for this actor; what has no number yet counts for nothing."""
    query = select(Outbox.id).join(Event, Event.id == Outbox.event_id)
    return session.scalar(query.where(told_to(actor), Outbox.sequence > after).limit(1)) is not None


def end_of_feed(session: Session, network_id: UUID) -> int:
    """The last number that was given: what comes after it is new."""
    return session.scalar(select(FeedEnd.sequence).where(FeedEnd.network_id == network_id)) or 0


def is_unnumbered(session: Session, network_id: UUID) -> bool:
    """Whether there is something to be numbered."""
    waiting = select(Outbox.id).where(Outbox.network_id == network_id, Outbox.sequence.is_(None))
    return session.scalar(waiting.limit(1)) is not None
