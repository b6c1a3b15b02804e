"""Questions about a referral, and the items of each with their answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referrals.domain.people import Party
from referrals.domain.questions import RequestStatus
from referrals.domain.vocabulary import AskedParty, DocumentKind
from referrals.models.base import Base, Key, Name, Words, one_of, to
from referrals.models.referral import Referral

_OPEN, _BLOCKS = text("status = 'open'"), text("status = 'open' AND blocking")


class InformationRequest(Base):
    """One question to somebody. A blocking one holds the referral up; there is at most one of them open.

    `due_at` is when the answer is due, `choice_at` when a blocking question that is still open forces a choice.
    `changes` are sentences: what the answer changed in the judgement.
    """

    __tablename__ = "information_request"
    __table_args__ = (
        Index("uq_information_request_blocking", "referral_id", unique=True, postgresql_where=_BLOCKS, sqlite_where=_BLOCKS),
        Index("ix_information_request_due", "due_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index(None, "referral_id"),
        one_of("asked", AskedParty),
        one_of("status", RequestStatus),
        one_of("party", Party),
        CheckConstraint("(status = 'open') = (ended_at IS NULL)", name="open_has_not_ended"),
    )  # fmt: skip

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    organization_id: Mapped[UUID] = to("organization")
    party: Mapped[str] = mapped_column(String(1))
    author_name: Mapped[Name]
    asked: Mapped[str] = mapped_column(String(12))
    blocking: Mapped[bool]
    status: Mapped[str] = mapped_column(String(10))
    message: Mapped[Words | None]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    choice_at: Mapped[datetime | None]
    extended: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None]
    answered_by: Mapped[Name | None]
    source: Mapped[Words | None]
    changes: Mapped[list[Any]] = mapped_column(default=list)

    referral: Mapped[Referral] = relationship(lazy="raise")


class InformationItem(Base):
    """One thing that is asked: a fact by its place, a document by its kind, or something in words.

    `answer` holds one of `value`, `document` and `unobtainable`; `reason` says why it was gone on without.
    """

    __tablename__ = "information_item"
    __table_args__ = (
        UniqueConstraint("request_id", "position"),
        one_of("document", DocumentKind),
        CheckConstraint(
            "(CASE WHEN field IS NULL THEN 0 ELSE 1 END) + (CASE WHEN document IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN text IS NULL THEN 0 ELSE 1 END) = 1",
            name="asks_one_thing",
        ),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    request_id: Mapped[UUID] = to("information_request")
    position: Mapped[int]
    field: Mapped[str | None] = mapped_column(String(60))
    document: Mapped[str | None] = mapped_column(String(12))
    text: Mapped[Words | None]
    required: Mapped[bool]
    answer: Mapped[dict[str, Any] | None]
    reason: Mapped[Words | None]

    request: Mapped[InformationRequest] = relationship(lazy="raise")
