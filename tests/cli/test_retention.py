"""An operator lists and erases whose time is over; the worker does so by night where a period is set."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import func, select, text

from referrals.boundary import erasing
from referrals.models import engine
from referrals.models.base import new_id
from referrals.models.document import Document
from referrals.models.patient import Patient
from referrals.models.referral import Referral
from referrals.models.storage import Missing
from referrals.models.trail import AuditEntry
from referrals.pathway.actions import take_step
from referrals.pathway.documents import key_of
from referrals.pathway.intake import receive
from referrals.worker.jobs import JOBS
from referrals.worker.loop import Worker
from referrals.worker.papers import Papers
from tests import factories
from tests.papers import PDF

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


class DiesAfterTheCommit:
    """The storage of a process that is killed once the rows are gone, and before the first file is."""

    def __init__(self, store):
        self.store = store

    def __getattr__(self, name):
        return getattr(self.store, name)

    def remove(self, key):
        raise Killed


class Killed(BaseException):
    pass


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@time_machine.travel(BORN + LATER)
def test_what_a_killed_run_left_in_the_log_is_wiped_by_the_next_also_where_nobody_is_due(app, withdrawn, monkeypatch):
    words = ("erase", "--before", f"{BORN + timedelta(days=2):%Y-%m-%d}")
    with monkeypatch.context() as killed:
        killed.setattr(erasing, "wipe", lambda database: 1 / 0)
        assert run(app, *words)[0] == 1
    assert (erased(app), b"uetzalcoatlus" in bytes_of(app)) == (1, True)
    assert run(app, *words) == (0, "0 erased, 0 kept.\n")
    assert b"uetzalcoatlus" not in bytes_of(app)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@time_machine.travel(BORN + LATER)
def test_an_operator_hears_that_the_log_could_not_be_wiped_while_somebody_read(app, withdrawn, monkeypatch):
    words = ("erase", "--before", f"{BORN + timedelta(days=2):%Y-%m-%d}")
    monkeypatch.setattr(engine, "SQLITE_PRAGMAS", (*engine.SQLITE_PRAGMAS, "busy_timeout = 1"))
    with app.extensions["database"].reading() as session:
        session.execute(select(Patient.id)).all()
        status, said = run(app, *words)
        assert (status, "1 erased" in said, "run this again" in said) == (1, True, True)
        assert b"uetzalcoatlus" in bytes_of(app)
    assert run(app, *words) == (0, "0 erased, 0 kept.\n")
    assert b"uetzalcoatlus" not in bytes_of(app)


@time_machine.travel(BORN + LATER)
def test_the_files_of_an_erased_patient_go_also_where_somebody_was_killed_in_between(app, withdrawn, monkeypatch):
    database, archive = app.extensions["database"], app.extensions["archive"]
    with database.writing() as session:
        referral = session.get_one(Referral, withdrawn.id)
        key = key_of(referral.network_id, made := new_id())
        session.add(
            Document(
                id=made, network_id=referral.network_id, referral_id=referral.id, version=1, kind="pathology",
                name="finding.pdf", media_type="application/pdf", size=len(PDF), sha256=sha256(PDF).hexdigest(),
                is_of_opinion=False, scan="not_scanned", organization_id=referral.organization_id, attached_by="Lakeside",
                attached_at=BORN,
            )
        )  # fmt: skip
    archive.store.put(key, BytesIO(PDF))
    day = f"{BORN + timedelta(days=2):%Y-%m-%d}"
    monkeypatch.setitem(app.extensions, "archive", replace(archive, store=DiesAfterTheCommit(archive.store)))
    with pytest.raises(Killed):
        app.test_cli_runner().invoke(args=["retention", "erase", "--before", day], catch_exceptions=False)
    assert erased(app) == 1
    with archive.store.open(key) as left:
        assert left.read() == PDF
    worker = Worker(
        database, app.extensions["keys"], Papers(archive.store), lambda session: BORN + LATER + timedelta(days=2),
        tuple(each for each in JOBS if each.name == "clear files"),
    )  # fmt: skip
    assert worker.round()
    with pytest.raises(Missing):
        archive.store.open(key)
