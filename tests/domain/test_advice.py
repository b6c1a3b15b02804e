"""Months follow one another, and a tally is told in words that fit its numbers."""

from datetime import date

from referrals.domain.advice import Tally, month_after, month_before
from referrals.domain.calendar import WorkingCalendar


def test_months_follow_one_another_over_the_turn_of_a_year():
    months = [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)]
    assert [month_after(month) for month in months[:-1]] == months[1:]
    assert [month_before(month) for month in months[1:]] == months[:-1]


def test_the_first_working_day_is_neither_on_a_weekend_nor_a_holiday():
    holiday = WorkingCalendar("UTC", frozenset({date(2027, 1, 1)}))
    assert holiday.first_working_day(date(2027, 1, 1)) == date(2027, 1, 4)
    assert holiday.first_working_day(date(2026, 12, 31)) == date(2026, 12, 1)


def test_a_tally_counts_each_result_and_comes_back_as_it_was_written():
    tally = Tally.of(date(2026, 10, 1), ["followed", "not", "unknown", "unknown", "partly"])
    assert tally == Tally(date(2026, 10, 1), 1, 1, 1, 2) == Tally.written(str(tally))
    assert tally.sentence == ("Of 5 recommendations from your opinions, 1 was followed, 1 in part, 1 not, 2 unknown.")
    assert len(f"advice {Tally(date(2026, 10, 1), *[10**8] * 4)}") <= 60, "it is kept in a column of that length"
