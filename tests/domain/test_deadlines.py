"""The promise, the place in the queue and the segments, by the numbers that the design publishes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from referrals.domain.calendar import WorkingCalendar, midnight
from referrals.domain.deadlines import (
    SEGMENT_OF,
    Band,
    Segment,
    band,
    band_limits,
    draft_order_key,
    is_overdue,
    next_action_due,
    promise,
    promise_after_later_need,
    puts_off,
    queue_key,
    segment_due,
    unpassable_after,
)
from referrals.domain.statuses import ENDED, OPEN, Status
from referrals.domain.vocabulary import Tier

DAY = timedelta(days=1)


class Published:
    """The default times of priority.md."""

    TARGETS = {"P1": 3, "P2": 7, "P3": 14, "P4": 28}
    MARGINS = {"P1": 28, "P2": 14, "P3": 0, "P4": 0}
    SEGMENTS = {"P1": (1, 1, 1, 1), "P2": (1, 1, 3, 2), "P3": (2, 2, 6, 3), "P4": (3, 4, 13, 5)}

    def target(self, tier):
        return self.TARGETS[tier] * DAY

    def margin(self, tier):
        return self.MARGINS[tier] * DAY

    def segment(self, tier, segment):
        return self.SEGMENTS[tier][list(Segment).index(segment)], tier == "P1"


TIMES = Published()
WEEKDAYS = WorkingCalendar("UTC")
SENT = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
P1, P2, P3, P4 = Tier

tiers = st.sampled_from(Tier)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone itself
days = st.none() | st.dates(date(2023, 6, 1), date(2029, 1, 1))
zones = st.sampled_from(["UTC", "America/Los_Angeles", "Europe/Berlin", "Asia/Tokyo"])


@pytest.mark.parametrize(("tier", "due", "place"), [(P1, 3, -25), (P2, 7, -7), (P3, 14, 14), (P4, 28, 28)])
def test_each_tier_has_its_promise_and_its_place(tier, due, place):
    assert promise(SENT, tier, TIMES) == SENT + due * DAY
    assert queue_key(SENT, tier, TIMES) == SENT + place * DAY


def test_an_upgrade_gives_back_the_time_that_was_lost():
    assert promise(SENT, P2, TIMES, announced=SENT + 14 * DAY) == SENT + 7 * DAY
    assert queue_key(SENT, P2, TIMES) == SENT - 7 * DAY


def test_a_downgrade_moves_the_place_but_not_the_promise():
    assert promise(SENT, P4, TIMES, announced=SENT + 7 * DAY) == SENT + 7 * DAY
    assert queue_key(SENT, P4, TIMES) == SENT + 28 * DAY


@pytest.mark.parametrize(
    ("tier", "needed", "due", "place"),
    [
        (P4, date(2026, 12, 10), datetime(2026, 12, 9, tzinfo=UTC), datetime(2026, 11, 26, tzinfo=UTC)),
        (P4, date(2027, 3, 1), SENT + 28 * DAY, SENT + 28 * DAY),
        (P3, date(2026, 12, 20), SENT + 14 * DAY, datetime(2026, 12, 6, tzinfo=UTC)),
        (P1, date(2026, 12, 10), SENT + 3 * DAY, SENT - 25 * DAY),
        (P4, date(2026, 11, 24), datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 10, tzinfo=UTC)),
        (P4, date(2026, 11, 1), datetime(2026, 10, 31, tzinfo=UTC), SENT - 25 * DAY),
    ],
)
def test_a_date_the_patient_needs_it_by_brings_both_forward_within_bounds(tier, needed, due, place):
    assert promise(SENT, tier, TIMES, needed_by=needed) == due
    assert queue_key(SENT, tier, TIMES, needed_by=needed) == place


def test_the_date_begins_at_midnight_of_the_network():
    due = promise(SENT, P4, TIMES, needed_by=date(2026, 12, 10), zone="America/Los_Angeles")
    assert due == datetime(2026, 12, 9, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("slip", [date.min, date(26, 12, 10), date.max])
def test_a_slip_of_the_year_breaks_nothing(slip):
    assert promise(SENT, P4, TIMES, needed_by=slip, zone="Asia/Tokyo") <= SENT + 28 * DAY
    assert SENT - 25 * DAY <= queue_key(SENT, P4, TIMES, needed_by=slip, zone="Asia/Tokyo") <= SENT + 28 * DAY


def test_a_later_date_gives_back_only_what_the_earlier_date_had_taken():
    first = promise(SENT, P4, TIMES, needed_by=date(2026, 12, 1))
    assert first == datetime(2026, 11, 30, tzinfo=UTC)
    later = promise_after_later_need(SENT, [P4], TIMES, needed_by=date(2026, 12, 12))
    assert later == datetime(2026, 12, 11, tzinfo=UTC)
    assert promise_after_later_need(SENT, [P4], TIMES, needed_by=None) == SENT + 28 * DAY


def test_a_later_date_never_takes_back_the_soonest_tier_that_was_announced():
    assert promise_after_later_need(SENT, [P4, P2, P3], TIMES, needed_by=None) == SENT + 7 * DAY


@pytest.mark.parametrize(
    ("current", "asked", "is_put_off"),
    [
        (None, date(2026, 12, 10), False),
        (date(2026, 12, 10), date(2026, 12, 1), False),
        (date(2026, 12, 10), date(2026, 12, 10), False),
        (date(2026, 12, 10), date(2026, 12, 24), True),
        (date(2026, 12, 10), None, True),
        (None, None, False),
    ],
)
def test_a_date_is_put_off_by_a_later_day_or_by_none(current, asked, is_put_off):
    assert puts_off(current, asked) is is_put_off


@given(moments, tiers, days, zones)
def test_no_place_lies_beyond_the_bounds_of_the_tiers(sent, tier, needed, zone):
    place = queue_key(sent, tier, TIMES, needed_by=needed, zone=zone)
    assert sent - 25 * DAY <= place <= queue_key(sent, tier, TIMES) <= sent + 28 * DAY


@given(moments, st.timedeltas(timedelta(days=53), timedelta(days=400)), tiers, tiers, days, days, zones)
def test_nobody_starves(sent, waited, tier, newer_tier, needed, newer_needed, zone):
    old = (queue_key(sent, tier, TIMES, needed_by=needed, zone=zone), sent)
    newer_sent = sent + waited
    new = (queue_key(newer_sent, newer_tier, TIMES, needed_by=newer_needed, zone=zone), newer_sent)
    assert old < new


def test_the_wait_that_the_page_promises_is_53_days_and_not_less():
    assert unpassable_after(TIMES) == 53 * DAY
    new = SENT + 53 * DAY - timedelta(seconds=1)
    assert queue_key(new, P1, TIMES) < queue_key(SENT, P4, TIMES)


@given(moments, st.lists(tiers, min_size=1), days, zones)
def test_what_was_announced_is_never_put_off(sent, path, needed, zone):
    announced = None
    for tier in path:
        due = promise(sent, tier, TIMES, announced=announced, needed_by=needed, zone=zone)
        assert announced is None or due <= announced
        announced = due
    assert announced <= min(sent + TIMES.target(tier) for tier in path)


@given(moments, tiers, tiers, days, zones)
def test_a_sooner_tier_is_never_promised_or_placed_later(sent, one, other, needed, zone):
    sooner, later = sorted((one, other))
    assert promise(sent, sooner, TIMES, needed_by=needed) <= promise(sent, later, TIMES, needed_by=needed)
    kwargs = {"needed_by": needed, "zone": zone}
    assert queue_key(sent, sooner, TIMES, **kwargs) <= queue_key(sent, later, TIMES, **kwargs)


@given(moments, tiers, days, days)
def test_an_earlier_need_is_never_promised_or_placed_later(sent, tier, one, other):
    sooner, later = sorted((one, other), key=lambda day: day or date.max)
    assert promise(sent, tier, TIMES, needed_by=sooner) <= promise(sent, tier, TIMES, needed_by=later)
    assert queue_key(sent, tier, TIMES, needed_by=sooner) <= queue_key(sent, tier, TIMES, needed_by=later)


@given(moments, moments, tiers, days)
def test_drafts_come_after_all_others_by_creation(created, sent, tier, needed):
    assert draft_order_key(created) > queue_key(sent, tier, TIMES, needed_by=needed)
    assert (draft_order_key(created) < draft_order_key(sent)) == (created < sent)


HOURS_OF_A_WEEK = [datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hour, minutes=59) for hour in range(24 * 7)]


@pytest.mark.parametrize("tier", Tier)
def test_triage_offer_and_review_fit_the_promise_in_the_worst_week(tier):
    taken = []
    for sent in HOURS_OF_A_WEEK:
        end = sent
        for segment in (Segment.TRIAGE, Segment.OFFER, Segment.REVIEW):
            end = segment_due(end, tier, segment, TIMES, WEEKDAYS)
        assert end <= promise(sent, tier, TIMES)
        taken.append(end - sent)
    assert max(taken) == TIMES.target(tier), "the worst week uses the promise up: the targets are not looser than said"


def test_p1_runs_on_all_days_and_the_others_wait_for_monday():
    saturday = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    assert segment_due(saturday, P1, Segment.TRIAGE, TIMES, WEEKDAYS) == saturday + DAY
    assert segment_due(saturday, P2, Segment.TRIAGE, TIMES, WEEKDAYS) == saturday + 2 * DAY


def test_triage_runs_by_the_soonest_tier_that_the_unknowns_could_lead_to():
    due = next_action_due(Status.SUBMITTED, SENT, TIMES, WEEKDAYS, tier=P4, soonest=P1)
    assert due == SENT + DAY
    assert next_action_due(Status.READY, SENT, TIMES, WEEKDAYS, tier=P4, soonest=P1) == SENT + 4 * DAY


@pytest.mark.parametrize(
    ("status", "due"),
    [
        ("draft", 1),
        ("submitted", 2),
        ("in_triage", 2),
        ("ready", 2),
        ("offered", 2),
        ("accepted", 8),  # six working days from a Monday
        ("in_review", 8),
        ("opinion_issued", 3),
        ("acknowledged", 28),
    ],
)
def test_each_turn_has_its_time(status, due):
    assert next_action_due(Status(status), SENT, TIMES, WEEKDAYS, tier=P3) == SENT + due * DAY


@pytest.mark.parametrize("status", sorted(ENDED))
def test_nothing_is_due_after_the_end(status):
    assert next_action_due(status, SENT, TIMES, WEEKDAYS, tier=P1) is None


def test_every_open_status_has_a_due_time_or_a_question_that_carries_one():
    assert set(SEGMENT_OF) | {Status.DRAFT, Status.ACKNOWLEDGED, Status.INFORMATION_REQUESTED} == OPEN
    with pytest.raises(ValueError, match="question"):
        next_action_due(Status.INFORMATION_REQUESTED, SENT, TIMES, WEEKDAYS, tier=P1)
    with pytest.raises(ValueError, match="tier"):
        next_action_due(Status.READY, SENT, TIMES, WEEKDAYS)


@pytest.mark.parametrize("status", Status)
def test_overdue_is_open_received_unanswered_and_past_the_promise(status):
    unanswered = ["submitted", "in_triage", "information_requested", "ready", "offered", "accepted", "in_review"]
    assert is_overdue(status, SENT, SENT + timedelta(seconds=1)) == (status in unanswered)
    assert not is_overdue(status, SENT, SENT)
    assert not is_overdue(status, None, SENT)


@pytest.mark.parametrize(
    ("after", "expected"),
    [(-1, "Start now"), (0, "Start now"), (1, "This week"), (7 * 86_400, "This week"), (7 * 86_400 + 1, "Later")],
)
def test_the_bands_of_the_worklist_are_cut_by_the_place_alone(after, expected):
    assert band(SENT + timedelta(seconds=after), SENT) == expected


def test_urgent_ones_start_now_and_drafts_are_later():
    assert band(queue_key(SENT, P2, TIMES), SENT) is Band.START_NOW
    assert band(queue_key(SENT, P3, TIMES), SENT) is Band.LATER
    assert band(draft_order_key(SENT), SENT) is Band.LATER
    assert band_limits(SENT) == (SENT, SENT + 7 * DAY)


def test_a_needed_day_counts_from_its_first_moment_even_when_clocks_change():
    day_of_change = date(2026, 11, 1)
    start = midnight(day_of_change, "America/Los_Angeles")
    assert (
        promise(start - 40 * DAY + DAY, P4, TIMES, needed_by=day_of_change, zone="America/Los_Angeles") <= start - DAY
    )
