"""An opinion that came on paper from a center outside the network: its original, who transcribed it, who compared it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from referrals.models.base import Base, Key, Name, Words, to

_UNSIGNED = text("opinion_id IS NULL")


class OutsideOpinion(Base):
    """One for each original, the first or of an amendment; one at a time. Its text is the draft, then the opinion.

    `writers` are the ids of everybody who saved any of it. `handed_version` is the draft that was handed in to be
    compared: what is written after that has to be handed in again. `note` says why it was sent back.
    """

    __tablename__ = "outside_opinion"
    __table_args__ = (
        Index(None, "referral_id"),
        Index(
            "uq_outside_opinion_unsigned", "offer_id", unique=True, postgresql_where=_UNSIGNED, sqlite_where=_UNSIGNED
        ),
        UniqueConstraint("opinion_id"),
        CheckConstraint("checked_by_id <> recorded_by_id", name="two_persons"),
        CheckConstraint("(opinion_id IS NULL) = (checked_at IS NULL)", name="signed_once_checked"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    offer_id: Mapped[UUID] = to("offer")
    specialist: Mapped[Name]
    title: Mapped[Name | None]
    signed_on: Mapped[date]
    document_id: Mapped[UUID] = to("document")
    document_sha256: Mapped[str] = mapped_column(String(64))
    writers: Mapped[list[Any]] = mapped_column(default=list)
    recorded_by_id: Mapped[UUID] = to("user_account")
    recorded_by: Mapped[Name]
    recorded_at: Mapped[datetime]
    handed_version: Mapped[int | None]
    note: Mapped[Words | None]
    sent_back_by: Mapped[Name | None]
    sent_back_at: Mapped[datetime | None]
    checked_by_id: Mapped[UUID | None] = to("user_account")
    checked_by: Mapped[Name | None]
    checked_at: Mapped[datetime | None]
    opinion_id: Mapped[UUID | None] = to("opinion")
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}
