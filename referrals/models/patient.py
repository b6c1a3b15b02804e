"""Patients as one organization knows them, and the numbers by which they are found."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, QueryContext, mapped_column, relationship

from referrals.domain.vocabulary import Sex
from referrals.models.base import Base, Key, Name, Word, Words, new_id, one_of, to
from referrals.models.keys import KeysRefused
from referrals.models.vault import VAULT, Vault

if TYPE_CHECKING:
    from referrals.models.referral import Referral


_DIED = text("deceased_on IS NOT NULL")
_PLAIN = text("value IS NOT NULL")
NUMBER = "patient_identifier.locked"


class Patient(Base):
    """A person with a cancer diagnosis, as one organization recorded them.

    Two organizations that know the same person hold a row each: neither sees the other's record. An
    `IdentityCheck` joins them in the coordinator's hands. `erased_at`: nothing says any more who it was.
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
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    identifiers: Mapped[list["PatientIdentifier"]] = relationship(
        back_populates="patient", lazy="raise", order_by="PatientIdentifier.id"
    )


class PatientIdentifier(Base):
    """A number by which a patient is known. A record-number system belongs to its organization.

    It lies `locked`, and is found by its blind index. `value` holds the number of a row from before, until that is moved.
    """

    __tablename__ = "patient_identifier"
    __table_args__ = (
        UniqueConstraint("organization_id", "system", "value"),
        UniqueConstraint("organization_id", "system", "blind"),
        CheckConstraint("(value IS NULL) = (locked IS NOT NULL)", name="kept_once"),
        CheckConstraint("(locked IS NULL) = (blind IS NULL)", name="locked_is_found"),
        Index(
            "ix_patient_identifier_network_id_value", "network_id", "value",
            postgresql_where=_PLAIN, sqlite_where=_PLAIN,
        ),
        Index(None, "network_id", "blind"),
        Index(None, "patient_id"),
    )  # fmt: skip

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    organization_id: Mapped[UUID] = to("organization")
    patient_id: Mapped[UUID] = to("patient")
    system: Mapped[str] = mapped_column(String(200))
    value: Mapped[str | None] = mapped_column(String(200))
    locked: Mapped[Words | None]
    blind: Mapped[str | None] = mapped_column(String(80))

    patient: Mapped[Patient] = relationship(back_populates="identifiers", lazy="raise")

    @classmethod
    def of(cls, vault: Vault, patient: Patient, system: str, number: str) -> Self:
        made = cls(
            id=new_id(),
            network_id=patient.network_id,
            organization_id=patient.organization_id,
            patient=patient,
            system=system,
        )
        made.locked = vault.lock(number.encode(), NUMBER, made.id)
        made.blind = vault.index(made.network_id, number)
        made.__dict__[VAULT] = vault
        return made

    @property
    def number(self) -> str:
        """What stands on the patient's papers."""
        if self.locked is None:
            return self.value or ""
        vault: Vault | None = self.__dict__.get(VAULT)
        if vault is None:
            raise KeysRefused("This database was opened without keys.")
        return vault.open(self.locked, NUMBER, self.id).decode()


@event.listens_for(PatientIdentifier, "load")
def _hand_keys(row: PatientIdentifier, context: QueryContext) -> None:
    row.__dict__[VAULT] = context.session.info.get(VAULT)


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
