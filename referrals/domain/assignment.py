"""Who of the whole queue gets a place, by its order alone, and what one more place anywhere would be worth.

A referral is placed if that can be done without taking the place of one before it. Others may be moved elsewhere for
it, never out. The sets that can be placed together form a matroid, so taking them one by one in order is also the best
that can be done: no other choice places more, or lets an earlier one in.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from referrals.domain.rooms import Room

# Rooms are kept as the bits of one number: thousands of searches over hundreds of rooms each.
Bits = int


def bits_of(rooms: Sequence[int]) -> Bits:
    found = 0
    for room in rooms:
        found |= 1 << room
    return found


def rooms_in(bits: Bits) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def around(room: int | None, rooms: Sequence[Room]) -> Iterator[int]:
    """The room, and each that it is part of, from the inside out."""
    while room is not None:
        yield room
        room = rooms[room].part_of


@dataclass(frozen=True, slots=True)
class _Move:
    """How a search came to a room: out of another one, or into it by a referral that enters or changes over."""

    source: int | None
    referral: int | None = None


class _Seats:
    """Who sits where. `count` is how many of a room's places are taken, by its own and by those of rooms inside."""

    def __init__(self, wishes: Sequence[Bits], rooms: Sequence[Room]) -> None:
        self.wishes, self.rooms = wishes, rooms
        self.count = [0] * len(rooms)
        self.inside: list[list[int]] = [[] for _ in rooms]
        self.own: list[dict[int, None]] = [{} for _ in rooms]
        self.seat: list[int | None] = [None] * len(wishes)
        self.closed: Bits = 0
        self.perhaps_vacant: Bits = (1 << len(rooms)) - 1
        for number, room in enumerate(rooms):
            if room.part_of is not None:
                self.inside[room.part_of].append(number)

    def admit(self, referral: int) -> None:
        """Seat one more, moving others where that helps. Where it cannot be done, it never can: those rooms close."""
        vacant = self._vacant_among(self.wishes[referral])
        if vacant is None:
            self._search(referral)
            return
        self.own[vacant][referral], self.seat[referral] = None, vacant
        for room in around(vacant, self.rooms):
            self.count[room] += 1

    def _vacant_among(self, wish: Bits) -> int | None:
        """A room with a free place, if one is known without moving anybody."""
        for room in rooms_in(wish & self.perhaps_vacant):
            if all(self.count[each] < self.rooms[each].free for each in around(room, self.rooms)):
                return room
            self.perhaps_vacant &= ~(1 << room)
        return None

    def _search(self, referral: int) -> None:
        """Breadth first: the fewest move for one more."""
        came: dict[int, _Move] = {}
        open_rooms = ~self.closed
        waiting: deque[int] = deque()

        def reach(rooms: Bits, move: _Move) -> None:
            nonlocal open_rooms
            for room in rooms_in(rooms & open_rooms):
                came[room] = move
                waiting.append(room)
            open_rooms &= ~rooms

        reach(self.wishes[referral], _Move(None, referral))
        while waiting:
            room = waiting.popleft()
            if self.rooms[room].part_of is None and self.count[room] < self.rooms[room].free:
                self._seat(room, came)
                return
            for rooms, move in self._ways_on(room):
                reach(rooms, move)
        self.closed |= bits_of(tuple(came))

    def _ways_on(self, room: int) -> Iterator[tuple[Bits, _Move]]:
        """Outward where there is room; else somebody inside, or of its own, has to go elsewhere."""
        outer = self.rooms[room].part_of
        if outer is not None and self.count[room] < self.rooms[room].free:
            yield 1 << outer, _Move(room)
        for inner in self.inside[room]:
            if self.count[inner]:
                yield 1 << inner, _Move(room)
        for other in self.own[room]:
            yield self.wishes[other], _Move(room, other)

    def _seat(self, last: int, came: Mapping[int, _Move]) -> None:
        """Follow the search back from the place that was free, and let everybody on the way move."""
        self.count[last] += 1
        room: int | None = last
        while room is not None:
            move = came[room]
            self._moved(room, move)
            room = move.source

    def _moved(self, room: int, move: _Move) -> None:
        if move.referral is not None:
            if move.source is not None:
                del self.own[move.source][move.referral]
            self.own[room][move.referral] = None
            self.seat[move.referral] = room
        elif move.source is not None and self.rooms[move.source].part_of == room:
            self.count[move.source] += 1
        else:
            self.count[room] -= 1


def choose(wishes: Sequence[Bits], rooms: Sequence[Room]) -> list[int | None]:
    """A room for each referral that gets a place, None for the others.

    `wishes` stand in the order of the queue: for each referral the rooms that it could enter. Which referrals get a
    place follows from that order alone; in which room is only one way to seat them all together.
    """
    seats = _Seats(wishes, rooms)
    for referral, wish in enumerate(wishes):
        if wish:
            seats.admit(referral)
    return seats.seat


Points = Mapping[int, int]


def prices(points: Sequence[Points], seats: Sequence[int | None], rooms: Sequence[Room]) -> list[int]:
    """For each room, by how many points all together would fit better if it, and all around it, let one more in.

    `points` says for each referral what each room is worth to it; `seats` is the best placing of all who are placed.
    Shortest ways through the moves that are left (Bellman and Ford): nothing is gained going in a circle, as the
    placing is the best there is.
    """
    arcs = _moves_left(points, seats, rooms)
    outside = len(rooms)
    cost = [_FAR] * len(rooms) + [0]
    waiting, is_waiting = deque([outside]), {outside}
    while waiting:
        source = waiting.popleft()
        is_waiting.discard(source)
        for target, step in arcs[source].items():
            if cost[source] + step < cost[target]:
                cost[target] = cost[source] + step
                if target not in is_waiting:
                    waiting.append(target)
                    is_waiting.add(target)
    return [max(0, *(-cost[each] for each in around(room, rooms))) for room in range(outside)]


_FAR = 1 << 60


def _moves_left(points: Sequence[Points], seats: Sequence[int | None], rooms: Sequence[Room]) -> list[dict[int, int]]:
    """From room to room, what moving one referral costs; from and to the outside, that a place is given up or free."""
    outside = len(rooms)
    arcs: list[dict[int, int]] = [{} for _ in range(outside + 1)]
    for number, count in enumerate(_counted(seats, rooms)):
        outer = rooms[number].part_of
        beyond = outside if outer is None else outer
        if count < rooms[number].free:
            arcs[number][beyond] = 0
        if count:
            arcs[beyond][number] = 0
    for referral, seat in enumerate(seats):
        if seat is None:
            continue
        here, ways = points[referral][seat], arcs[seat]
        for room, worth in points[referral].items():
            if here - worth < ways.get(room, _FAR):
                ways[room] = here - worth
    return arcs


def _counted(seats: Sequence[int | None], rooms: Sequence[Room]) -> list[int]:
    count = [0] * len(rooms)
    for seat in seats:
        for room in around(seat, rooms):
            count[room] += 1
    return count
