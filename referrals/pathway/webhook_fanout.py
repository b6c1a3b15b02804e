"""Takes each subscription on through the feed: what its organization could read and it asked for becomes a message."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Row, and_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from referrals.domain.people import Scope
from referrals.domain.webhook_topics import Happening
from referrals.domain.webhooks import ENDED, Stopped, WebhookState
from referrals.models.organization import ApiClient, Organization
from referrals.models.referral import Referral
from referrals.models.trail import Event, FeedEnd, Outbox
from referrals.models.webhook import WebhookDelivery as Delivery, WebhookSubscription as Subscription
from referrals.pathway.clients import actor_for_client
from referrals.pathway.feed import events_after
from referrals.pathway.webhook_sending import stop

SUBSCRIPTIONS_AT_ONCE = 20
EVENTS_AT_ONCE = 200
TEST_RANK, USUAL_RANK = 0, 1


def fan_out(session: Session, now: datetime) -> int:
    """Some subscriptions a bounded step further; how many of them moved. Those of revoked clients are stopped."""
    stopped = stop(session, Subscription.client_id.in_(_revoked()), Stopped.CLIENT_REVOKED)
    behind = session.execute(_behind()).all()
    for subscription, client, organization, end in behind:
        if Scope.WEBHOOKS_WRITE in client.scopes:
            _take_on(session, subscription, client, organization, end, now)
        else:
            stop(session, Subscription.id == subscription.id, Stopped.CLIENT_REVOKED)
    return stopped + len(behind)


def _revoked() -> Any:
    home = Organization.id == ApiClient.organization_id
    return select(ApiClient.id).join(Organization, home).where(~and_(ApiClient.active, Organization.active))


def _behind() -> Any:
    """The end of the feed is read before the events: what comes later is of the next turn."""
    return (
        select(Subscription, ApiClient, Organization, FeedEnd.sequence)
        .join(ApiClient, ApiClient.id == Subscription.client_id)
        .join(Organization, Organization.id == Subscription.organization_id)
        .join(FeedEnd, FeedEnd.network_id == Subscription.network_id)
        .where(Subscription.active, Subscription.position < FeedEnd.sequence)
        .order_by(Subscription.position, Subscription.id)
        .limit(SUBSCRIPTIONS_AT_ONCE)
        .with_for_update(of=Subscription, key_share=True, skip_locked=True)
    )


def _take_on(
    session: Session, subscription: Subscription, client: ApiClient, home: Organization, end: int, now: datetime
) -> None:
    rows = events_after(session, actor_for_client(client, home), subscription.position, EVENTS_AT_ONCE)
    wanted = [each for each in _happenings(session, rows) if each.is_wanted(subscription.topics, subscription.filters)]
    if wanted:
        _deliver(session, subscription, wanted, now)
    reached = int(rows[-1][0] or 0) if len(rows) == EVENTS_AT_ONCE else end
    here = update(Subscription).where(Subscription.id == subscription.id).values(position=reached)
    session.execute(here.execution_options(synchronize_session=False))


def _happenings(session: Session, rows: Sequence[Row[int | None, Event, str]]) -> Iterator[Happening]:
    known = _circumstances(session, [event.id for _, event, _ in rows])
    for sequence, event, reference in rows:
        tier, organization_id, center_id = known[event.id]
        yield Happening(
            id=event.id,
            sequence=int(sequence or 0),
            referral_id=event.referral_id,
            reference=reference,
            step=event.step,
            from_status=event.from_status,
            to_status=event.to_status,
            at=event.at,
            tier=tier,
            organization_id=organization_id,
            center_id=center_id,
        )


def _circumstances(session: Session, events: list[UUID]) -> Mapping[UUID, tuple[str | None, UUID, UUID | None]]:
    """Whose referral each was of, at which center it was then, and its tier of today."""
    query = (
        select(Outbox.event_id, Referral.tier, Outbox.referrer_id, Outbox.center_id)
        .join(Event, Event.id == Outbox.event_id)
        .join(Referral, Referral.id == Event.referral_id)
        .where(Outbox.event_id.in_(events))
    )
    return {row.event_id: (row.tier, row.referrer_id, row.center_id) for row in session.execute(query)}


def _deliver(session: Session, subscription: Subscription, wanted: list[Happening], now: datetime) -> None:
    """One message for each event. What was delivered or given up goes again under its own name; what waits, waits."""
    insert: Any = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}[session.get_bind().dialect.name]
    rows = [_message(subscription, each, now) for each in wanted]
    anew = insert(Delivery).values(rows).on_conflict_do_update(
        index_elements=[Delivery.subscription_id, Delivery.event_id], set_=again(now), where=Delivery.state.in_(ENDED)
    )  # fmt: skip
    session.execute(anew)


def again(now: datetime) -> dict[str, Any]:
    """Every try is given back."""
    return {"state": WebhookState.WAITING, "attempts": 0, "next_at": now, "delivered_at": None}


def _message(subscription: Subscription, of: Happening, now: datetime) -> dict[str, Any]:
    return {
        "id": uuid5(subscription.id, str(of.id)),
        "network_id": subscription.network_id,
        "subscription_id": subscription.id,
        "event_id": of.id,
        "referral_id": of.referral_id,
        "sequence": of.sequence,
        "rank": USUAL_RANK,
        "topic": of.topic,
        "body": body_of(of.topic, of.at, _thin(of)),
        "state": WebhookState.WAITING,
        "attempts": 0,
        "created_at": now,
        "next_at": now,
    }


def body_of(topic: str, at: datetime, data: Mapping[str, Any]) -> str:
    """The very text that is signed and sent."""
    told = {"type": topic, "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"), "data": data}
    return json.dumps(told, separators=(",", ":"))


def _thin(of: Happening) -> dict[str, Any]:
    """Ids and words of published lists: a receiver reads the rest over the API, as far as it may."""
    return {
        "id": str(of.id),
        "referral": str(of.referral_id),
        "reference": of.reference,
        "sequence": of.sequence,
        "step": of.step,
        "from": of.from_status,
        "to": of.to_status,
    }
