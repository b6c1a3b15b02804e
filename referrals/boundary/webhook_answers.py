"""Subscriptions and deliveries as partners are answered."""

from typing import Any

from referrals.domain.webhooks import WebhookState, circuit_of
from referrals.models.webhook import WebhookDelivery, WebhookSubscription


def subscription_answer(row: WebhookSubscription) -> dict[str, Any]:
    return {
        "id": row.id,
        "version": row.version,
        "url": row.url,
        "topics": row.topics,
        "filters": row.filters,
        "active": row.active,
        "stopped": row.stopped,
        "position": row.position,
        "circuit": circuit_of(row.failures),
        "failures": row.failures,
        "spared_until": row.spared_until,
        "last_success_at": row.succeeded_at,
        "last_failure_at": row.failed_at,
        "previous_secret_until": row.previous_until,
        "created_at": row.created_at,
    }


def delivery_answer(row: WebhookDelivery) -> dict[str, Any]:
    return {
        "id": row.id,
        "webhook_id": row.webhook_id,
        "subscription": row.subscription_id,
        "type": row.topic,
        "event": row.event_id,
        "referral": row.referral_id,
        "sequence": row.sequence,
        "state": row.state,
        "attempts": row.attempts,
        "created_at": row.created_at,
        "next_attempt_at": row.next_at if row.state == WebhookState.WAITING else None,
        "last_attempt_at": row.attempted_at,
        "response_status": row.last_status,
        "fault": row.last_fault,
        "milliseconds": row.last_ms,
        "delivered_at": row.delivered_at,
    }
