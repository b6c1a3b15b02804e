from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.override import Override, Proposal, effective_tier, is_live, judge_override
from referrals.domain.vocabulary import OverrideReason, Tier

FRIDAY = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
MONDAY = FRIDAY + timedelta(days=3)
CALENDAR = WorkingCalendar("UTC")
P1, P2, P3, P4 = Tier


def proposal(tier="P3", reason="clinical_judgement", text="Seen at the tumor board.", days=7):
    return Proposal(tier, reason, text, FRIDAY + timedelta(days=days))


def judged(asked, computed, *, effective=None, by_lead=False, **fields):
    return judge_override(
        proposal(asked, **fields), computed=computed, effective=effective or computed, by_lead=by_lead, now=FRIDAY, calendar=CALENDAR
    )  # fmt: skip


# (computed, asked) → what a coordinator may do. "sign" = acts at once and a lead countersigns.
MOVES = {
    (P1, P1): "acts", (P1, P2): "lead", (P1, P3): "lead", (P1, P4): "lead",
    (P2, P1): "sign", (P2, P2): "acts", (P2, P3): "lead", (P2, P4): "lead",
    (P3, P1): "sign", (P3, P2): "acts", (P3, P3): "acts", (P3, P4): "acts",
    (P4, P1): "sign", (P4, P2): "sign", (P4, P3): "acts", (P4, P4): "acts",
}  # fmt: skip


@pytest.mark.parametrize(("computed", "asked"), list(product(Tier, Tier)))
def test_a_coordinator_moves_as_far_as_the_rules_allow(computed, asked):
    decision = judged(asked, computed)
    expected = MOVES[computed, asked]
    assert decision.acts_now == (expected != "lead")
    assert decision.needs_countersign == (expected == "sign")
    assert [error.code for error in decision.errors] == (["lead_required"] if expected == "lead" else [])


@pytest.mark.parametrize(("computed", "asked"), list(product(Tier, Tier)))
def test_a_lead_moves_anywhere_and_needs_nobody(computed, asked):
    decision = judged(asked, computed, by_lead=True)
    assert decision.acts_now
    assert not decision.needs_countersign


def test_the_countersign_is_due_within_a_working_day():
    assert judged(P1, P2).countersign_due == MONDAY


def test_two_small_steps_up_are_countersigned_like_one_big_one():
    assert judged(P2, P4, effective=P3).needs_countersign


def test_a_coordinator_does_not_undo_what_a_lead_has_put_on_top():
    assert [error.code for error in judged(P3, P3, effective=P1).errors] == ["lead_required"]
    assert [error.code for error in judged(P4, P2, effective=P3, by_lead=False).errors] == ["lead_required"]


def test_a_coordinator_may_return_to_what_the_rules_say():
    assert judged(P2, P2, effective=P3).acts_now
    assert not judged(P1, P1, effective=P3).needs_countersign


def test_every_objection_comes_at_once():
    decision = judged("P9", P3, reason="because", text="  ", days=29)
    assert [error.pointer for error in decision.errors] == ["/tier", "/reason", "/text", "/expires_at"]
    assert not decision.acts_now


@pytest.mark.parametrize("reason", OverrideReason)
def test_the_four_reasons_are_taken(reason):
    assert judged(P2, P3, reason=reason).acts_now


@pytest.mark.parametrize(("text", "fits"), [("", False), ("a", True), ("a" * 4000, True), ("a" * 4001, False)])
def test_the_text_has_a_length(text, fits):
    assert judged(P2, P3, text=text).acts_now == fits


@pytest.mark.parametrize(("days", "fits"), [(-1, False), (0, False), (1 / 24, True), (28, True), (28.01, False)])
def test_it_ends_in_the_future_and_within_four_weeks(days, fits):
    decision = judged(P2, P3, days=days)
    assert decision.acts_now == fits
    assert [error.pointer for error in decision.errors] == ([] if fits else ["/expires_at"])


def test_a_lead_is_held_to_reason_and_expiry_too():
    assert not judged(P4, P1, by_lead=True, days=40).acts_now


def override(tier, computed, days=7):
    return Override(tier, computed, FRIDAY + timedelta(days=days))


def test_a_living_override_stands_and_its_end_brings_the_rules_back():
    moved = override(P2, P4)
    assert effective_tier(P4, moved, FRIDAY) == P2
    assert effective_tier(P4, moved, moved.expires_at) == P4
    assert is_live(moved, moved.expires_at - timedelta(seconds=1))
    assert not is_live(moved, moved.expires_at)


def test_without_an_override_the_rules_stand():
    assert effective_tier(P3, None, FRIDAY) == P3


@pytest.mark.parametrize(
    ("signed", "computed_then", "computed_now", "stands"),
    [
        (P2, P4, P1, P1),  # moved up; the facts have since become worse than that
        (P2, P4, P3, P2),
        (P4, P2, P1, P1),  # moved down; the facts it was signed on no longer hold
        (P4, P2, P2, P4),
        (P4, P2, P3, P4),
        (P2, P1, P4, P2),
    ],
)
def test_an_override_never_holds_back_a_patient_whose_facts_have_become_worse(
    signed, computed_then, computed_now, stands
):
    assert effective_tier(computed_now, override(signed, computed_then), FRIDAY) == stands
