"""Centers that a coordinator has approved to be asked next, should the one that is asked not take the referral."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referrals.domain.vocabulary import Tier
from referrals.models.base import Base, Key, Name, Words, one_of, to
from referrals.models.offer import Offer

_OPEN = text("ended_at IS NULL")


class Fallback(Base):
    """One link of the chain that was approved with an offer. Open until it is clear that nothing follows from it.

    `tier` and `facts_version` are what the coordinator had before them; where either has moved, nothing is done in
    their name. `used_at`: the center was asked; `skipped_because`: why it could not be.
    """

    __tablename__ = "fallback"
    __table_args__ = (
        UniqueConstraint("offer_id", "place"),
        UniqueConstraint("offer_id", "center_id"),
        CheckConstraint("place BETWEEN 1 AND 3", name="place_in_chain"),
        CheckConstraint("used_at IS NULL OR skipped_because IS NULL", name="used_or_skipped"),
        one_of("tier", Tier),
        Index("ix_fallback_open", "referral_id", postgresql_where=_OPEN, sqlite_where=_OPEN),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    offer_id: Mapped[UUID] = to("offer")
    place: Mapped[int]
    center_id: Mapped[UUID] = to("organization")
    approved_at: Mapped[datetime]
    approved_by: Mapped[Name]
    approved_by_id: Mapped[UUID | None] = to("user_account")
    tier: Mapped[str | None] = mapped_column(String(2))
    facts_version: Mapped[int]
    late_acknowledged: Mapped[bool] = mapped_column(default=False)
    unknown_acknowledged: Mapped[bool] = mapped_column(default=False)
    used_at: Mapped[datetime | None]
    skipped_because: Mapped[Words | None]
    ended_at: Mapped[datetime | None]

    offer: Mapped[Offer] = relationship(lazy="raise")
