"""The worker is killed while it reads a file of referrals: the next goes on, no line is lost and none comes in twice."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO

import pytest
from sqlalchemy import func, select, update

from referrals.boundary.files import open_archive
from referrals.boundary.importing.lines import BEGINNING
from referrals.domain.imports import BATCH, ImportForm
from referrals.models.import_run import ImportLine, ImportRun
from referrals.models.referral import Referral
from referrals.models.trail import Receipt
from referrals.pathway.import_work import LeaseLost, claim, lay_down
from referrals.pathway.imports import Arrived, ask_for_import, put_away
from referrals.pathway.integrity.check import prove
from referrals.worker.importing import take_in_some
from tests.factories import client_actor, packet, patient, settled
from tests.faults.workers import Workers, kill, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]

WORKER = """
import os
from config import settings_from
from referrals.boundary.files import open_archive
from referrals.boundary.key_files import keys_of
from referrals.models.engine import Database
from referrals.models.vault import Vault
from referrals.worker.jobs import JOBS
from referrals.worker.loop import Worker
from referrals.worker.papers import Papers
from tests.faults.workers import stand_ready

settings = settings_from(os.environ)
jobs = [job for job in JOBS if job.name == "run imports"]
stand_ready()
database = Database(settings.database_url, vault=Vault(keys_of(settings)))
Worker(database, b"", Papers(open_archive(settings).store), jobs=jobs).run(0.05)
"""


def lines(count):
    """Every seventh is refused by its form, every thirty-first only once half of its rows are written."""
    for number in range(count):
        changes = {"questions": []} if number % 7 == 3 else {}
        changes |= {"preferences": {"center": "nowhere"}} if number % 31 == 5 else {}
        yield (
            json.dumps(packet(number, patient=patient(number, given_name=f"Ada {number}"), **changes)).encode() + b"\n"
        )


@pytest.fixture
def run(database, settings):
    """`run(300)`: an import of that many lines that waits for a worker."""

    def run(count):
        with database.writing() as session:
            actor = client_actor(settled(session), "lakeside")
        content = b"".join(lines(count))
        arrived = Arrived(ImportForm.NDJSON, BytesIO(content), len(content), "0" * 64, count, None, BEGINNING)
        kept = put_away(actor, arrived, open_archive(settings).store)
        with database.writing() as session:
            return ask_for_import(session, actor, kept, datetime.now(UTC)).id

    return run


@pytest.fixture
def workers(settings):
    with Workers(WORKER, {"DATABASE_URL": settings.database_url, "DATA_DIR": str(settings.data_dir)}) as workers:
        yield workers


def count(database, table, *where):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where))


def let_lease_run_out(database):
    with database.writing() as session:
        long_ago = ImportRun.asked_at
        session.execute(update(ImportRun).where(ImportRun.lease.is_not(None)).values(lease_until=long_ago))


def assert_whole(database, number):
    with database.reading() as session:
        row = session.scalars(select(ImportRun)).one()
        told = session.scalars(select(ImportLine).order_by(ImportLine.line)).all()
        kept = set(session.scalars(select(Referral.id)))
        assert [finding for finding in prove(session, datetime.now(UTC)) if not finding.holds] == []
    assert (row.status, [each.line for each in told]) == ("done", list(range(1, number + 1)))
    outcomes = Counter(each.outcome for each in told)
    refused = {place for place in range(number) if place % 7 == 3 or place % 31 == 5}
    assert outcomes == {"accepted": number - len(refused), "refused": len(refused)}
    assert outcomes == {"accepted": row.accepted, "refused": row.refused}
    assert {each.referral_id for each in told if each.referral_id} == kept
    assert count(database, Receipt) == number


@pytest.mark.parametrize(
    ("databases", "kills"),
    [("postgresql", 2), *(pytest.param(kind, 30, marks=pytest.mark.long) for kind in ("sqlite", "postgresql"))],
    indirect=["databases"],
)
def test_a_killed_import_goes_on_without_losing_a_line_or_taking_one_twice(database, workers, run, kills):
    number = BATCH * 2 * (kills + 1)
    run(number)
    for _ in range(kills):
        before = count(database, ImportLine)
        worker = workers.take()
        wait_until(lambda before=before: count(database, ImportLine) > before)
        kill(worker)
        let_lease_run_out(database)
    last = workers.take()
    wait_until(
        lambda: count(database, ImportRun, ImportRun.status == "done") == 1,
        moving=lambda: count(database, ImportLine),
    )
    kill(last)
    assert_whole(database, number)


def test_two_workers_share_the_imports_and_none_reads_the_other_s_lines(database, settings, run):
    run(BATCH * 2)
    store = open_archive(settings).store

    def work(_):
        for _ in range(4):
            take_in_some(database, lambda session: datetime.now(UTC), store, 0.0)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    assert_whole(database, BATCH * 2)


def test_a_worker_that_was_stopped_past_its_lease_writes_nothing(database, run):
    run(1)
    with database.writing() as session:
        late = claim(session, datetime.now(UTC))
    let_lease_run_out(database)
    with database.writing() as session:
        mine = claim(session, datetime.now(UTC))
        assert claim(session, datetime.now(UTC)) is None
    with pytest.raises(LeaseLost), database.writing() as session:
        lay_down(session, late, datetime.now(UTC))
    with database.writing() as session:
        lay_down(session, mine, datetime.now(UTC))
