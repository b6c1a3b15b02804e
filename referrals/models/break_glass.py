"""Records that somebody opened outside their scope, with a reason, and what a review said of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from referrals.domain.break_glass import Ground, Verdict
from referrals.models.base import Base, Key, Name, Words, one_of, to

_UNREVIEWED = text("reviewed_at IS NULL")


class BreakGlass(Base):
    """One person may read one referral until `until`. The reason is theirs, and may speak of the patient."""

    __tablename__ = "break_glass"
    __table_args__ = (
        one_of("ground", Ground),
        one_of("verdict", Verdict),
        CheckConstraint("until > opened_at", name="ends_after_it_began"),
        CheckConstraint("(reviewed_at IS NULL) = (verdict IS NULL)", name="review_has_a_verdict"),
        CheckConstraint("(reviewed_at IS NULL) = (reviewed_by_id IS NULL)", name="review_has_a_reviewer"),
        CheckConstraint("reviewed_by_id <> user_id", name="reviewed_by_another"),
        Index(None, "referral_id", "user_id", "until"),
        Index(None, "network_id", "id"),
        Index("ix_break_glass_unreviewed", "opened_at", postgresql_where=_UNREVIEWED, sqlite_where=_UNREVIEWED),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    user_id: Mapped[UUID] = to("user_account")
    organization_id: Mapped[UUID] = to("organization")
    actor_name: Mapped[Name]
    ground: Mapped[str] = mapped_column(String(20))
    reason: Mapped[Words]
    opened_at: Mapped[datetime]
    until: Mapped[datetime]
    reviewed_by_id: Mapped[UUID | None] = to("user_account")
    reviewed_at: Mapped[datetime | None]
    verdict: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[Words | None]
