"""Webhooks of a partner system: its own subscriptions, what was delivered to them, and what to do about the rest."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app

from referrals.api import shapes_of_webhooks as shapes
from referrals.api.call import Answer, Call, EmptyAnswer, Seen
from referrals.api.endpoint import endpoint
from referrals.api.lists import listing, page, split
from referrals.boundary import bodies
from referrals.boundary.answers import BASE
from referrals.boundary.conditional import refuse_stale, versions_meant
from referrals.boundary.paging import address_of
from referrals.boundary.schemas import webhooks as sent
from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.messages import Nothing
from referrals.boundary.schemas.queries import Page
from referrals.boundary.webhook_answers import delivery_answer, subscription_answer
from referrals.domain.people import Scope
from referrals.models.webhook import WebhookDelivery, WebhookSubscription
from referrals.pathway import webhooks as steering
from referrals.pathway.at_rest import Vault

webhooks = Blueprint("webhooks", __name__)

ENTITY, DELIVERY = "webhook_subscription", "webhook_delivery"
SUBSCRIPTION: Mapping[str, Any] = {"gives": shapes.SubscriptionOut, "scope": Scope.WEBHOOKS_WRITE, "versioned": True}
CHANGES: Mapping[str, Any] = {**SUBSCRIPTION, "writes": True, "needs_version": True}
ENDS: Mapping[str, Any] = {**CHANGES, "gives": None, "status": 204, "versioned": False, "may_be_empty": True}
ASKS: Mapping[str, Any] = {**SUBSCRIPTION, "writes": True, "repeatable": True}
SHOWS_SECRET: Mapping[str, Any] = {**ASKS, "gives": shapes.SubscriptionWithSecretOut}
ONE_DELIVERY: Mapping[str, Any] = {"gives": shapes.DeliveryOut, "scope": Scope.WEBHOOKS_WRITE}
SENDS: Mapping[str, Any] = {
    **ONE_DELIVERY, "status": 202, "writes": True, "repeatable": True, "may_be_empty": True,
}  # fmt: skip


def vault() -> Vault:
    found: Vault = current_app.extensions["vault"]
    return found


@webhooks.get("/subscriptions")
@endpoint(gives=shapes.SubscriptionOut, asks=Page, scope=Scope.WEBHOOKS_WRITE, listed=True)
def listed(call: Call) -> Answer:
    """The client's subscriptions, in the order in which they were made."""
    asked = listing(call, "/subscriptions", Page)
    reached = asked.after[0] if asked.after else None
    rows, is_more = split(steering.subscriptions_of(call.session, call.actor, reached, asked.limit + 1), asked.limit)
    after = (rows[-1].id,) if is_more else None
    items = [subscription_answer(row) for row in rows]
    return page(call, asked, "/subscriptions", items, after, Seen(ENTITY, [row.id for row in rows], "list"))


@webhooks.post("/subscriptions")
@endpoint(takes=sent.NewSubscription, status=201, **SHOWS_SECRET)
def subscribe(call: Call) -> Answer:
    """Subscribe from now on. The signing secret is in this answer, and in no other."""
    made, secret = steering.subscribe(call.session, call.actor, call.body, vault(), call.now)
    where = {"Location": address_of(f"{BASE}/subscriptions/{made.id}")}
    body = subscription_answer(made) | {"secret": secret}
    return Answer(body, Seen(ENTITY, [made.id], "create"), made.version, 201, where)


@webhooks.get("/subscriptions/<subscription_id>")
@endpoint(**SUBSCRIPTION)
def one(call: Call, subscription_id: UUID) -> Answer:
    """One subscription with the health of its endpoint."""
    return _shown(steering.find_subscription(call.session, call.actor, subscription_id), "read")


@webhooks.patch("/subscriptions/<subscription_id>")
@endpoint(takes=sent.SubscriptionChange, **CHANGES)
def change(call: Call, subscription_id: UUID) -> Answer:
    """Lay a merge patch over it; `active` stops it and switches it on again."""
    found = _meant(call, subscription_id)
    steering.change(call.session, found, call.body)
    return _shown(found, "edit")


@webhooks.delete("/subscriptions/<subscription_id>")
@endpoint(**ENDS)
def unsubscribe(call: Call, subscription_id: UUID) -> Answer:
    """End a subscription, with its log."""
    steering.unsubscribe(call.session, _meant(call, subscription_id))
    return EmptyAnswer(None, Seen(ENTITY, [subscription_id], "delete"), status=204)


@webhooks.post("/subscriptions/<subscription_id>/rotate-secret")
@endpoint(takes=sent.Rotation, may_be_empty=True, **SHOWS_SECRET)
def rotate(call: Call, subscription_id: UUID) -> Answer:
    """A new signing secret, shown in this answer alone; for a while messages are signed with both."""
    found = steering.find_subscription(call.session, call.actor, subscription_id, lock=True)
    hours = call.body.get("overlap_hours")
    overlap = steering.USUAL_OVERLAP if hours is None else timedelta(hours=hours)
    secret = steering.rotate_secret(call.session, found, vault(), call.now, overlap)
    return Answer(subscription_answer(found) | {"secret": secret}, Seen(ENTITY, [found.id], "rotate"), found.version)


@webhooks.post("/subscriptions/<subscription_id>/replay")
@endpoint(takes=sent.Replay, status=202, **ASKS)
def replay(call: Call, subscription_id: UUID) -> Answer:
    """Send everything again after a point of the feed: under the same `webhook-id`, so that receivers know it."""
    found = steering.find_subscription(call.session, call.actor, subscription_id, lock=True)
    steering.replay(call.session, found, call.body["after"])
    where = {"Location": address_of(f"{BASE}/subscriptions/{found.id}")}
    return Answer(subscription_answer(found), Seen(ENTITY, [found.id], "replay"), found.version, 202, where)


@webhooks.post("/subscriptions/<subscription_id>/test")
@endpoint(**SENDS)
def test(call: Call, subscription_id: UUID) -> Answer:
    """Send a message of type `webhook.test` now, once. Read the delivery to learn what became of it."""
    found = steering.find_subscription(call.session, call.actor, subscription_id, lock=True)
    load(Nothing(), bodies.object_of(call.sent))
    return _queued(steering.send_test(call.session, found, call.now), "test")


@webhooks.get("/subscriptions/<subscription_id>/deliveries")
@endpoint(gives=shapes.DeliveryOut, asks=sent.DeliveriesAsked, scope=Scope.WEBHOOKS_WRITE, listed=True)
def deliveries(call: Call, subscription_id: UUID) -> Answer:
    """The log of a subscription, newest first; `state=dead` are those that were given up. Kept for 30 days."""
    found = steering.find_subscription(call.session, call.actor, subscription_id)
    path = f"/subscriptions/{subscription_id}/deliveries"
    asked = listing(call, path, sent.DeliveriesAsked)
    before: Any = tuple(asked.after) if asked.after else None
    state = asked.filters.get("state")
    rows, is_more = split(steering.deliveries_of(call.session, found, state, before, asked.limit + 1), asked.limit)
    after = steering.place_in_log(rows[-1]) if is_more else None
    seen = Seen(DELIVERY, [row.id for row in rows], "list")
    return page(call, asked, path, [delivery_answer(row) for row in rows], after, seen)


@webhooks.get("/deliveries/<delivery_id>")
@endpoint(**ONE_DELIVERY)
def delivery(call: Call, delivery_id: UUID) -> Answer:
    """One delivery: its tries, and what became of the last one."""
    found = steering.find_delivery(call.session, call.actor, delivery_id)
    return Answer(delivery_answer(found), Seen(DELIVERY, [found.id]))


@webhooks.post("/deliveries/<delivery_id>/retry")
@endpoint(**SENDS)
def retry(call: Call, delivery_id: UUID) -> Answer:
    """Send one again with all its tries, whatever became of it, under the same `webhook-id`."""
    found = steering.find_delivery(call.session, call.actor, delivery_id, lock=True)
    load(Nothing(), bodies.object_of(call.sent))
    steering.retry(call.session, found, call.now)
    return _queued(found, "retry")


def _meant(call: Call, subscription_id: UUID) -> WebhookSubscription:
    found = steering.find_subscription(call.session, call.actor, subscription_id, lock=True)
    refuse_stale(versions_meant(), found.version)
    return found


def _shown(row: WebhookSubscription, action: str) -> Answer:
    return Answer(subscription_answer(row), Seen(ENTITY, [row.id], action), row.version)


def _queued(row: WebhookDelivery, action: str) -> Answer:
    where = {"Location": address_of(f"{BASE}/deliveries/{row.id}")}
    return Answer(delivery_answer(row), Seen(DELIVERY, [row.id], action), status=202, headers=where)
