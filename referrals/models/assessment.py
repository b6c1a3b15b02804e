"""Policies, the judgements made by them, and the overrides that people signed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referrals.domain.vocabulary import OverrideReason, PolicyStatus, Tier
from referrals.models.base import Base, Key, Name, Words, one_of, to
from referrals.models.referral import Referral


class Policy(Base):
    """A version of a network's priority policy. Its document never changes once it was active."""

    __tablename__ = "policy"
    __table_args__ = (
        UniqueConstraint("network_id", "version"),
        Index(
            "uq_policy_active",
            "network_id",
            unique=True,
            postgresql_where=text("status = 'active'"),
            sqlite_where=text("status = 'active'"),
        ),
        one_of("status", PolicyStatus),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    version: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(10))
    document: Mapped[dict[str, Any]]
    author: Mapped[Name]
    approver: Mapped[Name | None]
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]


class Assessment(Base):
    """One judgement of one version of a referral's facts by one version of the policy; never changed.

    The current one is the number that the referral carries, so there is always exactly one.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("referral_id", "number"),
        one_of("tier", Tier),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    number: Mapped[int]
    facts_version: Mapped[int]
    policy_version: Mapped[str] = mapped_column(String(40))
    tier: Mapped[str] = mapped_column(String(2))
    provisional: Mapped[bool]
    judgement: Mapped[dict[str, Any]]
    changes: Mapped[list[Any]] = mapped_column(default=list)
    reason: Mapped[str] = mapped_column(String(40))
    author_name: Mapped[Name]
    created_at: Mapped[datetime]

    referral: Mapped[Referral] = relationship(lazy="raise")


class Override(Base):
    """A person's decision to set another tier than the rules, until it expires or is replaced."""

    __tablename__ = "override"
    __table_args__ = (
        Index(
            "uq_override_live",
            "referral_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        Index(None, "expires_at", postgresql_where=text("ended_at IS NULL"), sqlite_where=text("ended_at IS NULL")),
        one_of("tier", Tier),
        one_of("from_tier", Tier),
        one_of("reason", OverrideReason),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    tier: Mapped[str] = mapped_column(String(2))
    from_tier: Mapped[str] = mapped_column(String(2))
    reason: Mapped[str] = mapped_column(String(30))
    text: Mapped[Words]
    author_id: Mapped[UUID | None] = to("user_account")
    author_name: Mapped[Name]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    countersign_due_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(String(20))
