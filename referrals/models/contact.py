"""Calls, letters and visits about a referral: who was tried, by what way, and what came of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from referrals.domain.vocabulary import Channel, ContactOutcome, ContactWith
from referrals.models.base import Base, Key, Name, Words, one_of, to


class Contact(Base):
    """One attempt to reach somebody. Insert-only: attempts are evidence, and a trigger keeps them as they are."""

    __tablename__ = "contact"
    __table_args__ = (
        Index(None, "referral_id", "id"),
        one_of("counterpart", ContactWith),
        one_of("channel", Channel),
        one_of("outcome", ContactOutcome),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    counterpart: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str] = mapped_column(String(12))
    outcome: Mapped[str] = mapped_column(String(20))
    person: Mapped[Name | None]
    text: Mapped[Words | None]
    at: Mapped[datetime]
    organization_id: Mapped[UUID] = to("organization")
    user_id: Mapped[UUID | None] = to("user_account")
    client_id: Mapped[UUID | None] = to("api_client")
    author_name: Mapped[Name]
    created_at: Mapped[datetime]
