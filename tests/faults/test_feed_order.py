"""Many write at one moment and some commit late: whoever follows the feed misses nothing and sees nothing twice."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event as Flag
from uuid import UUID

import pytest
from sqlalchemy import select

from referrals.models.engine import Database
from referrals.models.trail import Event, Outbox
from referrals.pathway.actions import take_step
from referrals.pathway.feed import events_after, number_events
from referrals.pathway.intake import receive
from tests.factories import World, client_actor, packet, patient as somebody, person_actor, settle

WRITERS, EACH = 4, 5


@pytest.fixture
def world(database: Database) -> World:
    with database.writing() as session:
        return settle(session)


class Overtaking:
    """The first writer commits its first step only when a follower has seen what began later.

    Where there is one writer at a time, nobody can be overtaken.
    """

    def __init__(self, database: Database) -> None:
        self.holding, self.seen, self.first = Flag(), Flag(), None
        if database.engine.dialect.name == "sqlite":
            self.holding.set()
            self.seen.set()

    def held(self, writer: int, referral_id: UUID) -> None:
        if writer == 0:
            self.first = self.first or referral_id
            self.holding.set()
            assert self.seen.wait(60)

    def follower_saw(self, referrals: set[UUID]) -> None:
        if referrals - {self.first} and self.holding.is_set():
            self.seen.set()

    def begins(self, writer: int) -> None:
        if writer > 0:
            assert self.holding.wait(60)


def write(database: Database, world: World, writer: int, overtaking: Overtaking) -> None:
    """One referral after the other, each claimed in a second transaction; some wait long before they commit."""
    chance = random.Random(writer)
    overtaking.begins(writer)
    for count in range(EACH):
        number, now = writer * 100 + count, datetime.now(UTC)
        with database.writing() as session:
            sent = packet(number, patient=somebody(number))
            referral = receive(session, client_actor(world, "lakeside"), sent, door="json", now=now)
            session.flush()
            time.sleep(chance.choice((0, 0.002, 0.03)))
        with database.writing() as session:
            take_step(
                session, person_actor(session, world, "coordinator@network.example"), referral.id, "claim", {}, now
            )
            session.flush()
            overtaking.held(writer, referral.id)
            time.sleep(chance.choice((0, 0.002, 0.03)))


def follow(database: Database, world: World, is_over: Flag, overtaking: Overtaking) -> list[tuple[int, UUID, int]]:
    """What one partner sees who asks again and again, a few at a time, while another numbers as well."""
    seen: list[tuple[int, UUID, int]] = []
    while True:
        was_over = is_over.is_set()
        with database.writing() as session:
            number_events(session)
        with database.reading() as session:
            after = seen[-1][0] if seen else 0
            rows = events_after(session, client_actor(world, "lakeside"), after, 5)
        seen += [(row.sequence, row.Event.referral_id, row.Event.version) for row in rows]
        overtaking.follower_saw({row.Event.referral_id for row in rows})
        if was_over and not rows:
            return seen
        time.sleep(0.001)


def test_no_late_commit_is_lost_to_whoever_follows(database: Database, world: World) -> None:
    is_over, overtaking = Flag(), Overtaking(database)
    with ThreadPoolExecutor(WRITERS + 2) as threads:
        followers = [threads.submit(follow, database, world, is_over, overtaking) for _ in range(2)]
        try:
            for done in [threads.submit(write, database, world, writer, overtaking) for writer in range(WRITERS)]:
                done.result()
        finally:
            is_over.set()
        first, second = (follower.result() for follower in followers)
    assert first == second
    assert [sequence for sequence, _, _ in first] == list(range(1, len(first) + 1))
    with database.reading() as session:
        written = session.execute(select(Event.referral_id, Event.version)).all()
        late = session.scalars(select(Outbox.sequence).order_by(Outbox.id)).all()
    assert len(written) == WRITERS * EACH * 3
    assert sorted((referral, version) for _, referral, version in first) == sorted(map(tuple, written))
    for referral in {each for _, each, _ in first}:
        assert [version for _, each, version in first if each == referral] == [1, 2, 3]
    if database.engine.dialect.name == "postgresql":
        assert late != sorted(late), "nobody committed late: this test has shown nothing"
