"""Plans for the whole queue: what was asked, how far the worker is, and what is proposed for each referral."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from referrals.domain.plans import Outcome, PlanCause, PlanStatus, Unplaced
from referrals.models.base import Base, Key, Name, Words, one_of, to

_TO_DO = text("status IN ('waiting', 'running')")


class Plan(Base):
    """One try at placing everybody who is ready. `key` names its occasion, so that several workers ask for it once.

    `progress` is in percent. A worker has it until `lease_until`; then another may begin it anew.
    """

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("network_id", "key"),
        Index("ix_plan_to_do", "asked_at", postgresql_where=_TO_DO, sqlite_where=_TO_DO),
        Index(None, "network_id", "asked_at", "id"),
        one_of("status", PlanStatus),
        one_of("cause", PlanCause),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress_in_percent"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    status: Mapped[str] = mapped_column(String(10))
    cause: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(120))
    asked_at: Mapped[datetime]
    asked_by: Mapped[Name]
    note: Mapped[Words | None]
    progress: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    queue_length: Mapped[int | None]
    scarce: Mapped[list[Any]] = mapped_column(default=list)
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[Name | None]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class PlannedOffer(Base):
    """What a plan says of one referral: the center to ask, or in `code` why there is none, and what became of it."""

    __tablename__ = "planned_offer"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        Index(None, "referral_id"),
        one_of("code", Unplaced),
        one_of("outcome", Outcome),
        CheckConstraint("(center_id IS NULL) = (code IS NOT NULL)", name="center_or_code"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    plan_id: Mapped[UUID] = to("plan")
    number: Mapped[int]
    referral_id: Mapped[UUID] = to("referral")
    facts_version: Mapped[int]
    tier: Mapped[str | None] = mapped_column(String(2))
    center_id: Mapped[UUID | None] = to("organization")
    week: Mapped[date | None]
    score: Mapped[int | None]
    rank_of_choice: Mapped[int | None]
    runner_up_id: Mapped[UUID | None] = to("organization")
    because: Mapped[Words]
    acknowledge: Mapped[list[Any]] = mapped_column(default=list)
    is_late: Mapped[bool] = mapped_column(default=False)
    is_unknown: Mapped[bool] = mapped_column(default=False)
    code: Mapped[str | None] = mapped_column(String(20))
    outcome: Mapped[str | None] = mapped_column(String(10))
    outcome_because: Mapped[Words | None]
