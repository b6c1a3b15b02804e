from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from referrals.domain.calendar import WorkingCalendar, midnight, moment

ZONES = ["UTC", "America/New_York", "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"]  # fmt: skip
BERLIN = WorkingCalendar("Europe/Berlin")

instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone itself
calendars = st.builds(
    WorkingCalendar,
    st.sampled_from(ZONES),
    st.frozensets(st.dates(date(2020, 1, 1), date(2031, 6, 30)), max_size=60),
    st.frozensets(st.integers(0, 6), min_size=1),
)
counts = st.integers(0, 30)


def local(text, zone="Europe/Berlin", fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-20 16:30", 1, "2026-11-23 16:30"),  # Friday → Monday
        ("2026-11-21 09:00", 1, "2026-11-23 09:00"),  # Saturday → Monday
        ("2026-11-22 23:59", 1, "2026-11-23 23:59"),
        ("2026-11-23 08:00", 5, "2026-11-30 08:00"),
        ("2026-11-23 08:00", 0, "2026-11-23 08:00"),
    ],
)
def test_the_nth_working_day_after_at_the_same_clock_time(start, days, due):
    assert BERLIN.add_working_days(local(start), days) == local(due)


def test_a_holiday_is_stepped_over():
    with_holiday = WorkingCalendar("Europe/Berlin", frozenset({date(2026, 12, 25), date(2026, 12, 28)}))
    assert with_holiday.add_working_days(local("2026-12-24 10:00"), 1) == local("2026-12-29 10:00")


def test_another_weekend_is_respected():
    from_sunday = WorkingCalendar("Asia/Dubai", working_weekdays=frozenset({6, 0, 1, 2, 3}))
    assert from_sunday.add_working_days(local("2026-11-19 10:00", "Asia/Dubai"), 1) == local(
        "2026-11-22 10:00", "Asia/Dubai"
    )


def test_the_day_is_the_local_one_not_that_of_utc():
    auckland = WorkingCalendar("Pacific/Auckland")
    late_friday_in_utc = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # already Saturday there
    assert auckland.local_date(auckland.add_working_days(late_friday_in_utc, 1)) == date(2026, 11, 23)


def test_the_clock_time_stays_when_summer_time_ends():
    friday = local("2026-10-23 10:00")
    due = BERLIN.add_working_days(friday, 1)
    assert due == local("2026-10-26 10:00")
    assert due - friday.astimezone(UTC) == timedelta(days=3, hours=1)


def test_on_all_days_it_is_hours_that_count():
    saturday = local("2026-10-24 10:00").astimezone(UTC)
    assert BERLIN.add_working_days(saturday, 1, all_days=True) == saturday + timedelta(hours=24)
    assert WorkingCalendar("UTC", frozenset({date(2026, 10, 25)})).add_working_days(saturday, 2, all_days=True) == (
        saturday + timedelta(hours=48)
    )


def test_a_clock_time_that_spring_skips_moves_beyond_the_gap():
    assert moment(date(2026, 3, 29), time(2, 30), "Europe/Berlin") == local("2026-03-29 03:30")


def test_a_clock_time_that_autumn_repeats_is_the_first_of_the_two():
    every_day = WorkingCalendar("Europe/Berlin", working_weekdays=frozenset(range(7)))
    first, second = local("2026-10-25 02:30"), local("2026-10-25 02:30", fold=1)
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)
    assert moment(date(2026, 10, 25), time(2, 30, fold=1), "Europe/Berlin") == first.astimezone(UTC)
    assert every_day.add_working_days(second, 1) == every_day.add_working_days(first, 1)


def test_midnight_is_that_of_the_zone():
    assert midnight(date(2026, 12, 10), "America/Los_Angeles") == datetime(2026, 12, 10, 8, 0, tzinfo=UTC)


@given(calendars, instants, st.integers(1, 30))
def test_it_never_lands_on_a_day_off(calendar, start, days):
    assert calendar.is_working_day(calendar.local_date(calendar.add_working_days(start, days)))


@given(calendars, instants, counts, counts, st.booleans())
def test_more_days_are_never_sooner(calendar, start, some, more, all_days):
    sooner = calendar.add_working_days(start, some, all_days)
    later = calendar.add_working_days(start, some + more, all_days)
    assert start <= sooner <= later
    assert (more == 0) == (sooner == later)


@given(calendars, instants, counts)
def test_it_comes_back_in_utc(calendar, start, days):
    assert calendar.add_working_days(start, days).tzinfo is UTC


@given(calendars, instants, counts)
def test_as_many_days_have_passed_as_were_added(calendar, start, days):
    due = calendar.add_working_days(start, days)
    assert calendar.elapsed_working_days(start, due) == days
    if days:
        assert calendar.elapsed_working_days(start, due - timedelta(seconds=1)) == days - 1


@given(calendars, instants, instants)
def test_the_days_that_have_passed_are_the_most_that_can_be_added(calendar, start, end):
    passed = calendar.elapsed_working_days(start, end)
    if end < start:
        assert passed == 0
    else:
        assert calendar.add_working_days(start, passed) <= end < calendar.add_working_days(start, passed + 1)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        BERLIN.add_working_days(datetime(2026, 11, 20), 1)  # noqa: DTZ001 - the point of the test


def test_a_calendar_without_working_days_is_refused():
    with pytest.raises(ValueError, match="working weekday"):
        WorkingCalendar("UTC", working_weekdays=frozenset())
    with pytest.raises(ValueError, match="working weekday"):
        WorkingCalendar("UTC", working_weekdays=frozenset({7}))


def test_days_are_not_counted_backward():
    with pytest.raises(ValueError, match="forward"):
        BERLIN.add_working_days(local("2026-11-20 10:00"), -1)
