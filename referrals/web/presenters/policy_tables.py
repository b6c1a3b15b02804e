"""Everything that a policy document says, as tables: tiers, times, floors, rules with what they cite, and lists."""

from collections.abc import Iterable, Mapping
from typing import Any

from referrals.domain.deadlines import Segment
from referrals.domain.policy import Policy
from referrals.domain.policy_parts import read_lists
from referrals.domain.policy_reader import Reader
from referrals.domain.vocabulary import Criterion, Tier
from referrals.knowledge.entities import AGGRESSIVE, RARE, EntityRow
from referrals.web.presenters.pointers import fact_name
from referrals.web.presenters.policy import Table, list_table, segment_table, tier_table, time_table
from referrals.web.words import CRITERION, counted, sentence_list

# What a rule of each kind looks at. A kind without words is shown by its name, so that none is ever hidden.
RULE: Mapping[str, str] = {
    "distant_metastasis": "The cancer has spread to a distant place: M1, a code, the cell type, a site, or stage IV where that means spread.",
    "exocrine_pancreas": "Cancer of the pancreas that is not a neuroendocrine tumor. While the cell type is missing it is presumed.",
    "aggressive_entity": "Site and cell type are on the list of aggressive cancers.",
    "resistant_status": "The disease has come back, or treatment does not work.",
    "progression_on_treatment": "The disease grows, and at least one treatment was given.",
    "latest_response": "Progression or no response in the latest line of treatment that can be judged.",
    "resistance_code": "A code says so, such as “in relapse”.",
    "not_a_cancer_now": "Never, for tumors that are in situ, benign or past: this comes first.",
    "child": "The patient is under 18.",
    "unusual_presentation": "Something unusual is described.",
    "rare_entity": "Site and cell type are on the list of rare cancers.",
    "unclear_certainty": "The diagnosis is uncertain, or reports do not agree.",
    "unclear_code": "The code itself says that site or kind is unclear.",
    "several_modalities": "Several kinds of treatment were given or are planned.",
    "cancer_in_pregnancy": "The patient is pregnant.",
}
# A hyphen at which no line ends, so that a rule keeps its name together.
UNBROKEN = "\N{NON-BREAKING HYPHEN}"
LISTS: Mapping[str, tuple[str, str]] = {
    AGGRESSIVE: ("List of aggressive cancers", "A row counts where site and cell type both fit. Rows that do not count stand for contrast."),
    RARE: ("List of rare cancers", "Fewer than 6 new cases per 100,000 people a year. A rare row comes before one that stands for contrast."),
}  # fmt: skip


def policy_tables(policy: Policy) -> tuple[Table, ...]:
    labels = {tier.value: policy.label(tier) for tier in Tier}
    targets, margins = ({tier.value: days(tier).days for tier in Tier} for days in (policy.target, policy.margin))
    return (
        tier_table(labels, conditions(policy)),
        time_table(labels, targets, margins),
        segment_table(labels, _segments(policy)),
        _floors(policy),
        _escalations(policy),
        *(_rules(policy, criterion) for criterion in Criterion),
        *(_list(name, rows) for name, rows in lists_of(policy).items()),
    )


def conditions(policy: Policy) -> dict[str, str]:
    """When each tier is given, in words."""
    found = {policy.table.otherwise.value: "none of these"}
    for row in policy.table.rows:
        together = [sentence_list([each.value for each in Criterion if each in needed]) for needed in row.when]
        found[row.tier.value] = ", or ".join(together)
    return {tier.value: found.get(tier.value, "not given by the criteria") for tier in Tier}


def _segments(policy: Policy) -> dict[str, dict[str, Any]]:
    return {
        tier.value: {segment.value: policy.segment(tier, segment)[0] for segment in Segment}
        | {"all_days": policy.tiers[tier].all_days}
        for tier in Tier
    }


def _floors(policy: Policy) -> Table:
    rows = tuple((floor.because, policy.with_label(floor.tier)) for floor in policy.floors)
    return Table("Never later than", "Whatever the criteria say.", ("Because", "At least"), rows)


def _escalations(policy: Policy) -> Table:
    rows = tuple(
        (each.because, fact_name(each.for_want_of), policy.with_label(each.tier)) for each in policy.escalations
    )
    intro = "Shown as provisional, until what is missing is known."
    return Table("Sooner while something is missing", intro, ("Because", "Missing", "Stands at"), rows)


def _rules(policy: Policy, criterion: Criterion) -> Table:
    sent: Iterable[Mapping[str, Any]] = policy.document["criteria"][criterion.value]["rules"]
    rows = tuple(
        (str(rule["id"]).replace("-", UNBROKEN), RULE.get(rule["kind"], rule["kind"]), _citation(rule)) for rule in sent
    )
    words = CRITERION[criterion]
    return Table(words.title, f"{words.asks}: met when one of these is.", ("Rule", "Met when", "Rests on"), rows)


def _citation(rule: Mapping[str, Any]) -> str:
    return str(rule.get("citation") or sentence_list(sorted(set(rule.get("cites_rows", {}).values()))) or "This policy")


def lists_of(policy: Policy) -> dict[str, tuple[EntityRow, ...]]:
    """The published lists as this policy changes them."""
    return read_lists(Reader(policy.document["lists"], "/lists", []))


def _list(name: str, rows: tuple[EntityRow, ...]) -> Table:
    title, intro = LISTS[name]
    counting = sum(row.counts for row in rows)
    shown = tuple(
        (
            row.entity,
            _readable(row.prefixes),
            _readable(row.topography),
            _readable(row.histology),
            _counts(row),
            row.citation,
        )
        for row in rows
    )
    head = ("Entity", "Codes", "Site", "Cell types", "Counts", "Source")
    return list_table(title, f"{intro} {counted(counting, 'row')} of {len(rows)} count.", head, shown)


def _readable(cell: str) -> str:
    return cell.replace("|", ", ").replace(",", ", ").replace("  ", " ") or "–"


def _counts(row: EntityRow) -> str:
    if not row.counts:
        return "No, for contrast"
    return "Yes, by the code alone too" if row.alone else "Yes"
