"""What is known of a center beside its profile: its open trials, and for whom it must not judge."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from referrals.models.base import Base, Code, Key, Name, Words, to


class Trial(Base):
    """A trial at a center, by its number in a registry. It has closed on the day named so."""

    __tablename__ = "trial"
    __table_args__ = (
        UniqueConstraint("center_id", "registry_id"),
        Index(None, "network_id"),
        CheckConstraint("closed_on >= opened_on", name="closed_after_opened"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    center_id: Mapped[UUID] = to("organization")
    registry_id: Mapped[Code]
    title: Mapped[Words]
    families: Mapped[list[Any]]
    phase: Mapped[Code | None]
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    contact: Mapped[Name | None]
    source: Mapped[Words | None]


class CenterConflict(Base):
    """An organization of the network for which a center must not judge, from one day until another, both counted."""

    __tablename__ = "center_conflict"
    __table_args__ = (
        Index(None, "center_id"),
        Index(None, "organization_id"),
        CheckConstraint("until_day >= from_day", name="until_after_from"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    center_id: Mapped[UUID] = to("organization")
    organization_id: Mapped[UUID] = to("organization")
    reason: Mapped[Words]
    from_day: Mapped[date]
    until_day: Mapped[date | None]
