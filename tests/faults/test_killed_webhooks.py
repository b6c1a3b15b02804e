"""The worker is killed between sending and settling: each message arrives, and one that comes twice bears one name."""

import random
import time
from collections import Counter

import pytest
from sqlalchemy import func, select, update

from referrals.domain.people import Scope
from referrals.domain.webhooks import AT_ONCE
from referrals.models.engine import Database
from referrals.models.webhook import WebhookDelivery
from referrals.pathway import webhooks as steering
from referrals.pathway.at_rest import Vault
from referrals.pathway.clients import actor_for_client, create_client
from tests.boundary.receiver import receiving, says
from tests.databases import KINDS
from tests.faults.workers import Workers, kill, wait_until
from tests.small_network import NOW, People, send, settle_down

SECRET = "a secret that is long enough"
MESSAGES_A_KILL = 4
pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

# Only what concerns webhooks: a worker that has many other jobs is killed in those more often than not.
WORKER = """
import os
from config import settings_from
from referrals.models.engine import Database
from referrals.worker.jobs import JOBS
from referrals.worker.loop import Worker
from referrals.worker.webhooks import postmen_of
from tests.faults.workers import stand_ready

settings = settings_from(os.environ)
jobs = [job for job in JOBS if job.name in {"number events", "fan out webhooks", "send webhooks"}]
stand_ready()
Worker(Database(settings.database_url), b"", jobs=jobs, postmen=postmen_of(settings)).run(0.01)
"""


def subscribed(database: Database, url: str) -> People:
    with database.writing() as session:
        people = settle_down(session)
        client, _ = create_client(session, people.network, "system", [Scope.WEBHOOKS_WRITE], NOW)
        wish = {"url": url, "topics": ["referral.submitted"]}
        steering.subscribe(session, actor_for_client(client, people.network), wish, Vault(SECRET), NOW)
    return people


def slowly(handler, heard):
    time.sleep(0.02)
    says(200)(handler, heard)


def unfinished(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).where(WebhookDelivery.state != "done")) or 0


def handed_out(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(WebhookDelivery)) or 0


def let_leases_run_out(database: Database) -> None:
    """The dead worker's two minutes pass, and its failure is not held against the endpoint."""
    with database.writing() as session:
        leased = update(WebhookDelivery).where(WebhookDelivery.state == "leased")
        session.execute(leased.values(lease_until=WebhookDelivery.created_at))


@pytest.mark.parametrize(
    ("databases", "kills"),
    [("postgresql", 2), *(pytest.param(kind, 50, marks=pytest.mark.long) for kind in KINDS)],
    indirect=["databases"],
)
def test_no_message_is_lost_and_a_kill_repeats_what_was_on_its_way_and_nothing_else(database, database_url, kills):
    with receiving(slowly) as receiver:
        people = subscribed(database, receiver.url)
        settings = {"DATABASE_URL": database_url, "SECRET_KEY": SECRET, "OUTGOING_ALLOW": "127.0.0.1"}
        with Workers(WORKER, settings) as workers:
            for _ in range(kills):
                with database.writing() as session:
                    for _ in range(MESSAGES_A_KILL):
                        send(session, people)
                before = len(receiver.heard)
                worker = workers.take()
                wait_until(lambda before=before: len(receiver.heard) > before)
                time.sleep(random.uniform(0, 0.05))
                kill(worker)
                let_leases_run_out(database)
            last = workers.take()
            wait_until(lambda: handed_out(database) == kills * MESSAGES_A_KILL and unfinished(database) == 0)
            kill(last)
    with database.reading() as session:
        wanted = {row.webhook_id for row in session.scalars(select(WebhookDelivery))}
    arrived = Counter(heard.headers["webhook-id"] for heard in receiver.heard)
    assert set(arrived) == wanted, "nothing is lost, and a message that came twice bears one name"
    assert max(arrived.values()) <= 1 + kills
    assert sum(arrived.values()) - len(wanted) <= kills * AT_ONCE
