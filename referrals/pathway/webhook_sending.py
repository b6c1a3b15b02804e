"""Webhook messages are taken under a lease, an endpoint's circuit says whose turn it is, and only who leased may settle."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from referrals.domain.webhooks import (
    AT_ONCE,
    AT_ONCE_AFTER_A_FAILURE,
    LEASE,
    MOST_FAILURES,
    MOST_TRIES,
    Outcome,
    Stopped,
    WebhookState,
    is_given_up,
    is_open,
    pause_after,
    sparing_after,
)
from referrals.models.organization import ApiClient
from referrals.models.webhook import WebhookDelivery as Delivery, WebhookSubscription as Subscription

HEALTH_IS_NEWS_AFTER = timedelta(seconds=10)
FREE: dict[str, Any] = {"lease_token": None, "lease_until": None}


@dataclass(frozen=True, slots=True)
class Leased:
    """A message in the hands of one worker until its lease runs out, with the endpoint as it was then."""

    id: UUID
    token: UUID
    attempts: int
    is_test: bool
    webhook_id: str
    body: bytes
    url: str
    subscription_id: UUID
    secret: str
    previous_secret: str | None
    is_probe: bool


def free_expired(session: Session, now: datetime) -> int:
    """What a worker took and never settled waits again, or is given up where that happened too often."""
    expired = (Delivery.state == WebhookState.LEASED, Delivery.lease_until <= now)
    is_over = or_(Delivery.attempts >= MOST_TRIES, Delivery.event_id.is_(None))
    values = {
        "state": case((is_over, WebhookState.DEAD), else_=WebhookState.WAITING),
        "next_at": now,
        "last_fault": "never_finished",
        **FREE,
    }
    return len(session.scalars(update(Delivery).where(*expired).values(values).returning(Delivery.id)).all())


def claim(session: Session, now: datetime) -> Leased | None:
    """The message that has waited longest at an endpoint that may be called now. None where there is none."""
    endpoint = session.execute(_endpoint(now)).first()
    if endpoint is None or (is_open(endpoint.failures) and not _may_probe(session, endpoint.id, now)):
        return None
    delivery = session.execute(_first_of(endpoint.id, now)).first()
    if delivery is None:
        return None
    return _lease(session, endpoint, delivery, now)


def is_anything_due(session: Session, now: datetime) -> bool:
    return session.execute(_endpoint(now)).first() is not None


def _is_not_spared(now: datetime) -> ColumnElement[bool]:
    return or_(Subscription.spared_until.is_(None), Subscription.spared_until <= now)


def _may_probe(session: Session, subscription_id: UUID, now: datetime) -> bool:
    """Nobody else tries this endpoint meanwhile. Who comes second does not wait."""
    free = select(Subscription.id).where(Subscription.id == subscription_id, _is_not_spared(now))
    if session.execute(free.with_for_update(key_share=True, skip_locked=True)).first() is None:
        return False
    _put(session, subscription_id, spared_until=now + LEASE)
    return True


def _endpoint(now: datetime) -> Select[Any]:
    waits_since = _due(now).where(Delivery.subscription_id == Subscription.id).limit(1).scalar_subquery()
    in_flight = (
        select(func.count())
        .where(Delivery.subscription_id == Subscription.id, Delivery.state == WebhookState.LEASED)
        .scalar_subquery()
    )
    at_once = case((Subscription.failures > 0, AT_ONCE_AFTER_A_FAILURE), else_=AT_ONCE)
    return (
        select(
            Subscription.id, Subscription.url, Subscription.secret, Subscription.failures,
            case((Subscription.previous_until > now, Subscription.previous_secret)).label("previous_secret"),
        )
        .join(ApiClient, ApiClient.id == Subscription.client_id)
        .where(
            Subscription.active,
            ApiClient.active,
            _is_not_spared(now),
            waits_since.is_not(None),
            in_flight < at_once,
        )
        .order_by(waits_since, Subscription.id)
        .limit(1)
    )  # fmt: skip


def _due(now: datetime) -> Select[Any]:
    order = (Delivery.rank, Delivery.next_at, Delivery.sequence)
    return (
        select(Delivery.next_at).where(Delivery.state == WebhookState.WAITING, Delivery.next_at <= now).order_by(*order)
    )


def _first_of(subscription_id: UUID, now: datetime) -> Any:
    query = _due(now).with_only_columns(Delivery.id, Delivery.attempts, Delivery.event_id, Delivery.body)
    mine = query.where(Delivery.subscription_id == subscription_id)
    return mine.limit(1).with_for_update(of=Delivery, skip_locked=True)


def _lease(session: Session, endpoint: Row[Any], delivery: Row[Any], now: datetime) -> Leased:
    token, attempts = uuid4(), delivery.attempts + 1
    values = {
        "state": WebhookState.LEASED, "lease_token": token, "lease_until": now + LEASE, "attempts": attempts,
        "attempted_at": now,
    }  # fmt: skip
    session.execute(update(Delivery).where(Delivery.id == delivery.id).values(values))
    return Leased(
        id=delivery.id,
        token=token,
        attempts=attempts,
        is_test=delivery.event_id is None,
        webhook_id=Delivery(id=delivery.id).webhook_id,
        body=delivery.body.encode(),
        url=endpoint.url,
        subscription_id=endpoint.id,
        secret=endpoint.secret,
        previous_secret=endpoint.previous_secret,
        is_probe=is_open(endpoint.failures),
    )


def settle(session: Session, leased: Leased, outcome: Outcome, now: datetime, chance: float) -> bool:
    """Write down what became of it. False, and nothing is changed, where the lease has run out or passed on."""
    failures = None if _is_no_news(session, leased, outcome, now) else _locked_failures(session, leased)
    mine = [
        Delivery.id == leased.id,
        Delivery.state == WebhookState.LEASED,
        Delivery.lease_token == leased.token,
        Delivery.lease_until > now,
    ]
    values = _became(leased, outcome, now, chance) | FREE
    written = session.execute(update(Delivery).where(*mine).values(values).returning(Delivery.id)).first()
    if written is None:
        return False
    if failures is not None:
        _note_health(session, leased, failures, outcome, now)
    return True


def _is_no_news(session: Session, leased: Leased, outcome: Outcome, now: datetime) -> bool:
    """One more success of an endpoint that works: its row, which all its messages share, is left alone."""
    works = (
        Subscription.id == leased.subscription_id,
        Subscription.failures == 0,
        Subscription.spared_until.is_(None),
        Subscription.succeeded_at > now - HEALTH_IS_NEWS_AFTER,
    )
    return outcome.arrived and session.execute(select(Subscription.id).where(*works)).first() is not None


def _locked_failures(session: Session, leased: Leased) -> int | None:
    """The endpoint's row is locked before the message's, everywhere: so nobody waits in a circle."""
    query = select(Subscription.failures).where(Subscription.id == leased.subscription_id)
    return session.scalar(query.with_for_update(key_share=True))


def _became(leased: Leased, outcome: Outcome, now: datetime, chance: float) -> dict[str, Any]:
    told = {
        "last_status": outcome.status,
        "last_fault": outcome.fault or None,
        "last_ms": outcome.milliseconds,
    }
    if outcome.arrived:
        return told | {"state": WebhookState.DONE, "delivered_at": now}
    if is_given_up(leased.attempts, is_test=leased.is_test):
        return told | {"state": WebhookState.DEAD}
    pause = pause_after(leased.attempts, chance, outcome.asked_to_wait)
    return told | {"state": WebhookState.WAITING, "next_at": now + pause}


def _note_health(session: Session, leased: Leased, failures: int, outcome: Outcome, now: datetime) -> None:
    """What was on its way when the circuit opened says nothing new about the endpoint."""
    subscription_id = leased.subscription_id
    if outcome.is_gone:
        stop(session, Subscription.id == subscription_id, Stopped.GONE)
    if outcome.arrived:
        _put(session, subscription_id, failures=0, spared_until=None, succeeded_at=now)
        if is_open(failures):
            _bring_forward(session, subscription_id, now)
        return
    if is_open(failures) and not leased.is_probe:
        return
    counted = min(failures + outcome.weight, MOST_FAILURES)
    spared = sparing_after(counted, outcome.asked_to_wait)
    _put(session, subscription_id, failures=counted, failed_at=now, spared_until=_later(now, spared))


def _bring_forward(session: Session, subscription_id: UUID, now: datetime) -> None:
    """The endpoint is back: what waited for it need not wait out its pause."""
    waits = (Delivery.subscription_id == subscription_id, Delivery.state == WebhookState.WAITING)
    session.execute(update(Delivery).where(*waits, Delivery.next_at > now).values(next_at=now))


def _later(now: datetime, span: timedelta | None) -> datetime | None:
    return None if span is None else now + span


def stop(session: Session, which: ColumnElement[bool], why: Stopped) -> int:
    """Nothing more is sent to these; what waits for them waits on."""
    values = {"active": False, "stopped": why, "version": Subscription.version + 1}
    stopped = update(Subscription).where(and_(Subscription.active, which)).values(values).returning(Subscription.id)
    return len(session.scalars(stopped.execution_options(synchronize_session=False)).all())


def _put(session: Session, subscription_id: UUID, **values: Any) -> None:
    session.execute(update(Subscription).where(Subscription.id == subscription_id).values(values))
