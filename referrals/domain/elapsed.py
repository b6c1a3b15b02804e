"""Where the days went: whose turn it was for how long, from submission to now or to the end."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, zip_longest
from typing import NamedTuple, TypeVar

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.deadlines import SEGMENT_OF, Segment
from referrals.domain.statuses import OPEN, Status, waiting_on
from referrals.domain.vocabulary import AskedParty, WaitingOn

_Key = TypeVar("_Key")


class Moved(NamedTuple):
    """The part of an event that is read here.

    `asked` comes with the event that opens a blocking question, `center` with every event that names one.
    """

    at: datetime
    after: Status
    asked: AskedParty | None = None
    center: str | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """Hours run on all days. `days` are working days: a whole one counts 1, however many hours it has."""

    time: timedelta = timedelta(0)
    days: float = 0.0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.time + other.time, self.days + other.days)


class Stretch(NamedTuple):
    """From one event to the next: nothing in it changes hands. `party` is None while a referral had ended."""

    party: WaitingOn | None
    status: Status
    spent: Spent


def stretches(
    moves: Iterable[Moved], now: datetime, network: WorkingCalendar, centers: Mapping[str, WorkingCalendar]
) -> Iterator[Stretch]:
    """In their order, without a gap. A center's turn counts in its own days, where it has stated any."""
    told = list(accumulate(_since_submission(moves), _carried_on))
    for move, following in zip_longest(told, told[1:]):
        end = following.at if following else _end(move, now)
        yield _stretch(move, end, network, centers)


def _since_submission(moves: Iterable[Moved]) -> Iterator[Moved]:
    is_sent = False
    for move in moves:
        is_sent = is_sent or move.after is Status.SUBMITTED
        if is_sent:
            yield move


def _end(last: Moved, now: datetime) -> datetime:
    return max(now, last.at) if last.after in OPEN else last.at


def _carried_on(before: Moved, move: Moved) -> Moved:
    """What an earlier event has said still holds: which center it is, and who was asked while the question stands."""
    is_asked = move.after is before.after is Status.INFORMATION_REQUESTED
    return move._replace(center=move.center or before.center, asked=move.asked or (before.asked if is_asked else None))


def _stretch(move: Moved, end: datetime, network: WorkingCalendar, centers: Mapping[str, WorkingCalendar]) -> Stretch:
    party = waiting_on(move.after, move.asked)
    calendar = centers.get(move.center or "", network) if party is WaitingOn.CENTER else network
    return Stretch(party, move.after, Spent(end - move.at, calendar.working_time(move.at, end)))


def by_party(found: Iterable[Stretch]) -> dict[WaitingOn | None, Spent]:
    """In the order in which each first had its turn."""
    return _summed(found, lambda stretch: stretch.party)


def by_segment(found: Iterable[Stretch]) -> dict[Segment, Spent]:
    """A blocking question belongs to whoever was asked and to no segment, as the clock has it."""
    summed = _summed(found, lambda stretch: SEGMENT_OF.get(stretch.status))
    return {segment: spent for segment, spent in summed.items() if segment is not None}


def _summed(found: Iterable[Stretch], key: Callable[[Stretch], _Key]) -> dict[_Key, Spent]:
    summed: dict[_Key, Spent] = {}
    for stretch in found:
        summed[key(stretch)] = summed.get(key(stretch), Spent()) + stretch.spent
    return {each: spent for each, spent in summed.items() if spent.time}
