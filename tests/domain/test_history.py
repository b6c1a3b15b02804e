"""Folding the events of a referral gives its status, or names the event that does not fit."""

import pytest
from hypothesis import given, strategies as st

from referrals.domain.history import BrokenHistory, Happened, fold
from referrals.domain.lifecycle import Situation, Status, center_is_working, open_steps, take
from referrals.domain.people import Party

PATH = (
    ("create", None, "draft"),
    ("edit", "draft", "draft"),
    ("submit", "draft", "submitted"),
    ("claim", "submitted", "in_triage"),
    ("request-information", "in_triage", "information_requested"),
    ("extend", "information_requested", "information_requested"),
    ("answer-information", "information_requested", "in_triage"),
    ("complete-triage", "in_triage", "ready"),
)


def happened(path):
    return [
        Happened(version, step, before and Status(before), Status(after))
        for version, (step, before, after) in enumerate(path, start=1)
    ]


@pytest.mark.parametrize("length", range(1, len(PATH) + 1))
def test_the_events_fold_to_the_status_they_lead_to(length):
    assert fold(happened(PATH[:length])) == PATH[length - 1][2]


@pytest.mark.parametrize("lost", range(len(PATH) - 1))
def test_a_lost_event_is_a_gap(lost):
    events = happened(PATH)
    del events[lost]
    with pytest.raises(BrokenHistory) as broken:
        fold(events)
    assert broken.value.version == lost + 2


def test_no_events_fold_to_nothing():
    with pytest.raises(BrokenHistory, match="no events"):
        fold([])


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ([("submit", None, "submitted")], 1),
        ([("create", None, "submitted")], 1),
        ([*PATH[:3], ("create", "submitted", "draft")], 4),
        ([*PATH[:3], ("edit", "submitted", "in_triage")], 4),
        ([*PATH[:3], ("claim", "submitted", "ready")], 4),
        ([*PATH[:3], ("accept", "submitted", "accepted")], 4),
        ([*PATH[:3], ("dance", "submitted", "submitted")], 4),
        ([*PATH[:4], ("complete-triage", "submitted", "ready")], 5),
        ([*PATH[:5], ("answer-information", "information_requested", "ready")], 6),
        ([*PATH[:5], ("withdraw", "information_requested", "cancelled")], 6),
    ],
)
def test_an_event_that_is_no_step_of_the_table_is_named(path, version):
    with pytest.raises(BrokenHistory) as broken:
        fold(happened(path))
    assert broken.value.version == version


@given(st.data())
def test_whatever_was_taken_by_the_table_folds(data):
    """A random walk through the table, remembering what the pathway remembers."""
    events, status, situation = [Happened(1, "create", None, Status.DRAFT)], Status.DRAFT, Situation()
    for version in range(2, data.draw(st.integers(2, 25))):
        rules = open_steps(status, Party, situation)
        if not rules:
            break
        rule = data.draw(st.sampled_from(rules))
        blocking = status is Status.INFORMATION_REQUESTED or data.draw(st.booleans())
        if rule.name == "answer-information" and status is not Status.INFORMATION_REQUESTED:
            blocking = False
        after = take(rule.name, status, rule.parties, situation, blocking=blocking)
        events.append(Happened(version, rule.name, status, after))
        situation = remember(rule.name, status, after, situation)
        status = after
    assert fold(events) == status


def remember(step, before, after, situation):
    resume = before if after is Status.INFORMATION_REQUESTED and before is not after else situation.resume
    if after is not Status.INFORMATION_REQUESTED:
        resume = None
    flagged = step == "request-withdrawal" or (situation.withdrawal_requested and center_is_working(after, resume))
    return Situation(resume, flagged)
