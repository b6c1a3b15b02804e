"""Webhooks of the network's partner systems, for its administrator: health, log, test, retry, replay, secret."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from flask import Blueprint, current_app, request
from werkzeug.wrappers import Response

from referrals.boundary.schemas.fields import uuid_of
from referrals.domain.errors import Refusal, refuse
from referrals.domain.webhooks import WebhookState
from referrals.models.webhook import WebhookDelivery
from referrals.pathway import webhooks as steering
from referrals.pathway.at_rest import Vault
from referrals.pathway.feed import end_of_feed
from referrals.web import paths
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters.notices import Notice
from referrals.web.presenters.webhooks import Log, SubscriptionPage, subscription_page, webhooks_page
from referrals.web.typed import status_of
from referrals.web.visit import Visit, act, page
from referrals.web.words import counted

webhooks = Blueprint("webhooks", __name__, url_prefix=paths.WEBHOOKS)

ENTITY, DELIVERY = "webhook_subscription", "webhook_delivery"
SHOWN, A_PAGE = 200, 50
OVERLAPS = {"0": timedelta(0), "24": timedelta(hours=24), "168": timedelta(days=7)}


@webhooks.get("")
@page
def listed(visit: Visit) -> Shown:
    found = steering.all_subscriptions(visit.session, visit.actor, SHOWN)
    seen = Seen(ENTITY, [each.subscription.id for each in found], "list")
    return Shown("webhooks.html", webhooks_page(found, visit.moment, notices()), seen)


@webhooks.get("/<subscription_id>")
@page
def one(visit: Visit, subscription_id: UUID) -> Shown:
    shown = _drawn(visit, subscription_id, notices())
    return Shown("webhook.html", shown, Seen(ENTITY, [subscription_id]))


def again(visit: Visit, refusal: Refusal, subscription_id: UUID) -> Shown:
    shown = _drawn(visit, subscription_id, (Notice("bad", "Nothing was changed", refusal.message),))
    return Shown("webhook.html", shown, Seen(ENTITY, [subscription_id]), status_of(refusal))


def _drawn(visit: Visit, subscription_id: UUID, told: tuple[Notice, ...]) -> SubscriptionPage:
    looked = steering.look_at(visit.session, visit.actor, subscription_id)
    asked = request.args.get("state", "")
    state = asked if asked in set(WebhookState) else ""
    before = _place(visit, request.args.get("before", ""))
    place = steering.place_in_log(before) if before else None
    rows = steering.deliveries_of(visit.session, looked.subscription, state or None, place, A_PAGE + 1)
    shown, is_more = rows[:A_PAGE], len(rows) > A_PAGE
    log = Log(shown, state, before is None, str(shown[-1].id) if is_more else "")
    end = end_of_feed(visit.session, looked.subscription.network_id)
    return subscription_page(looked, log, end, visit.moment, told)


def _place(visit: Visit, text: str) -> WebhookDelivery | None:
    found = uuid_of(text)
    return steering.find_delivery(visit.session, visit.actor, found) if found else None


@webhooks.post("/<subscription_id>/test")
@act(again=again)
def test(visit: Visit, subscription_id: UUID) -> Response:
    found = steering.find_subscription(visit.session, visit.actor, subscription_id, lock=True)
    visit.note("test", [steering.send_test(visit.session, found, visit.now).id], DELIVERY)
    return go(paths.webhook(subscription_id), "A test is sent within seconds")


@webhooks.post("/<subscription_id>/switch")
@act(again=again)
def switch(visit: Visit, subscription_id: UUID) -> Response:
    found = steering.find_subscription(visit.session, visit.actor, subscription_id, lock=True)
    steering.switch(found, on=not found.active)
    visit.note("switch", [subscription_id], ENTITY)
    return go(paths.webhook(subscription_id), "Switched on" if found.active else "Switched off")


@webhooks.post("/<subscription_id>/redrive")
@act(again=again)
def redrive(visit: Visit, subscription_id: UUID) -> Response:
    found = steering.find_subscription(visit.session, visit.actor, subscription_id, lock=True)
    count = steering.redrive(visit.session, found, visit.now)
    visit.note("retry", [subscription_id], ENTITY)
    return go(paths.webhook(subscription_id), f"{counted(count, 'message')} will be sent again")


@webhooks.post("/<subscription_id>/replay")
@act(again=again)
def replay(visit: Visit, subscription_id: UUID) -> Response:
    found = steering.find_subscription(visit.session, visit.actor, subscription_id, lock=True)
    text = request.form.get("after", "").strip().replace(",", "")
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        refuse("/after", "invalid_number", "Fill in the number of an event, or 0 for everything.")
    steering.replay(visit.session, found, int(text))
    visit.note("replay", [subscription_id], ENTITY)
    return go(paths.webhook(subscription_id), f"Everything after event {int(text):,} will be sent again")


@webhooks.post("/<subscription_id>/rotate-secret")
@act(again=again)
def rotate(visit: Visit, subscription_id: UUID) -> Shown:
    """The new secret stands on this page and on no other."""
    found = steering.find_subscription(visit.session, visit.actor, subscription_id, lock=True)
    overlap = OVERLAPS.get(request.form.get("overlap", ""), steering.USUAL_OVERLAP)
    vault: Vault = current_app.extensions["vault"]
    secret = steering.rotate_secret(visit.session, found, vault, visit.now, overlap)
    visit.note("rotate", [subscription_id], ENTITY)
    return Shown("webhook.html", replace(_drawn(visit, subscription_id, ()), secret=secret))


@webhooks.post("/deliveries/<sending_id>/retry")
@act()
def retry(visit: Visit, sending_id: UUID) -> Response:
    found = steering.find_delivery(visit.session, visit.actor, sending_id, lock=True)
    steering.retry(visit.session, found, visit.now)
    visit.note("retry", [sending_id], DELIVERY)
    return go(paths.webhook(found.subscription_id), "It will be sent again")
