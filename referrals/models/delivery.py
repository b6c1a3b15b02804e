"""What has to reach somebody outside the dashboard: reminders, and each letter with its tries, lease and proof."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from referrals.domain.mail import Channel, DeliveryState
from referrals.domain.reminders import ReminderKind
from referrals.models.base import Base, Code, Key, one_of, to

_WAITING = text("state IN ('waiting', 'leased')")


class Reminder(Base):
    """Somebody's turn was about to run out, or had: said once for each due time. Who was told are notifications."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("referral_id", "kind", "due_at"),
        one_of("kind", ReminderKind),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    kind: Mapped[Code]
    status: Mapped[str] = mapped_column(String(24))
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]


class Delivery(Base):
    """One letter to one person about one occasion, by one channel.

    A worker takes it with a lease and may say what became of it only while it holds that lease. `last_error` is
    a code; what a server answered is never kept, because it may quote what was sent. `proof` is the number of
    its answer and the name under which it queued the letter.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("occasion", "channel", "user_id"),
        one_of("channel", Channel),
        one_of("state", DeliveryState),
        CheckConstraint("(state = 'leased') = (lease_token IS NOT NULL)", name="leased_has_a_token"),
        CheckConstraint("(state = 'done') = (delivered_at IS NOT NULL)", name="done_has_a_time"),
        Index("ix_delivery_waiting", "next_at", postgresql_where=_WAITING, sqlite_where=_WAITING),
        Index(None, "network_id", "state", "created_at"),
        Index(None, "referral_id"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID | None] = to("referral")
    user_id: Mapped[UUID] = to("user_account")
    channel: Mapped[Code]
    occasion: Mapped[str] = mapped_column(String(60))
    topic: Mapped[str] = mapped_column(String(60))
    message_id: Mapped[str] = mapped_column(String(320))
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[Code | None]
    delivered_at: Mapped[datetime | None]
    proof: Mapped[str | None] = mapped_column(String(200))
