"""Two web and two worker processes on one PostgreSQL, an unreliable receiver, and kills: every message arrives."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Lock
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from standardwebhooks import Webhook, WebhookVerificationError

from referrals.boundary.clock import now
from referrals.domain.webhooks import FAILURES_TO_OPEN
from referrals.models.engine import Database
from referrals.models.webhook import WebhookDelivery as Delivery, WebhookSubscription as Subscription
from tests.boundary.receiver import Heard, Receiver, receiving, says
from tests.factories import packet, settle, token
from tests.faults.servers import SECRET, Server
from tests.faults.test_killed_server import SENDERS
from tests.faults.workers import Workers, kill

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]

ENDPOINTS = 5
ALLOW = {"OUTGOING_ALLOW": "127.0.0.1"}
GUNICORN = "gunicorn --workers=2 --threads=4 --bind={address}"
WORKER = """
import os
from config import settings_from
from referrals.models.engine import Database
from referrals.worker.jobs import JOBS
from referrals.worker.loop import Worker
from referrals.worker.webhooks import postmen_of
from tests.faults.workers import stand_ready

settings = settings_from(os.environ)
jobs = [job for job in JOBS if job.name in ("number events", "fan out webhooks", "send webhooks")]
stand_ready()
Worker(Database(settings.database_url), b"", jobs=jobs, postmen=postmen_of(settings)).run(0.2)
"""


takes = says(200)


def drops(handler: BaseHTTPRequestHandler, heard: Heard) -> None:
    """Hangs up without a word."""
    handler.close_connection = True


def dawdles(handler: BaseHTTPRequestHandler, heard: Heard) -> None:
    time.sleep(0.2)
    takes(handler, heard)


MOODS = ((takes, 74), (dawdles, 5), (says(500), 12), (drops, 8), (says(503, Retry_After="1"), 1))
KIND = (takes, dawdles)


@dataclass
class Unreliable:
    """Fails at random; the first endpoint lies down until its circuit was seen open. It remembers what it answered.

    `failures` are told by the name of the message, `forged` are those whose signature does not hold.
    """

    secrets: dict[str, str] = field(default_factory=dict)
    arrived: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    forged: list[str] = field(default_factory=list)
    was_spared: bool = False
    chance: random.Random = field(default_factory=random.Random)
    lock: Lock = field(default_factory=Lock)

    def __call__(self, handler: BaseHTTPRequestHandler, heard: Heard) -> None:
        name = heard.headers["webhook-id"]
        with self.lock:
            is_down = heard.path == "/0" and not self.was_spared
            mood = says(500) if is_down else self.chance.choices(*zip(*MOODS, strict=True))[0]
            self.arrived[name] += 1
            self.failures[name] += mood not in KIND
        try:
            Webhook(self.secrets[heard.path]).verify(heard.body, heard.headers)
        except WebhookVerificationError:
            self.forged.append(name)
        mood(handler, heard)


def subscribe(server: Server, bearer: str, receiver: Receiver) -> dict[str, str]:
    """One subscription for each endpoint of the receiver; the secrets by its paths."""
    secrets = {}
    for path in (f"/{number}" for number in range(ENDPOINTS)):
        wish = {"url": f"http://127.0.0.1:{receiver.port}{path}", "topics": ["referral.submitted"]}
        status, made = server.answer("POST", "/api/v1/subscriptions", wish, {"Authorization": f"Bearer {bearer}"})
        assert status == 201, made
        secrets[path] = made["secret"]
    return secrets


@contextmanager
def sending(server: Server, bearer: str, count: int) -> Iterator[list[Future[int]]]:
    """So many referrals, by calls to both web processes, several at once."""

    def send(number: int) -> int:
        headers = {"Authorization": f"Bearer {bearer}"}
        return server.answer("POST", "/api/v1/referrals", packet(number), headers)[0]

    with ThreadPoolExecutor(SENDERS) as pool:
        yield [pool.submit(send, number) for number in range(1, count + 1)]


def hurry(database: Database) -> None:
    """What waits for another try need not wait five minutes by the test's clock."""
    waits = (Delivery.state == "waiting", Delivery.attempts > 0, Delivery.next_at > now())
    some = select(Delivery.id).where(*waits).with_for_update(skip_locked=True)
    with database.writing() as session:
        session.execute(update(Delivery).where(Delivery.id.in_(session.scalars(some).all())).values(next_at=now()))


def leases(database: Database) -> dict[UUID, UUID]:
    with database.reading() as session:
        query = select(Delivery.id, Delivery.lease_token).where(Delivery.lease_token.is_not(None))
        return {row.id: row.lease_token for row in session.execute(query)}


def bury(database: Database, orphaned: Counter[str]) -> None:
    """The two minutes of a dead worker pass: for what nobody settles, and for an endpoint that it was to try."""
    held = leases(database)
    time.sleep(1)
    still = {each for each, token in leases(database).items() if held.get(each) == token}
    orphaned.update(f"msg_{each.hex}" for each in still)
    with database.writing() as session:  # apart from the next: workers lock an endpoint before its messages
        over = {"lease_until": Delivery.created_at}
        session.execute(update(Delivery).where(Delivery.id.in_(still), Delivery.state == "leased").values(over))
    with database.writing() as session:
        tried = select(Delivery.subscription_id).where(Delivery.id.in_(still))
        session.execute(update(Subscription).where(Subscription.id.in_(tried)).values(spared_until=None))


def circuits(database: Database) -> list[int]:
    """How many failures in a row each endpoint has."""
    with database.reading() as session:
        return list(session.scalars(select(Subscription.failures)))


def drained(database: Database, count: int) -> bool:
    with database.reading() as session:
        return session.scalar(select(func.count()).where(Delivery.state == "done")) == count


def drain(database: Database, workers: Workers, receiver: Unreliable, count: int, kills: int) -> Counter[str]:
    """Until everything is delivered; what the dead left in mid-air."""
    orphaned, deadline = Counter[str](), time.monotonic() + 1000
    alive = [workers.take(), workers.take()]
    killed_at = [count * place // (kills + 1) for place in range(1, kills + 1)]
    while not drained(database, count):
        assert time.monotonic() < deadline, f"it does not get on: {circuits(database)}"
        receiver.was_spared = receiver.was_spared or max(circuits(database)) >= FAILURES_TO_OPEN
        if killed_at and receiver.arrived.total() >= killed_at[0]:
            killed_at.pop(0)
            kill(alive.pop(random.randrange(len(alive))))
            alive.append(workers.take())
            bury(database, orphaned)
        hurry(database)
        time.sleep(0.2)
    assert killed_at == []
    return orphaned


@pytest.mark.parametrize(
    ("databases", "referrals", "kills"),
    [("postgresql", 20, 1), pytest.param("postgresql", 1_000, 20, marks=pytest.mark.long)],
    indirect=["databases"],
)
def test_each_message_arrives_and_none_more_often_than_kills_and_failures_explain(
    database: Database, database_url: str, tmp_path: Path, referrals: int, kills: int
) -> None:
    with database.writing() as session:
        world = settle(session)
    bearer, unreliable = token(database, world, "lakeside"), Unreliable()
    settings = ALLOW | {"DATABASE_URL": database_url, "SECRET_KEY": SECRET, "DATA_DIR": str(tmp_path)}
    server = Server(database_url, tmp_path, GUNICORN, **ALLOW)
    try:
        with receiving(unreliable) as receiver, Workers(WORKER, settings) as workers:
            unreliable.secrets = subscribe(server, bearer, receiver)
            with sending(server, bearer, referrals) as sent:
                orphaned = drain(database, workers, unreliable, referrals * ENDPOINTS, kills)
            wait(sent)
    finally:
        server.end()
    assert {each.result() for each in sent} == {201}
    with database.reading() as session:
        wanted = {row.webhook_id for row in session.scalars(select(Delivery))}
    assert set(unreliable.arrived) == wanted
    assert len(wanted) == referrals * ENDPOINTS
    assert unreliable.forged == []
    explained = unreliable.failures + orphaned
    assert {name: times for name, times in unreliable.arrived.items() if times > 1 + explained[name]} == {}
    assert unreliable.was_spared, "no circuit was ever open"
    assert set(circuits(database)) == {0}, "a circuit stayed open"
