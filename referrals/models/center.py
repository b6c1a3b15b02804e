"""Specialist centers: what they offer, how expert they are in each tumor family, and their places week by week."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referrals.domain.centers import LINES, Designation, PauseReason
from referrals.models.base import Base, Code, Key, Name, Words, one_of, to
from referrals.models.organization import Organization

_USUAL = text("week IS NULL")


class Center(Base):
    """The profile of an organization of kind center. `places` a week hold where `Capacity` says nothing else.

    Its row is locked while a place is given away, so that two offers never take the same one. One that is not
    `in_network` can be proposed and has no accounts. `lat` and `lon` are degrees (WGS84); `source` says where the
    entry comes from, `checked_by` who has looked at it on `checked_on`. `capacity_stated_at` is when its places were
    last stated: what was held before then may be more than they are now. `paused_for` says why the clock paused it,
    nothing where a person did.
    """

    __tablename__ = "center"
    __table_args__ = (
        one_of("designation", Designation),
        one_of("paused_for", PauseReason),
        CheckConstraint("places >= 0", name="places_not_negative"),
    )

    organization_id: Mapped[UUID] = to("organization", primary_key=True)
    network_id: Mapped[UUID] = to("network")
    designation: Mapped[str | None] = mapped_column(String(20))
    services: Mapped[list[Any]] = mapped_column(default=list)
    languages: Mapped[list[Any]] = mapped_column(default=list)
    city: Mapped[Name | None]
    region: Mapped[Name | None]
    country: Mapped[str | None] = mapped_column(String(2))
    zone: Mapped[str | None] = mapped_column(String(60))
    holidays: Mapped[list[Any] | None]
    places: Mapped[int] = mapped_column(default=0)
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    url: Mapped[Words | None]
    sites: Mapped[list[Any] | None]
    contacts: Mapped[list[Any] | None]
    source: Mapped[Words | None]
    in_network: Mapped[bool] = mapped_column(default=True, server_default=true())
    capacity_stated_at: Mapped[datetime | None]
    checked_on: Mapped[date | None]
    checked_by: Mapped[Name | None]
    paused_at: Mapped[datetime | None]
    paused_because: Mapped[Words | None]
    paused_for: Mapped[str | None] = mapped_column(String(10))
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}
    updated_at: Mapped[datetime]

    organization: Mapped[Organization] = relationship(lazy="raise")


class Expertise(Base):
    """How expert a center is in one tumor family, from 0 to 1, with what speaks for it."""

    __tablename__ = "expertise"
    __table_args__ = (
        UniqueConstraint("center_id", "family"),
        CheckConstraint("level >= 0 AND level <= 1", name="level_is_a_share"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    center_id: Mapped[UUID] = to("organization")
    family: Mapped[Code]
    level: Mapped[float]
    yearly_volume: Mapped[int | None]
    evidence: Mapped[Words | None]


class Capacity(Base):
    """The places of one week, called by its Monday, where they differ from the usual.

    None in a closed week, which may say why in `reason`.
    """

    __tablename__ = "capacity"
    __table_args__ = (
        UniqueConstraint("center_id", "week"),
        CheckConstraint("places >= 0", name="places_not_negative"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    center_id: Mapped[UUID] = to("organization")
    week: Mapped[date]
    places: Mapped[int]
    reason: Mapped[Words | None]


class LineLimit(Base):
    """How many of a center's places may go to one line: in the week that is named, or in a usual one."""

    __tablename__ = "line_limit"
    __table_args__ = (
        UniqueConstraint("center_id", "week", "service"),
        Index(
            "uq_line_limit_usual",
            "center_id",
            "service",
            unique=True,
            postgresql_where=_USUAL,
            sqlite_where=_USUAL,
        ),
        one_of("service", LINES),
        CheckConstraint("places >= 0", name="places_not_negative"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    center_id: Mapped[UUID] = to("organization")
    week: Mapped[date | None]
    service: Mapped[Code]
    places: Mapped[int]
