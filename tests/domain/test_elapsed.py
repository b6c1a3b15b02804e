from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.deadlines import Segment
from referrals.domain.elapsed import Moved, Spent, by_party, by_segment, stretches
from referrals.domain.statuses import OPEN, Status
from referrals.domain.vocabulary import AskedParty, WaitingOn

NEW_YEAR = date(2027, 1, 1)
BERLIN = WorkingCalendar("Europe/Berlin", frozenset({NEW_YEAR}))
KOLKATA = WorkingCalendar("Asia/Kolkata")
HOUR = timedelta(hours=1)


def local(text, zone="Europe/Berlin"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "end", "days", "hours"),
    [
        ("2026-11-23 10:00", "2026-11-25 10:00", 2.0, 48),
        ("2026-11-20 12:00", "2026-11-23 12:00", 1.0, 72),  # over a weekend
        ("2026-11-21 00:00", "2026-11-23 00:00", 0.0, 48),  # Saturday and Sunday
        ("2027-01-01 00:00", "2027-01-02 00:00", 0.0, 24),  # a holiday
        ("2026-10-23 00:00", "2026-10-26 00:00", 1.0, 73),  # the autumn change on a Sunday
        ("2027-03-26 00:00", "2027-03-30 00:00", 2.0, 95),  # the spring change
        ("2028-02-28 06:00", "2028-03-01 06:00", 2.0, 48),  # over a leap day, a Tuesday
    ],
)
def test_weekends_and_holidays_are_no_working_days_and_their_hours_count(start, end, days, hours):
    moves = [Moved(local(start), Status.SUBMITTED)]
    (spent,) = by_party(stretches(moves, local(end), BERLIN, {})).values()
    assert spent.time == hours * HOUR
    assert spent.days == pytest.approx(days)


def test_a_day_of_23_or_25_hours_is_one_working_day_where_sunday_is_one():
    every_day = WorkingCalendar("Europe/Berlin", working_weekdays=frozenset(range(7)))
    for sunday in ("2026-10-25", "2027-03-28"):
        start = every_day.start_of(date.fromisoformat(sunday))
        end = every_day.start_of(date.fromisoformat(sunday) + timedelta(days=1))
        assert every_day.working_time(start, end) == pytest.approx(1.0)


def test_a_question_counts_for_whoever_was_asked_and_a_center_in_its_own_days():
    at = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)  # a Friday, 17:30 in Kolkata
    moves = [
        Moved(at - 96 * HOUR, Status.DRAFT),
        Moved(at - 72 * HOUR, Status.SUBMITTED),
        Moved(at - 48 * HOUR, Status.INFORMATION_REQUESTED, asked=AskedParty.LABORATORY),
        Moved(at - 36 * HOUR, Status.INFORMATION_REQUESTED),  # more time for the same question
        Moved(at - 24 * HOUR, Status.IN_TRIAGE),
        Moved(at - 12 * HOUR, Status.INFORMATION_REQUESTED, asked=AskedParty.REFERRER),
        Moved(at - 6 * HOUR, Status.READY),
        Moved(at, Status.OFFERED, center="c"),
        Moved(at + 12 * HOUR, Status.ACCEPTED),
        Moved(at + 24 * HOUR, Status.WITHDRAWN),
    ]
    found = list(stretches(moves, at + 900 * HOUR, BERLIN, {"c": KOLKATA}))
    hours = {party: spent.time / HOUR for party, spent in by_party(found).items()}
    assert hours == {
        WaitingOn.COORDINATOR: 24 + 12 + 6,
        WaitingOn.THIRD_PARTY: 24,
        WaitingOn.REFERRER: 6,
        WaitingOn.CENTER: 24,
    }
    assert by_party(found)[WaitingOn.CENTER].days == pytest.approx(6.5 / 24)  # until midnight in Kolkata
    assert by_segment(found)[Segment.TRIAGE].time == 36 * HOUR
    assert by_segment(found)[Segment.OFFER].time == 18 * HOUR


def test_while_it_had_ended_it_was_nobodys_turn():
    at = datetime(2026, 11, 23, tzinfo=UTC)
    moves = [Moved(at, Status.SUBMITTED), Moved(at + HOUR, Status.DECLINED), Moved(at + 5 * HOUR, Status.IN_TRIAGE)]
    spent = by_party(stretches(moves, at + 6 * HOUR, BERLIN, {}))
    assert {party: each.time / HOUR for party, each in spent.items()} == {WaitingOn.COORDINATOR: 2, None: 4}


steps = st.lists(
    st.tuples(
        st.timedeltas(timedelta(0), timedelta(days=9)),
        st.sampled_from(sorted(set(Status) - {Status.DRAFT})),
        st.none() | st.sampled_from(AskedParty),
    ),
    max_size=12,
)


@settings(max_examples=50)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone itself
    steps,
    st.timedeltas(timedelta(0), timedelta(days=40)),
)
def test_the_parts_add_up_to_the_whole_time(sent_at, later, since):
    times = accumulate((wait for wait, _, _ in later), initial=sent_at)
    states = [(Status.SUBMITTED, None), *((status, asked) for _, status, asked in later)]
    moves = [Moved(at, status, asked) for at, (status, asked) in zip(times, states, strict=True)]
    now = moves[-1].at + since
    end = now if moves[-1].after in OPEN else moves[-1].at
    whole = sum(by_party(stretches(moves, now, BERLIN, {})).values(), Spent())
    assert whole.time == end - sent_at
    assert whole.days == pytest.approx(BERLIN.working_time(sent_at, end), abs=1e-6)
