"""The web server is killed in the middle of submissions: each referral is there with all that belongs to it, or not at all."""

import http.client
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from referrals.models.assessment import Assessment
from referrals.models.door import IdempotencyKey
from referrals.models.engine import Database
from referrals.models.referral import Consent, Facts, Referral
from referrals.models.trail import AuditEntry, Event, Outbox, Receipt
from referrals.pathway.integrity.check import prove
from tests.factories import packet, settle, token
from tests.faults.servers import Answering, Copy, copies

SENDERS = 4
pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]


class Senders:
    """Partners that send one referral after the other, each with a key of its own, until nobody answers."""

    def __init__(self, database: Database) -> None:
        with database.writing() as session:
            self.world = settle(session)
        self.database = database
        self.numbers = iter(range(1, 1_000_000))
        self.lock = threading.Lock()
        self.answered: dict[int, str] = {}
        self.unanswered: set[int] = set()

    def send(self, server: Answering, number: int, bearer: str) -> bool:
        headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": f"key-{number}"}
        with self.lock:
            self.unanswered.add(number)
        try:
            status, answer = server.answer("POST", "/api/v1/referrals", packet(number), headers)
        except (OSError, http.client.HTTPException):  # killed before, or in the middle of, its answer
            return False
        if status == 409:
            return True  # somebody died with this key in hand: asked again later
        assert status == 201, answer
        with self.lock:
            self.unanswered.discard(number)
            assert self.answered.setdefault(number, answer["id"]) == answer["id"]
        return True

    def wait_for_answers(self, number: int) -> None:
        """A server that has just started is slow: it is killed once it is really at work."""
        deadline = time.monotonic() + 60
        while len(self.answered) < number and time.monotonic() < deadline:
            time.sleep(0.01)

    def send_until_nobody_answers(self, server: Answering) -> None:
        bearer = token(self.database, self.world, "lakeside")
        while True:
            with self.lock:
                number = next(self.numbers)
            if not self.send(server, number, bearer):
                return


def killed_while_busy(server: Copy, senders: Senders) -> None:
    before = len(senders.answered)
    with ThreadPoolExecutor(SENDERS) as pool:
        busy = [pool.submit(senders.send_until_nobody_answers, server) for _ in range(SENDERS)]
        try:
            senders.wait_for_answers(before + SENDERS)
            time.sleep(random.uniform(0, 0.5))
        finally:
            server.kill()
    for each in busy:
        each.result()
    assert len(senders.answered) >= before + SENDERS, "the server answers nobody"


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Iterator[Callable[[], Copy]]:
    with copies(database_url, tmp_path / "data") as start_one:  # beside the keys of the test's own database
        yield start_one


@pytest.fixture
def senders(database: Database) -> Senders:
    return Senders(database)


@pytest.mark.parametrize("kills", [10, pytest.param(50, marks=pytest.mark.long)])
def test_a_killed_server_leaves_each_submission_whole_or_not_at_all(start, senders, database, kills):
    for _ in range(kills):
        killed_while_busy(start(), senders)
    each_is_whole(database)
    acknowledged = set(senders.answered.values())
    assert acknowledged <= referrals_in(database)
    server = start()
    try:
        repeat_what_was_not_answered(server, senders, database)
    finally:
        server.kill()
    assert not senders.unanswered
    assert referrals_in(database) == set(senders.answered.values())
    each_is_whole(database)
    assert acknowledged
    assert len(senders.answered) > kills


def repeat_what_was_not_answered(server: Answering, senders: Senders, database: Database) -> None:
    """With the same keys, once the calls that died have been given up."""
    with database.writing() as session:
        died = select(IdempotencyKey.created_at).where(IdempotencyKey.status.is_(None))
        for created_at in session.scalars(died).all():
            session.execute(
                update(IdempotencyKey)
                .where(IdempotencyKey.status.is_(None), IdempotencyKey.created_at == created_at)
                .values(created_at=created_at - timedelta(seconds=120))
            )
    bearer = token(database, senders.world, "lakeside")
    for number in sorted(senders.unanswered):
        assert senders.send(server, number, bearer)


def referrals_in(database: Database) -> set[str]:
    with database.reading() as session:
        return {str(each) for each in session.scalars(select(Referral.id))}


def each_is_whole(database: Database) -> None:
    """Every referral has its events, facts, consent, judgement, receipt, audit and message to the worker: one of each."""
    with database.reading() as session:
        count = session.scalar(select(func.count()).select_from(Referral))
        for model, each in ((Facts, 1), (Consent, 1), (Assessment, 1), (Event, 2), (Outbox, 2), (Receipt, 1)):
            found = session.scalar(select(func.count()).select_from(model))
            assert found == each * count, model.__name__
        assert session.scalar(select(func.count()).where(AuditEntry.action == "create")) == count
        assert session.scalar(select(func.count()).where(IdempotencyKey.status == 201)) == count
        assert [finding for finding in prove(session, datetime.now(UTC)) if not finding.holds] == []
