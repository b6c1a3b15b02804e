"""What a proof of the whole database found: kept, each tied to the one before it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from referrals.models.base import Base, Key, one_of
from referrals.models.trail import Sequence


class Certificate(Base):
    """One proof, by the worker or the command. It speaks of every network, so it is no network's own.

    `night` is the day for which the worker proved: one of several workers keeps it. `digest` is over all else that
    the row says, and over the digest of the one before.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        one_of("by", ("worker", "command")),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("(by = 'worker') = (night IS NOT NULL)", name="worker_has_a_night"),
    )

    id: Mapped[Key]
    number: Mapped[int] = mapped_column(Sequence, unique=True)
    at: Mapped[datetime]
    took_ms: Mapped[int]
    by: Mapped[str] = mapped_column(String(10))
    night: Mapped[date | None] = mapped_column(unique=True)
    holds: Mapped[bool]
    findings: Mapped[list[Any]]
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
