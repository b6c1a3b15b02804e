"""Which rows of a table speak of one patient, by the way that leads from them to the patient."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, select

from referrals.models.base import Base
from referrals.models.diagnosis import Diagnosis
from referrals.models.opinion import Opinion, Recommendation
from referrals.models.patient import Patient
from referrals.models.question import InformationRequest
from referrals.models.referral import Referral

# The first of these columns that a table has leads to the patient, by way of the table beside it.
WAYS: Mapping[str, type[Base]] = {
    "patient_id": Patient,
    "referral_id": Referral,
    "diagnosis_id": Diagnosis,
    "opinion_id": Opinion,
    "recommendation_id": Recommendation,
    "request_id": InformationRequest,
}


def of_patient(table: Table, patient_id: UUID) -> ColumnElement[bool]:
    return of_patients(table, [patient_id])


def of_patients(table: Table, patients: Sequence[UUID] | Select[Any]) -> ColumnElement[bool]:
    if table.name == Patient.__tablename__:
        found: ColumnElement[bool] = table.c.id.in_(patients)
        return found
    name = next(each for each in WAYS if each in table.c)
    parent: Any = WAYS[name].__table__
    if parent.name == Patient.__tablename__:
        return table.c[name].in_(patients)
    return table.c[name].in_(select(parent.c.id).where(of_patients(parent, patients)))
