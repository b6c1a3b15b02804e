"""Offers of a referral to a center and what became of each, advice given on the way, clinicians who have joined."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from referrals.domain.centers import HOLDING, LINES, OfferStatus
from referrals.domain.vocabulary import DeclineOfferReason
from referrals.models.base import Base, Code, Key, Name, Words, one_of, to

_HOLDING = text("status IN ({})".format(", ".join(f"'{status}'" for status in sorted(HOLDING))))


class Offer(Base):
    """One proposal to one center. Its place in `week` is reserved while it lives and used once it is accepted.

    `facts_version` is what the center was shown, or has since confirmed; `reconfirm` says in words what has moved
    beyond it and waits for the center to confirm that the offer still fits. `line` is that of the referral when it was
    made: the place stays counted there, whatever moves. `recorded` says how the answer of a center outside the network
    came to be known; `outside_specialist` is whom its original names.
    """

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("referral_id", "number"),
        Index(
            "uq_offer_holding",
            "referral_id",
            unique=True,
            postgresql_where=_HOLDING,
            sqlite_where=_HOLDING,
        ),
        Index("ix_offer_places", "center_id", "week", postgresql_where=_HOLDING, sqlite_where=_HOLDING),
        Index(None, "center_id", "offered_at", "id"),
        Index("ix_offer_live", "respond_by", postgresql_where=text("status = 'live'"), sqlite_where=text("status = 'live'")),
        one_of("status", OfferStatus),
        one_of("reason", DeclineOfferReason),
        one_of("line", LINES),
    )  # fmt: skip

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    center_id: Mapped[UUID] = to("organization")
    number: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    week: Mapped[date]
    line: Mapped[Code | None]
    respond_by: Mapped[datetime]
    expected_at: Mapped[datetime | None]
    expected_on: Mapped[date | None]
    facts_version: Mapped[int]
    reconfirm: Mapped[list[Any] | None]
    explanation: Mapped[dict[str, Any]] = mapped_column(default=dict)
    exception_reason: Mapped[Words | None]
    overbook_reason: Mapped[Words | None]
    late_acknowledged: Mapped[bool] = mapped_column(default=False)
    unknown_acknowledged: Mapped[bool] = mapped_column(default=False)
    offered_at: Mapped[datetime]
    offered_by: Mapped[Name]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[Name | None]
    reason: Mapped[str | None] = mapped_column(String(12))
    text: Mapped[Words | None]
    recorded: Mapped[dict[str, Any] | None]
    specialist_id: Mapped[UUID | None] = to("user_account")
    outside_specialist: Mapped[dict[str, Any] | None]
    panel: Mapped[list[Any]] = mapped_column(default=list)
    review_started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class Advice(Base):
    """What a specialist has told the referrer before the opinion: delivered at once, and acknowledged by itself."""

    __tablename__ = "advice"
    __table_args__ = (Index(None, "referral_id"),)

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    text: Mapped[Words]
    author_id: Mapped[UUID | None] = to("user_account")
    author_name: Mapped[Name]
    given_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    read_by: Mapped[Name | None]


class JoinedClinician(Base):
    """One more clinician who is told of every step and reads the opinion."""

    __tablename__ = "joined_clinician"
    __table_args__ = (UniqueConstraint("referral_id", "user_id"), Index(None, "user_id"))

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    user_id: Mapped[UUID] = to("user_account")
    joined_at: Mapped[datetime]
