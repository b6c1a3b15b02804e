"""Diagnoses with their biomarkers and treatments: the patient's record, beside what each referral was judged on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referrals.domain.vocabulary import (
    Basis,
    BestResponse,
    Certainty,
    DiseaseStatus,
    Intent,
    Modality,
    StageSystem,
    TreatmentStatus,
)
from referrals.models.base import Base, Key, Name, Words, one_of, to
from referrals.models.patient import Patient


class Diagnosis(Base):
    """The original diagnosis. A revised one is a second row that points to it by `revises_id`.

    Dates may be partial (`2019`, `2019-03`) and are kept as given. `treatments_recorded` tells "no
    treatment" from "nobody said": without it a missing list would read as none.
    """

    __tablename__ = "diagnosis"
    __table_args__ = (
        Index(None, "patient_id"),
        one_of("basis", Basis),
        one_of("certainty", Certainty),
        one_of("disease_status", DiseaseStatus),
        one_of("stage_system", StageSystem),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    organization_id: Mapped[UUID] = to("organization")
    patient_id: Mapped[UUID] = to("patient")
    revises_id: Mapped[UUID | None] = to("diagnosis")
    icd10cm: Mapped[str | None] = mapped_column(String(10))
    uncoded: Mapped[bool] = mapped_column(default=False)
    topography: Mapped[str | None] = mapped_column(String(10))
    morphology: Mapped[str | None] = mapped_column(String(10))
    grade: Mapped[str | None] = mapped_column(String(40))
    laterality: Mapped[str | None] = mapped_column(String(40))
    description: Mapped[Words | None]
    diagnosed_on: Mapped[str | None] = mapped_column(String(10))
    basis: Mapped[str | None] = mapped_column(String(20))
    certainty: Mapped[str | None] = mapped_column(String(20))
    stage_system: Mapped[str | None] = mapped_column(String(20))
    stage_group: Mapped[str | None] = mapped_column(String(20))
    stage_t: Mapped[str | None] = mapped_column(String(20))
    stage_n: Mapped[str | None] = mapped_column(String(20))
    stage_m: Mapped[str | None] = mapped_column(String(20))
    metastatic_sites: Mapped[list[Any] | None]
    disease_status: Mapped[str | None] = mapped_column(String(20))
    unusual_presentation: Mapped[Words | None]
    other_codes: Mapped[list[Any] | None]
    first_opinion_organization_id: Mapped[UUID | None] = to("organization")
    first_opinion_name: Mapped[Name | None]
    treatments_recorded: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    patient: Mapped[Patient] = relationship(lazy="raise")
    biomarkers: Mapped[list["Biomarker"]] = relationship(
        lazy="raise", order_by="Biomarker.position", cascade="all, delete-orphan"
    )
    treatments: Mapped[list["Treatment"]] = relationship(
        lazy="raise", order_by="Treatment.position", cascade="all, delete-orphan"
    )


class Biomarker(Base):
    __tablename__ = "biomarker"
    __table_args__ = (Index(None, "diagnosis_id"),)

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    diagnosis_id: Mapped[UUID] = to("diagnosis")
    position: Mapped[int]
    name: Mapped[Name]
    value: Mapped[Name | None]
    method: Mapped[Name | None]
    date: Mapped[str | None] = mapped_column(String(10))


class Treatment(Base):
    """One line or act of treatment. Line 0 is surgery or what came before the lines."""

    __tablename__ = "treatment"
    __table_args__ = (
        Index(None, "diagnosis_id"),
        CheckConstraint("line >= 0", name="line_not_negative"),
        one_of("modality", Modality),
        one_of("intent", Intent),
        one_of("status", TreatmentStatus),
        one_of("best_response", BestResponse),
    )

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    diagnosis_id: Mapped[UUID] = to("diagnosis")
    position: Mapped[int]
    line: Mapped[int | None]
    modality: Mapped[str] = mapped_column(String(20))
    regimen: Mapped[Name | None]
    intent: Mapped[str | None] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20), default="given")
    started_on: Mapped[str | None] = mapped_column(String(10))
    ended_on: Mapped[str | None] = mapped_column(String(10))
    best_response: Mapped[str | None] = mapped_column(String(5))
    stop_reason: Mapped[Words | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
