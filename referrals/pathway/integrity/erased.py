"""The invariant of erasing: of a patient who was erased no word is left, and none was erased under a hold."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, String, Table, cast, func, or_, select

from referrals.domain.data_map import ERASED, PATIENTS, Fate, Period
from referrals.models.base import Base
from referrals.models.patient import Patient
from referrals.models.referral import Referral
from referrals.models.retention import LegalHold
from referrals.pathway.integrity.finding import Break, Invariant, Look
from referrals.pathway.retention.reach import of_patients

_GONE = select(Patient.id).where(Patient.erased_at.is_not(None))
# What a column must not hold any more. Codes that were cut out are held by the trigger that let them be.
_EMPTY: Mapping[Fate, str] = {Fate.EMPTIED: "", Fate.WORD: ERASED, Fate.LIST: "[]", Fate.OBJECT: "{}"}


def words_that_are_left(look: Look) -> Iterator[Break]:
    for name, kept in PATIENTS.items():
        table = Base.metadata.tables[name]
        key = next(iter(table.primary_key))
        left = _left(table, kept.erased) if kept.period is not Period.REMOVED else key.is_not(None)
        if left is not None:
            for row in look.rows(select(key).where(of_patients(table, _GONE), left)):
                yield Break(f"{name} {row[0]}", "still says something of a patient who was erased")
    yield from _half_erased(look)


def _left(table: Table, erased: Mapping[str, Fate]) -> ColumnElement[bool] | None:
    tests = [cast(table.c[name], String) != _EMPTY[fate] for name, fate in erased.items() if fate in _EMPTY]
    return or_(*tests) if tests else None


def _half_erased(look: Look) -> Iterator[Break]:
    apart = select(Referral.reference).join(Patient, Patient.id == Referral.patient_id)
    for row in look.rows(apart.where(Referral.erased_at.is_distinct_from(Patient.erased_at))):
        yield Break(row.reference, "is erased, and its patient is not, or the other way round")
    held = select(LegalHold.id).where(LegalHold.patient_id.in_(_GONE), LegalHold.lifted_at.is_(None))
    for row in look.rows(held):
        yield Break(f"legal_hold {row.id}", "stands for a patient who was erased")


def erased_so_far(look: Look) -> dict[str, Any]:
    return {"erased": look.session.scalar(select(func.count()).select_from(_GONE.subquery())) or 0}


ERASING = (
    Invariant(
        "erased",
        "Of a patient who was erased no word is left, and none was erased under a hold",
        Patient,
        words_that_are_left,
        erased_so_far,
    ),
)
