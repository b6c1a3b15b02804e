"""What the doors remember between calls: answers to repeat, calls counted, code tables that were loaded."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from referrals.models.base import Base, Code, Key, Word, Words, to


class IdempotencyKey(Base):
    """The answer to a POST that a client may repeat. Without an answer the call is still running."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index(None, "created_at"),)

    client_id: Mapped[UUID] = to("api_client", primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    network_id: Mapped[UUID] = to("network")
    fingerprint: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[Words | None]


class RateCounter(Base):
    """Calls in one window of one subject (a client, an address, an account): exact over processes."""

    __tablename__ = "rate_counter"
    __table_args__ = (Index(None, "window_start"),)

    subject: Mapped[str] = mapped_column(String(200), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]


class CodeTable(Base):
    """A code system that was loaded from a file, such as ICD-O-3 morphology."""

    __tablename__ = "code_table"
    __table_args__ = (UniqueConstraint("system", "version"),)

    id: Mapped[Key]
    system: Mapped[Code]
    version: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    loaded_at: Mapped[datetime]


class LoadedCode(Base):
    __tablename__ = "loaded_code"
    __table_args__ = (UniqueConstraint("table_id", "code"),)

    id: Mapped[Key]
    table_id: Mapped[UUID] = to("code_table")
    code: Mapped[str] = mapped_column(Word)
    display: Mapped[Words]
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
