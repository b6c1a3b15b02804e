"""Where each fits best, all taken together: as good as an independent solver finds it, whatever the order of the input."""

from datetime import date
from uuid import UUID

import numpy
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import linprog

from referrals.domain.assignment import around, bits_of, choose, prices
from referrals.domain.rooms import Room
from referrals.pathway.solver import CannotBePlaced, place

MONDAY = date(2026, 11, 23)


@st.composite
def placed_queues(draw):
    """Rooms, and for each of those who get a place what each room is worth to it."""
    rooms = []
    for number in range(draw(st.integers(1, 4))):
        outer = draw(st.one_of(st.none(), st.integers(0, number - 1))) if number else None
        rooms.append(Room(UUID(int=number + 1), MONDAY, draw(st.integers(0, 2)), outer))
    wish = st.dictionaries(st.integers(0, len(rooms) - 1), st.integers(-400, 960), min_size=1)
    points = draw(st.lists(wish, min_size=1, max_size=6))
    seats = choose([bits_of(tuple(each)) for each in points], rooms)
    return rooms, [each for each, seat in zip(points, seats, strict=True) if seat is not None]


def best(points, rooms):
    """The highest sum that HiGHS finds for the same places: one unknown for each referral and room."""
    pairs = [(number, room) for number, each in enumerate(points) for room in each]
    once = numpy.array([[pair[0] == number for pair in pairs] for number in range(len(points))], dtype=float)
    held = numpy.array([[room in around(pair[1], rooms) for pair in pairs] for room in range(len(rooms))], dtype=float)
    worth = [-points[number][room] for number, room in pairs]
    found = linprog(worth, held, [room.free for room in rooms], once, numpy.ones(len(points)), (0, 1), method="highs")
    return None if found.x is None else round(-found.fun)


@settings(max_examples=30, deadline=None)
@given(placed_queues())
def test_the_sum_of_fits_is_the_best_there_is_and_a_price_is_what_one_more_place_would_add(queue):
    rooms, points = queue
    seats = place(points, rooms)
    worth = sum(each[seat] for each, seat in zip(points, seats, strict=True))
    if not points:
        return
    assert worth == best(points, rooms)
    for number, price in enumerate(prices(points, seats, rooms)):
        wider = [
            Room(room.center, room.week, room.free + (each in around(number, rooms)), room.part_of)
            for each, room in enumerate(rooms)
        ]
        assert price == best(points, wider) - worth


@settings(max_examples=20, deadline=None)
@given(placed_queues(), st.randoms(use_true_random=False))
def test_equal_fits_are_given_out_in_the_same_way_however_the_wishes_were_listed(queue, random):
    rooms, points = queue
    shuffled = [dict(random.sample(list(each.items()), len(each))) for each in points]
    assert place(shuffled, rooms) == place(points, rooms)


def test_more_than_fit_are_refused_rather_than_placed_in_part():
    with pytest.raises(CannotBePlaced):
        place([{0: 1}, {0: 2}], [Room(UUID(int=1), MONDAY, 1)])
