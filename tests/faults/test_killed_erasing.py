"""Erasing is killed again and again: nobody is ever half erased, and whoever runs it again finishes it."""

import random
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from referrals.domain.vocabulary import DocumentKind
from referrals.models.patient import Patient
from referrals.models.referral import Referral
from referrals.models.storage import Missing
from referrals.models.trail import AuditEntry
from referrals.pathway.actions import take_step
from referrals.pathway.documents import Sent, attach, file_away, key_of
from referrals.pathway.intake import receive
from referrals.pathway.integrity.check import prove
from referrals.worker.jobs import JOBS
from referrals.worker.loop import Worker
from referrals.worker.papers import Papers
from tests.factories import client_actor, packet, patient, settled
from tests.faults.workers import Workers, kill, wait_until
from tests.papers import PDF

pytestmark = pytest.mark.faults

ERASING = """
import os
import time_machine
from config import settings_from
from referrals.app import create_app
from tests.faults.workers import stand_ready

app = create_app(settings_from(os.environ))
stand_ready()
with time_machine.travel("{later}"):
    app.test_cli_runner().invoke(args={erase})
"""
CANARY = "Quetzalcoatlus"
ENDED = datetime.now(UTC)
LATER = ENDED + timedelta(days=800)
ERASE = ("retention", "erase", "--before", f"{ENDED + timedelta(days=2):%Y-%m-%d}")
EACH = 6  # patients to a kill
PAUSE = 0.02  # about as long as one patient takes: the kill comes at any moment of it


@pytest.fixture
def erasings(settings):
    told = {"DATABASE_URL": settings.database_url, "DATA_DIR": str(settings.data_dir)}
    with Workers(ERASING.format(later=LATER.isoformat(), erase=ERASE), told) as erasings:
        yield erasings


@pytest.fixture
def papers(app, database, kills):
    """The file of each patient, all of whom may be erased."""
    archive, papers = app.extensions["archive"], {}
    with database.writing() as session:
        actor = client_actor(settled(session, ENDED - timedelta(days=90)), "lakeside")
        for number in range(EACH * (kills + 1)):
            who = patient(number) | {"family_name": CANARY}
            referral = receive(session, actor, packet(number, patient=who), door="json", now=ENDED)
            sent = Sent("finding.pdf", BytesIO(PDF), len(PDF), "0" * 64)
            filed = file_away(session, actor, referral.id, sent, archive, ENDED)
            attach(session, actor, referral.id, DocumentKind.PATHOLOGY, filed, archive, ENDED)
            take_step(session, actor, referral.id, "withdraw", {"reason": "patient_choice"}, ENDED)
            papers[referral.patient_id] = key_of(referral.network_id, filed.id)
    return papers


def lies_there(store, key):
    try:
        with store.open(key) as file:
            return file.read() == PDF
    except Missing:
        return False


def erased(database, store, papers):
    """Who is erased. Whoever is, is so wholly and on record; whoever is not, has every word and the file."""
    there = {who for who, key in papers.items() if lies_there(store, key)}
    with database.reading() as session:
        marked = select(Patient.id, Patient.erased_at, Referral.erased_at, Patient.family_name).join(Referral)
        rows = session.execute(marked).all()
        noted = session.scalars(select(AuditEntry.ids).where(AuditEntry.action == "erase")).all()
    gone = {who for who, patient_gone, *_ in rows if patient_gone is not None}
    assert [(at, name == CANARY) for _, _, at, name in rows] == [(at, at is None) for _, at, *_ in rows]
    assert sorted(str(who) for who in gone) == sorted(ids[0] for ids in noted)
    assert papers.keys() - gone <= there
    return gone


@pytest.mark.parametrize(
    ("databases", "kills"),
    [
        ("sqlite", 1),
        ("postgresql", 1),
        *(pytest.param(kind, 30, marks=pytest.mark.long) for kind in ("sqlite", "postgresql")),
    ],
    indirect=["databases"],
)
def test_nobody_is_half_erased_by_whomever_it_is_killed_and_the_next_run_finishes(
    app, database, papers, erasings, kills
):
    store = app.extensions["archive"].store
    for _ in range(kills):
        before = len(erased(database, store, papers))
        erasing = erasings.take()
        wait_until(lambda before=before: len(erased(database, store, papers)) > before)
        time.sleep(random.uniform(0, PAUSE))
        kill(erasing)
    left = len(papers) - len(erased(database, store, papers))
    assert left
    with time_machine.travel(LATER):
        done = app.test_cli_runner().invoke(args=ERASE)
    assert (done.exit_code, done.output) == (0, f"{left} erased, 0 kept.\n")
    clearing = tuple(job for job in JOBS if job.name == "clear files")
    later = datetime.now(UTC) + timedelta(days=2)  # by the clock of the files
    assert Worker(database, app.extensions["keys"], Papers(store), lambda session: later, clearing).round()
    assert erased(database, store, papers) == papers.keys()
    assert not any(lies_there(store, key) for key in papers.values())
    with database.reading() as session:
        broken = [finding for finding in prove(session, LATER) if not finding.holds]
    assert not broken
    if database.engine.dialect.name == "sqlite":
        file = Path(str(database.engine.url.database))
        assert not [each for each in file.parent.glob(f"{file.name}*") if CANARY.encode() in each.read_bytes()]
