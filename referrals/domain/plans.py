"""A plan for the whole queue in words: for each referral the center that is proposed and why, or why there is none."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from referrals.domain.sentences import counted, sentence_list


class PlanStatus(StrEnum):
    """`superseded`: a newer plan stands in its place. Only a plan that is `ready` can be approved."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    FAILED = "failed"


class PlanCause(StrEnum):
    """Who or what asked for it: a person or partner, the morning, or the arrival of one that cannot wait for it."""

    ASKED = "asked"
    DAILY = "daily"
    URGENT = "urgent"


class Unplaced(StrEnum):
    """Why a referral gets no place in this plan."""

    NO_ELIGIBLE_CENTER = "no_eligible_center"
    NO_PLACE = "no_place"
    KEPT_BACK = "kept_back"
    EARLIER_FIRST = "earlier_first"


class Outcome(StrEnum):
    """What became of a proposal when the plan was approved."""

    OFFERED = "offered"
    LEFT_OUT = "left_out"
    CHANGED = "changed"


# More than any fit: a place of a week to come is taken only where this week has none.
A_WEEK_LATER = 2000


@dataclass(frozen=True, slots=True)
class Way:
    """One center that a referral could go to, by one room, so many weeks `ahead` of this one.

    `acknowledge` says what whoever takes it must know.
    """

    center: UUID
    name: str
    week: date
    room: int
    score: int
    ahead: int = 0
    acknowledge: tuple[str, ...] = ()
    is_late: bool = False
    is_unknown: bool = False

    @property
    def points(self) -> int:
        return self.score - A_WEEK_LATER * self.ahead


@dataclass(frozen=True, slots=True)
class Entry:
    """One referral of the queue. `ways` best first; then the centers that fit, by what keeps it from them now.

    `excluded` counts the centers by constraint, each once for every constraint that stands against it: where none fits.
    """

    reference: str
    family: str | None
    ways: tuple[Way, ...] = ()
    full: tuple[str, ...] = ()
    kept_back: tuple[str, ...] = ()
    excluded: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def points(self) -> dict[int, int]:
        return {way.room: way.points for way in self.ways}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the plan says of one referral: a `way` with its rank among its centers, or the reason why there is none."""

    because: str
    way: Way | None = None
    rank: int | None = None
    runner_up: Way | None = None
    code: Unplaced | None = None


Speaks = Callable[[int, Way], str]


def explained(entries: Sequence[Entry], seats: Sequence[int | None], speaks: Speaks) -> Iterator[Proposal]:
    """One proposal for each referral, in order. `speaks` says what speaks for a way of the one with this number."""
    held: dict[UUID, list[int]] = defaultdict(list)
    ways = [_way_to(entry, seat) for entry, seat in zip(entries, seats, strict=True)]
    for number, way in enumerate(ways):
        if way:
            held[way.center].append(number)
    holders = _Holders(entries, held)
    for number, (entry, way) in enumerate(zip(entries, ways, strict=True)):
        yield _placed(entry, way, holders, speaks(number, way)) if way else _unplaced(entry)


def _way_to(entry: Entry, seat: int | None) -> Way | None:
    return next((way for way in entry.ways if way.room == seat), None)


@dataclass(frozen=True, slots=True)
class _Holders:
    """Who is placed at each center by the same plan."""

    entries: Sequence[Entry]
    by_center: Mapping[UUID, Sequence[int]]

    def of(self, center: UUID) -> list[Entry]:
        return [self.entries[number] for number in self.by_center.get(center, ())]


def centers_of(entry: Entry) -> list[Way]:
    """The best way to each of its centers, best first."""
    best: dict[UUID, Way] = {}
    for way in entry.ways:
        best.setdefault(way.center, way)
    return list(best.values())


def _placed(entry: Entry, way: Way, holders: _Holders, fit: str) -> Proposal:
    centers = centers_of(entry)
    rank = 1 + [each.center for each in centers].index(way.center)
    others = [each for each in centers if each.center != way.center]
    runner_up = others[0] if others else None
    because = _first(way, runner_up) if rank == 1 else _not_first(way, centers[: rank - 1], holders)
    return Proposal(f"{fit} {because}", way, rank, runner_up)


def _first(way: Way, next_best: Way | None) -> str:
    if next_best is None:
        return "No other center with a place fits."
    ahead = way.score - next_best.score
    if ahead == 0:
        return f"{next_best.name} fits as well."
    return f"The best fit: {counted(ahead, 'point')} ahead of {next_best.name}."


def _not_first(way: Way, better: Sequence[Way], holders: _Holders) -> str:
    """What held the better place: named for the best of them."""
    first = better[0]
    ahead = first.score - way.score
    said = (
        f"{first.name} would fit better by {counted(ahead, 'point')}." if ahead else f"{first.name} would fit as well."
    )
    there = holders.of(first.center)
    if not there:
        return said
    bound = [each for each in there if _has_one_center(each)]
    names = sentence_list([each.reference for each in (bound or there)[:2]])
    if bound:
        return f"{said} Its place goes to {names}, with nowhere else to go."
    return f"{said} Its place goes to {names}: so all of them together fit best."


def _has_one_center(entry: Entry) -> bool:
    return all(way.center == entry.ways[0].center for way in entry.ways)


NAMED = 3

# In the order in which a person would go through them; as many centers as each counts fail it.
WHY_NOT: Mapping[str, str] = MappingProxyType(
    {
        "expertise": "too little expertise",
        "multidisciplinary_team": "no multidisciplinary team",
        "age": "not for this age",
        "distance": "too far away",
        "consent_covers_center": "not covered by the consent",
        "first_opinion": "gave the first opinion",
        "conflict": "a conflict of interest",
        "answered_before": "asked before",
        "center_is_active": "paused or inactive",
    }
)


def _unplaced(entry: Entry) -> Proposal:
    if entry.ways:
        names = _some([each.name for each in centers_of(entry)])
        said = f"Every place that it could have, at {names}, goes to a referral that stands before it."
        return Proposal(said, code=Unplaced.EARLIER_FIRST)
    if entry.kept_back:
        said = f"At {_some(entry.kept_back)} the week's remaining places are kept for the most urgent until later in the week."
        return Proposal(said, code=Unplaced.KEPT_BACK)
    if entry.full:
        said = f"No place is left before the answer is due at {_some(entry.full)}, where it would fit."
        return Proposal(said, code=Unplaced.NO_PLACE)
    counted = sorted(entry.excluded.items(), key=lambda each: (-each[1], list(WHY_NOT).index(each[0])))
    reasons = "; ".join(f"{WHY_NOT[code]} ({count})" for code, count in counted[:NAMED])
    said = f"No center can be asked. Most often: {reasons}." if reasons else "The network has no center."
    return Proposal(said, code=Unplaced.NO_ELIGIBLE_CENTER)


def _some(names: Sequence[str]) -> str:
    """A few of them by name, and how many more there are."""
    more = len(names) - NAMED
    return sentence_list(names) if more <= 0 else f"{', '.join(names[:NAMED])} and {more} more"


@dataclass(frozen=True, slots=True)
class Scarce:
    """Expertise that there is too little of. `price`: by how many points all would fit better with one more place.

    `unplaced` referrals of the family fit somewhere and got no place.
    """

    family: str
    price: int
    unplaced: int


def scarce(entries: Sequence[Entry], proposals: Sequence[Proposal], worth: Sequence[int]) -> list[Scarce]:
    """By family, the dearest first. `worth` is the price of one more place in each room."""
    price: Counter[str] = Counter()
    unplaced: Counter[str] = Counter()
    for entry, proposal in zip(entries, proposals, strict=True):
        if entry.family is None:
            continue
        dearest = max((worth[way.room] for way in entry.ways), default=0)
        price[entry.family] = max(price[entry.family], dearest)
        unplaced[entry.family] += proposal.code is not None and proposal.code is not Unplaced.NO_ELIGIBLE_CENTER
    found = [Scarce(family, price[family], unplaced[family]) for family in price]
    return sorted((each for each in found if each.price or each.unplaced), key=_dearest_first)


def _dearest_first(each: Scarce) -> tuple[int, int, str]:
    return -each.unplaced, -each.price, each.family
