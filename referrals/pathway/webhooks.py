"""Subscriptions as their owner and the network's administrator steer them: made, changed, tested, replayed, retried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from referrals.domain.errors import Conflict, Forbidden, NotFound, refuse
from referrals.domain.people import Actor, Kind, Role
from referrals.domain.webhook_topics import TEST
from referrals.domain.webhooks import Stopped, WebhookState, spelled
from referrals.models.base import new_id
from referrals.models.organization import ApiClient, Organization
from referrals.models.webhook import WebhookDelivery as Delivery, WebhookSubscription as Subscription
from referrals.pathway.at_rest import Vault
from referrals.pathway.feed import end_of_feed
from referrals.pathway.webhook_fanout import TEST_RANK, again, body_of
from referrals.pathway.webhook_secrets import new_secret

MOST_SUBSCRIPTIONS = 50
LONGEST_OVERLAP = timedelta(days=7)
USUAL_OVERLAP = timedelta(hours=24)
CHANGEABLE = ("url", "topics", "filters")


def subscribe(
    session: Session, actor: Actor, wish: Mapping[str, Any], vault: Vault, now: datetime
) -> tuple[Subscription, str]:
    """A subscription that starts at the present, and its secret, which is shown now and never again."""
    if actor.client_id is None or actor.organization_id is None:
        raise Forbidden("not_this_actor", "A partner system subscribes for itself.")
    held = session.scalar(select(func.count()).where(Subscription.client_id == actor.client_id)) or 0
    if held >= MOST_SUBSCRIPTIONS:
        raise Conflict(f"A client has at most {MOST_SUBSCRIPTIONS} subscriptions. Delete one first.")
    subscription_id = new_id()
    secret, locked = new_secret(vault, subscription_id)
    made = Subscription(
        id=subscription_id,
        network_id=actor.network_id,
        organization_id=actor.organization_id,
        client_id=actor.client_id,
        url=wish["url"],
        topics=list(dict.fromkeys(wish["topics"])),
        filters=dict(wish.get("filters") or {}),
        secret=locked,
        position=end_of_feed(session, actor.network_id),
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made, spelled(secret)


def _steered_by(actor: Actor) -> list[Any]:
    """A client has its own; the network's administrator looks after all of the network."""
    here = [Subscription.network_id == actor.network_id]
    if actor.client_id is not None:
        return [*here, Subscription.client_id == actor.client_id]
    refuse_other_than_administrator(actor)
    return here


def refuse_other_than_administrator(actor: Actor) -> None:
    if actor.kind is not Kind.NETWORK or Role.ADMINISTRATOR not in actor.roles:
        raise Forbidden("not_this_actor", "This is the work of an administrator of the network.")


def find_subscription(session: Session, actor: Actor, subscription_id: UUID, *, lock: bool = False) -> Subscription:
    query = select(Subscription).where(Subscription.id == subscription_id, *_steered_by(actor))
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound
    return found


def subscriptions_of(session: Session, actor: Actor, after: UUID | None, limit: int) -> Sequence[Subscription]:
    query = select(Subscription).where(*_steered_by(actor)).order_by(Subscription.id).limit(limit)
    return session.scalars(query if after is None else query.where(Subscription.id > after)).all()


def change(session: Session, subscription: Subscription, wish: Mapping[str, Any]) -> None:
    """What it is told of, and where. Another address, or going on again, begins without the failures of before."""
    if wish.get("url", subscription.url) != subscription.url:
        _begin_anew(subscription)
    for name in CHANGEABLE:
        if name in wish:
            setattr(subscription, name, wish[name] if name != "filters" else dict(wish[name] or {}))
    if "active" in wish and wish["active"] != subscription.active:
        switch(subscription, on=wish["active"])
    session.flush()


def switch(subscription: Subscription, *, on: bool) -> None:
    subscription.active, subscription.stopped = on, None if on else Stopped.SWITCHED_OFF
    if on:
        _begin_anew(subscription)


def _begin_anew(subscription: Subscription) -> None:
    subscription.failures, subscription.spared_until = 0, None


def unsubscribe(session: Session, subscription: Subscription) -> None:
    """With its log. What is on its way arrives, and nobody settles it."""
    session.execute(delete(Delivery).where(Delivery.subscription_id == subscription.id))
    session.delete(subscription)
    session.flush()


def rotate_secret(
    session: Session, subscription: Subscription, vault: Vault, now: datetime, overlap: timedelta = USUAL_OVERLAP
) -> str:
    """A new secret, shown now and never again. Until the overlap ends messages are signed with both."""
    secret, locked = new_secret(vault, subscription.id)
    keeps = overlap > timedelta(0)
    subscription.previous_secret = subscription.secret if keeps else None
    subscription.previous_until = now + overlap if keeps else None
    subscription.secret = locked
    session.flush()
    return spelled(secret)


def replay(session: Session, subscription: Subscription, after: int) -> None:
    """Everything after this number of the feed once more, each event under the name that it had."""
    end = end_of_feed(session, subscription.network_id)
    if after > end:
        refuse("/after", "too_late", f"The feed ends at {end}.")
    subscription.position = after
    session.flush()


def send_test(session: Session, subscription: Subscription, now: datetime) -> Delivery:
    """A message without an event: it goes first, also to an endpoint that is spared, and is tried once."""
    if not subscription.active:
        raise Conflict("Nothing is sent to this subscription. Switch it on first.")
    session.execute(update(Subscription).where(Subscription.id == subscription.id).values(spared_until=None))
    test_id = new_id()
    made = Delivery(
        id=test_id,
        network_id=subscription.network_id,
        subscription_id=subscription.id,
        rank=TEST_RANK,
        topic=TEST,
        body=body_of(TEST, now, {"id": str(test_id), "subscription": str(subscription.id)}),
        state=WebhookState.WAITING,
        attempts=0,
        created_at=now,
        next_at=now,
    )
    session.add(made)
    session.flush()
    return made


def find_delivery(session: Session, actor: Actor, delivery_id: UUID, *, lock: bool = False) -> Delivery:
    query = (
        select(Delivery)
        .join(Subscription, Subscription.id == Delivery.subscription_id)
        .where(Delivery.id == delivery_id, *_steered_by(actor))
    )
    found = session.scalars(query.with_for_update(of=Delivery) if lock else query).one_or_none()
    if found is None:
        raise NotFound
    return found


def retry(session: Session, delivery: Delivery, now: datetime) -> None:
    """Give it its tries back, and send it as soon as its endpoint may be called."""
    if delivery.state == WebhookState.LEASED:
        raise Conflict("It is being sent at this moment.")
    for name, value in again(now).items():
        setattr(delivery, name, value)
    session.flush()


def redrive(session: Session, subscription: Subscription, now: datetime) -> int:
    """Every message of it that was given up."""
    dead = (Delivery.subscription_id == subscription.id, Delivery.state == WebhookState.DEAD)
    return len(session.scalars(update(Delivery).where(*dead).values(again(now)).returning(Delivery.id)).all())


PlaceInLog = tuple[datetime, int, UUID]
_PLACE = (Delivery.created_at, func.coalesce(Delivery.sequence, 0), Delivery.id)


def place_in_log(delivery: Delivery) -> PlaceInLog:
    """Messages are made many at once; among those of one moment the order of the feed counts."""
    return delivery.created_at, delivery.sequence or 0, delivery.id


def deliveries_of(
    session: Session, subscription: Subscription, state: str | None, before: PlaceInLog | None, limit: int
) -> Sequence[Delivery]:
    """The log, the newest first."""
    query: Select[Delivery] = select(Delivery).where(Delivery.subscription_id == subscription.id)
    if state is not None:
        query = query.where(Delivery.state == state)
    if before is not None:
        query = query.where(tuple_(*_PLACE) < before)
    return session.scalars(query.order_by(*(each.desc() for each in _PLACE)).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class Looked:
    """A subscription as an administrator sees it: whose it is, and how much waits or was given up."""

    subscription: Subscription
    client: str
    organization: str
    waiting: int
    dead: int


def all_subscriptions(session: Session, actor: Actor, limit: int) -> list[Looked]:
    """Of every client of the network, those that need somebody first."""
    refuse_other_than_administrator(actor)
    order = (Subscription.active, Subscription.failures.desc(), Subscription.id)
    rows = session.execute(_with_names().where(*_steered_by(actor)).order_by(*order).limit(limit)).all()
    return _looked_at(session, rows)


def look_at(session: Session, actor: Actor, subscription_id: UUID) -> Looked:
    found = find_subscription(session, actor, subscription_id)
    return _looked_at(session, session.execute(_with_names().where(Subscription.id == found.id)).all())[0]


def _with_names() -> Any:
    return (
        select(Subscription, ApiClient.name.label("client"), Organization.name.label("organization"))
        .join(ApiClient, ApiClient.id == Subscription.client_id)
        .join(Organization, Organization.id == Subscription.organization_id)
    )


def _looked_at(session: Session, rows: Sequence[Row[Any]]) -> list[Looked]:
    open_states = (WebhookState.WAITING, WebhookState.LEASED, WebhookState.DEAD)
    query = (
        select(Delivery.subscription_id, Delivery.state, func.count())
        .where(Delivery.subscription_id.in_([row[0].id for row in rows]), Delivery.state.in_(open_states))
        .group_by(Delivery.subscription_id, Delivery.state)
    )
    counts: dict[tuple[UUID, str], int] = {(owner, state): count for owner, state, count in session.execute(query)}

    def count(owner: UUID, *states: str) -> int:
        return sum(counts.get((owner, state), 0) for state in states)

    return [
        Looked(
            row[0],
            row.client,
            row.organization,
            count(row[0].id, WebhookState.WAITING, WebhookState.LEASED),
            count(row[0].id, WebhookState.DEAD),
        )
        for row in rows
    ]
