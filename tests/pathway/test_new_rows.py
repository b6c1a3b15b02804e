"""Rows of an intake are written by plain statements, and are afterwards what an ordinary flush would have left."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from referrals.models.base import Base, new_id
from referrals.models.new_rows import write_and_let_go, write_new
from referrals.models.patient import Patient, PatientIdentifier
from referrals.models.referral import Referral
from referrals.models.trail import Event
from referrals.pathway import intake
from tests.factories import client_actor, diagnosis, packet
from tests.pathway.conftest import MONDAY_MORNING, Desk

SENT = {
    "whole": lambda: packet(1),
    "a draft that says next to nothing": lambda: {"external_reference": "D", "patient": {"given_name": "Ada"}},
    "no treatment and no marker": lambda: packet(2, treatments=[], diagnosis=diagnosis(biomarkers=[])),
    "two markers and a wish": lambda: packet(
        3, preferences={"remote": True}, diagnosis=diagnosis(biomarkers=[{"name": "KRAS", "value": "G12D"}] * 2)
    ),
}


def rows_left(session: Session) -> dict[str, list[Any]]:
    """Every row of every table, each id replaced by the place at which it first appears; what is locked never looks
    the same twice.
    """
    met: dict[UUID, int] = {}
    found = {}
    for table in Base.metadata.sorted_tables:
        told = [
            column for column in table.columns if column is not table.autoincrement_column and column.name != "locked"
        ]
        rows = session.execute(select(*told).order_by(*table.primary_key.columns)).mappings()
        found[table.name] = [{name: _placed(value, met) for name, value in row.items()} for row in rows]
    return found


def _placed(value: Any, met: dict[UUID, int]) -> Any:
    return met.setdefault(value, len(met)) if isinstance(value, UUID) else value


@pytest.mark.parametrize("sent", SENT.values(), ids=SENT)
def test_an_intake_leaves_the_same_rows_as_an_ordinary_flush(desk: Desk, monkeypatch, sent):
    left = []
    for write in (write_new, Session.flush):
        monkeypatch.setattr(intake, "write_new", write)
        turn = desk.session.begin_nested()
        actor = client_actor(desk.world, "lakeside")
        intake.receive(desk.session, actor, sent(), door="json", now=desk.now)
        left.append(rows_left(desk.session))
        turn.rollback()
        desk.session.expunge_all()
    assert left[0] == left[1]
    assert left[0]["referral"], "nothing came in"


def test_a_row_just_written_can_be_changed_and_its_version_still_guards_it(desk: Desk):
    referral = desk.receive()
    referral.summary = "The family asks for a second view."
    referral.version += 1
    desk.session.flush()
    read = select(Referral.summary, Referral.version)
    assert desk.session.execute(read).one() == ("The family asks for a second view.", 3)
    desk.session.connection().exec_driver_sql("UPDATE referral SET version = 7")
    referral.summary = "Written over what somebody else wrote."
    with pytest.raises(StaleDataError):
        desk.session.flush()


def a_patient(desk: Desk) -> Patient:
    home = desk.world.organizations["lakeside"]
    return Patient(
        id=new_id(),
        network_id=home.network_id,
        organization_id=home.id,
        given_name="Ada",
        family_name="Example",
        interpreter_needed=False,
        version=1,
        created_at=MONDAY_MORNING,
        updated_at=MONDAY_MORNING,
    )


def numbered(person: Patient, value: str) -> PatientIdentifier:
    return PatientIdentifier(
        id=new_id(),
        network_id=person.network_id,
        organization_id=person.organization_id,
        patient=person,
        system="urn:test",
        value=value,
    )


def test_what_was_changed_beside_what_is_new_is_written_too(desk: Desk):
    known = a_patient(desk)
    desk.session.add(known)
    desk.session.flush()
    known.language = "es"
    desk.session.add(numbered(known, "1"))
    write_new(desk.session)
    desk.session.expire_all()
    assert desk.session.scalar(select(Patient.language)) == "es"
    assert desk.session.scalar(select(PatientIdentifier.patient_id)) == known.id


def test_a_number_that_is_taken_is_refused_and_nothing_stays(desk: Desk):
    turn, person = desk.session.begin_nested(), a_patient(desk)
    desk.session.add_all([person, numbered(person, "1"), numbered(person, "1")])
    with pytest.raises(IntegrityError):
        write_new(desk.session)
    turn.rollback()
    assert desk.session.scalar(select(func.count()).select_from(Patient)) == 0


def test_nothing_is_written_twice(desk: Desk):
    desk.receive()
    before = desk.session.scalar(select(func.count()).select_from(Event))
    write_new(desk.session)
    desk.session.flush()
    assert desk.session.scalar(select(func.count()).select_from(Event)) == before


def test_rows_that_are_let_go_are_written_and_stay_nowhere_else(desk: Desk):
    person = a_patient(desk)
    desk.session.add_all([person, numbered(person, "1")])
    write_and_let_go(desk.session)
    assert not list(desk.session)
    assert desk.session.scalar(select(PatientIdentifier.patient_id)) == person.id
