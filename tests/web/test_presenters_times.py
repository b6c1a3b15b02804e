"""Time in words: relative first, then the clock and the date where the network is."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from referrals.web.presenters.times import (
    DAY,
    NOTHING_DUE,
    Moment,
    age_words,
    date_words,
    partial_date_words,
    span_words,
)

# A Tuesday, 10:42 in Chicago.
MOMENT = Moment(datetime(2026, 11, 24, 16, 42, tzinfo=UTC), ZoneInfo("America/Chicago"))


def after(**span: float) -> datetime:
    return MOMENT.now + timedelta(**span)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=10), "1 min"),
        (timedelta(minutes=25), "25 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(hours=3, minutes=10, seconds=59), "3 h 10 min"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=1, hours=4, minutes=59), "1 day 4 h"),
        (timedelta(days=6, hours=23), "6 days 23 h"),
        (timedelta(days=12, hours=5), "12 days"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(span, words):
    assert span_words(span) == words


def test_what_is_late_says_by_how_much_before_it_says_when():
    due = MOMENT.due(after(hours=-3))
    assert (due.kind, due.left, due.by) == ("late", "Late by 3 h", "due 07:42 today")
    assert due.is_late


def test_what_is_near_is_called_soon_and_what_is_far_is_not():
    assert MOMENT.due(after(hours=3)).kind == "soon"
    assert MOMENT.due(after(hours=5)).kind == "ok"
    assert MOMENT.due(after(hours=5), soon=DAY).kind == "soon"


def test_a_due_time_of_this_very_moment_is_not_late():
    assert not MOMENT.due(MOMENT.now).is_late
    assert MOMENT.due(MOMENT.now - timedelta(microseconds=1)).is_late


def test_a_far_due_time_has_date_and_clock_and_in_a_list_only_the_date():
    due = MOMENT.due(after(days=1, hours=4))
    assert (due.left, due.by) == ("1 day 4 h left", "by 14:42 tomorrow")
    assert MOMENT.due(after(days=5)).by == "by 29 Nov 2026, 10:42"
    assert MOMENT.due(after(days=5), is_brief=True).by == "by 29 Nov 2026"


def test_without_a_due_time_nothing_is_due():
    assert MOMENT.due(None) is NOTHING_DUE


def test_the_day_is_the_networks_not_the_servers():
    late_evening = Moment(datetime(2026, 11, 25, 3, 0, tzinfo=UTC), ZoneInfo("America/Chicago"))
    assert late_evening.today == date(2026, 11, 24)
    assert late_evening.at(datetime(2026, 11, 25, 5, 30, tzinfo=UTC)) == "23:30 today"
    assert late_evening.at(datetime(2026, 11, 25, 6, 30, tzinfo=UTC)) == "00:30 tomorrow"


def test_the_clock_has_24_hours_and_follows_summer_time():
    berlin = Moment(datetime(2026, 7, 1, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    assert berlin.clock("2026-07-01T13:05:00Z") == "15:05"
    assert berlin.clock("2026-12-01T13:05:00Z") == "14:05"


@pytest.mark.parametrize(
    ("ago", "since", "on"),
    [
        (timedelta(hours=1), "since 09:42 today", "at 09:42 today"),
        (timedelta(days=1), "since yesterday", "yesterday"),
        (timedelta(days=3), "since Saturday", "on Saturday"),
        (timedelta(days=7), "since 17 Nov 2026", "on 17 Nov 2026"),
    ],
)
def test_since_when_names_the_weekday_while_it_is_the_last_one(ago, since, on):
    assert MOMENT.since(MOMENT.now - ago) == since
    assert MOMENT.on(MOMENT.now - ago) == on


def test_a_stamp_reads_for_people_and_for_machines():
    stamp = MOMENT.stamp(after(hours=-1))
    assert (stamp.words, stamp.iso) == ("Today 09:42", "2026-11-24T09:42-06:00")
    assert MOMENT.stamp(after(days=-9)).words == "15 Nov 2026, 10:42"


def test_a_day_is_told_with_its_distance():
    assert MOMENT.by_day("2026-11-28") == "28 Nov 2026 (in 4 days)"
    assert MOMENT.by_day(date(2026, 11, 25)) == "25 Nov 2026 (tomorrow)"
    assert MOMENT.by_day("2026-11-20") == "20 Nov 2026 (4 days ago)"


def test_a_date_never_starts_with_a_zero():
    assert date_words(date(2026, 3, 4)) == "4 Mar 2026"


@pytest.mark.parametrize(
    ("sent", "words"), [("2019", "2019"), ("2019-03", "Mar 2019"), ("2019-03-07", "7 Mar 2019"), (None, "")]
)
def test_a_partial_date_stays_as_partial_as_it_came(sent, words):
    assert partial_date_words(sent) == words


@pytest.mark.parametrize(
    ("born", "words"),
    [
        ("1964-11-24", "62"),
        ("1964-11-25", "61"),
        ("2025-02-01", "21 months"),
        ("2026-10-24", "1 month"),
        ("2026-11-23", "1 day"),
    ],
)
def test_age_is_in_years_and_for_the_youngest_in_months_and_days(born, words):
    assert age_words(born, MOMENT.today) == words
