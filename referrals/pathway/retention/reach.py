"""Which rows of a table speak of one patient, by the way that leads from them to the patient."""

from collections.abc import Mapping
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
    if table.name == Patient.__tablename__:
        found: ColumnElement[bool] = table.c.id == patient_id
        return found
    name = next(each for each in WAYS if each in table.c)
    return table.c[name].in_(_ids(WAYS[name], patient_id))


def _ids(parent: type[Base], patient_id: UUID) -> Select[Any]:
    table: Any = parent.__table__
    return select(table.c.id).where(of_patient(table, patient_id))
