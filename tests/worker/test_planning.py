"""Plans are asked for and made once, by however many workers."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from referrals.models.plan import Plan
from referrals.pathway.plans import ask_for_plan
from tests.small_network import NOW, send, settle_down, step
from tests.worker.test_jobs import count, job, run_together, worker_at


@pytest.fixture
def people(database):
    """A network in which one referral waits for a center."""
    with database.writing() as session:
        people = settle_down(session)
        referral = send(session, people)
        for name in ("claim", "complete-triage"):
            step(session, people.coordinator, referral, name)
        return people


def test_a_plan_that_was_asked_for_is_made_once(database, people):
    with database.writing() as session:
        ask_for_plan(session, people.coordinator, NOW)
    run_together(lambda: worker_at(database, NOW, job("make plans")))
    with database.reading() as session:
        made = session.scalars(select(Plan)).one()
        assert (made.status, made.tries, made.queue_length) == ("ready", 1, 1)


def test_the_clock_asks_for_one_plan_a_morning(database, people):
    run_together(lambda: worker_at(database, NOW, job("ask for plans")))
    run_together(lambda: worker_at(database, NOW + timedelta(hours=1), job("ask for plans")))
    assert count(database, Plan) == 1
