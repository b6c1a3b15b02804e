"""Webhooks: who wants to be told of what and where, and each message with its tries and lease."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from referrals.domain.webhooks import Stopped, WebhookState
from referrals.models.base import Base, Code, Key, Words, one_of, to

_WAITING, _LEASED, _ENDED = (text(f"state {test}") for test in ("= 'waiting'", "= 'leased'", "IN ('done', 'dead')"))


class WebhookSubscription(Base):
    """A partner system's wish. Events up to number `position` of its network's feed have been looked at for it.

    `secret` and `previous_secret` are locked, both for the place of the first. `failures` counts those in a row; until
    `spared_until` nothing is sent. What is sent changes those without making a new version.
    """

    __tablename__ = "webhook_subscription"
    __table_args__ = (
        one_of("stopped", Stopped),
        CheckConstraint("active = (stopped IS NULL)", name="stopped_for_a_reason"),
        CheckConstraint("(previous_secret IS NULL) = (previous_until IS NULL)", name="overlap_ends"),
        Index(None, "client_id", "id"),
        Index(None, "network_id", "id"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    organization_id: Mapped[UUID] = to("organization")
    client_id: Mapped[UUID] = to("api_client")
    url: Mapped[Words]
    topics: Mapped[list[Any]]
    filters: Mapped[dict[str, Any]]
    active: Mapped[bool] = mapped_column(default=True)
    stopped: Mapped[Code | None]
    secret: Mapped[Words]
    previous_secret: Mapped[Words | None]
    previous_until: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(default=0)
    spared_until: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class WebhookDelivery(Base):
    """One message to one subscription. Its id follows from the event, so that a repeated one bears the same name.

    `event_id` and `referral_id` are no foreign keys: the log outlives a draft; a test has neither, and goes first
    (`rank` 0). Of an answer its status, a code and the milliseconds are kept, and nothing else.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("subscription_id", "event_id"),
        one_of("state", WebhookState),
        CheckConstraint("(state = 'leased') = (lease_token IS NOT NULL)", name="leased_has_a_token"),
        CheckConstraint("(state = 'done') = (delivered_at IS NOT NULL)", name="done_has_a_time"),
        Index(
            "ix_webhook_delivery_waiting", "subscription_id", "rank", "next_at", "sequence",
            postgresql_where=_WAITING, sqlite_where=_WAITING,
        ),
        Index("ix_webhook_delivery_leased", "subscription_id", postgresql_where=_LEASED, sqlite_where=_LEASED),
        Index("ix_webhook_delivery_ended", "created_at", postgresql_where=_ENDED, sqlite_where=_ENDED),
        Index(None, "subscription_id", "created_at", "id"),
    )  # fmt: skip

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    subscription_id: Mapped[UUID] = to("webhook_subscription")
    event_id: Mapped[UUID | None]
    referral_id: Mapped[UUID | None]
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    rank: Mapped[int] = mapped_column(SmallInteger)
    topic: Mapped[str] = mapped_column(String(60))
    body: Mapped[Words]
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    attempted_at: Mapped[datetime | None]
    last_status: Mapped[int | None] = mapped_column(SmallInteger)
    last_fault: Mapped[Code | None]
    last_ms: Mapped[int | None]
    delivered_at: Mapped[datetime | None]

    @property
    def webhook_id(self) -> str:
        return f"msg_{self.id.hex}"

    @property
    def is_test(self) -> bool:
        return self.event_id is None
