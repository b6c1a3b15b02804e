"""The opinion as it was signed, what is counted of it, who has read it, what came of it, and the draft before it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referrals.domain.vocabulary import (
    Axis,
    FindingResult,
    Impact,
    OutcomeResult,
    Plan,
    RecommendationKind,
    Strength,
    Urgency,
)
from referrals.models.base import Base, Key, Name, Words, one_of, to
from referrals.models.diagnosis import Diagnosis
from referrals.models.referral import Referral


class Opinion(Base):
    """One signed version. `content` is the document that was signed, and `sha256` its seal (`domain.opinion`).

    Findings and recommendations stand beside it as rows, so that they can be counted and pointed to. None of them
    ever changes: a trigger refuses it on both databases. An amendment is a new version.
    """

    __tablename__ = "opinion"
    __table_args__ = (
        UniqueConstraint("referral_id", "version"),
        CheckConstraint("version >= 1", name="version_positive"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    version: Mapped[int]
    center_id: Mapped[UUID] = to("organization")
    signed_by_id: Mapped[UUID] = to("user_account")
    signed_at: Mapped[datetime]
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(64))

    referral: Mapped[Referral] = relationship(lazy="raise")


class Finding(Base):
    """What the opinion says of one axis. A revised diagnosis is a row of its own that points to the original."""

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("opinion_id", "axis"),
        one_of("axis", Axis),
        one_of("result", FindingResult),
        one_of("impact", Impact),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    opinion_id: Mapped[UUID] = to("opinion")
    axis: Mapped[str] = mapped_column(String(12))
    result: Mapped[str] = mapped_column(String(20))
    impact: Mapped[str] = mapped_column(String(8))
    revised_diagnosis_id: Mapped[UUID | None] = to("diagnosis")

    opinion: Mapped[Opinion] = relationship(lazy="raise")
    revised_diagnosis: Mapped[Diagnosis | None] = relationship(lazy="raise")


class Recommendation(Base):
    """One piece of advice, in its place from 1."""

    __tablename__ = "recommendation"
    __table_args__ = (
        UniqueConstraint("opinion_id", "position"),
        one_of("kind", RecommendationKind),
        one_of("strength", Strength),
        one_of("urgency", Urgency),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    opinion_id: Mapped[UUID] = to("opinion")
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    strength: Mapped[str] = mapped_column(String(8))
    urgency: Mapped[str] = mapped_column(String(8))

    opinion: Mapped[Opinion] = relationship(lazy="raise")


class Acknowledgement(Base):
    """A clinician has read this version and said what they plan."""

    __tablename__ = "acknowledgement"
    __table_args__ = (UniqueConstraint("opinion_id"), one_of("plan", Plan))

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    opinion_id: Mapped[UUID] = to("opinion")
    user_id: Mapped[UUID] = to("user_account")
    user_name: Mapped[Name]
    plan: Mapped[str] = mapped_column(String(8))
    text: Mapped[Words | None]
    at: Mapped[datetime]


class Outcome(Base):
    """What became of one recommendation, as told on one day. Rows are only added: the newest of each counts.

    `source` says how we know: told when the referral was closed, by a link in a mail, or by nobody at all.
    """

    __tablename__ = "outcome"
    __table_args__ = (
        Index(None, "recommendation_id", "at"),
        one_of("result", OutcomeResult),
        one_of("source", ("closed", "link", "no_response")),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    recommendation_id: Mapped[UUID] = to("recommendation")
    result: Mapped[str] = mapped_column(String(10))
    reason: Mapped[Words | None]
    source: Mapped[str] = mapped_column(String(12))
    user_id: Mapped[UUID | None] = to("user_account")
    author_name: Mapped[Name]
    at: Mapped[datetime]


class OutcomeLink(Base):
    """A link in a mail by which one person can say once, without signing in, what became of the advice."""

    __tablename__ = "outcome_link"
    __table_args__ = (Index(None, "opinion_id"),)

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    opinion_id: Mapped[UUID] = to("opinion")
    user_id: Mapped[UUID] = to("user_account")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class OpinionDraft(Base):
    """What is written and not yet signed: one a referral, shared by everybody who writes the opinion.

    `version` counts the savings, so that nobody writes over a colleague unseen.
    """

    __tablename__ = "opinion_draft"

    referral_id: Mapped[UUID] = to("referral", primary_key=True)
    network_id: Mapped[UUID] = to("network")
    content: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}
    saved_by_id: Mapped[UUID] = to("user_account")
    saved_by_name: Mapped[Name]
    saved_at: Mapped[datetime]
