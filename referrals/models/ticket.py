"""Links by which one person sets a password without signing in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from referrals.domain.accounts import TicketKind
from referrals.models.base import Base, Code, Key, one_of, to


class UserTicket(Base):
    """For one use, until `expires_at`. The link holds a secret; the row holds its SHA-256."""

    __tablename__ = "user_ticket"
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"), one_of("kind", TicketKind))

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    user_id: Mapped[UUID] = to("user_account")
    kind: Mapped[Code]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
