"""People who sign in, the roles they hold, and the sessions they have open."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referrals.domain.people import Role
from referrals.domain.second_factor import Lacks
from referrals.models.base import Base, Code, Key, Name, one_of, to
from referrals.models.organization import Organization


class User(Base):
    __tablename__ = "user_account"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[Name]
    password_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    away_from: Mapped[date | None]
    away_to: Mapped[date | None]
    covered_by_id: Mapped[UUID | None] = to("user_account")
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="user", lazy="raise")


class Membership(Base):
    """One role of one person in one organization."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("user_id", "organization_id", "role"),
        Index(None, "organization_id", "role"),
        one_of("role", Role),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    user_id: Mapped[UUID] = to("user_account")
    organization_id: Mapped[UUID] = to("organization")
    role: Mapped[Code]

    user: Mapped[User] = relationship(back_populates="memberships", lazy="raise")
    organization: Mapped[Organization] = relationship(lazy="raise")


class UserSession(Base):
    """A browser that is signed in. The cookie holds a random id; the row holds its SHA-256.

    While it `lacks` something, only the password was right, and it opens nothing. `proven_at` is the last proof.
    `door` is "oidc" where the person came in by single sign-on.
    """

    __tablename__ = "user_session"
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"), one_of("lacks", Lacks))

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    network_id: Mapped[UUID] = to("network")
    user_id: Mapped[UUID] = to("user_account")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    lacks: Mapped[str | None] = mapped_column(String(20))
    proven_at: Mapped[datetime | None]
    browser: Mapped[str | None] = mapped_column(String(60))
    address: Mapped[str | None] = mapped_column(String(45))
    door: Mapped[str | None] = mapped_column(String(20))
