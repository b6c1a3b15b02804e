"""From verdicts to a tier: table, floor, provisional escalation, and what the unknowns could still make of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import NamedTuple

from referrals.domain.case import Case
from referrals.domain.criteria.kleene import MET, UNKNOWN
from referrals.domain.criteria.verdict import Verdict
from referrals.domain.policy import Policy
from referrals.domain.policy_parts import ITEMS, Escalation
from referrals.domain.vocabulary import Criterion, Tier

Met = frozenset[Criterion]

_rank = {tier: tier.rank for tier in Tier}.__getitem__


class Item(NamedTuple):
    """Something missing, and the tiers that knowing it could lead to."""

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
    return Outlook(
        tier=tier,
        provisional=tier is not settled,
        because=lifting[0] if lifting and tier is not settled else None,
        missing=tuple(_missing(standing, verdicts, tier)),
        range=Range(_soonest((tier, possible)), certain),
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

    def tier(self, met: Met, told: str | None = None) -> Tier:
        """With what is escalated while unknown, but for what has been `told`."""
        lifted = (
            escalation.tier
            for escalation in self.escalations
            if escalation.for_want_of != told and escalation.criterion not in met
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


def _missing(standing: _Standing, verdicts: Sequence[Verdict], current: Tier) -> list[Item]:
    items = []
    for path in ITEMS:
        wanting = {verdict.criterion for verdict in verdicts if path in verdict.wants}
        if wanting:
            tiers = {standing.tier(met, path) for met in _outcomes(standing, frozenset(wanting))} - {current}
            if tiers:
                items.append(Item(path, tuple(sorted(tiers, key=_rank))))
    return sorted(items, key=lambda item: _rank(item.could_change_tier_to[0]))


def _outcomes(standing: _Standing, wanting: Met) -> Iterator[Met]:
    """What could be met once one item is told: each criterion that wants it, or not, in every combination."""
    settled = standing.met - wanting
    return (settled | frozenset(chosen) for chosen in _subsets(wanting))


def _subsets(criteria: Met) -> Iterable[tuple[Criterion, ...]]:
    ordered = sorted(criteria)
    return chain.from_iterable(combinations(ordered, size) for size in range(len(ordered) + 1))


def _soonest(tiers: Iterable[Tier]) -> Tier:
    return min(tiers, key=_rank)
