"""Of which places a referral takes one, and what is left for it."""

from datetime import date

import pytest

from referrals.domain.centers import Service, line_of
from referrals.domain.vocabulary import VerdictWord
from referrals.pathway.places import Limited, Week, first_free

MET, NOT_MET, UNKNOWN = VerdictWord.MET, VerdictWord.NOT_MET, VerdictWord.UNKNOWN
MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("under_18", "is_complex", "line"),
    [
        (True, MET, Service.PEDIATRICS),
        (True, NOT_MET, Service.PEDIATRICS),
        (False, MET, Service.MULTIDISCIPLINARY_TEAM),
        (None, MET, Service.MULTIDISCIPLINARY_TEAM),
        (False, UNKNOWN, None),
        (None, UNKNOWN, None),
        (False, NOT_MET, None),
    ],
)
def test_age_and_then_complexity_decide_the_line(
    under_18: bool | None, is_complex: VerdictWord, line: Service | None
) -> None:
    assert line_of(under_18, is_complex) == line


@pytest.mark.parametrize(
    ("places", "held", "limit", "held_of_line", "free", "free_for_line"),
    [(5, 2, 3, 1, 3, 2), (5, 4, 3, 1, 1, 1), (5, 6, 3, 1, 0, 0), (5, 2, 1, 2, 3, 0), (0, 0, 3, 0, 0, 0)],
)
def test_a_line_has_no_more_left_than_the_week_or_its_own_limit(
    places: int, held: int, limit: int, held_of_line: int, free: int, free_for_line: int
) -> None:
    week = Week(MONDAY, places, reserved=held, limits=(Limited(Service.PEDIATRICS, limit, used=held_of_line),))
    assert (week.free, week.free_for(None), week.free_for(Service.MULTIDISCIPLINARY_TEAM)) == (free, free, free)
    assert week.free_for(Service.PEDIATRICS) == free_for_line
    assert (first_free([week], Service.PEDIATRICS) is not None) is bool(free_for_line)
