"""The referral itself, the facts it was judged on, and the consent that lets it travel."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, TextClause, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referrals.domain.lifecycle import OPEN, OPEN_RECEIVED, Status
from referrals.domain.vocabulary import ConsentGivenBy, Tier, WaitingOn
from referrals.models.base import Base, Code, Key, Name, Words, one_of, to
from referrals.models.diagnosis import Diagnosis
from referrals.models.patient import Patient


def _among(statuses: Iterable[Status], table: str = "") -> str:
    words = ", ".join(f"'{status}'" for status in sorted(statuses))
    return f"{table}status IN ({words})"


_OPEN = _among(OPEN)
# A partial index is used only where the database sees its own condition in the query, so both are written out alike.
OPEN_INDEXED, WORKLIST_INDEXED = text(_OPEN), text(_among(OPEN_RECEIVED))
UNOWNED_INDEXED = text(f"{_among(OPEN_RECEIVED)} AND owner_id IS NULL")
OPEN_ROWS, WORKLIST_ROWS = text(_among(OPEN, "referral.")), text(_among(OPEN_RECEIVED, "referral."))


def _index(name: str, columns: str, rows: TextClause | None = None) -> Index:
    return Index(f"ix_referral_{name}", *columns.split(), postgresql_where=rows, sqlite_where=rows)


class Referral(Base):
    """One request for a second opinion.

    `version` is counted by `pathway.steps` alone, one for each event; a row that somebody else has moved on
    refuses the update (`StaleDataError`).

    `order_at` is the one sort key of the queue, made unique by `arrived_at` and `id`. For a draft both lie far
    in the future (`domain.deadlines.draft_order_key`), so that drafts come last by creation without a null in
    the key. Names, codes and verdicts that a list shows stand on this row, so that a page needs no join to
    patients, diagnoses or assessments.
    """

    __tablename__ = "referral"
    __table_args__ = (
        UniqueConstraint("network_id", "reference"),
        UniqueConstraint("organization_id", "external_reference"),
        one_of("status", Status),
        one_of("resume_status", Status),
        one_of("waiting_on", WaitingOn),
        one_of("tier", Tier),
        one_of("computed_tier", Tier),
        CheckConstraint(f"({_OPEN}) = (waiting_on IS NOT NULL)", name="open_waits_on_somebody"),
        CheckConstraint(f"({_OPEN}) = (next_action_due_at IS NOT NULL)", name="open_has_a_next_action"),
        CheckConstraint("(status = 'draft') <= (submitted_at IS NULL)", name="draft_not_submitted"),
        CheckConstraint("(submitted_at IS NULL) = (due_at IS NULL)", name="submitted_has_a_promise"),
        CheckConstraint("(submitted_at IS NULL) = (tier IS NULL)", name="submitted_is_judged"),
        CheckConstraint("version >= 1", name="version_positive"),
        # One index for the network's worklist, one for an organization's; drafts only in the latter.
        _index("worklist", "network_id order_at arrived_at id", WORKLIST_INDEXED),
        _index("own_worklist", "organization_id order_at arrived_at id", OPEN_INDEXED),
        _index("network_status", "network_id status order_at arrived_at id"),
        _index("organization_status", "organization_id status order_at arrived_at id"),
        _index("center", "center_id status order_at arrived_at id"),
        _index("owner", "owner_id order_at arrived_at id", WORKLIST_INDEXED),
        # What follows the key is there to be counted: a number in a tab is read off the index alone.
        _index("unowned", "network_id order_at arrived_at id status submitted_at owner_id", UNOWNED_INDEXED),
        _index("next_action", "next_action_due_at id", OPEN_INDEXED),
        _index("due", "network_id due_at id status submitted_at", WORKLIST_INDEXED),
        _index("network_counts", "network_id status tier waiting_on submitted_at owner_id"),
        _index("organization_counts", "organization_id status tier waiting_on owner_id due_at"),
        Index(None, "organization_id", "updated_at", "id"),
        Index(None, "network_id", "updated_at", "id"),
        Index(None, "network_id", "arrived_at", "id"),
        Index(None, "patient_id"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    organization_id: Mapped[UUID] = to("organization")
    reference: Mapped[str] = mapped_column(String(16))
    external_reference: Mapped[str | None] = mapped_column(String(200))
    patient_id: Mapped[UUID] = to("patient")
    diagnosis_id: Mapped[UUID | None] = to("diagnosis")
    clinician_id: Mapped[UUID | None] = to("user_account")
    follows_id: Mapped[UUID | None] = to("referral")
    duplicate_of_id: Mapped[UUID | None] = to("referral")

    status: Mapped[str] = mapped_column(String(24))
    resume_status: Mapped[str | None] = mapped_column(String(24))
    waiting_on: Mapped[str | None] = mapped_column(String(12))
    next_action: Mapped[Code | None]
    next_action_due_at: Mapped[datetime | None]
    segment_started_at: Mapped[datetime]
    respond_by: Mapped[datetime | None]
    withdrawal_requested_at: Mapped[datetime | None]
    owner_id: Mapped[UUID | None] = to("user_account")
    center_id: Mapped[UUID | None] = to("organization")
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    triaged_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    order_at: Mapped[datetime]
    arrived_at: Mapped[datetime]

    purposes: Mapped[list[Any]] = mapped_column(default=list)
    questions: Mapped[list[Any]] = mapped_column(default=list)
    summary: Mapped[Words | None]
    preferences: Mapped[dict[str, Any] | None]
    performance_status: Mapped[dict[str, Any] | None]
    other_conditions: Mapped[list[Any] | None]
    needed_by: Mapped[date | None]
    needed_by_kind: Mapped[str | None] = mapped_column(String(20))
    pregnant: Mapped[bool | None]

    facts_version: Mapped[int]
    assessment_number: Mapped[int | None]
    computed_tier: Mapped[str | None] = mapped_column(String(2))
    soonest_tier: Mapped[str | None] = mapped_column(String(2))
    tier: Mapped[str | None] = mapped_column(String(2))
    provisional: Mapped[bool] = mapped_column(default=False)

    patient_given_name: Mapped[Name]
    patient_family_name: Mapped[Name]
    patient_birth_date: Mapped[date | None]
    patient_sex: Mapped[str | None] = mapped_column(String(10))
    icd10cm: Mapped[str | None] = mapped_column(String(10))
    description: Mapped[Words | None]
    morphology: Mapped[str | None] = mapped_column(String(10))
    tumor_family: Mapped[Code | None]
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    aggressive: Mapped[bool] = mapped_column(default=False)
    resistant: Mapped[bool] = mapped_column(default=False)
    rare: Mapped[bool] = mapped_column(default=False)
    complex: Mapped[bool] = mapped_column(default=False)

    # Relationships say in which order rows are written; nothing is ever loaded through them.
    patient: Mapped[Patient] = relationship(lazy="raise")
    diagnosis: Mapped[Diagnosis | None] = relationship(lazy="raise")


class Facts(Base):
    """The clinical facts of one referral as they were judged, in the API's shape.

    The version of a draft is written over while it is a draft; from submission on a version never changes, and
    a later change to the patient's record does not reach it.
    """

    __tablename__ = "facts"
    __table_args__ = (
        UniqueConstraint("referral_id", "version"),
        one_of("kind", ("initial", "correction", "new_event")),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    source: Mapped[Words | None]
    reason: Mapped[Words | None]
    content: Mapped[dict[str, Any]]
    author_name: Mapped[Name]
    created_at: Mapped[datetime]

    referral: Mapped[Referral] = relationship(lazy="raise")


class Consent(Base):
    """The patient's consent that this referral may be shared, and with whom."""

    __tablename__ = "consent"
    __table_args__ = (
        Index(
            "uq_consent_in_force",
            "referral_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
            sqlite_where=text("withdrawn_at IS NULL"),
        ),
        one_of("given_by", ConsentGivenBy),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    referral_id: Mapped[UUID] = to("referral")
    given: Mapped[bool]
    given_on: Mapped[date | None]
    given_by: Mapped[str | None] = mapped_column(String(20))
    scope: Mapped[list[Any]]
    centers: Mapped[list[Any] | None]
    until: Mapped[date | None]
    interpreter_used: Mapped[bool | None]
    withdrawn_at: Mapped[datetime | None]

    referral: Mapped[Referral] = relationship(lazy="raise")


class ReferenceCounter(Base):
    """The last reference number given in a year; its row is locked while the next is taken."""

    __tablename__ = "reference_counter"

    network_id: Mapped[UUID] = to("network", primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
