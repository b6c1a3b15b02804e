"""Erases one patient: every word that says who it was, as the data map has it. Rows, times and codes stay."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table, case, delete, insert, literal, select, update
from sqlalchemy.orm import Session

from referrals.domain.data_map import ERASED, PATIENTS, Fate, Kept, Period
from referrals.domain.retention import ERASE, erased_words
from referrals.models.base import Base
from referrals.models.document import Document
from referrals.models.patient import Patient
from referrals.models.referral import Referral
from referrals.models.scrubbing import write_over
from referrals.models.trail import AuditEntry
from referrals.pathway.documents import key_of
from referrals.pathway.retention.due import is_held, stands_until
from referrals.pathway.retention.reach import of_patient

# What reports and the proof of the judgement read of an event and of a diagnosis.
OF_EVENT = ("asked", "blocking", "center")
OF_DIAGNOSIS = ("icd10cm", "morphology")


def erase(session: Session, patient_id: UUID, cutoff: datetime, now: datetime) -> list[str] | None:
    """The keys of the files that are to be removed once this is committed; None where something keeps the patient.

    What was true when the patient was listed is asked again under a lock, because a hold may have come meanwhile.
    """
    query = select(Patient.network_id, Patient.erased_at).where(Patient.id == patient_id)
    patient = session.execute(query.with_for_update()).one_or_none()
    if patient is None or patient.erased_at is not None or is_held(session, patient_id):
        return None
    if not stands_until(session, patient_id, cutoff):
        return None
    write_over(session)
    _mark(session, patient_id, now)
    for name, kept in PATIENTS.items():
        _take_out(session, Base.metadata.tables[name], kept, patient_id, now)
    _note(session, patient.network_id, patient_id, now)
    return _files(session, patient_id)


def _mark(session: Session, patient_id: UUID, now: datetime) -> None:
    """First, because it opens what is otherwise only added to."""
    for name in ("patient", "referral"):
        table = Base.metadata.tables[name]
        session.execute(update(table).where(of_patient(table, patient_id)).values(erased_at=now))


def _take_out(session: Session, table: Table, kept: Kept, patient_id: UUID, now: datetime) -> None:
    if kept.period is Period.REMOVED:
        session.execute(delete(table).where(of_patient(table, patient_id)))
        return
    columns = {table.c[name]: fate for name, fate in kept.erased.items()}
    plain = {column: _value(column, fate, now) for column, fate in columns.items() if fate is not Fate.CODES}
    reduced = [column for column, fate in columns.items() if fate is Fate.CODES]
    if reduced:
        _reduce(session, table, reduced[0], plain, patient_id)
    elif plain:
        session.execute(update(table).where(of_patient(table, patient_id)).values(plain))


def _reduce(session: Session, table: Table, column: Column[Any], plain: Mapping[Any, Any], patient_id: UUID) -> None:
    rows = session.execute(select(table.c.id, column).where(of_patient(table, patient_id))).all()
    for row_id, value in rows:
        reduced = {**plain, column: CODES[table.name](value)}
        session.execute(update(table).where(table.c.id == row_id).values(reduced))


def _value(column: Column[Any], fate: Fate, now: datetime) -> Any:
    if fate is Fate.EMPTIED:
        return None if column.nullable else ""
    if fate is Fate.WORD:
        return case((column.is_not(None), ERASED)) if column.nullable else ERASED
    value = {Fate.DATED: erased_words(now.date()), Fate.LIST: [], Fate.OBJECT: {}}[fate]
    return case((column.is_not(None), literal(value, column.type))) if column.nullable else value


def facts_in_codes(content: Mapping[str, Any]) -> dict[str, Any]:
    diagnosis = content.get("diagnosis") or {}
    return {"diagnosis": {name: diagnosis[name] for name in OF_DIAGNOSIS if name in diagnosis}}


def judgement_in_codes(judgement: Mapping[str, Any]) -> dict[str, Any]:
    verdicts = [{"criterion": each["criterion"], "verdict": each["verdict"]} for each in judgement["criteria"]]
    return {"tier": judgement["tier"], "criteria": verdicts}


def event_in_codes(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name in OF_EVENT}


CODES: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "facts": facts_in_codes,
    "assessment": judgement_in_codes,
    "event": event_in_codes,
}


def _note(session: Session, network_id: UUID, patient_id: UUID, now: datetime) -> None:
    referrals = session.scalars(select(Referral.id).where(Referral.patient_id == patient_id)).all()
    entry = {
        "network_id": network_id,
        "at": now,
        "action": ERASE,
        "entity": "patient",
        "ids": [str(each) for each in (patient_id, *referrals)],
        "detail": {},
    }
    session.execute(insert(AuditEntry), entry)


def _files(session: Session, patient_id: UUID) -> list[str]:
    table: Any = Document.__table__
    rows = session.execute(select(table.c.network_id, table.c.id).where(of_patient(table, patient_id)))
    return [key_of(network_id, document_id) for network_id, document_id in rows]
