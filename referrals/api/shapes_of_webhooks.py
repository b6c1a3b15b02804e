"""What is answered of subscriptions and of what was delivered to them, field by field."""

from marshmallow import fields as plain

from referrals.api.shape_parts import maybe, there
from referrals.boundary.schemas.fields import Body, Flag, Id, Instant, Part, Whole, words_of
from referrals.boundary.schemas.webhooks import Filters
from referrals.domain.webhooks import Circuit, Stopped, WebhookState

MOST = 2**63 - 1


class SubscriptionOut(Body):
    """`position`: the feed up to this `sequence` has been looked at. `circuit`: `open` while the endpoint is spared."""

    id = there(Id)
    version = there(Whole, 1, 2**31)
    url = there(plain.String)
    topics = there(plain.List, plain.String())
    filters = there(Part, Filters)
    active = there(Flag)
    stopped = maybe(words_of, Stopped)
    position = there(Whole, 0, MOST)
    circuit = there(words_of, Circuit)
    failures = there(Whole, 0, 2**31)
    spared_until = maybe(Instant)
    last_success_at = maybe(Instant)
    last_failure_at = maybe(Instant)
    previous_secret_until = maybe(Instant)
    created_at = there(Instant)


class SubscriptionWithSecretOut(SubscriptionOut):
    """`secret` is shown in this answer and in no other."""

    secret = there(plain.String)


class DeliveryOut(Body):
    """One message. Of an answer only its status, a code for what went wrong and the milliseconds are kept."""

    id = there(Id)
    webhook_id = there(plain.String)
    subscription = there(Id)
    type = there(plain.String)
    event = maybe(Id)
    referral = maybe(Id)
    sequence = maybe(Whole, 1, MOST)
    state = there(words_of, WebhookState)
    attempts = there(Whole, 0, 2**31)
    created_at = there(Instant)
    next_attempt_at = maybe(Instant)
    last_attempt_at = maybe(Instant)
    response_status = maybe(Whole, 100, 999)
    fault = maybe(plain.String)
    milliseconds = maybe(Whole, 0, 2**31)
    delivered_at = maybe(Instant)
