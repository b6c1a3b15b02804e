"""What became of the offers to a center, and how long it took: counts become shares, times become medians.

Numbers below five are hidden, as `domain.small_numbers` says, and a share or a time is shown only beside the numbers
that it is made of.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from types import MappingProxyType

from referrals.domain.centers import OfferStatus
from referrals.domain.deadlines import Segment, Times
from referrals.domain.small_numbers import FEWEST_SHOWN, TOTAL, Shown, without_small
from referrals.domain.tumor_family import family_labels
from referrals.domain.vocabulary import DeclineOfferReason, Tier

# How far back a record looks: an offer counts from its answer, an opinion from its signature.
LOOKS_BACK = timedelta(days=365)
NO_FAMILY = "unknown"

ACCEPTED, LAPSED = OfferStatus.ACCEPTED.value, OfferStatus.LAPSED.value
DECLINED: Mapping[DeclineOfferReason, str] = MappingProxyType(
    {reason: f"declined_{reason.value}" for reason in DeclineOfferReason}
)
# What counts for acceptance, and what does not: what the network took back, what came back, what still waits.
ANSWERED = (ACCEPTED, *DECLINED.values(), LAPSED)
OTHERWISE = tuple(each.value for each in OfferStatus if each.value not in (ACCEPTED, LAPSED, OfferStatus.DECLINED))
LATE, IN_TIME = "late", "in_time"

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_WORKING_WEEK = 5 / 7
_SLOW = 0.8


@dataclass(frozen=True, slots=True)
class Ended:
    """So many offers of one family that came to the same end. `reason` is that of a decline."""

    family: str | None
    status: OfferStatus
    reason: DeclineOfferReason | None
    count: int

    @property
    def end(self) -> str:
        if self.status is OfferStatus.DECLINED:
            return DECLINED[self.reason or DeclineOfferReason.OTHER]
        return self.status.value


@dataclass(frozen=True, slots=True)
class Answered:
    """One offer that was accepted or declined, and how long the center thought about it."""

    family: str | None
    took: timedelta


@dataclass(frozen=True, slots=True)
class Signed:
    """One opinion: the time from acceptance to the first signature, and whether it had been promised sooner."""

    family: str | None
    tier: Tier
    took: timedelta
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """The record in one family, or in all. None: fewer than five, or a number that would tell such a one."""

    answered: Mapping[str, int | None]
    otherwise: Mapping[str, int | None]
    signed: Mapping[str, int | None]
    hours_to_answer: float | None
    days_to_opinion: float | None
    days_to_opinion_of_most: float | None

    @property
    def made(self) -> int | None:
        return _sum((self.answered[TOTAL], self.otherwise[TOTAL]))

    @property
    def declined(self) -> int | None:
        """Added up, or what the others leave over; where neither can be had it is not known to anybody."""
        rest = (self.answered[TOTAL], _minus(self.answered[ACCEPTED]), _minus(self.answered[LAPSED]))
        by_reason = _sum(self.answered[name] for name in DECLINED.values())
        return _sum(rest) if by_reason is None else by_reason

    @property
    def accepted_percent(self) -> int | None:
        return _percent(self.answered[ACCEPTED], self.answered[TOTAL])

    @property
    def late_percent(self) -> int | None:
        return _percent(self.signed[LATE], self.signed[TOTAL])


Record = Mapping[str, Line]


def record_of(ended: Iterable[Ended], answered: Iterable[Answered], signed: Iterable[Signed]) -> Record:
    """One center's record: a line for each family that it was asked in, and the one of all under `TOTAL`."""
    ends: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    promised: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    thought, took = defaultdict[str, list[float]](list), defaultdict[str, list[float]](list)
    for end in ended:
        ends[end.family or NO_FAMILY][end.end] += end.count
    for answer in answered:
        _note(thought, answer.family, answer.took / _HOUR)
    for opinion in signed:
        promised[opinion.family or NO_FAMILY][LATE if opinion.is_late else IN_TIME] += 1
        _note(took, opinion.family, opinion.took / _DAY)
    families = sorted({*ends, *promised})
    offers = {family: ends[family] for family in families}
    opinions = {family: promised[family] for family in families}
    tables = (
        without_small(offers, ANSWERED),
        without_small(offers, OTHERWISE),
        without_small(opinions, (LATE, IN_TIME)),
    )
    return {family: _line(family, tables, thought[family], took[family]) for family in (*families, TOTAL)}


def _note(times: Mapping[str, list[float]], family: str | None, took: float) -> None:
    times[family or NO_FAMILY].append(took)
    times[TOTAL].append(took)


def _line(family: str, tables: Sequence[Shown], thought: Sequence[float], took: Sequence[float]) -> Line:
    answered, otherwise, signed = (table[family] for table in tables)
    tells_answers, tells_opinions = bool(answered[TOTAL]), bool(signed[TOTAL])
    return Line(
        answered,
        otherwise,
        signed,
        hours_to_answer=round(median(thought), 1) if tells_answers and len(thought) >= FEWEST_SHOWN else None,
        days_to_opinion=round(median(took), 1) if tells_opinions else None,
        days_to_opinion_of_most=round(slow_one(took), 1) if tells_opinions else None,
    )


def _sum(parts: Iterable[int | None]) -> int | None:
    known = list(parts)
    return None if None in known else sum(part or 0 for part in known)


def _minus(part: int | None) -> int | None:
    return None if part is None else -part


def _percent(part: int | None, whole: int | None) -> int | None:
    return None if part is None or not whole else int(100 * part / whole + 0.5)


def slow_one(numbers: Sequence[float]) -> float:
    """The 80th percentile by nearest rank: four in five were no slower."""
    return sorted(numbers)[ceil(_SLOW * len(numbers)) - 1]


@dataclass(frozen=True, slots=True)
class Pace:
    """How much of the policy's review time four in five opinions took, from how many, in one family or in all."""

    share: float
    answers: int
    family: str | None


Paces = Mapping[str | None, Pace]


def paces_of(signed: Iterable[Signed], times: Times) -> Paces:
    """A center's pace by family, and over all under None: only where enough opinions speak for it."""
    spans = {tier: review_time(tier, times) for tier in Tier}
    shares: dict[str | None, list[float]] = defaultdict(list)
    for each in signed:
        share = each.took / spans[each.tier]
        for family in {each.family, None}:
            shares[family].append(share)
    return {
        family: Pace(slow_one(found), len(found), family)
        for family, found in shares.items()
        if len(found) >= FEWEST_SHOWN
    }


def pace_in(paces: Paces | None, family: str | None) -> Pace | None:
    """In that family, else in all."""
    return (paces.get(family) or paces.get(None)) if paces else None


def review_time(tier: Tier, times: Times) -> timedelta:
    """What the policy gives a review, as a span of the calendar: a working day stands for a fifth of a week."""
    days, all_days = times.segment(tier, Segment.REVIEW)
    return days * _DAY if all_days else days * _DAY / _WORKING_WEEK


def expected_by(start: datetime, by_policy: datetime, tier: Tier, times: Times, pace: Pace | None) -> datetime:
    """When an answer may be expected, from the start of its review: never sooner than the policy says."""
    if pace is None:
        return by_policy
    return max(by_policy, start + pace.share * review_time(tier, times))


BY_POLICY = "from the policy's review time"


def rests_on(pace: Pace | None, is_slower: bool) -> str:
    """On what an expected answer rests, in words."""
    if pace is None:
        return BY_POLICY
    families = "all families" if pace.family is None else family_labels().get(pace.family, pace.family)
    answers = f"{pace.answers} answers in {families}"
    return f"from {answers}" if is_slower else f"{BY_POLICY}, which most of {answers} kept"
