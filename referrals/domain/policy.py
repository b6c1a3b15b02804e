"""A priority policy: one versioned document, read once, checked whole, and turned into rules, tiers and times."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Any

from referrals.domain.criteria.matching import CodeSet
from referrals.domain.criteria.resistant import Responses
from referrals.domain.criteria.verdict import Rule
from referrals.domain.deadlines import Segment
from referrals.domain.errors import FieldError, refuse_unless_clean
from referrals.domain.policy_parts import (
    Escalation,
    ExpectedBehavior,
    Floor,
    TierFacts,
    TierTable,
    check_signatures,
    read_escalations,
    read_expected,
    read_floor,
    read_lists,
    read_table,
    read_tiers,
)
from referrals.domain.policy_reader import Reader
from referrals.domain.policy_rules import Shared, read_responses, read_rules
from referrals.domain.vocabulary import Criterion, Tier
from referrals.knowledge.entities import lists
from referrals.knowledge.once import once

DEFAULT_VERSION = "2026.1"

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Policy:
    """A document that was found good. `document` is what it was read from."""

    version: str
    document: Document
    tiers: Mapping[Tier, TierFacts]
    table: TierTable
    tier_by_met: Mapping[frozenset[Criterion], Tier]
    criteria: Mapping[Criterion, tuple[Rule, ...]]
    responses: Responses
    floors: tuple[Floor, ...]
    escalations: tuple[Escalation, ...]
    expected_behaviors: tuple[ExpectedBehavior, ...]
    neoplasms: CodeSet
    no_active_neoplasm: CodeSet

    def label(self, tier: Tier) -> str:
        return self.tiers[tier].label

    def target(self, tier: Tier) -> timedelta:
        return self.tiers[tier].target

    def margin(self, tier: Tier) -> timedelta:
        return self.tiers[tier].margin

    def segment(self, tier: Tier, segment: Segment) -> tuple[int, bool]:
        """Working days, and whether they run on all days."""
        facts = self.tiers[tier]
        return facts.segments[segment], facts.all_days

    def with_label(self, tier: Tier) -> str:
        return f"{tier} {self.label(tier)}"


@once
def default_policy() -> Policy:
    return parse_policy(default_document())


def default_document() -> dict[str, Any]:
    """A fresh copy of the document that the package carries."""
    path = files("referrals.knowledge") / "policies" / f"{DEFAULT_VERSION}.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def parse_policy(document: Document) -> Policy:
    """Raises Invalid with the pointer of every fault at once."""
    faults: list[FieldError] = []
    policy = _read(document, Reader(document, "", faults))
    refuse_unless_clean(faults)
    return policy


def _read(document: Document, reader: Reader) -> Policy:
    check_signatures(reader)
    shared = Shared(
        generic=reader.histologies("generic_histologies", empty=True),
        lists=read_lists(reader.part("lists")),
        published=lists(),
        responses=read_responses(reader.part("responses")),
    )
    table = read_table(reader.part("tier_table"))
    policy = Policy(
        version=reader.text("version"),
        document=document,
        tiers=read_tiers(reader.part("tiers")),
        table=table,
        tier_by_met=table.tiers(),
        criteria=_read_criteria(reader.part("criteria"), shared),
        responses=shared.responses,
        floors=tuple(read_floor(part) for part in reader.parts("floors")),
        escalations=read_escalations(reader),
        expected_behaviors=tuple(read_expected(part) for part in reader.parts("expected_behaviors")),
        neoplasms=reader.codes("neoplasms"),
        no_active_neoplasm=reader.codes("no_active_neoplasm", empty=True),
    )
    reader.close()
    return policy


def _read_criteria(reader: Reader, shared: Shared) -> dict[Criterion, tuple[Rule, ...]]:
    criteria = {criterion: read_rules(criterion, reader.part(criterion.value), shared) for criterion in Criterion}
    reader.close()
    _check_ids_differ(reader, criteria)
    return criteria


def _check_ids_differ(reader: Reader, criteria: Mapping[Criterion, tuple[Rule, ...]]) -> None:
    ids = [rule.id for rules in criteria.values() for rule in rules]
    if reader.is_clean and len(ids) != len(set(ids)):
        reader.refuse("repeated", "Every rule needs an id of its own.")
