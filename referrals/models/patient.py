"""Patients as one organization knows them, and the numbers by which they are found."""

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referrals.domain.vocabulary import Sex
from referrals.models.base import Base, Key, Name, Word, one_of, to

if TYPE_CHECKING:
    from referrals.models.referral import Referral


_DIED = text("deceased_on IS NOT NULL")


class Patient(Base):
    """A person with a cancer diagnosis, as one organization recorded them.

    Two organizations that know the same person hold a row each: neither sees the other's record. An
    `IdentityCheck` joins them in the coordinator's hands.
    """

    __tablename__ = "patient"
    __table_args__ = (
        Index(None, "organization_id", "family_name", "given_name", "id"),
        Index("ix_patient_died", "deceased_on", postgresql_where=_DIED, sqlite_where=_DIED),
        one_of("sex", Sex),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    organization_id: Mapped[UUID] = to("organization")
    given_name: Mapped[Name]
    family_name: Mapped[Name]
    birth_date: Mapped[date | None]
    sex: Mapped[str | None] = mapped_column(String(10))
    language: Mapped[str | None] = mapped_column(String(35))
    interpreter_needed: Mapped[bool] = mapped_column(default=False)
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(40))
    postal_code: Mapped[str | None] = mapped_column(String(20))
    country: Mapped[str | None] = mapped_column(String(2))
    deceased_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    identifiers: Mapped[list["PatientIdentifier"]] = relationship(
        back_populates="patient", lazy="raise", order_by="PatientIdentifier.id"
    )


class PatientIdentifier(Base):
    """A number by which a patient is known. A record-number system belongs to its organization."""

    __tablename__ = "patient_identifier"
    __table_args__ = (
        UniqueConstraint("organization_id", "system", "value"),
        Index(None, "network_id", "value"),
        Index(None, "patient_id"),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    organization_id: Mapped[UUID] = to("organization")
    patient_id: Mapped[UUID] = to("patient")
    system: Mapped[str] = mapped_column(String(200))
    value: Mapped[str] = mapped_column(String(200))

    patient: Mapped[Patient] = relationship(back_populates="identifiers", lazy="raise")


class PatientWord(Base):
    """One word of a patient's name, folded: search by any word's beginning is a range of this index."""

    __tablename__ = "patient_word"
    __table_args__ = (Index("ix_patient_word_network_id_word_patient_id", "network_id", "word", "patient_id"),)

    patient_id: Mapped[UUID] = to("patient", primary_key=True)
    word: Mapped[str] = mapped_column(Word, primary_key=True)
    network_id: Mapped[UUID] = to("network")

    patient: Mapped[Patient] = relationship(lazy="raise")


class IdentityCheck(Base):
    """Two organizations' patients who share a number: a coordinator says whether they are one person."""

    __tablename__ = "identity_check"
    __table_args__ = (
        UniqueConstraint("patient_id", "other_patient_id"),
        Index(None, "network_id", "decided_at"),
        one_of("decision", ("same", "different")),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    patient_id: Mapped[UUID] = to("patient")
    other_patient_id: Mapped[UUID] = to("patient")
    referral_id: Mapped[UUID | None] = to("referral")
    created_at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(String(10))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None] = to("user_account")

    patient: Mapped[Patient] = relationship(foreign_keys=[patient_id], lazy="raise")
    referral: Mapped["Referral | None"] = relationship(lazy="raise")
