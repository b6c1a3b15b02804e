"""What a partner wishes to be told of, and where."""

from typing import Any

from flask import current_app

from referrals.boundary.outgoing import Outgoing
from referrals.boundary.outgoing_places import LONGEST_URL, WORDS, Unreachable
from referrals.boundary.schemas.fields import (
    REPEATED,
    Body,
    Fault,
    Flag,
    Id,
    Items,
    Whole,
    WholePart,
    Word,
    Words,
    words_of,
)
from referrals.boundary.schemas.queries import Page
from referrals.domain.statuses import Status
from referrals.domain.vocabulary import Tier
from referrals.domain.webhook_topics import TOPICS
from referrals.domain.webhooks import WebhookState
from referrals.pathway.webhooks import LONGEST_OVERLAP

MOST_VALUES = 50


class CallableUrl(Words):
    """An address that this instance may call, as far as its letters tell."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(LONGEST_URL, **kwargs)
        self.describe(format="uri")

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        url = super()._deserialize(value, attr, data, **kwargs)
        try:
            Outgoing(current_app.config["SETTINGS"]).refuse(url)
        except Unreachable as problem:
            raise self.fault(problem.code, WORDS[problem.code]) from None
        return url


class Distinct(Items):
    """A list in which nothing stands twice."""

    def __init__(self, *positional: Any, **kwargs: Any) -> None:
        super().__init__(*positional, **kwargs)
        self.describe(uniqueItems=True)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        found = super()._deserialize(value, attr, data, **kwargs)
        if len(set(found)) < len(found):
            raise self.fault(*Fault(*REPEATED))
        return found


class Filters(Body):
    """Every filter that is named must fit: `to` the status reached, `tier` as it is when the message is made."""

    to = Distinct(words_of(Status), least=1, most=MOST_VALUES)
    tier = Distinct(words_of(Tier), least=1)
    organization = Distinct(Id(), least=1, most=MOST_VALUES)
    center = Distinct(Id(), least=1, most=MOST_VALUES)


class NewSubscription(Body):
    """`referral.*` stands for every topic. Without filters everything is told that the client's organization may read."""

    url = CallableUrl(required=True)
    topics = Distinct(Word(TOPICS), least=1, required=True)
    filters = WholePart(Filters, allow_none=True)


class SubscriptionChange(NewSubscription):
    """`active: true` switches a stopped subscription on again, from where it stopped."""

    active = Flag()


class Rotation(Body):
    """For `overlap_hours` messages are signed with the new secret and the former one; 24 where it is not said."""

    overlap_hours = Whole(0, int(LONGEST_OVERLAP.total_seconds()) // 3600)


class Replay(Body):
    """Everything after this `sequence` of the feed is sent again."""

    after = Whole(0, 2**63 - 1, required=True)


class DeliveriesAsked(Page):
    state = words_of(WebhookState, metadata={"description": "Only deliveries in this state."})
