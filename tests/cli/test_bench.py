"""What the bench holds beside each other answers the same question, and a machine without scipy is told so."""

import sys

from referrals.cli.bench import matching


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
