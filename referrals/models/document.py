"""What is known of a file that travels with a referral; its bytes lie outside the database."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referrals.domain.documents import ScanState
from referrals.domain.vocabulary import DocumentKind
from referrals.models.base import Base, Key, Name, Words, one_of, to
from referrals.models.referral import Referral

_UNSEEN = text("scan IN ('waiting', 'not_scanned')")


class Document(Base):
    """One file. Its bytes never change; `version` counts what is known of it.

    `name` is never part of an address or a log line. `is_of_opinion` says that the center attached it. A document
    of the wrong person is `misfiled`: it stays, sealed, and is shown to nobody but the network's administrator.
    """

    __tablename__ = "document"
    __table_args__ = (
        Index(None, "referral_id", "id"),
        Index("ix_document_unseen", "id", postgresql_where=_UNSEEN, sqlite_where=_UNSEEN),
        one_of("kind", DocumentKind),
        one_of("scan", ScanState),
        CheckConstraint("size > 0", name="size_positive"),
        CheckConstraint("(misfiled_at IS NULL) = (misfiled_why IS NULL)", name="misfiled_for_a_reason"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[Name]
    media_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    is_of_opinion: Mapped[bool]
    scan: Mapped[str] = mapped_column(String(12))
    scan_tried_at: Mapped[datetime | None]
    finding: Mapped[Name | None]
    damaged_at: Mapped[datetime | None]
    user_id: Mapped[UUID | None] = to("user_account")
    client_id: Mapped[UUID | None] = to("api_client")
    organization_id: Mapped[UUID] = to("organization")
    attached_by: Mapped[Name]
    attached_at: Mapped[datetime]
    misfiled_at: Mapped[datetime | None]
    misfiled_by_id: Mapped[UUID | None] = to("user_account")
    misfiled_why: Mapped[Words | None]

    referral: Mapped[Referral] = relationship(lazy="raise")
