"""Calls are counted exactly, whoever counts them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from referrals.boundary.limits import Leases, admit
from referrals.boundary.problems import Problem
from referrals.models.door import RateCounter
from tests.statements import statements

NOW = datetime(2026, 11, 18, 9, 30, 20, tzinfo=UTC)


def passes(attempt) -> bool:
    try:
        attempt()
    except Problem as problem:
        if problem.status != 429:
            raise
        return False
    return True


def test_of_many_attempts_exactly_the_allowed_number_pass(database):
    passed = [passes(lambda: admit(database, "token:10.0.0.1", 5, NOW)) for _ in range(8)]
    assert passed == [True] * 5 + [False] * 3


def test_another_address_and_another_minute_have_their_own_count(database):
    for _ in range(5):
        admit(database, "token:10.0.0.1", 5, NOW)
    assert passes(lambda: admit(database, "token:10.0.0.2", 5, NOW))
    assert not passes(lambda: admit(database, "token:10.0.0.1", 5, NOW))
    assert passes(lambda: admit(database, "token:10.0.0.1", 5, NOW + timedelta(minutes=1)))


def test_a_refusal_says_when_to_come_back(database):
    admit(database, "a", 1, NOW)
    with pytest.raises(Problem) as refusal:
        admit(database, "a", 1, NOW)
    assert refusal.value.headers["Retry-After"] == "40"
    assert refusal.value.headers["RateLimit"] == '"default";r=0;t=40'
    assert refusal.value.headers["RateLimit-Policy"] == '"default";q=1;w=60'


def test_processes_that_lease_share_one_limit_exactly(database):
    processes = [Leases(120, size=50) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        attempts = [
            pool.submit(passes, lambda process=process: process.admit(database, "client:1", NOW))
            for _ in range(130)
            for process in processes
        ]
    # Each asks until it is refused, so all that was leased is used: never more than the limit, and never less.
    assert sum(attempt.result() for attempt in attempts) == 120


def test_threads_that_run_out_together_lease_once(database):
    """A second lease would keep from other processes what this one may never use."""
    process = Leases(1200, size=50)
    with ThreadPoolExecutor(16) as pool:
        attempts = [pool.submit(passes, lambda: process.admit(database, "client:1", NOW)) for _ in range(50)]
    assert all(attempt.result() for attempt in attempts)
    with database.reading() as session:
        assert session.scalar(select(RateCounter.count)) == 50


def test_most_calls_cost_no_statement(database):
    leases = Leases(1200)
    leases.admit(database, "client:1", NOW)
    with statements(database) as counted:
        for _ in range(49):
            leases.admit(database, "client:1", NOW)
    assert len(counted) == 0


def test_a_caller_who_was_refused_costs_no_statement_until_the_minute_is_over(database):
    leases = Leases(50)
    for _ in range(50):
        leases.admit(database, "client:1", NOW)
    assert not passes(lambda: leases.admit(database, "client:1", NOW))
    with statements(database) as counted:
        assert not passes(lambda: leases.admit(database, "client:1", NOW))
    assert len(counted) == 0
    assert passes(lambda: leases.admit(database, "client:1", NOW + timedelta(minutes=1)))


def test_what_remains_is_told(database):
    leases = Leases(60, size=50)
    assert leases.admit(database, "client:1", NOW).remaining == 59
    for _ in range(49):
        standing = leases.admit(database, "client:1", NOW)
    assert standing.remaining == 10
    assert leases.admit(database, "client:1", NOW).remaining == 9


def test_earlier_minutes_are_forgotten(database):
    for minute in range(3):
        admit(database, "a", 5, NOW + timedelta(minutes=minute))
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(RateCounter)) == 1
