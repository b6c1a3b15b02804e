"""A plan says in words why each went where, what held the better place, and why somebody got none."""

from datetime import date
from uuid import UUID

import pytest

from referrals.domain.matching import CONSTRAINTS
from referrals.domain.plans import WHY_NOT, Entry, Scarce, Unplaced, Way, explained, scarce

WEEK = date(2026, 11, 23)
FIT = "Expertise 0.8 in Sarcoma."


def way(center: int, score: int, **more) -> Way:
    return Way(UUID(int=center), f"Center {center}", WEEK, center, score, **more)


def told(queue, seats):
    return explained(queue, seats, lambda number, way: FIT)


def entry(number: int, *ways: Way, **more) -> Entry:
    return Entry(f"SO-{number}", "sarcoma", ways, **more)


@pytest.mark.parametrize(
    ("queue", "seats", "rank", "because"),
    [
        ([entry(1, way(1, 700), way(2, 640))], [1], 1, "The best fit: 60 points ahead of Center 2."),
        ([entry(1, way(1, 700), way(2, 700))], [1], 1, "Center 2 fits as well."),
        ([entry(1, way(1, 700))], [1], 1, "No other center with a place fits."),
        (
            [entry(1, way(1, 700), way(2, 699)), entry(2, way(1, 300))],
            [2, 1],
            2,
            "Center 1 would fit better by 1 point. Its place goes to SO-2, with nowhere else to go.",
        ),
        (
            [entry(1, way(1, 700), way(2, 640)), entry(2, way(1, 700), way(2, 100))],
            [2, 1],
            2,
            "Center 1 would fit better by 60 points. Its place goes to SO-2: so all of them together fit best.",
        ),
    ],
)
def test_a_proposal_tells_its_rank_and_what_held_the_better_place(queue, seats, rank, because):
    first = next(told(queue, seats))
    assert (first.rank, first.because) == (rank, f"{FIT} {because}")
    assert first.code is None


@pytest.mark.parametrize(
    ("one", "code", "said"),
    [
        (entry(1, way(1, 700)), Unplaced.EARLIER_FIRST, "Center 1, goes to a referral that stands before it"),
        (entry(1, full=("A", "B"), kept_back=("C",)), Unplaced.KEPT_BACK, "At C the week's remaining places"),
        (entry(1, full=("A", "B", "C", "D")), Unplaced.NO_PLACE, "A, B, C and 1 more"),
        (
            entry(1, excluded={"age": 2, "expertise": 5}),
            Unplaced.NO_ELIGIBLE_CENTER,
            "Most often: too little expertise (5); not for this age (2).",
        ),
        (entry(1), Unplaced.NO_ELIGIBLE_CENTER, "The network has no center."),
    ],
)
def test_whoever_gets_no_place_is_told_the_nearest_reason(one, code, said):
    (proposal,) = told([one], [None])
    assert (proposal.code, proposal.way, proposal.rank) == (code, None, None)
    assert said in proposal.because


def test_the_price_of_a_family_is_that_of_its_dearest_room_and_counts_who_found_no_place():
    queue = [entry(1, way(0, 700), way(1, 500)), entry(2, way(0, 600)), entry(3, excluded={"expertise": 1})]
    proposals = list(told(queue, [1, 0, None]))
    assert scarce(queue, proposals, [200, 0]) == [Scarce("sarcoma", 200, 0)]
    waits = list(told(queue, [0, None, None]))
    assert scarce(queue, waits, [100, 0]) == [Scarce("sarcoma", 100, 1)]


def test_every_constraint_has_its_words():
    assert set(WHY_NOT) == set(CONSTRAINTS) - {"place_is_left", "in_time"}
