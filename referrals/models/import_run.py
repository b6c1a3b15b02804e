"""Imports: one file of referrals on its way in, and the receipt of each of its lines."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from referrals.domain.imports import ImportFault, ImportForm, ImportStatus, LineOutcome
from referrals.models.base import Base, Key, Name, Words, one_of, to

_TO_DO = text("status IN ('queued', 'running')")


class ImportRun(Base):
    """One file. `line` and `byte` say how far it is read, and move with the rows that were read from there.

    A worker has it under `lease` until `lease_until`; then another goes on. `sheet` says what each column of a table
    means, `note` why it was called off.
    """

    __tablename__ = "import_run"
    __table_args__ = (
        Index("ix_import_run_to_do", "worked_at", "id", postgresql_where=_TO_DO, sqlite_where=_TO_DO),
        Index(None, "organization_id", "id"),
        one_of("status", ImportStatus),
        one_of("form", ImportForm),
        one_of("fault", ImportFault),
        CheckConstraint("(status = 'failed') = (fault IS NOT NULL)", name="failed_for_a_reason"),
        CheckConstraint("(finished_at IS NULL) = (status IN ('queued', 'running'))", name="finished_once_ended"),
        CheckConstraint("(lease IS NULL) = (lease_until IS NULL)", name="lease_has_an_end"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    organization_id: Mapped[UUID] = to("organization")
    status: Mapped[str] = mapped_column(String(10))
    form: Mapped[str] = mapped_column(String(10))
    sheet: Mapped[dict[str, Any] | None]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    lines: Mapped[int]
    line: Mapped[int]
    byte: Mapped[int] = mapped_column(BigInteger)
    accepted: Mapped[int] = mapped_column(default=0)
    identity_check: Mapped[int] = mapped_column(default=0)
    already_here: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[Words | None]
    user_id: Mapped[UUID | None] = to("user_account")
    client_id: Mapped[UUID | None] = to("api_client")
    actor_name: Mapped[Name]
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    worked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    lease: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    version: Mapped[int]


class ImportLine(Base):
    """The receipt of one line. Reasons name fields, never what they held.

    `referral_id` is no foreign key: the receipt of a draft outlives the draft.
    """

    __tablename__ = "import_line"
    __table_args__ = (
        Index(None, "import_id", "outcome", "line"),
        one_of("outcome", LineOutcome),
    )

    import_id: Mapped[UUID] = to("import_run", primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    network_id: Mapped[UUID] = to("network")
    outcome: Mapped[str] = mapped_column(String(20))
    external_reference: Mapped[Name]
    referral_id: Mapped[UUID | None]
    reference: Mapped[str | None] = mapped_column(String(20))
    status: Mapped[str | None] = mapped_column(String(24))
    tier: Mapped[str | None] = mapped_column(String(2))
    reasons: Mapped[list[Any]] = mapped_column(default=list)
