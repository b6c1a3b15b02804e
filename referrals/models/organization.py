"""Networks, their organizations, and the partner systems that speak for an organization."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from referrals.domain.people import Kind
from referrals.models.base import Base, Code, Key, Name, Words, one_of, to


class Network(Base):
    """One coordinating network. Its zone and holidays rule the working days of every clock.

    `second_factor_roles` must have a second factor here, beside those that the service asks for one.

    One that is `sandbox_of_id` another is its twin to try things out in: partner systems work there, and nobody else.
    """

    __tablename__ = "network"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    zone: Mapped[str] = mapped_column(String(60))
    holidays: Mapped[list[Any]] = mapped_column(default=list)
    sandbox_of_id: Mapped[UUID | None] = to("network", unique=True)
    second_factor_roles: Mapped[list[Any] | None]
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
    """A partner system, which proves who it is by a secret or by one of its keys.

    Only the SHA-256 of a secret is kept; the secret itself is 256 random bits. The one before it holds until
    `old_secret_until`. `calls_per_minute` is its own limit, `last_used_at` when it last got a token.
    """

    __tablename__ = "api_client"
    __table_args__ = (
        Index(None, "organization_id"),
        CheckConstraint(
            "(CASE WHEN secret_hash IS NULL THEN 0 ELSE 1 END) + (CASE WHEN jwks IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN jwks_url IS NULL THEN 0 ELSE 1 END) = 1",
            name="proves_itself_one_way",
        ),
        CheckConstraint("(old_secret_hash IS NULL) = (old_secret_until IS NULL)", name="old_secret_ends"),
        CheckConstraint("calls_per_minute > 0", name="may_call"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    organization_id: Mapped[UUID] = to("organization")
    client_id: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    secret_hash: Mapped[str | None] = mapped_column(String(64))
    secret_used_at: Mapped[datetime | None]
    old_secret_hash: Mapped[str | None] = mapped_column(String(64))
    old_secret_until: Mapped[datetime | None]
    old_secret_used_at: Mapped[datetime | None]
    jwks: Mapped[dict[str, Any] | None]
    jwks_url: Mapped[Words | None]
    scopes: Mapped[list[Any]]
    calls_per_minute: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    last_used_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    __mapper_args__ = {"version_id_col": version}
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


class ClientAssertion(Base):
    """An assertion that a client has shown, by the SHA-256 of its `jti`: it is taken once, in all processes."""

    __tablename__ = "client_assertion"
    __table_args__ = (Index(None, "until"),)

    client_id: Mapped[UUID] = to("api_client", primary_key=True)
    jti_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    network_id: Mapped[UUID] = to("network")
    until: Mapped[datetime]


class ClientRefusal(Base):
    """What a client was refused: one row for all that is alike within a minute, and never what was sent."""

    __tablename__ = "client_refusal"
    __table_args__ = (Index(None, "last_at"),)

    client_id: Mapped[UUID] = to("api_client", primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(String(10), primary_key=True)
    route: Mapped[Name] = mapped_column(primary_key=True)
    problem: Mapped[Code] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    network_id: Mapped[UUID] = to("network")
    status: Mapped[int]
    times: Mapped[int]
    request_id: Mapped[str] = mapped_column(String(64))
    last_at: Mapped[datetime]
