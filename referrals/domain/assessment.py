"""Judges a case by a policy: the verdicts with their reasons, the tier, and what the unknowns could change."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from referrals.domain.case import Case
from referrals.domain.case_flags import SiteHistologyTable, flags_of_case
from referrals.domain.changes import what_changed
from referrals.domain.criteria.kleene import MET, UNKNOWN
from referrals.domain.criteria.verdict import Flag, Verdict, judge
from referrals.domain.outlook import Item, Range, outlook_of
from referrals.domain.policy import Policy
from referrals.domain.tumor_family import tumor_family
from referrals.domain.vocabulary import Criterion, Tier

__all__ = ["Assessment", "Flag", "Item", "Range", "SiteHistologyTable", "Verdict", "assess", "what_changed"]


@dataclass(frozen=True, slots=True)
class Assessment:
    """One judgement. `criteria` stand in the order of the vocabulary; `policy` is the version that judged."""

    tier: Tier
    label: str
    policy: str
    provisional: bool
    criteria: tuple[Verdict, ...]
    missing: tuple[Item, ...]
    range: Range
    flags: tuple[Flag, ...]
    tumor_family: str | None
    provisional_because: str | None = None

    @property
    def met(self) -> tuple[Criterion, ...]:
        return tuple(verdict.criterion for verdict in self.criteria if verdict.verdict is MET)

    @property
    def unknown(self) -> tuple[Criterion, ...]:
        return tuple(verdict.criterion for verdict in self.criteria if verdict.verdict is UNKNOWN)

    def verdict(self, criterion: Criterion) -> Verdict:
        return next(verdict for verdict in self.criteria if verdict.criterion is criterion)

    @property
    def reasons(self) -> tuple[str, str]:
        """Two short sentences for a row of a list: what is met first, then what is not known, then what is not met."""
        first, second, *_ = chain(self._spoken(), ("Nothing that is missing could change that.", ""))
        return first, second

    def _spoken(self) -> Iterator[str]:
        if self.provisional_because is not None:
            yield f"Provisional: {self.provisional_because[0].lower()}{self.provisional_because[1:]}."
        yield from (f"{verdict.short}." for verdict in self.criteria if verdict.verdict is MET)
        if not self.met and self.provisional_because is None:
            yield f"None of the four criteria is {'known to be ' if self.unknown else ''}met."
        yield from (f"{verdict.short}." for verdict in self.criteria if verdict.verdict is UNKNOWN)
        yield from (f"{verdict.because.split('; ')[0]}." for verdict in self.criteria if verdict.rules_out)

    def to_json(self) -> dict[str, Any]:
        """The `priority` object of the API, but for `due_at` and `override`, which are not judged here."""
        return {
            "tier": self.tier.value,
            "label": self.label,
            "policy": self.policy,
            "provisional": self.provisional,
            "criteria": [verdict.to_json() for verdict in self.criteria],
            "missing": [
                {"path": path, "could_change_tier_to": [tier.value for tier in tiers]} for path, tiers in self.missing
            ],
            "range": {"soonest": self.range.soonest.value, "latest": self.range.latest.value},
            "flags": [{"code": code, "message": message, "path": path} for code, message, path in self.flags],
        }


def assess(case: Case, policy: Policy, *, site_histology: SiteHistologyTable | None = None) -> Assessment:
    """The same case and policy always give the same answer: no clock, no database, no order matters."""
    verdicts = tuple(judge(criterion, policy.criteria[criterion], case) for criterion in Criterion)
    outlook = outlook_of(case, verdicts, policy)
    return Assessment(
        tier=outlook.tier,
        label=policy.label(outlook.tier),
        policy=policy.version,
        provisional=outlook.provisional,
        criteria=verdicts,
        missing=outlook.missing,
        range=outlook.range,
        flags=_flags(case, verdicts, policy, site_histology),
        tumor_family=tumor_family(case),
        provisional_because=outlook.because,
    )


def _flags(
    case: Case, verdicts: tuple[Verdict, ...], policy: Policy, site_histology: SiteHistologyTable | None
) -> tuple[Flag, ...]:
    found = chain(flags_of_case(case, policy, site_histology), *(verdict.flags for verdict in verdicts))
    return tuple(sorted(dict.fromkeys(found), key=lambda flag: (flag.path, flag.code)))
