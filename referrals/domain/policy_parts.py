"""The parts of a policy beside its rules: tiers, tier table, floors, escalations, lists; each with how it is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, combinations

from referrals.domain.case import Case
from referrals.domain.criteria.matching import CodeSet, ListRow, NotationError
from referrals.domain.deadlines import Segment
from referrals.domain.policy_reader import Reader
from referrals.domain.vocabulary import Criterion, PolicyStatus, Tier
from referrals.knowledge.entities import EntityRow, lists
from referrals.knowledge.icdo3 import BEHAVIORS

# What an information request may ask for, and so what a tier may wait for: pointers into the request.
ITEMS = (
    "/diagnosis/icd10cm",
    "/diagnosis/stage",
    "/diagnosis/morphology",
    "/diagnosis/disease_status",
    "/treatments",
    "/diagnosis/certainty",
    "/patient/birth_date",
)


@dataclass(frozen=True, slots=True)
class TierFacts:
    """How a tier is called and how fast it runs."""

    label: str
    target: timedelta
    margin: timedelta
    segments: Mapping[Segment, int]
    all_days: bool


def read_tiers(reader: Reader) -> dict[Tier, TierFacts]:
    tiers = {tier: _read_tier(reader.part(tier.value)) for tier in Tier}
    reader.close()
    targets = [tiers[tier].target for tier in Tier]
    places = [tiers[tier].target - tiers[tier].margin for tier in Tier]
    if reader.is_clean and (targets != sorted(targets) or places != sorted(places)):
        reader.refuse("order", "A sooner tier needs the shorter target and the sooner place in the queue.")
    return tiers


def _read_tier(reader: Reader) -> TierFacts:
    segments = reader.part("segments")
    facts = TierFacts(
        label=reader.text("label"),
        target=timedelta(days=reader.whole("target_days", 1, 365)),
        margin=timedelta(days=reader.whole("margin_days", 0, 365)),
        segments={segment: segments.whole(segment.value, 1, 365) for segment in Segment},
        all_days=reader.truth("all_days"),
    )
    segments.close()
    reader.close()
    return facts


@dataclass(frozen=True, slots=True)
class TierRow:
    """A tier, and the conjunctions of met criteria that lead to it: none speaks of a criterion that is not met."""

    tier: Tier
    when: tuple[frozenset[Criterion], ...]


@dataclass(frozen=True, slots=True)
class TierTable:
    """Read from the top; the first tier with a conjunction that holds."""

    rows: tuple[TierRow, ...]
    otherwise: Tier

    def tiers(self) -> dict[frozenset[Criterion], Tier]:
        """Every combination of met criteria and its tier, worked out once."""
        subsets = chain.from_iterable(combinations(Criterion, size) for size in range(len(Criterion) + 1))
        return {met: self._tier_of(met) for met in map(frozenset, subsets)}

    def _tier_of(self, met: frozenset[Criterion]) -> Tier:
        holding = (row.tier for row in self.rows if any(together <= met for together in row.when))
        return next(holding, self.otherwise)


def read_table(reader: Reader) -> TierTable:
    rows = tuple(_read_row(part) for part in reader.parts("rows"))
    table = TierTable(rows, Tier(reader.choice("otherwise", tuple(Tier))))
    ranks = [row.tier.rank for row in rows] + [table.otherwise.rank]
    if reader.is_clean and ranks != sorted(set(ranks)):
        reader.fault("rows", "order", "Each tier has one row, the soonest first, and `otherwise` is the latest.")
    reader.close()
    return table


def _read_row(reader: Reader) -> TierRow:
    row = TierRow(
        Tier(reader.choice("tier", tuple(Tier))), tuple(_read_conjunction(part) for part in reader.parts("when"))
    )
    reader.close()
    return row


def _read_conjunction(reader: Reader) -> frozenset[Criterion]:
    words = reader.words("all", tuple(Criterion))
    reader.close()
    return frozenset(Criterion(word) for word in words if word in set(Criterion))


@dataclass(frozen=True, slots=True)
class Floor:
    """A fact that keeps a referral from being later than a tier, whatever the criteria say."""

    pregnant: bool
    codes: CodeSet
    tier: Tier
    because: str

    def holds(self, case: Case) -> bool:
        return (self.pregnant and case.pregnant) or any(self.codes.has(code.flat) for code in case.diagnosis.codes)


def read_floor(reader: Reader) -> Floor:
    floor = Floor(
        pregnant=reader.truth("pregnant"),
        codes=reader.codes("codes", empty=True),
        tier=Tier(reader.choice("tier", tuple(Tier))),
        because=reader.text("because"),
    )
    reader.close()
    return floor


@dataclass(frozen=True, slots=True)
class Escalation:
    """Provisional: while `criterion` is unknown `for_want_of` one item at these codes.

    Without a criterion: while the diagnosis is not coded at all.
    """

    criterion: Criterion | None
    for_want_of: str
    codes: CodeSet
    tier: Tier
    because: str


def read_escalations(reader: Reader) -> tuple[Escalation, ...]:
    soonest = Tier(reader.choice("escalate_at_most_to", tuple(Tier)))
    return tuple(_read_escalation(part, soonest) for part in reader.parts("escalations"))


def _read_escalation(reader: Reader, soonest: Tier) -> Escalation:
    uncoded = reader.has("uncoded") and reader.truth("uncoded")
    escalation = Escalation(
        criterion=None if uncoded else Criterion(reader.choice("criterion", tuple(Criterion))),
        for_want_of=ITEMS[0] if uncoded else reader.choice("for_want_of", ITEMS),
        codes=CodeSet.of(()) if uncoded else reader.codes("codes"),
        tier=Tier(reader.choice("tier", tuple(Tier))),
        because=reader.text("because"),
    )
    if escalation.tier.rank < soonest.rank:
        reader.fault("tier", "range", f"An unknown may escalate to {soonest} at most.")
    reader.close()
    return escalation


@dataclass(frozen=True, slots=True)
class ExpectedBehavior:
    """Behaviors that go with these codes; any other is shown to a person as a contradiction."""

    codes: CodeSet
    behaviors: frozenset[str]


def read_expected(reader: Reader) -> ExpectedBehavior:
    expected = ExpectedBehavior(reader.codes("codes"), frozenset(reader.words("behaviors", tuple(BEHAVIORS))))
    reader.close()
    return expected


def read_lists(reader: Reader) -> dict[str, tuple[EntityRow, ...]]:
    """The published lists with the changes of this policy: rows dropped, made to count, or added."""
    chosen = {name: tuple(_changed(reader.part(name), rows)) for name, rows in lists().items()}
    reader.close()
    return chosen


def _changed(reader: Reader, published: tuple[EntityRow, ...]) -> Iterator[EntityRow]:
    keys = tuple(row.key for row in published)
    dropped = set(reader.words("drop", keys, empty=True))
    counted = set(reader.words("count", keys, empty=True))
    for row in published:
        if row.key not in dropped:
            yield replace(row, counts=row.counts or row.key in counted)
    for part in reader.parts("add"):
        yield from _added(part)
    reader.close()


def _added(reader: Reader) -> Iterator[EntityRow]:
    row = EntityRow(
        key=reader.text("key"),
        entity=reader.text("entity"),
        prefixes="|".join(reader.words("icd10cm_prefixes", empty=True)),
        topography=_written(reader, "icdo3_topography"),
        histology=_written(reader, "icdo3_histology"),
        alone=reader.truth("icd10cm_alone_sufficient"),
        counts=reader.truth("counts"),
        citation=reader.text("citation"),
    )
    reader.close()
    try:
        ListRow.of(row)
        yield row
    except NotationError as error:
        reader.refuse("notation", str(error))


def _written(reader: Reader, name: str) -> str:
    """A cell of the list, which may be blank."""
    value = reader.raw(name)
    if isinstance(value, str):
        return value
    reader.fault(name, "type", "This must be a text, empty where the row says nothing.")
    return ""


def check_signatures(reader: Reader) -> None:
    """Who wrote it, who approved it, and what it must not read. Nobody approves what they wrote."""
    author, approver = reader.text("author"), reader.raw("approver")
    if approver is not None and (not isinstance(approver, str) or approver.strip().lower() == author.strip().lower()):
        reader.fault("approver", "approver", "Somebody other than the author approves a policy.")
    for name in ("title", "statement"):
        reader.text(name)
    reader.choice("status", tuple(PolicyStatus))
    reader.truth("signed_by_clinician")
    for part in reader.parts("must_not_read"):
        part.text("path")
        part.text("label")
        part.close()
