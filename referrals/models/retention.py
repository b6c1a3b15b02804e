"""Legal holds: patients of whom nothing may be erased, and why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

from referrals.models.base import Base, Key, Name, Words, to

_STANDS = text("lifted_at IS NULL")


class LegalHold(Base):
    """It stands until it is lifted, one for a patient at a time. A trigger keeps it as it was set, and as it was lifted."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        CheckConstraint("(lifted_at IS NULL) = (lifted_by_id IS NULL)", name="lifted_by_somebody"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_by_name"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_because IS NULL)", name="lifted_for_a_reason"),
        Index("uq_legal_hold_standing", "patient_id", unique=True, postgresql_where=_STANDS, sqlite_where=_STANDS),
        Index(None, "patient_id"),
        Index(None, "network_id", "id"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    patient_id: Mapped[UUID] = to("patient")
    referral_id: Mapped[UUID] = to("referral")
    reason: Mapped[Words]
    set_by_id: Mapped[UUID] = to("user_account")
    set_by: Mapped[Name]
    set_at: Mapped[datetime]
    lifted_by_id: Mapped[UUID | None] = to("user_account")
    lifted_by: Mapped[Name | None]
    lifted_at: Mapped[datetime | None]
    lifted_because: Mapped[Words | None]
