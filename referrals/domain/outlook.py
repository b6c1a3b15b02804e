"""From verdicts to a tier: table, floor, provisional escalation, and what the unknowns could still make of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import NamedTuple, TypeVar

from referrals.domain.case import Case
from referrals.domain.criteria.kleene import MET, UNKNOWN
from referrals.domain.criteria.verdict import Verdict
from referrals.domain.policy import Policy
from referrals.domain.policy_parts import ITEMS, Escalation
from referrals.domain.vocabulary import Criterion, Tier

Met = frozenset[Criterion]
_Part = TypeVar("_Part")

_rank = {tier: tier.rank for tier in Tier}.__getitem__


class Item(NamedTuple):
    """Something missing, and the tiers that knowing it could lead to: alone, or where that takes more, with others."""

    path: str
    could_change_tier_to: tuple[Tier, ...]


class Range(NamedTuple):
    soonest: Tier
    latest: Tier


@dataclass(frozen=True, slots=True)
class Outlook:
    tier: Tier
    provisional: bool
    because: str | None
    missing: tuple[Item, ...]
    range: Range


def outlook_of(case: Case, verdicts: Sequence[Verdict], policy: Policy) -> Outlook:
    standing = _Standing.of(case, verdicts, policy)
    tier, settled = standing.tier(standing.met), standing.settled(standing.met)
    lifting = [escalation.because for escalation in standing.escalations if escalation.tier is tier]
    possible, certain = standing.settled(standing.met | standing.unknown), standing.settled(standing.certain)
    ends = Range(_soonest((tier, possible)), certain)
    return Outlook(
        tier=tier,
        provisional=tier is not settled,
        because=lifting[0] if lifting and tier is not settled else None,
        missing=tuple(_missing(standing, verdicts, tier, ends)),
        range=ends,
    )


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where a case stands between its verdicts and a tier. `certain`: met, and not only presumed."""

    policy: Policy
    met: Met
    certain: Met
    unknown: Met
    floors: tuple[Tier, ...]
    escalations: tuple[Escalation, ...]

    @classmethod
    def of(cls, case: Case, verdicts: Sequence[Verdict], policy: Policy) -> "_Standing":
        return cls(
            policy=policy,
            met=frozenset(verdict.criterion for verdict in verdicts if verdict.verdict is MET),
            certain=frozenset(
                verdict.criterion for verdict in verdicts if verdict.verdict is MET and not verdict.presumed
            ),
            unknown=frozenset(verdict.criterion for verdict in verdicts if verdict.verdict is UNKNOWN),
            floors=tuple(floor.tier for floor in policy.floors if floor.holds(case)),
            escalations=tuple(_active(case, verdicts, policy)),
        )

    def settled(self, met: Met) -> Tier:
        """By the table and the floors: what it is once nothing is provisional."""
        return _soonest((self.policy.tier_by_met[met], *self.floors))

    def tier(self, met: Met, told: Collection[str] = ()) -> Tier:
        """With what is escalated while unknown, but for what has been `told`."""
        lifted = (
            escalation.tier
            for escalation in self.escalations
            if escalation.for_want_of not in told and escalation.criterion not in met
        )
        return _soonest((self.settled(met), *lifted))


def _active(case: Case, verdicts: Sequence[Verdict], policy: Policy) -> Iterator[Escalation]:
    principal = case.diagnosis.principal
    wanted: dict[Criterion | None, frozenset[str]] = {
        verdict.criterion: verdict.wants for verdict in verdicts if verdict.verdict is UNKNOWN
    }
    for escalation in policy.escalations:
        if principal is None:
            applies = escalation.criterion is None
        else:
            here = escalation.criterion is not None and escalation.codes.has(principal.flat)
            applies = here and escalation.for_want_of in wanted.get(escalation.criterion, ())
        if applies:
            yield escalation


def _missing(standing: _Standing, verdicts: Sequence[Verdict], current: Tier, ends: Range) -> list[Item]:
    """What is missing, each with the tiers it could lead to alone, or together with others."""
    wanting = _wanting(verdicts)
    alone = {
        path: {standing.tier(met, {path}) for met in _outcomes(standing, criteria)} - {current}
        for path, criteria in wanting.items()
    }
    together = _together(standing, wanting, alone, frozenset(ends) - {current})
    items = (Item(path, tuple(sorted(tiers | together[path], key=_rank))) for path, tiers in alone.items())
    return sorted(
        (item for item in items if item.could_change_tier_to), key=lambda item: _rank(item.could_change_tier_to[0])
    )


def _wanting(verdicts: Sequence[Verdict]) -> dict[str, Met]:
    """Per item that some verdict waits for: the criteria that do."""
    wanting = {path: frozenset(verdict.criterion for verdict in verdicts if path in verdict.wants) for path in ITEMS}
    return {path: criteria for path, criteria in wanting.items() if criteria}


def _outcomes(standing: _Standing, wanting: Met) -> Iterator[Met]:
    """What could be met once these are told: each criterion that waits for them, or not, in every combination."""
    settled = standing.met - wanting
    return (settled | frozenset(chosen) for chosen in _subsets(wanting))


def _together(
    standing: _Standing, wanting: Mapping[str, Met], alone: Mapping[str, set[Tier]], ends: frozenset[Tier]
) -> dict[str, set[Tier]]:
    """Ends of the range that it takes several items to reach, for each that nothing else would name for them."""
    found: dict[str, set[Tier]] = {path: set() for path in wanting}
    for end in ends:
        is_named = any(end in tiers for tiers in alone.values())
        paths = [path for path, tiers in alone.items() if end not in tiers]
        if is_named and all(alone[path] for path in paths):
            continue
        for path in chain.from_iterable(_smallest(standing, wanting, paths, end)):
            if not is_named or not alone[path]:
                found[path].add(end)
    return found


def _smallest(standing: _Standing, wanting: Mapping[str, Met], paths: Sequence[str], end: Tier) -> list[frozenset[str]]:
    """The sets of items that could lead to this end of the range once all of them are told, and no smaller set could."""
    sets: list[frozenset[str]] = []
    for told in map(frozenset, _subsets(paths)):
        if len(told) > 1 and not any(smaller <= told for smaller in sets) and _reaches(standing, wanting, told, end):
            sets.append(told)
    return sets


def _reaches(standing: _Standing, wanting: Mapping[str, Met], told: frozenset[str], end: Tier) -> bool:
    """The table knows no bad finding that lowers a tier: its ends lie where all, or none, of what waits is met."""
    waiting = frozenset().union(*(wanting[path] for path in told))
    return end in (standing.tier(standing.met | waiting, told), standing.tier(standing.met - waiting, told))


def _subsets(of: Collection[_Part]) -> Iterator[tuple[_Part, ...]]:
    """The smaller ones first."""
    return chain.from_iterable(combinations(of, size) for size in range(len(of) + 1))


def _soonest(tiers: Iterable[Tier]) -> Tier:
    return min(tiers, key=_rank)
