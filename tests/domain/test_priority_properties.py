"""What holds for every case: the properties that the design asks to be proven."""

import re
import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given as for_all, settings, strategies as st

from referrals.domain.case import case_from
from referrals.domain.criteria.matching import CodeSet
from tests.domain.priority_cases import (
    AGGRESSIVE,
    ON,
    RARE,
    RESISTANT,
    any_case,
    changed,
    given,
    judged,
    untreated,
    verdict,
    words,
)

many = settings(max_examples=300)

GROUP_IV = ("IV", "IVA", "IVB", "IVC", "Stage IV")


def with_stage(facts: dict[str, Any], **stage: str) -> dict[str, Any]:
    return changed(facts, stage={**facts["diagnosis"].get("stage", {}), **stage})


def is_staged_iv(facts: dict[str, Any]) -> bool:
    return facts["diagnosis"].get("stage", {}).get("group") in GROUP_IV


def with_code(facts: dict[str, Any], code: str) -> dict[str, Any]:
    return changed(facts, other_codes=[*facts["diagnosis"].get("other_codes", []), code])


def with_treatment(facts: dict[str, Any], treatment: dict[str, Any]) -> dict[str, Any]:
    return {**facts, "treatments": [*facts.get("treatments", []), treatment]}


def next_line(facts: dict[str, Any]) -> int:
    return max((treatment.get("line", 0) for treatment in facts.get("treatments", [])), default=0) + 1


def not_later(facts: dict[str, Any], worse: dict[str, Any]) -> None:
    before, after = judged(facts), judged(worse)
    assert after.tier <= before.tier, (before.to_json(), after.to_json())


# -- monotone: a bad finding never lowers a priority -------------------------------------------------------------------


@many
@for_all(any_case(), st.sampled_from(GROUP_IV))
def test_adding_stage_iv_never_gives_a_later_tier(facts, group):
    if not is_staged_iv(facts):  # another IV is a correction, not an addition
        not_later(facts, with_stage(facts, group=group))


@many
@for_all(any_case(), st.sampled_from(("M1", "cM1", "pM1b")))
def test_adding_m1_never_gives_a_later_tier(facts, m):
    not_later(facts, with_stage(facts, m=m))


@many
@for_all(any_case(), st.sampled_from(("C78.7", "C79.31", "C7B.03", "C80.0")))
def test_adding_a_metastasis_code_never_gives_a_later_tier(facts, code):
    not_later(facts, with_code(facts, code))


@many
@for_all(any_case(), st.sampled_from(("PD", "NR")), st.sampled_from(("chemotherapy", "radiation", "immunotherapy")))
def test_a_line_without_response_as_the_latest_never_gives_a_later_tier(facts, response, modality):
    not_later(facts, with_treatment(facts, given(modality, response, next_line(facts))))


@many
@for_all(
    any_case(),
    st.sampled_from(("surgery", "chemotherapy", "targeted", "supportive")),
    st.sampled_from(("given", "planned")),
)
def test_adding_a_modality_never_gives_a_later_tier(facts, modality, status):
    not_later(facts, with_treatment(facts, given(modality, line=next_line(facts), status=status)))


@many
@for_all(any_case())
def test_an_unusual_presentation_never_gives_a_later_tier(facts):
    not_later(facts, changed(facts, unusual_presentation="described"))


@many
@for_all(any_case(), st.sampled_from(("uncertain", "conflicting")))
def test_an_unclear_diagnosis_never_gives_a_later_tier(facts, certainty):
    not_later(facts, changed(facts, certainty=certainty))


@many
@for_all(any_case())
def test_pregnancy_never_gives_a_later_tier(facts):
    pregnant = {**facts, "patient": {**facts["patient"], "pregnant": True}}
    not_later(facts, pregnant)
    assert judged(pregnant).tier <= "P2"


# -- order, and what must not be read ----------------------------------------------------------------------------------


@many
@for_all(any_case(), st.randoms(use_true_random=False))
def test_the_order_of_codes_treatments_and_sites_does_not_matter(facts, chance):
    shuffled = {**facts, "diagnosis": dict(facts["diagnosis"])}
    for part, name in (
        (shuffled["diagnosis"], "other_codes"),
        (shuffled["diagnosis"], "metastatic_sites"),
        (shuffled, "treatments"),
    ):
        if name in part:
            part[name] = chance.sample(part[name], len(part[name]))
    told, again = judged(facts), judged(shuffled)
    assert (again.tier, again.provisional, again.range, again.missing) == (
        told.tier,
        told.provisional,
        told.range,
        told.missing,
    )
    assert [(v.verdict, v.rule, v.because, v.citation) for v in again.criteria] == [
        (v.verdict, v.rule, v.because, v.citation) for v in told.criteria
    ]
    assert sorted(flag.code for flag in again.flags) == sorted(flag.code for flag in told.flags)
    assert again.reasons == told.reasons


MUST_NOT_READ = st.fixed_dictionaries(
    {
        "sex": st.sampled_from(("female", "male", "other", "unknown")),
        "language": st.sampled_from(("en", "es", "so")),
        "interpreter_needed": st.booleans(),
        "postal_code": st.sampled_from(("94110", "10001", "")),
        "country": st.sampled_from(("US", "MX")),
        "payer": st.text(max_size=5),
        "given_name": st.text(max_size=5),
        "family_name": st.text(max_size=5),
    }
)


@many
@for_all(any_case(), MUST_NOT_READ, st.lists(st.sampled_from(("peace_of_mind", "complex_case")), max_size=2))
def test_what_must_not_be_read_never_reaches_the_rules(facts, person, purposes):
    told = {
        **facts,
        "patient": {**facts["patient"], **person},
        "purposes": purposes,
        "referring_clinician": {"email": "clinician@example.org"},
        "organization": "lakeside",
    }
    assert case_from(told, ON) == case_from(facts, ON)


@settings(max_examples=100)
@for_all(any_case(), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_the_same_case_always_gives_the_same_answer(facts, on):
    case = case_from(facts, on)
    if case == case_from(facts, ON):
        assert judged(facts).to_json() == judged(facts).to_json()


# -- withholding never turns met into not met, except where the design says so -----------------------------------------

STAGE_DOES_NOT_EXIST = CodeSet.of(["D00-D09", "D10-D36", "D3A", "C70-C72", "C81-C96", "D37-D49", "C44.x1", "Z85"])
A_LETTER_DECIDES = CodeSet.of(["C00-C14", "C30-C32", "C73", "C51-C54", "C60", "C62", "C65-C68"])
AGGRESSIVE_BY_CODE = CodeSet.of(["D00-D09", "D10-D36", "D3A", "C44.x1", "Z85", "C81-C96", "C25"])
COMMON_BY_CODE = CodeSet.of(["C61", "C67", "C43", "C83.0", "C91.1"])


def lost(full: dict[str, Any], withheld: dict[str, Any]) -> set[str]:
    """The criteria that were met with the fact and are not met without it."""
    with_it, without_it = words(judged(full)), words(judged(withheld))
    return {name for name, word in with_it.items() if word == "met" and without_it[name] == "not_met"}


def is_listed(facts: dict[str, Any]) -> bool:
    return A_LETTER_DECIDES.has(flat(facts))


def flat(facts: dict[str, Any]) -> str:
    return facts["diagnosis"]["icd10cm"].replace(".", "")


@many
@for_all(any_case())
def test_withholding_the_stage_leaves_unknown_what_was_met(facts):
    allowed = {AGGRESSIVE} if STAGE_DOES_NOT_EXIST.has(flat(facts)) else set()
    assert lost(facts, changed(facts, stage=None)) <= allowed


@many
@for_all(any_case())
def test_withholding_the_morphology_leaves_unknown_what_was_met(facts):
    allowed = {AGGRESSIVE} if AGGRESSIVE_BY_CODE.has(flat(facts)) else set()
    allowed |= {RARE} if COMMON_BY_CODE.has(flat(facts)) else set()
    assert lost(facts, changed(facts, morphology=None)) <= allowed


@many
@for_all(any_case())
def test_withholding_the_certainty_leaves_unknown_what_was_met(facts):
    assert lost(facts, changed(facts, certainty=None)) == set()


@many
@for_all(any_case())
def test_withholding_the_treatments_leaves_unknown_what_was_met_unless_the_status_decides(facts):
    status = facts["diagnosis"].get("disease_status")
    the_other_decides = status in {"newly_diagnosed", "stable", "responding", "remission", "second_primary"}
    assert lost(facts, untreated(facts)) <= ({RESISTANT} if the_other_decides else set())


@many
@for_all(any_case())
def test_withholding_the_disease_status_leaves_unknown_what_was_met_unless_a_response_decides(facts):
    a_response_decides = any(
        treatment.get("best_response") in {"SD", "MR", "PR", "CR"} for treatment in facts.get("treatments", [])
    )
    assert lost(facts, changed(facts, disease_status=None)) <= ({RESISTANT} if a_response_decides else set())


BELOW_IV = re.compile(r"(stage)?[^a-z0-9]*(i{1,3}|[0-3]|tis|[abl])[^v]*")


@many
@for_all(any_case(), st.text("IV4ⅣiabSxunk?.(-/ ", max_size=8))
def test_a_group_that_is_not_below_iv_never_excludes_more_than_no_group(facts, group):
    if not BELOW_IV.fullmatch(unicodedata.normalize("NFKC", group).strip().lower()) and not is_listed(facts):
        told, withheld = (changed(facts, stage=stage) for stage in ({"group": group}, None))
        assert verdict(told, AGGRESSIVE) != "not_met" or verdict(withheld, AGGRESSIVE) == "not_met"


# -- the range is honest -----------------------------------------------------------------------------------------------


@many
@for_all(any_case())
def test_the_tier_lies_in_its_range_and_nothing_unknown_means_no_range(facts):
    answer = judged(facts)
    assert answer.range.soonest <= answer.tier
    assert answer.provisional or answer.tier <= answer.range.latest
    if not answer.unknown and not any(verdict.presumed for verdict in answer.criteria):
        assert (answer.range.soonest, answer.range.latest, answer.missing) == (answer.tier, answer.tier, ())


@many
@for_all(any_case())
def test_missing_items_stay_inside_the_range(facts):
    answer = judged(facts)
    for path, tiers in answer.missing:
        assert path.startswith("/")
        assert tiers
        assert answer.tier not in tiers
        assert all(answer.range.soonest <= tier <= answer.range.latest for tier in tiers)


@many
@for_all(any_case())
def test_whatever_widens_the_range_is_named_among_what_is_missing(facts):
    answer = judged(facts)
    named = {tier for item in answer.missing for tier in item.could_change_tier_to}
    assert set(answer.range) - {answer.tier} <= named


@many
@for_all(any_case(), st.sampled_from(("stage", "morphology", "certainty", "disease_status", "treatments")))
def test_what_is_told_later_stays_inside_the_range_unless_the_design_let_another_fact_decide(facts, name):
    withheld = untreated(facts) if name == "treatments" else changed(facts, **{name: None})
    told, before = judged(facts), judged(withheld)
    same = {v.criterion for v in before.criteria if v.verdict != "unknown" and not v.presumed}
    if all(told.verdict(criterion).verdict == before.verdict(criterion).verdict for criterion in same):
        assert before.range.soonest <= told.tier or told.provisional
        assert told.tier <= before.range.latest


@pytest.mark.parametrize("worst", [("P1", "P2"), ("P2", "P3"), ("P3", "P4")])
def test_tiers_compare_as_they_are_numbered(worst):
    assert worst[0] < worst[1]
