"""Networks, their organizations, and the partner systems that speak for an organization."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from referrals.domain.people import Kind
from referrals.models.base import Base, Code, Key, Name, one_of, to


class Network(Base):
    """One coordinating network. Its zone and holidays rule the working days of every clock."""

    __tablename__ = "network"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    zone: Mapped[str] = mapped_column(String(60))
    holidays: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]


class Organization(Base):
    __tablename__ = "organization"
    __table_args__ = (
        UniqueConstraint("network_id", "code"),
        one_of("kind", Kind),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    kind: Mapped[Code]
    code: Mapped[Code]
    name: Mapped[Name]
    region: Mapped[Name | None]
    active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class ApiClient(Base):
    """A partner system. Only the SHA-256 of its secret is kept; the secret itself is 256 random bits."""

    __tablename__ = "api_client"
    __table_args__ = (Index(None, "organization_id"),)

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    organization_id: Mapped[UUID] = to("organization")
    client_id: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    secret_hash: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[Any]]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class AccessToken(Base):
    """A bearer token, kept as its SHA-256: a stolen database opens nothing."""

    __tablename__ = "access_token"
    __table_args__ = (Index(None, "expires_at"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    network_id: Mapped[UUID] = to("network")
    client_id: Mapped[UUID] = to("api_client")
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
