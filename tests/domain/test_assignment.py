"""Who gets a place follows from the order of the queue alone, and nobody waits behind one who came later."""

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from uuid import UUID

import numpy
import pytest
from hypothesis import given, settings, strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from referrals.domain.assignment import around, bits_of, choose
from referrals.domain.calendar import WorkingCalendar
from referrals.domain.centers import Service
from referrals.domain.rooms import Door, Limit, Room, Rooms, Stock, elapsed_share, weeks_for
from referrals.domain.vocabulary import Tier

MONDAY = date(2026, 11, 23)
CALENDAR = WorkingCalendar("America/Chicago", frozenset({date(2026, 11, 26)}))
SUMMIT, HARBOR = UUID(int=1), UUID(int=2)
ANYBODY, PACED = Door(None, paced=False), Door(None, paced=True)


@st.composite
def houses(draw, most=5):
    """Rooms of which some are part of others, and a queue that wishes for some of them."""
    rooms = []
    for number in range(draw(st.integers(1, most))):
        outer = draw(st.one_of(st.none(), st.integers(0, number - 1))) if number else None
        rooms.append(Room(SUMMIT, MONDAY, draw(st.integers(0, 3)), outer))
    wish = st.sets(st.integers(0, len(rooms) - 1))
    return rooms, draw(st.lists(wish, max_size=9))


def fit_together(wishes, rooms):
    """Whether all of these can be seated at once: by a library's maximum flow, not by ours."""
    count, sink = len(wishes), len(wishes) + len(rooms) + 1
    capacity = numpy.zeros((sink + 1, sink + 1), dtype=numpy.int32)
    for number, wish in enumerate(wishes, 1):
        capacity[0, number] = 1
        for room in wish:
            capacity[number, count + 1 + room] = 1
    for number, room in enumerate(rooms):
        capacity[count + 1 + number, sink if room.part_of is None else count + 1 + room.part_of] = room.free
    return maximum_flow(csr_array(capacity), 0, sink).flow_value == count


def greedy(wishes, rooms):
    """One after the other, in order: is there a way to seat them beside all who are seated already?"""
    seated = []
    for number, wish in enumerate(wishes):
        if fit_together([*(wishes[each] for each in seated), wish], rooms):
            seated.append(number)
    return seated


@settings(max_examples=60, deadline=None)
@given(houses())
def test_who_gets_a_place_is_who_an_independent_greedy_lets_in(house):
    rooms, wishes = house
    seats = choose([bits_of(tuple(wish)) for wish in wishes], rooms)
    assert [number for number, seat in enumerate(seats) if seat is not None] == greedy(wishes, rooms)
    assert all(seat is None or seat in wish for seat, wish in zip(seats, wishes, strict=True))
    taken = Counter(room for seat in seats for room in around(seat, rooms))
    assert all(taken[number] <= room.free for number, room in enumerate(rooms))


def test_an_earlier_one_is_moved_for_a_later_one_but_never_put_out():
    summit, harbor = Room(SUMMIT, MONDAY, 1), Room(HARBOR, MONDAY, 1)
    assert choose([0b11, 0b01, 0b01], [summit, harbor]) == [1, 0, None]


def test_a_limit_holds_also_for_those_who_came_in_while_others_moved():
    # Summit has two places, one of them for children at most; Harbor two more.
    rooms = [Room(SUMMIT, MONDAY, 2), Room(SUMMIT, MONDAY, 1, 0), Room(SUMMIT, MONDAY, 2, 0), Room(HARBOR, MONDAY, 2)]
    adult, child = bits_of([2, 3]), bits_of([1])
    assert choose([adult, adult, child, child], rooms) == [3, 2, 1, None]


def test_a_place_for_children_is_a_place_of_the_center():
    limited = Stock(SUMMIT, MONDAY, 3, 1, {Service.PEDIATRICS: Limit(1, 0)})
    rooms = Rooms([limited], lambda week: Fraction(1))
    child, adult = (
        bits_of([rooms.entrance(SUMMIT, MONDAY, door)]) for door in (Door(Service.PEDIATRICS, False), ANYBODY)
    )
    seats = choose([child, child, adult, adult], rooms.all)
    assert [seat is not None for seat in seats] == [True, False, True, False]


@pytest.mark.parametrize(
    ("day", "share"),
    [
        (MONDAY - timedelta(days=1), Fraction(0)),
        (MONDAY, Fraction(1, 4)),
        (date(2026, 11, 25), Fraction(3, 4)),
        (date(2026, 11, 26), Fraction(3, 4)),
        (date(2026, 11, 27), Fraction(1)),
        (date(2026, 11, 30), Fraction(1)),
    ],
)
def test_the_pace_is_the_share_of_the_working_days_that_have_come(day, share):
    assert elapsed_share(MONDAY, day, CALENDAR) == share


def test_in_a_week_without_work_nothing_is_kept_back():
    shut = WorkingCalendar("UTC", frozenset(MONDAY + timedelta(days=number) for number in range(7)))
    assert elapsed_share(MONDAY, MONDAY, shut) == 1


def test_what_the_pace_keeps_back_is_there_for_the_most_urgent_the_same_day():
    rooms = Rooms([Stock(SUMMIT, MONDAY, places=5, held=1)], lambda week: Fraction(2, 5))
    others = bits_of([rooms.entrance(SUMMIT, MONDAY, PACED)])
    first = bits_of([rooms.entrance(SUMMIT, MONDAY, ANYBODY)])
    # The only one that the pace lets in is in; one that arrives at noon is placed all the same.
    assert [seat is not None for seat in choose([others, others, first], rooms.all)] == [True, False, True]
    held = Rooms([Stock(SUMMIT, MONDAY, places=5, held=2)], lambda week: Fraction(2, 5))
    assert held.entrance(SUMMIT, MONDAY, PACED) is None
    assert held.entrance(SUMMIT, MONDAY, ANYBODY) is not None
    assert held.entrance(HARBOR, MONDAY, ANYBODY) is None
    begun = Rooms([Stock(SUMMIT, MONDAY, places=1, held=0)], lambda week: Fraction(4, 5))
    assert begun.entrance(SUMMIT, MONDAY, PACED) is None


def test_only_the_most_urgent_take_places_of_weeks_to_come():
    friday, later = MONDAY + timedelta(days=4), MONDAY + timedelta(days=15)
    assert weeks_for(Tier.P1, friday, later) == tuple(MONDAY + timedelta(days=7 * number) for number in range(3))
    assert weeks_for(Tier.P1, friday, MONDAY - timedelta(days=20)) == (MONDAY,)
    assert [weeks_for(tier, friday, later) for tier in (Tier.P2, Tier.P3, Tier.P4)] == [(MONDAY,)] * 3


TARGET = {Tier.P1: 3, Tier.P2: 7, Tier.P3: 14, Tier.P4: 28}
MARGIN = {Tier.P1: 28, Tier.P2: 14, Tier.P3: 0, Tier.P4: 0}
MIX = (Tier.P1, Tier.P2, Tier.P2, Tier.P3, Tier.P3, Tier.P3, Tier.P4, Tier.P4, Tier.P4, Tier.P4)
CENTERS, A_WEEK, WEEKS = 6, 10, 26
EVERY_DAY = WorkingCalendar("UTC", working_weekdays=frozenset(range(7)))


def simulated(load):
    """Half a year of arrivals and daily runs. Each day the queue in order, who was placed, and the rooms of the day."""
    random = Random(11)
    centers = [UUID(int=number + 1) for number in range(CENTERS)]
    queue, held, serial, arrives = [], Counter(), 0, 0.0
    for day in range(WEEKS * 7):
        today = MONDAY + timedelta(days=day)
        week = today - timedelta(days=today.weekday())
        while arrives < day + 1:
            arrives += random.expovariate(load * CENTERS * A_WEEK / 7)
            tier = random.choice(MIX)
            order = day + TARGET[tier] - MARGIN[tier]
            queue.append((order, day, serial, tier, frozenset(random.sample(centers, 3))))
            serial += 1
        queue.sort(key=lambda each: each[:3])
        stocks = [Stock(center, week, A_WEEK, held[center, week]) for center in centers]
        rooms = Rooms(stocks, lambda each, today=today: elapsed_share(each, today, EVERY_DAY))
        wishes = [
            {
                room
                for center in able
                if (room := rooms.entrance(center, week, Door(None, tier is not Tier.P1))) is not None
            }
            for _, _, _, tier, able in queue
        ]
        seats = choose([bits_of(tuple(wish)) for wish in wishes], rooms.all)
        yield day, queue, wishes, seats, rooms
        for seat in seats:
            if seat is not None:
                held[rooms.all[seat].center, week] += 1
        queue = [each for each, seat in zip(queue, seats, strict=True) if seat is None]


@pytest.mark.parametrize(("load", "longest"), [(0.8, 7), (0.95, 14), (1.1, 53)])
def test_at_every_load_nobody_eligible_waits_behind_a_later_one_and_the_most_urgent_are_placed_the_same_day(
    load, longest
):
    waits: dict[Tier, list[int]] = {tier: [] for tier in Tier}
    looked_at = 0
    for day, queue, wishes, seats, rooms in simulated(load):
        placed = [number for number, seat in enumerate(seats) if seat is not None]
        left_out = [number for number, seat in enumerate(seats) if seat is None and wishes[number]]
        for number in left_out[:3]:
            before = [wishes[each] for each in placed if each < number]
            assert not fit_together([*before, wishes[number]], rooms.all)
        looked_at += len(left_out)
        for number in placed:
            waits[queue[number][3]].append(day - queue[number][1])
    assert looked_at > 100
    assert max(waits[Tier.P1]) == 0
    assert max(max(each) for each in waits.values()) <= longest
