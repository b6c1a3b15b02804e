"""The worker is killed while it hands letters to a real mail server: none is lost, and a kill costs one duplicate at most."""

import random
import time
from collections import Counter

import pytest
from sqlalchemy import func, select, update

from referrals.models.delivery import Delivery
from referrals.models.engine import Database
from referrals.models.trail import Event, Notification, Outbox
from tests.faults.workers import Workers, kill, wait_until
from tests.small_network import send, settle_down, step
from tests.worker.post_office import opened

LETTERS_A_KILL = 4
pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

# Only what concerns letters: a worker that has many other jobs is killed in those more often than not.
WORKER = """
import os
from config import settings_from
from referrals.models.engine import Database
from referrals.worker.jobs import JOBS
from referrals.worker.loop import Worker
from referrals.boundary.stationery import stationery
from referrals.worker.mail import sender_of
from tests.faults.workers import stand_ready

settings = settings_from(os.environ)
jobs = [job for job in JOBS if job.name in {"tell people", "send mail"}]
stand_ready()
worker = Worker(Database(settings.database_url), b"", jobs=jobs, mail=stationery(settings), post=sender_of(settings))
worker.run(0.01)
"""


@pytest.fixture
def office():
    with opened() as office:
        office.seconds = 0.02
        yield office


def unfinished(database: Database) -> int:
    with database.reading() as session:
        told = session.scalar(select(func.count()).select_from(Outbox).where(Outbox.done_at.is_(None)))
        sent = session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state != "done"))
        return int(told or 0) + int(sent or 0)


def let_leases_run_out(database: Database) -> None:
    """The dead worker's two minutes pass."""
    with database.writing() as session:
        over = session.scalar(select(func.min(Delivery.created_at)))
        session.execute(update(Delivery).where(Delivery.state == "leased").values(lease_until=over))


@pytest.mark.parametrize("kills", [10, pytest.param(50, marks=pytest.mark.long)])
def test_no_letter_is_lost_and_each_kill_costs_one_duplicate_at_most(database, database_url, office, kills):
    with database.writing() as session:
        people = settle_down(session)
    smtp = {"SMTP_URL": f"smtp://127.0.0.1:{office.port}", "MAIL_FROM": "mail@referrals.example"}
    settings = smtp | {"DATABASE_URL": database_url, "BASE_URL": "https://referrals.example"}
    with Workers(WORKER, settings) as workers:
        for _ in range(kills):
            with database.writing() as session:
                for referral in [send(session, people) for _ in range(LETTERS_A_KILL // 2)]:
                    step(session, people.coordinator, referral, "claim")
            before = len(office.letters)
            worker = workers.take()
            wait_until(lambda before=before: len(office.letters) > before)
            time.sleep(random.uniform(0, 0.08))
            kill(worker)
            let_leases_run_out(database)
        last = workers.take()
        wait_until(lambda: unfinished(database) == 0)
        kill(last)
    with database.reading() as session:
        wanted = set(session.scalars(select(Delivery.message_id)))
        events = session.scalar(select(func.count()).select_from(Event).where(Event.step.in_(("submit", "claim"))))
        notices = session.execute(select(Notification.event_id, Notification.user_id)).all()
    arrived = Counter(str(letter["Message-ID"]) for letter in office.letters)
    assert len(notices) == len(set(notices)) == len(wanted) == events == kills * LETTERS_A_KILL
    assert set(arrived) == wanted, "nothing is lost, and a letter that came twice bears one name"
    assert sum(arrived.values()) - len(wanted) <= kills
