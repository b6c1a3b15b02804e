"""Somebody puts the clock forward or back: steps go on in their order, and the worker neither rests for long nor tells twice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from referrals.models.engine import Database
from referrals.models.trail import Beat, Notification, Outbox
from referrals.pathway.integrity.check import prove
from referrals.pathway.seals import sealing_key, verify
from referrals.worker.loop import Worker
from tests.api.partner import Partner
from tests.factories import packet, settled, token

pytestmark = pytest.mark.faults
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
JUMPS = [timedelta(hours=-3), timedelta(days=400)]


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_steps_after_a_jump_of_the_clock_keep_their_order_and_the_record_holds(
    start_app: Callable[..., Flask], jump: timedelta
):
    app = start_app()
    database: Database = app.extensions["database"]
    with time_machine.travel(NOON, tick=False), database.writing() as session:
        world = settled(session, NOON - timedelta(days=90))
    with time_machine.travel(NOON, tick=False):
        referral = Partner(app, token(database, world, "lakeside")).create(packet())
    with time_machine.travel(NOON + jump, tick=False):
        coordinator = Partner(app, token(database, world, "network"), "coordinator@network.example")
        claimed = coordinator.take("claim", referral)
        assert claimed.status_code == 200, claimed.text
        events = coordinator.get(f"/referrals/{referral['id']}/events").json["items"]
        assert [(each["version"], each["step"]) for each in events] == [(1, "create"), (2, "submit"), (3, "claim")]
    with database.reading() as session:
        assert [each for each in prove(session, NOON + max(jump, timedelta(0))) if not each.holds] == []


def test_a_worker_whose_clock_was_ahead_goes_on_at_once_when_it_is_put_right(
    start_app: Callable[..., Flask], database: Database
):
    app = start_app()
    with database.writing() as session:
        world = settled(session, NOON - timedelta(days=90))
    clock = [NOON + timedelta(days=3)]
    worker = Worker(database, sealing_key("secret"), clock=lambda session: clock[-1])
    assert worker.round()
    with time_machine.travel(NOON, tick=False):
        Partner(app, token(database, world, "lakeside")).create(packet())
    for later in (0, 2, -1):
        clock.append(NOON + timedelta(minutes=later))
        assert worker.round()
        with database.reading() as session:
            assert session.scalar(select(Beat.at)) == clock[-1]
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(Outbox.done_at.is_(None))) == 0
        assert verify(session, sealing_key("secret")).unsealed == 0
        told = select(func.count()).select_from(Notification).group_by(Notification.user_id, Notification.event_id)
        assert set(session.scalars(told)) == {1}
    assert not [job.name for job in worker.jobs if worker._rests(job, clock[-1] - timedelta(days=9))]
