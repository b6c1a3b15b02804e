"""Every kind of rule that a policy document may use, and how its part of the document becomes the rule."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from referrals.domain.criteria.aggressive import AggressiveEntity, ExocrinePancreas
from referrals.domain.criteria.complex import CancerInPregnancy, SeveralModalities, UnclearCertainty, UnclearCode
from referrals.domain.criteria.distant import DistantMetastasis, GroupException
from referrals.domain.criteria.matching import EntityList
from referrals.domain.criteria.named_sites import NamedSites
from referrals.domain.criteria.rare import Child, NotACancerNow, RareEntity, UnusualPresentation
from referrals.domain.criteria.resistant import (
    LatestResponse,
    ProgressionOnTreatment,
    ResistanceCode,
    ResistantStatus,
    Responses,
)
from referrals.domain.criteria.verdict import Rule
from referrals.domain.policy_reader import Reader
from referrals.domain.vocabulary import BestResponse, Certainty, Criterion, DiseaseStatus, Modality
from referrals.knowledge.entities import AGGRESSIVE, RARE, EntityRow
from referrals.knowledge.icdo3 import BEHAVIORS


@dataclass(frozen=True, slots=True)
class Shared:
    """What several rules of one document read."""

    generic: frozenset[int]
    lists: Mapping[str, tuple[EntityRow, ...]]
    published: Mapping[str, tuple[EntityRow, ...]]
    responses: Responses


Build = Callable[[Reader, Shared], Rule]


def read_rules(criterion: Criterion, block: Reader, shared: Shared) -> tuple[Rule, ...]:
    rules = tuple(_read_rule(_KINDS[criterion], rule, shared) for rule in block.parts("rules"))
    if not rules:
        block.fault("rules", "empty", "A criterion needs at least one rule.")
    block.close()
    return rules


def _read_rule(kinds: Mapping[str, Build], reader: Reader, shared: Shared) -> Rule:
    rule = kinds[reader.choice("kind", tuple(kinds))](reader, shared)
    reader.close()
    return rule


def read_responses(reader: Reader) -> Responses:
    responses = Responses(
        resistant=frozenset(reader.words("resistant", tuple(BestResponse))),
        not_evaluable=frozenset(reader.words("not_evaluable", tuple(BestResponse), empty=True)),
        modalities_without=frozenset(reader.words("modalities_without", tuple(Modality), empty=True)),
        doubted_modalities=frozenset(reader.words("doubted_modalities", tuple(Modality), empty=True)),
    )
    reader.close()
    return responses


def _distant_metastasis(reader: Reader, shared: Shared) -> Rule:
    return DistantMetastasis(
        id=reader.text("id"),
        citations=_cited_rows(reader.part("cites_rows"), shared),
        codes=reader.codes("codes"),
        behaviors=frozenset(reader.words("behaviors", tuple(BEHAVIORS))),
        sites=_named_sites(reader.part("sites")),
        distant_letters=frozenset(reader.words("distant_letters")),
        group_exceptions=tuple(_group_exception(part) for part in reader.parts("group_exceptions")),
        no_stage=reader.codes("no_stage", empty=True),
        words_for_unstaged=_lower(reader, "words_for_unstaged"),
        other_groups=_lower(reader, "other_groups"),
    )


def _named_sites(reader: Reader) -> NamedSites:
    sites = NamedSites(
        nodal_word=reader.text("nodal_word").lower(),
        nodal_regions=_lower(reader, "nodal_regions"),
        words_for_none=_lower(reader, "words_for_none"),
    )
    reader.close()
    return sites


def _lower(reader: Reader, name: str) -> frozenset[str]:
    """Words as people write them: capital letters make no difference."""
    return frozenset(word.lower() for word in reader.words(name, empty=True))


def _cited_rows(reader: Reader, shared: Shared) -> Mapping[str, str]:
    """Rows of the published list that stand for a fact, not for an entity: they are cited by their key."""
    published = {row.key: row.citation for row in shared.published[AGGRESSIVE]}
    cited = {proof: published[reader.choice(proof, tuple(published))] for proof in ("code", "stage", "site")}
    reader.close()
    return cited


def _group_exception(reader: Reader) -> GroupException:
    exception = GroupException(
        codes=reader.codes("codes"),
        letters=frozenset(reader.words("letters", empty=True)),
        unless_letters=frozenset(reader.words("unless_letters", empty=True)),
        unless_histologies=reader.histologies("unless_histologies", empty=True),
    )
    reader.close()
    return exception


def _exocrine_pancreas(reader: Reader, shared: Shared) -> Rule:
    return ExocrinePancreas(
        id=reader.text("id"),
        citation=reader.text("citation"),
        codes=reader.codes("codes"),
        except_histologies=reader.histologies("except_histologies", empty=True),
    )


def _aggressive_entity(reader: Reader, shared: Shared) -> Rule:
    return AggressiveEntity(
        id=reader.text("id"),
        citation=reader.text("citation"),
        entities=EntityList(row for row in shared.lists[AGGRESSIVE] if row.counts),
        behaviors=frozenset(reader.words("behaviors", tuple(BEHAVIORS))),
        open_behaviors=frozenset(reader.words("open_behaviors", tuple(BEHAVIORS), empty=True)),
        remission_words=reader.text("remission_words").lower(),
        generic=shared.generic,
        names_entity=reader.codes("names_entity", empty=True),
        excludes_invasion=reader.codes("excludes_invasion", empty=True),
        warnings=tuple(_warning(part, shared) for part in reader.parts("warnings")),
    )


def _warning(reader: Reader, shared: Shared) -> tuple[str, str]:
    warning = (reader.choice("row", [row.key for row in shared.published[AGGRESSIVE]]), reader.text("message"))
    reader.close()
    return warning


def _resistant_status(reader: Reader, shared: Shared) -> Rule:
    statuses = tuple(DiseaseStatus)
    return ResistantStatus(
        id=reader.text("id"),
        citation=reader.text("citation"),
        words=frozenset(reader.words("words", statuses)),
        unknown_words=frozenset(reader.words("unknown_words", statuses, empty=True)),
        responses=shared.responses,
    )


def _progression(reader: Reader, shared: Shared) -> Rule:
    words = frozenset(reader.words("words", tuple(DiseaseStatus)))
    return ProgressionOnTreatment(reader.text("id"), reader.text("citation"), words)


def _latest_response(reader: Reader, shared: Shared) -> Rule:
    contradicted_by = frozenset(reader.words("contradicted_by", tuple(DiseaseStatus), empty=True))
    return LatestResponse(reader.text("id"), reader.text("citation"), shared.responses, contradicted_by)


def _resistance_code(reader: Reader, shared: Shared) -> Rule:
    return ResistanceCode(
        id=reader.text("id"),
        citation=reader.text("citation"),
        title_words=reader.text("title_words").lower(),
        codes=reader.codes("codes", empty=True),
    )


def _not_a_cancer_now(reader: Reader, shared: Shared) -> Rule:
    return NotACancerNow(
        id=reader.text("id"),
        citation=reader.text("citation"),
        codes=reader.codes("codes", empty=True),
        behaviors=frozenset(reader.words("behaviors", tuple(BEHAVIORS), empty=True)),
    )


def _child(reader: Reader, shared: Shared) -> Rule:
    return Child(reader.text("id"), reader.text("citation"))


def _unusual_presentation(reader: Reader, shared: Shared) -> Rule:
    return UnusualPresentation(reader.text("id"), reader.text("citation"))


def _rare_entity(reader: Reader, shared: Shared) -> Rule:
    return RareEntity(
        id=reader.text("id"),
        citation=reader.text("citation"),
        entities=EntityList(shared.lists[RARE]),
        generic=shared.generic,
        unknown_without_row=reader.codes("unknown_without_row", empty=True),
    )


def _unclear_certainty(reader: Reader, shared: Shared) -> Rule:
    words = frozenset(reader.words("words", tuple(Certainty)))
    return UnclearCertainty(reader.text("id"), reader.text("citation"), words)


def _unclear_code(reader: Reader, shared: Shared) -> Rule:
    return UnclearCode(
        id=reader.text("id"),
        citation=reader.text("citation"),
        codes=reader.codes("codes"),
        secondary=reader.codes("secondary", empty=True),
        primary=reader.codes("primary", empty=True),
    )


def _several_modalities(reader: Reader, shared: Shared) -> Rule:
    return SeveralModalities(
        id=reader.text("id"),
        citation=reader.text("citation"),
        at_least=reader.whole("min_modalities", 1, len(Modality)),
        not_counted=frozenset(reader.words("not_counted", tuple(Modality), empty=True)),
    )


def _cancer_in_pregnancy(reader: Reader, shared: Shared) -> Rule:
    return CancerInPregnancy(reader.text("id"), reader.text("citation"), reader.codes("codes", empty=True))


_KINDS: Mapping[Criterion, Mapping[str, Build]] = {
    Criterion.AGGRESSIVE: {
        "distant_metastasis": _distant_metastasis,
        "exocrine_pancreas": _exocrine_pancreas,
        "aggressive_entity": _aggressive_entity,
    },
    Criterion.RESISTANT: {
        "resistant_status": _resistant_status,
        "progression_on_treatment": _progression,
        "latest_response": _latest_response,
        "resistance_code": _resistance_code,
    },
    Criterion.RARE: {
        "not_a_cancer_now": _not_a_cancer_now,
        "child": _child,
        "unusual_presentation": _unusual_presentation,
        "rare_entity": _rare_entity,
    },
    Criterion.COMPLEX: {
        "unclear_certainty": _unclear_certainty,
        "unclear_code": _unclear_code,
        "several_modalities": _several_modalities,
        "cancer_in_pregnancy": _cancer_in_pregnancy,
    },
}


def kinds_of(criterion: Criterion) -> Sequence[str]:
    return tuple(_KINDS[criterion])
