"""What the bench holds beside each other answers the same question, and a machine without scipy is told so."""

import sys
from datetime import UTC, datetime

import pytest

from referrals.cli.bench import matching, partners
from referrals.cli.bench.cast import call_in


def test_both_sides_of_what_is_measured_come_to_the_same_answer(monkeypatch):
    monkeypatch.setattr(matching, "RANKINGS", 1)
    assert matching.ranking().is_same
    placed = matching.placing(120)
    assert placed is not None
    assert placed.is_same
    assert placed.ratio > 0


def test_two_answers_that_differ_miss_the_target_however_fast_they_came(monkeypatch):
    monkeypatch.setattr(matching, "scan", lambda rows, due_at: [])
    monkeypatch.setattr(matching, "RANKINGS", 1)
    monkeypatch.setattr(matching, "OF_SCAN", 1e9)
    assert not matching.ranking().is_ok


def test_without_scipy_nothing_is_placed_beside_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    assert matching.placing(120) is None


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_what_the_worker_does_for_partners_is_done_whole_before_it_is_timed(
    database, database_url, tmp_path, monkeypatch
):
    monkeypatch.setattr(partners, "IMPORTED", 30)
    monkeypatch.setattr(partners, "WARM_UP", 1)
    monkeypatch.setattr(partners, "memory_of_worker", lambda of: 1.0)
    with database.writing() as session:
        call_in(session, datetime.now(UTC))
    with partners.partner("", database_url, tmp_path, lambda: 0.0) as of:
        work = partners.measured(of)
    assert [rate.value > 0 for rate in work.rates] == [True, True]
    assert work.sending.is_same
    assert work.sending.ratio > 1
