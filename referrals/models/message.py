"""What was said about a referral between referrer, network and center."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referrals.domain.conversation import Side
from referrals.models.base import Base, Key, Name, Words, one_of, to
from referrals.models.referral import Referral

_UNREAD = text("read_at IS NULL AND NOT internal")
_UNTOLD = text("told_at IS NULL")


class Message(Base):
    """One message. What is said never changes; `version` counts what is known of it.

    `center_id` is the center that wrote it or was meant: another center never reads it. `told_at` is when the worker
    announced it, `reminded_at` when it reminded the referrer, or the owner, that nobody has read it.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index(None, "referral_id", "id"),
        Index("ix_message_unread", "addressee", "sent_at", postgresql_where=_UNREAD, sqlite_where=_UNREAD),
        Index("ix_message_untold", "id", postgresql_where=_UNTOLD, sqlite_where=_UNTOLD),
        one_of("sender", Side),
        one_of("addressee", Side),
        CheckConstraint(
            "NOT internal OR (sender = 'coordinator' AND addressee = 'coordinator')", name="internal_stays_inside"
        ),
        CheckConstraint(
            "(sender = 'center' OR addressee = 'center') = (center_id IS NOT NULL)", name="center_is_named"
        ),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    version: Mapped[int]
    text: Mapped[Words]
    sender: Mapped[str] = mapped_column(String(12))
    addressee: Mapped[str] = mapped_column(String(12))
    internal: Mapped[bool]
    center_id: Mapped[UUID | None] = to("organization")
    user_id: Mapped[UUID | None] = to("user_account")
    client_id: Mapped[UUID | None] = to("api_client")
    organization_id: Mapped[UUID] = to("organization")
    author_name: Mapped[Name]
    sent_at: Mapped[datetime]
    reply_due_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    read_by: Mapped[Name | None]
    told_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]

    referral: Mapped[Referral] = relationship(lazy="raise")
