"""Works out where everybody who is ready could be placed: who by the order of the queue alone, where by all their fits."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from uuid import UUID

from sqlalchemy.orm import Session

from referrals.domain.assignment import bits_of, choose, prices
from referrals.domain.centers import Service
from referrals.domain.matching import PLACE, Fit, Weight, judge_center
from referrals.domain.plans import Entry, Proposal, Scarce, Way, explained, scarce
from referrals.domain.rooms import UNPACED, Door, Limit, Rooms, Stock, elapsed_share, weeks_for
from referrals.domain.vocabulary import Tier
from referrals.pathway.places import Week
from referrals.pathway.ready_queue import Centers, Waiting, centers_for, needs_of_all
from referrals.pathway.rules import Rules, rules_of
from referrals.pathway.solver import place

MOST_REFERRALS = 5000
TOLD_EVERY = 100

Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Worked:
    """The plan: the queue as it was read, what is proposed for each, and which expertise is scarce."""

    queue: Sequence[Waiting]
    proposals: Sequence[Proposal]
    scarce: Sequence[Scarce]


@dataclass(frozen=True, slots=True)
class Read:
    """Everything that the plan is made of, read in one transaction."""

    rules: Rules
    now: datetime
    queue: Sequence[Waiting]
    centers: Centers


def read_queue(session: Session, network_id: UUID, now: datetime) -> Read:
    rules = rules_of(session, network_id)
    queue = needs_of_all(session, network_id, rules, now, MOST_REFERRALS)
    return Read(rules, now, queue, centers_for(session, network_id, rules, now, queue))


def work_out(read: Read, tell: Told = lambda percent: None) -> Worked:
    """No database is asked any more. `tell` hears how far it is, in percent."""
    rooms = rooms_of(read)
    reader = _Reader(read, rooms)
    entries = list(_told(reader, tell))
    seats = choose([bits_of(tuple(entry.points)) for entry in entries], rooms.all)
    tell(70)
    placed = [number for number, seat in enumerate(seats) if seat is not None]
    best = place([entries[number].points for number in placed], rooms.all)
    for number, room in zip(placed, best, strict=True):
        seats[number] = room
    tell(90)
    proposals = list(explained(entries, seats, reader.speaks))
    worth = prices([entry.points for entry in entries], seats, rooms.all)
    return Worked(read.queue, proposals, scarce(entries, proposals, worth))


def rooms_of(read: Read) -> Rooms:
    today = read.rules.calendar.local_date(read.now)
    stocks = (
        Stock(center, week.week, week.places, week.held, _limits(week))
        for center, weeks in read.centers.places.items()
        for week in weeks
    )

    def share(week: date) -> Fraction:
        return elapsed_share(week, today, read.rules.calendar)

    return Rooms(stocks, share)


def _limits(week: Week) -> dict[Service, Limit]:
    return {limit.service: Limit(limit.places, limit.reserved + limit.used) for limit in week.limits}


def _told(reader: "_Reader", tell: Told) -> Iterator[Entry]:
    for number, waiting in enumerate(reader.read.queue):
        if number % TOLD_EVERY == 0:
            tell(5 + 60 * number // len(reader.read.queue))
        yield reader.entry(waiting)


@dataclass(slots=True)
class _Sorted:
    """The centers for one referral, by whether it can be placed there now."""

    ways: list[Way] = field(default_factory=list)
    full: list[str] = field(default_factory=list)
    kept_back: list[str] = field(default_factory=list)

    @property
    def nobody(self) -> bool:
        return not (self.ways or self.full or self.kept_back)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads a referral and its centers as an entry of the plan."""

    read: Read
    rooms: Rooms

    def entry(self, waiting: Waiting) -> Entry:
        found = _Sorted()
        paced = waiting.needs.tier not in UNPACED
        for ahead, week in enumerate(self._weeks(waiting)):
            door = Door(waiting.needs.line, paced)
            for center in self.read.centers.in_question(waiting, ahead):
                self._sort(found, judge_center(center, waiting.needs), week, door, ahead)
        ways = sorted(found.ways, key=lambda way: (-way.points, way.room))
        excluded = self._excluded(waiting) if found.nobody else {}
        reference, family = waiting.referral.reference, waiting.needs.family
        return Entry(reference, family, tuple(ways), tuple(found.full), tuple(found.kept_back), excluded)

    def speaks(self, number: int, way: Way) -> str:
        """What speaks for the center that is proposed: of the others nobody asks."""
        waiting = self.read.queue[number]
        return judge_center(self.read.centers.one_for(waiting, way.center, way.ahead), waiting.needs).because

    def _excluded(self, waiting: Waiting) -> Mapping[str, int]:
        fits = (judge_center(center, waiting.needs) for center in self.read.centers.candidates_for(waiting))
        against = Counter(finding.code for fit in fits for finding in fit.of(Weight.EXCLUDES))
        del against[PLACE]
        return against

    def _weeks(self, waiting: Waiting) -> tuple[date, ...]:
        local = self.read.rules.calendar.local_date
        today, due_at = local(self.read.now), waiting.needs.due_at
        return weeks_for(Tier(waiting.needs.tier), today, local(due_at) if due_at else today)

    def _sort(self, found: _Sorted, fit: Fit, week: date, door: Door, ahead: int) -> None:
        if any(finding.code != PLACE for finding in fit.of(Weight.EXCLUDES)):
            return
        center = fit.center
        room = self.rooms.entrance(center.id, week, door) if center.free_week == week else None
        if room is not None:
            found.ways.append(_way(fit, week, room, ahead))
        elif not ahead:
            is_kept = center.free_week == week and door.paced
            (found.kept_back if is_kept else found.full).append(center.name)


def _way(fit: Fit, week: date, room: int, ahead: int) -> Way:
    known = [finding for finding in fit.findings if finding.weight is not Weight.EXCLUDES]
    return Way(
        fit.center.id,
        fit.center.name,
        week,
        room,
        fit.score,
        ahead,
        acknowledge=tuple([finding.because for finding in known]),
        is_late=any(finding.weight is Weight.LATE for finding in known),
        is_unknown=any(finding.weight is Weight.UNKNOWN for finding in known),
    )
