"""Specialist centers: what they offer, how expert they are in each tumor family, and their places week by week."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referrals.domain.centers import Designation
from referrals.models.base import Base, Code, Key, Name, Words, one_of, to
from referrals.models.organization import Organization


class Center(Base):
    """The profile of an organization of kind center. `places` a week hold where `Capacity` says nothing else.

    Its row is locked while a place is given away, so that two offers never take the same one. One that is not
    `in_network` can be proposed and has no accounts. `lat` and `lon` are degrees (WGS84); `source` says where the
    entry comes from, `checked_by` who has looked at it on `checked_on`.
    """

    __tablename__ = "center"
    __table_args__ = (
        one_of("designation", Designation),
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
    checked_on: Mapped[date | None]
    checked_by: Mapped[Name | None]
    paused_at: Mapped[datetime | None]
    paused_because: Mapped[Words | None]
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
    """The places of one week, called by its Monday, where they differ from the usual. None in a closed week."""

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
