"""From verdicts to the tier: the table, the floor, provisional escalation, and what the unknowns could change."""

from itertools import combinations

import pytest

from referrals.domain.policy import default_policy
from referrals.domain.vocabulary import Criterion, Tier
from tests.domain.priority_cases import (
    AGGRESSIVE,
    CHILD,
    COMPLEX,
    RARE,
    RESISTANT,
    a_case,
    changed,
    flags,
    given,
    judged,
    missing,
    untreated,
)

SUBSETS = [frozenset(met) for size in range(5) for met in combinations(Criterion, size)]


def tier_in_words(met):
    """The table of the design, written a second time."""
    if {AGGRESSIVE, RESISTANT} <= met or {AGGRESSIVE, RARE, COMPLEX} <= met:
        return "P1"
    if AGGRESSIVE in met or (RESISTANT in met and met & {RARE, COMPLEX}):
        return "P2"
    return "P3" if met else "P4"


def case_that_meets(met):
    """A case that meets exactly these criteria, with nothing unknown."""
    return a_case(
        "C34.11",
        "8560/3" if RARE in met else "8140/3",
        stage={"group": "IV" if AGGRESSIVE in met else "II"},
        disease_status="recurrence" if RESISTANT in met else "stable",
        certainty="uncertain" if COMPLEX in met else "confirmed",
        treatments=[given("surgery", line=0)],
    )


@pytest.mark.parametrize("met", SUBSETS, ids=lambda met: "+".join(sorted(met)) or "none")
def test_each_combination_of_criteria_has_its_tier(met):
    answer = judged(case_that_meets(met))
    assert set(answer.met) == met
    assert answer.unknown == ()
    assert (answer.tier, answer.provisional) == (tier_in_words(met), False)
    assert (answer.range.soonest, answer.range.latest, answer.missing) == (answer.tier, answer.tier, ())


def test_tiers_are_called_as_the_policy_calls_them():
    policy = default_policy()
    assert [policy.label(tier) for tier in Tier] == ["Immediate", "Urgent", "Soon", "Planned"]
    assert judged(case_that_meets(frozenset())).label == "Planned"


@pytest.mark.parametrize("told", [{"pregnant": True}, {"other_codes": ["O9A.111"]}])
def test_pregnancy_is_never_later_than_p2(told):
    assert judged(a_case("C43.61", "8720/3", stage={"group": "II"}, **told)).tier == "P2"
    assert not judged(a_case("C43.61", "8720/3", stage={"group": "II"}, **told)).provisional


def test_pregnancy_does_not_hold_back_a_p1():
    assert judged(a_case("C34.11", "8560/3", stage={"m": "M1"}, pregnant=True)).tier == "P1"


# -- provisional escalation --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "morphology"), [("C34.11", "8070/3"), ("C77.3", "8140/3"), ("C80.1", "8140/3"), ("C22.0", "8170/3")]
)
def test_a_missing_stage_escalates_where_spread_is_common(code, morphology):
    answer = judged(a_case(code, morphology))
    assert (answer.tier, answer.provisional) == ("P2", True)
    assert answer.reasons[0] == "Provisional: the stage is missing where spread is common at diagnosis."
    known = judged(a_case(code, morphology, stage={"m": "M0"}))
    assert (known.tier.rank > 2, known.provisional) == (True, False)


@pytest.mark.parametrize("code", ["C71.9", "D43.2"])
@pytest.mark.parametrize("morphology", [None, "8000/3"])
def test_a_missing_morphology_escalates_in_the_brain(code, morphology):
    answer = judged(a_case(code, morphology))
    assert (answer.tier, answer.provisional) == ("P2", True)


def test_elsewhere_nothing_unknown_escalates():
    assert judged(a_case("C50.911", "8500/3")).tier == "P4"
    assert judged(a_case("C18.2")).tier == "P4"


def test_a_missing_morphology_does_not_escalate_where_only_the_stage_would():
    assert (judged(a_case("C34.11", stage={"group": "IIB"})).tier, judged(a_case("C34.11")).tier) == ("P4", "P2")


def test_escalation_goes_to_p2_at_most_and_is_shown_only_where_it_lifts():
    resistant_and_complex = a_case("C34.11", "8070/3", disease_status="recurrence", certainty="uncertain")
    assert (judged(resistant_and_complex).tier, judged(resistant_and_complex).provisional) == ("P2", False)
    assert judged(a_case("C34.11", "8041/3", disease_status="recurrence", treatments=[given()])).tier == "P1"


def uncoded(**more):
    return a_case(None, uncoded=True, description="Tumor of the pancreas", **more)


def test_an_uncoded_diagnosis_is_p2_until_it_is_coded():
    answer = judged(uncoded())
    assert (answer.tier, answer.provisional) == ("P2", True)
    assert "uncoded" in flags(uncoded())
    assert answer.reasons[0] == "Provisional: the diagnosis is described in words only: code it today."
    assert missing(uncoded())["/diagnosis/icd10cm"] == ["P1", "P3", "P4"]
    assert (answer.range.soonest, answer.range.latest) == ("P1", "P4")


def test_an_uncoded_diagnosis_still_meets_what_can_be_read_without_a_code():
    spread_and_back = uncoded(stage={"m": "M1"}, disease_status="recurrence")
    assert (judged(spread_and_back).tier, judged(spread_and_back).provisional) == ("P1", False)
    assert judged(uncoded(birth_date=CHILD)).met == (RARE,)
    assert judged(uncoded(stage={"group": "IV"})).verdict(AGGRESSIVE).verdict == "unknown"
    assert judged(uncoded(stage={"group": "IV"}, topography="C34.1")).verdict(AGGRESSIVE).verdict == "met"
    assert judged(uncoded(morphology="9140/3")).verdict(RARE).verdict == "met"
    assert judged(uncoded(morphology="8041/3", topography="C34.1")).verdict(AGGRESSIVE).verdict == "met"


# -- what the unknowns could change ------------------------------------------------------------------------------------


def test_the_range_goes_from_the_soonest_to_the_latest_tier():
    nothing_known = untreated(a_case("C50.919", disease_status="unknown"))
    assert judged(nothing_known).range == ("P1", "P4")
    assert judged(a_case("C34.11", "8070/3")).range == ("P2", "P4")
    assert judged(a_case("C34.11", stage={"group": "IIB"})).range == ("P2", "P4")
    assert judged(a_case("C22.0", "8170/3")).range == ("P2", "P3")


def test_a_presumption_may_fall_and_the_range_says_so():
    """A neuroendocrine tumor would be P4 or P3; nothing else here is unknown but whether it is rare."""
    assert judged(a_case("C25.9", stage={"m": "M0"})).range == ("P2", "P4")
    assert missing(a_case("C25.9", stage={"m": "M0"})) == {"/diagnosis/morphology": ["P3", "P4"]}
    assert judged(a_case("C25.9", "8249/3", stage={"m": "M0"})).tier == "P3"
    assert judged(a_case("C25.9", "8242/3", stage={"m": "M0"})).tier == "P4"
    assert judged(a_case("C25.9", stage={"m": "M1"})).range == ("P2", "P2")


def test_what_is_missing_names_the_tiers_it_could_lead_to():
    assert missing(untreated(a_case("C50.919", disease_status="unknown"))) == {
        "/diagnosis/stage": ["P1", "P2"],
        "/diagnosis/morphology": ["P1", "P2", "P3"],
        "/treatments": ["P1", "P2", "P3"],
        "/diagnosis/disease_status": ["P1", "P3"],
    }


def test_what_only_together_reaches_an_end_of_the_range_is_missing_too():
    told = a_case("C25.0", "8500/3", stage={"group": "III"}, birth_date=None, certainty=None)
    assert judged(told).range == ("P1", "P2")
    assert missing(told) == {"/diagnosis/certainty": ["P1"], "/patient/birth_date": ["P1"]}


def test_what_helps_only_together_is_missing_though_another_item_reaches_that_end_alone():
    """The status alone may lead to P1, and so may birth date and certainty together."""
    told = a_case("C25.0", "8500/3", stage={"m": "M1"}, birth_date=None, certainty=None, disease_status="unknown")
    assert missing(told) == {
        "/diagnosis/disease_status": ["P1"],
        "/diagnosis/certainty": ["P1"],
        "/patient/birth_date": ["P1"],
    }


def test_an_item_that_cannot_change_the_tier_is_not_asked_for():
    assert missing(a_case("C50.911", "8500/3", stage={"m": "M1"}, certainty=None, disease_status="stable")) == {}
    assert "/diagnosis/morphology" not in missing(a_case("C34.11"))


def test_a_bare_iv_asks_for_the_stage():
    assert missing(a_case("C32.9", "8070/3", stage={"group": "IV"})) == {"/diagnosis/stage": ["P2"]}


def test_what_is_certain_asks_for_nothing():
    assert missing(case_that_meets(frozenset(Criterion))) == {}


@pytest.mark.parametrize(("facts", "told"), [
    (a_case("C34.11", "8070/3"), {"stage": {"m": "M0"}}),
    (a_case("C34.11", "8070/3"), {"stage": {"m": "M1"}}),
    (a_case("C71.9"), {"morphology": "9440/3"}),
    (a_case("C71.9"), {"morphology": "9450/3"}),
    (a_case("C50.911", "8500/3", disease_status=None), {"disease_status": "recurrence"}),
    (a_case("C25.9"), {"morphology": "8249/3"}),
])  # fmt: skip
def test_telling_what_is_missing_leads_where_the_item_said(facts, told):
    (path,) = [f"/diagnosis/{name}" for name in told]
    before, after = judged(facts), judged(changed(facts, **told))
    assert after.tier in {before.tier, *dict(before.missing).get(path, ())}
    assert before.range.soonest <= after.tier <= before.range.latest
