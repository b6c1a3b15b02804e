"""Where each of those who get a place fits best, all taken together: a min-cost flow through the rooms."""

from collections.abc import Sequence
from itertools import chain

from referrals.domain.assignment import Points
from referrals.domain.rooms import Room


class CannotBePlaced(ValueError):
    """Those who were chosen do not fit into the rooms together."""


def place(points: Sequence[Points], rooms: Sequence[Room]) -> list[int]:
    """The room of each referral, so that the sum of `points` is as high as it can be.

    All are placed. Whole numbers, arcs in a fixed order, and a tie-break that is smaller than one point in sum: the
    same queue gives the same answer, however it was handed in, and where it is all the same to the sum, whoever stands
    first in the queue gets the place that fits better. `CannotBePlaced` where not all can be.
    """
    if not points:
        return []
    # Here, so that a process that never solves does not carry the solver.
    import numpy
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    count, sink = len(points), len(points) + len(rooms)
    flow = SimpleMinCostFlow()
    point = count * count * len(rooms) + 1
    wishes = [sorted(each, key=lambda room: (-each[room], room)) for each in points]
    lengths = [len(each) for each in wishes]
    arcs = sum(lengths)
    sources = numpy.repeat(numpy.arange(count), lengths)
    into = numpy.fromiter(chain.from_iterable(wishes), numpy.int64, arcs)
    worth = (points[number][room] for number, each in enumerate(wishes) for room in each)
    choice = (place for each in lengths for place in range(each))
    tie = numpy.fromiter(choice, numpy.int64, arcs) * (count - sources)
    cost = tie - point * numpy.fromiter(worth, numpy.int64, arcs)
    flow.add_arcs_with_capacity_and_unit_cost(sources, count + into, numpy.ones(arcs, numpy.int64), cost)
    for number, room in enumerate(rooms):
        outer = sink if room.part_of is None else count + room.part_of
        flow.add_arc_with_capacity_and_unit_cost(count + number, outer, room.free, 0)
    flow.set_nodes_supplies(numpy.arange(count), numpy.ones(count, numpy.int64))
    flow.set_node_supply(sink, -count)
    if flow.solve() != flow.OPTIMAL:
        raise CannotBePlaced
    taken = flow.flows(numpy.arange(arcs)).astype(bool)
    return [int(room) for room in into[taken]]
