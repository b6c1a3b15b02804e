"""Where the queue can be placed: the places of each center and week, what part of them is limited, and the pace.

Whatever is told of a place holds together as a tree of rooms: whoever takes a place takes one in its room, and in
every room that this one is part of.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from uuid import UUID

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.centers import Service, monday_of, weeks_from
from referrals.domain.vocabulary import Tier

# Who need not wait for the week to go on: what is kept back is kept for them (priority.md, "The whole queue").
UNPACED = frozenset({Tier.P1})


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many of the week's places are for one line, and so many of those are held already."""

    places: int
    held: int


@dataclass(frozen=True, slots=True)
class Stock:
    """What one center has in one week: `held` counts live and accepted offers."""

    center: UUID
    week: date
    places: int
    held: int
    limits: Mapping[Service, Limit] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Room:
    """At most `free` more referrals, each of which also takes a place in the room `part_of`, by its index."""

    center: UUID
    week: date
    free: int
    part_of: int | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """Who enters a room: of which line, and whether they wait for the pace of the week."""

    line: Service | None
    paced: bool


class Rooms:
    """All rooms in a fixed order, and which of them a referral enters at a center in a week."""

    def __init__(self, stocks: Iterable[Stock], share: Callable[[date], Fraction]) -> None:
        self.all: list[Room] = []
        self._entrances: dict[tuple[UUID, date], dict[Door, int | None]] = {}
        for stock in sorted(stocks, key=lambda each: (each.week, each.center.int)):
            doors = self._built(stock, share(stock.week))
            self._entrances[stock.center, stock.week] = {
                door: room if self._free_in(room) else None for door, room in doors.items()
            }

    def _built(self, stock: Stock, share: Fraction) -> dict[Door, int]:
        whole = self._add(stock, stock.places - stock.held)
        doors = {
            Door(None, paced=False): whole,
            Door(None, paced=True): self._add(stock, int(share * stock.places) - stock.held, whole),
        }
        for line, limit in sorted(stock.limits.items()):
            part = self._add(stock, limit.places - limit.held, whole)
            doors[Door(line, paced=False)] = part
            doors[Door(line, paced=True)] = self._add(stock, int(share * limit.places) - limit.held, part)
        return doors

    def _add(self, stock: Stock, free: int, part_of: int | None = None) -> int:
        self.all.append(Room(stock.center, stock.week, max(0, free), part_of))
        return len(self.all) - 1

    def entrance(self, center: UUID, week: date, door: Door) -> int | None:
        """The room that such a referral enters there; None where no place is left for it."""
        doors = self._entrances.get((center, week))
        if doors is None:
            return None
        return doors[door] if door in doors else doors[Door(None, door.paced)]

    def _free_in(self, room: int) -> int:
        """How many more could enter: no more than each of the rooms around it lets in."""
        at: int | None = room
        free = self.all[room].free
        while at is not None:
            free = min(free, self.all[at].free)
            at = self.all[at].part_of
        return free


def elapsed_share(week: date, today: date, calendar: WorkingCalendar) -> Fraction:
    """How much of that week's working days has come, today's counted whole: 0 before the week, 1 after it.

    In a week without a working day nothing is held back.
    """
    if today < week:
        return Fraction(0)
    working = [day for day in _days_of(week) if calendar.is_working_day(day)]
    return Fraction(sum(day <= today for day in working), len(working)) if working else Fraction(1)


def _days_of(week: date) -> list[date]:
    return [date.fromordinal(week.toordinal() + number) for number in range(7)]


def weeks_for(tier: Tier, today: date, last: date) -> tuple[date, ...]:
    """The weeks in which it may be placed now: a later one only where nothing is held back for those still to come."""
    if tier not in UNPACED or last < today:
        return (monday_of(today),)
    return weeks_from(today, (monday_of(last) - monday_of(today)).days // 7 + 1)
