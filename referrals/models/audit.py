"""What helps to read and to prove the audit: which entry names which row, and heads of the chain that were noted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from referrals.models.base import Base, to
from referrals.models.trail import Sequence


class AuditSubject(Base):
    """An entry names this row. The worker writes it with the seal, so that no reader waits for it."""

    __tablename__ = "audit_subject"

    entity_id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(
        Sequence, ForeignKey("audit_entry.id"), primary_key=True, autoincrement=False, index=True
    )
    network_id: Mapped[UUID] = to("network")


class AuditCheckpoint(Base):
    """A head of the chain as it was at a time, of every network, so it is no network's own. It also stands in a file."""

    __tablename__ = "audit_checkpoint"
    __table_args__ = (CheckConstraint("position > 0", name="position_positive"),)

    position: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
