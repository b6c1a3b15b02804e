"""An operator lists and erases whose time is over; the worker does so by night where a period is set."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import func, select, text

from referrals.models.patient import Patient
from referrals.models.trail import AuditEntry
from referrals.pathway.actions import take_step
from referrals.pathway.intake import receive
from referrals.worker.jobs import JOBS
from referrals.worker.loop import Worker
from referrals.worker.papers import Papers
from tests import factories

BORN = datetime.now(UTC)
LATER = timedelta(days=800)


@pytest.fixture
def withdrawn(app):
    """Two referrals of two patients, of which one has ended."""
    with app.extensions["database"].writing() as session:
        world = factories.settled(session, BORN - timedelta(days=90))
        actor = factories.client_actor(world, "lakeside")
        patient = factories.patient(1) | {"family_name": "Quetzalcoatlus"}
        ended = receive(session, actor, factories.packet(1, patient=patient), door="json", now=BORN)
        receive(session, actor, factories.packet(2), door="json", now=BORN)
        take_step(session, actor, ended.id, "withdraw", {"reason": "patient_choice"}, BORN)
    return ended


def run(app, *words):
    told = app.test_cli_runner().invoke(args=["retention", *words])
    return told.exit_code, told.output


def erased(app):
    with app.extensions["database"].reading() as session:
        return session.scalar(select(func.count()).where(Patient.erased_at.is_not(None)))


def bytes_of(app):
    """The file of SQLite and its log; of PostgreSQL what it answers."""
    database = app.extensions["database"]
    if database.engine.dialect.name == "sqlite":
        file = str(database.engine.url.database)
        return b"".join(each.read_bytes() for end in ("", "-wal") if (each := Path(file + end)).exists())
    with database.reading() as session:
        return str(session.execute(text("SELECT * FROM patient")).all()).encode()


@time_machine.travel(BORN + LATER)
def test_an_operator_lists_looks_and_erases_and_nothing_is_left_in_the_file(app, withdrawn):
    day = f"{BORN + timedelta(days=2):%Y-%m-%d}"
    line = f"{BORN:%Y-%m-%d}  {withdrawn.reference}\n1 due, 0 on hold.\n"
    assert run(app, "due")[0] == 2
    assert run(app, "erase", "--due")[0] == 2
    assert run(app, "erase")[0] == 2
    assert run(app, "due", "--before", day) == (0, line)
    assert run(app, "erase", "--before", day, "--dry-run") == (0, line)
    assert (erased(app), b"Quetzalcoatlus" in bytes_of(app)) == (0, True)
    assert run(app, "erase", "--before", day) == (0, "1 erased, 0 kept.\n")
    assert (erased(app), b"uetzalcoatlus" in bytes_of(app)) == (1, False)
    assert run(app, "due", "--before", day) == (0, "0 due, 0 on hold.\n")
    assert run(app, "due", "--before", "2999-01-01")[0] == 2


@pytest.mark.parametrize(("years", "gone"), [(None, 0), (3, 0), (2, 1)])
def test_the_worker_erases_by_night_only_where_a_period_is_set(app, withdrawn, years, gone):
    database = app.extensions["database"]
    papers = Papers(app.extensions["archive"].store)
    jobs = tuple(each for each in JOBS if each.name == "erase")
    worker = Worker(database, app.extensions["keys"], papers, lambda session: BORN + LATER, jobs, retention_years=years)
    assert worker.round()
    assert erased(app) == gone
    with database.reading() as session:
        said = session.scalars(select(AuditEntry).where(AuditEntry.action == "erase")).all()
    assert [(each.detail, str(withdrawn.patient_id) in each.ids) for each in said] == [({}, True)] * gone
