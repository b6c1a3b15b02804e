"""A center's record: shares and medians of what happened, and nothing from which a small number could be told."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings, strategies as st

from referrals.domain.center_record import (
    BY_POLICY,
    Answered,
    Ended,
    Signed,
    expected_by,
    pace_in,
    paces_of,
    record_of,
    rests_on,
)
from referrals.domain.centers import OfferStatus
from referrals.domain.deadlines import Segment, Times
from referrals.domain.small_numbers import TOTAL, is_small, without_small
from referrals.domain.vocabulary import DeclineOfferReason, Tier

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
COLUMNS = ("a", "b", "c")


class Reviews(Times):
    """A review takes a day of 24 hours at P1, else ten working days."""

    def segment(self, tier: Tier, segment: Segment) -> tuple[int, bool]:
        return (1, True) if tier is Tier.P1 else (10, False)


def ends(family: str, **counts: int) -> list[Ended]:
    capacity = DeclineOfferReason.CAPACITY
    return [
        Ended(family, OfferStatus(name), capacity if name == "declined" else None, count)
        for name, count in counts.items()
    ]


def test_shares_and_times_come_from_what_counts() -> None:
    ended = ends("sarcoma", accepted=15, declined=10, lapsed=5, withdrawn=9, returned=6, live=7)
    answered = [Answered("sarcoma", hours * HOUR) for hours in (1, 2, 3, 4, 30)]
    signed = [Signed("sarcoma", Tier.P3, days * DAY, is_late=days > 4) for days in range(1, 11)]
    line = record_of(ended, answered, signed)["sarcoma"]
    assert (line.made, line.answered[TOTAL], line.accepted_percent, line.declined) == (52, 30, 50, 10)
    assert (line.hours_to_answer, line.days_to_opinion, line.days_to_opinion_of_most) == (3.0, 5.5, 8)
    # Four were in time: too few to show, and with them the late ones, their share and nothing else.
    assert (line.signed["late"], line.signed[TOTAL], line.late_percent) == (None, 10, None)


def test_fewer_than_five_are_not_shown_nor_what_is_made_of_them() -> None:
    few = record_of(
        ends("lymphoma", accepted=4), [Answered("lymphoma", HOUR)] * 4, [Signed("lymphoma", Tier.P2, DAY)] * 4
    )
    for line in few.values():
        assert (line.made, line.accepted_percent, line.hours_to_answer, line.days_to_opinion) == (None,) * 4
    many = record_of(ends("lymphoma", accepted=4) + ends("sarcoma", accepted=9), [], [])
    assert [many[family].answered["accepted"] for family in ("lymphoma", "sarcoma", TOTAL)] == [None, None, 13]


def test_nothing_is_told_of_a_center_that_was_never_asked() -> None:
    (line,) = record_of([], [], []).values()
    assert (line.made, line.accepted_percent, line.hours_to_answer, line.days_to_opinion) == (0, None, None, None)


@settings(max_examples=30)
@given(
    st.dictionaries(
        st.sampled_from("uvwxyz"), st.fixed_dictionaries(dict.fromkeys(COLUMNS, st.integers(0, 9))), min_size=1
    )
)
def test_no_small_number_can_be_worked_out_from_those_that_are_shown(counts: dict[str, dict[str, int]]) -> None:
    shown = without_small(counts, COLUMNS)
    assert not any(is_small(count) for row in shown.values() for count in row.values() if count is not None)
    assert all(shown[row][name] in (None, counts[row][name]) for row in counts for name in COLUMNS)
    assert told(shown) == set()
    for row, cells in counts.items():
        if shown[row][TOTAL] is not None:
            assert not is_small(sum(count for name, count in cells.items() if shown[row][name] is None))


def told(shown: Mapping[str, Mapping[str, int | None]]) -> set[tuple[str, str]]:
    """The hidden numbers that the sums of rows and columns fix, by elimination."""
    hidden = [(row, name) for row, cells in shown.items() for name, count in cells.items() if count is None]
    lines = [[(row, name) for name in cells] for row, cells in shown.items()]
    lines += [[(row, name) for row in shown] for name in (*COLUMNS, TOTAL)]
    equations = [
        [
            Fraction((-1 if TOTAL in (cell[0], cell[1]) and _closes(cell, line) else 1) if cell in line else 0)
            for cell in hidden
        ]
        for line in lines
    ]
    return {cell for place, cell in enumerate(hidden) if _fixes(equations, place)}


def _closes(cell: tuple[str, str], line: list[tuple[str, str]]) -> bool:
    across = 1 if len({each[0] for each in line}) == 1 else 0
    return cell[across] == TOTAL


def _fixes(equations: list[list[Fraction]], place: int) -> bool:
    """Whether some sum of the equations names this one number alone."""
    width = len(equations[0]) if equations else 0
    alone = [Fraction(each == place) for each in range(width)]
    return _rank(equations) == _rank([*equations, alone])


def _rank(rows: list[list[Fraction]]) -> int:
    left, rank = [list(row) for row in rows], 0
    for column in range(len(left[0])):
        pivot = next((row for row in left[rank:] if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left.insert(rank, pivot)
        for other in left[rank + 1 :]:
            share = other[column] / pivot[column]
            other[:] = [number - share * base for number, base in zip(other, pivot, strict=True)]
        rank += 1
    return rank


def opinions(family: str, tier: Tier, *days: float) -> list[Signed]:
    return [Signed(family, tier, each * DAY) for each in days]


@pytest.mark.parametrize(
    ("signed", "family", "days", "because"),
    [
        (opinions("sarcoma", Tier.P3, 1, 1, 1, 1), "sarcoma", 14, BY_POLICY),
        (opinions("sarcoma", Tier.P3, 7, 14, 21, 28, 70), "sarcoma", 28, "from 5 answers in Sarcoma"),
        (opinions("sarcoma", Tier.P3, 1, 1, 2, 2, 70), "sarcoma", 14, f"{BY_POLICY}, which most of 5 answers in Sarcoma"),
        # What a day was to an urgent one is two weeks to this one.
        (opinions("sarcoma", Tier.P1, 2, 2, 2, 2, 2), "sarcoma", 28, "from 5 answers in Sarcoma"),
        (opinions("sarcoma", Tier.P3, 28, 28, 28, 28, 28), "lymphoma", 28, "from 5 answers in all families"),
        (opinions("sarcoma", Tier.P3, *[28] * 9) + opinions("lymphoma", Tier.P3, *[14] * 4), "lymphoma", 28, "from 13 answers in all"),
    ],
)  # fmt: skip
def test_an_answer_is_expected_as_late_as_four_in_five_came_and_never_before_the_policy_says(
    signed: list[Signed], family: str, days: float, because: str
) -> None:
    by_policy = NOW + 14 * DAY
    pace = pace_in(paces_of(signed, Reviews()), family)
    expected = expected_by(NOW, by_policy, Tier.P3, Reviews(), pace)
    assert abs(expected - (NOW + days * DAY)) < timedelta(seconds=1)
    assert rests_on(pace, expected > by_policy).startswith(because)
