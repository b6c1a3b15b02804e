"""What a named person has to do, and when it was done."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from referrals.models.base import Base, Code, Key, Words, to

_OPEN = text("done_at IS NULL")


class Task(Base):
    """`key` says what it is about: the same thing is raised once, by however many workers.

    `center_id` names the center, where it is about one. `done_at` without `done_by_id` means that it became pointless. `told_at` is when the worker announced it.
    """

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("network_id", "key"),
        Index("ix_task_open", "user_id", "due_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index(None, "referral_id"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID | None] = to("referral")
    center_id: Mapped[UUID | None] = to("organization")
    user_id: Mapped[UUID] = to("user_account")
    kind: Mapped[Code]
    key: Mapped[str] = mapped_column(String(120))
    words: Mapped[Words]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[UUID | None] = to("user_account")
