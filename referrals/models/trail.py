"""The record of what happened: receipts of every intake, events of every referral, the audit of every reader."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referrals.domain.lifecycle import Status
from referrals.models.base import Base, Code, Key, Name, Words, one_of, to
from referrals.models.delivery import Reminder
from referrals.models.message import Message
from referrals.models.referral import Referral

# SQLite numbers rows by itself only in a column that is exactly INTEGER PRIMARY KEY.
Sequence = BigInteger().with_variant(Integer, "sqlite")
OF_CLIENT = text("client_id IS NOT NULL")


class Receipt(Base):
    """One intake through one door: what became of it. Reasons name fields, never their values.

    `referral_id` is no foreign key: the receipt of a draft outlives the draft.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        Index(None, "network_id", "outcome", "at"),
        Index(None, "referral_id"),
        Index(None, "organization_id", "external_reference"),
        one_of("door", ("form", "json", "import", "fhir", "desk")),
        one_of("outcome", ("accepted", "identity_check", "refused")),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    organization_id: Mapped[UUID] = to("organization")
    door: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str] = mapped_column(String(20))
    referral_id: Mapped[UUID | None]
    external_reference: Mapped[str | None] = mapped_column(String(200))
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    actor_name: Mapped[Name]
    at: Mapped[datetime]


class ReceiptSeen(Base):
    """A coordinator has seen a refusal at the door."""

    __tablename__ = "receipt_seen"

    receipt_id: Mapped[UUID] = to("receipt", primary_key=True)
    network_id: Mapped[UUID] = to("network")
    seen_by_id: Mapped[UUID] = to("user_account")
    seen_at: Mapped[datetime]


class Event(Base):
    """One step of one referral: the timeline. One event a version, and the events fold to the status."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("referral_id", "version"),
        one_of("from_status", Status),
        one_of("to_status", Status),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    version: Mapped[int]
    step: Mapped[Code]
    from_status: Mapped[str | None] = mapped_column(String(24))
    to_status: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]
    user_id: Mapped[UUID | None] = to("user_account")
    client_id: Mapped[UUID | None] = to("api_client")
    organization_id: Mapped[UUID | None] = to("organization")
    actor_name: Mapped[Name]
    party: Mapped[str] = mapped_column(String(1))
    note: Mapped[Words | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)

    referral: Mapped[Referral] = relationship(lazy="raise")


class FeedEnd(Base):
    """The last number that the feed of a network has given. It never goes back, also where an event is dropped."""

    __tablename__ = "feed_end"

    network_id: Mapped[UUID] = to("network", primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)


_NUMBERED, _UNNUMBERED = text("sequence IS NOT NULL"), text("sequence IS NULL")


class Outbox(Base):
    """What an event has to bring about. Written with the event; the worker tells people of it, and gives it its number.

    What can still be undone is told only once it cannot: `held_until`. Of a draft nobody is told.

    Systems read it as a feed. `sequence` is the place in the feed of the network: given once the event is committed,
    so that no later number is ever seen before an earlier one. `referrer_id` is the referring organization, and
    `center_id` the center that had the referral before or after the step: who may learn of it, whatever comes later.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting", "id", postgresql_where=text("done_at IS NULL"), sqlite_where=text("done_at IS NULL")
        ),
        Index(
            "uq_outbox_sequence",
            "network_id", "sequence",
            unique=True, postgresql_where=_NUMBERED, sqlite_where=_NUMBERED,
        ),
        Index("ix_outbox_of_referrer", "referrer_id", "sequence", postgresql_where=_NUMBERED, sqlite_where=_NUMBERED),
        Index("ix_outbox_of_center", "center_id", "sequence", postgresql_where=_NUMBERED, sqlite_where=_NUMBERED),
        Index("ix_outbox_unnumbered", "network_id", "id", postgresql_where=_UNNUMBERED, sqlite_where=_UNNUMBERED),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    network_id: Mapped[UUID] = to("network")
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), unique=True)
    topic: Mapped[Code]
    created_at: Mapped[datetime]
    held_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    referrer_id: Mapped[UUID] = to("organization")
    center_id: Mapped[UUID | None] = to("organization")
    sequence: Mapped[int | None] = mapped_column(BigInteger)

    event: Mapped[Event] = relationship(lazy="raise")


class Notification(Base):
    """One person is told of one event or message, or reminded, in the dashboard."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("event_id", "user_id"),
        UniqueConstraint("reminder_id", "user_id"),
        UniqueConstraint("message_id", "user_id"),
        CheckConstraint(
            "(CASE WHEN event_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN reminder_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN message_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="of_one_occasion",
        ),
        Index(None, "user_id", "read_at"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    event_id: Mapped[UUID | None] = to("event")
    reminder_id: Mapped[UUID | None] = to("reminder")
    message_id: Mapped[UUID | None] = to("message")
    referral_id: Mapped[UUID] = to("referral")
    user_id: Mapped[UUID] = to("user_account")
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    reminder: Mapped[Reminder | None] = relationship(lazy="raise")
    message: Mapped[Message | None] = relationship(lazy="raise")


class AuditEntry(Base):
    """Who read or changed what. Insert-only: a trigger refuses every change on both databases."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "network_id", "at"),
        Index(None, "network_id", "action", "at"),
        Index(None, "user_id", "at"),
        Index(None, "organization_id", "at"),
        Index("ix_audit_entry_of_client", "client_id", "id", postgresql_where=OF_CLIENT, sqlite_where=OF_CLIENT),
    )

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    network_id: Mapped[UUID] = to("network")
    at: Mapped[datetime]
    user_id: Mapped[UUID | None] = to("user_account")
    client_id: Mapped[UUID | None] = to("api_client")
    organization_id: Mapped[UUID | None] = to("organization")
    action: Mapped[Code]
    entity: Mapped[Code]
    ids: Mapped[list[Any]]
    request_id: Mapped[str | None] = mapped_column(String(64), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class AuditSeal(Base):
    """A link of the hash chain over the audit, in the order of sealing: the worker seals entries within seconds.

    `position` has no gap. Entries commit out of the order of their numbers, so the chain needs an order of its own;
    its key also lets only one of several workers add the next link. `key_id` names what it was sealed with; nothing,
    where that follows from the instance's secret.
    """

    __tablename__ = "audit_seal"

    position: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(Sequence, ForeignKey("audit_entry.id"), unique=True)
    network_id: Mapped[UUID] = to("network")
    digest: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[Code | None]


class Beat(Base):
    """The last sign of life of each kind of background process."""

    __tablename__ = "beat"

    process: Mapped[Code] = mapped_column(primary_key=True)
    at: Mapped[datetime]
