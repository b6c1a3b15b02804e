"""A small network to act in, on both databases, with a clock that tests move."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy.orm import Session

from referrals.models.engine import Database
from referrals.models.referral import Referral
from referrals.pathway.actions import take_step
from referrals.pathway.intake import receive
from tests.factories import World, client_actor, packet, person_actor, settled

MONDAY_MORNING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@dataclass
class Desk:
    """One open transaction in a settled network."""

    session: Session
    world: World
    now: datetime = MONDAY_MORNING

    def receive(self, number: int = 1, code: str = "lakeside", **changes: Any) -> Referral:
        actor = client_actor(self.world, code)
        return receive(self.session, actor, packet(number, **changes), door="json", now=self.now)

    def take(
        self, step: str, referral: Referral, who: str, body: Mapping[str, Any] | None = None, **options: Any
    ) -> Referral:
        actor = person_actor(self.session, self.world, f"{who}.example")
        return take_step(self.session, actor, referral.id, step, body or {}, self.now, **options)

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    """What the factories call days ago, and in days, is told from that morning on."""
    with time_machine.travel(MONDAY_MORNING):
        yield


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    with database.writing() as session:
        world = settled(session, MONDAY_MORNING - timedelta(days=90))
    with database.writing() as session:
        yield Desk(session, world)
