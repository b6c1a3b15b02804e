"""Resistant: came back, did not respond, or progressed on treatment."""

import pytest

from tests.domain.priority_cases import RESISTANT, a_case, changed, flags, given, judged, missing, untreated, verdict

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"


def lung(status=None, treatments=(), **more):
    return a_case("C34.11", "8140/3", disease_status=status, treatments=list(treatments), stage={"group": "II"}, **more)


def deciding(facts):
    return judged(facts).verdict(RESISTANT)


@pytest.mark.parametrize("status", ["recurrence", "refractory"])
def test_recurrence_and_refractory_are_resistant(status):
    answer = deciding(lung(status, [given(response="CR")]))
    assert (answer.verdict, answer.rule) == (MET, "RES-1")
    assert verdict(untreated(lung(status)), RESISTANT) == MET


def test_recurrence_without_any_treatment_is_a_contradiction_on_the_safe_side():
    assert (verdict(lung("recurrence"), RESISTANT), flags(lung("recurrence"))) == (MET, {"status_contradicted"})
    assert "status_contradicted" in flags(lung("recurrence", [given(status="planned")]))
    assert "status_contradicted" not in flags(lung("recurrence", [given("surgery")]))
    assert "status_contradicted" not in flags(untreated(lung("recurrence")))


def test_progression_counts_once_a_treatment_was_given():
    assert deciding(lung("progression", [given("surgery")])).rule == "RES-2"
    assert verdict(lung("progression"), RESISTANT) == NOT_MET
    assert verdict(lung("progression", [given(status="planned")]), RESISTANT) == NOT_MET
    assert verdict(untreated(lung("progression")), RESISTANT) == UNKNOWN


def test_progression_counts_whatever_the_last_response_was():
    assert verdict(lung("progression", [given(response="CR")]), RESISTANT) == MET


@pytest.mark.parametrize("response", ["PD", "NR"])
@pytest.mark.parametrize(
    "status", [None, "unknown", "newly_diagnosed", "stable", "responding", "remission", "second_primary"]
)
def test_no_response_in_the_latest_line_is_resistant_whatever_the_status(status, response):
    answer = deciding(lung(status, [given(response="PR", line=1), given(response=response, line=2)]))
    assert (answer.verdict, answer.rule) == (MET, "RES-3")
    assert answer.evidence == (("/treatments/1/best_response", response),)


@pytest.mark.parametrize("response", ["SD", "MR", "PR", "CR"])
@pytest.mark.parametrize(
    "status", [None, "unknown", "newly_diagnosed", "stable", "responding", "remission", "second_primary"]
)
def test_a_response_or_control_is_not_resistance(status, response):
    assert verdict(lung(status, [given(response="PD", line=1), given(response=response, line=2)]), RESISTANT) == NOT_MET


@pytest.mark.parametrize("status", ["newly_diagnosed", "stable", "responding", "remission", "second_primary"])
def test_these_statuses_alone_are_not_resistant(status):
    assert verdict(lung(status), RESISTANT) == NOT_MET
    assert verdict(untreated(lung(status)), RESISTANT) == NOT_MET


@pytest.mark.parametrize("status", [None, "unknown"])
def test_without_a_status_and_a_deciding_response_it_is_unknown(status):
    for treatments in (
        [],
        [given("surgery", "PD")],
        [given(response="NE")],
        [given()],
        [given(response="PD", status="planned")],
    ):
        assert verdict(lung(status, treatments), RESISTANT) == UNKNOWN
    assert verdict(untreated(lung(status)), RESISTANT) == UNKNOWN


@pytest.mark.parametrize("status", ["remission", "responding", "stable", "newly_diagnosed"])
def test_a_status_that_contradicts_the_latest_response_is_flagged(status):
    assert "response_contradicted" in flags(lung(status, [given(response="PD")]))
    assert "response_contradicted" not in flags(lung(status, [given(response="PR")]))


def latest(*treatments):
    return verdict(lung("stable", treatments), RESISTANT)


def test_the_highest_line_is_the_latest():
    assert latest(given(response="PD", line=3), given(response="CR", line=1)) == MET
    assert latest(given(response="CR", line=3), given(response="PD", line=1)) == NOT_MET


def test_a_missing_line_is_line_zero():
    assert latest({"modality": "chemotherapy", "best_response": "PD"}, given(response="CR", line=1)) == NOT_MET
    assert (
        latest({"modality": "chemotherapy", "best_response": "PD"}, given(response="CR", line=0, ended_on="2020"))
        == MET
    )


def test_within_a_line_the_end_decides_and_a_missing_end_is_the_latest():
    early, late = {"ended_on": "2025-01-31"}, {"ended_on": "2025-06-30"}
    assert latest(given(response="PD", **early), given(response="SD", **late)) == NOT_MET
    assert latest(given(response="PD", **late), given(response="SD", **early)) == MET
    assert latest(given(response="PD"), given(response="SD", **late)) == MET
    assert latest(given(response="PD", **late), given(response="SD")) == NOT_MET


def test_on_a_tie_the_worst_decides():
    assert latest(given(response="CR"), given(response="PD")) == MET
    assert latest(given(response="PD", ended_on="2025-06"), given(response="CR", ended_on="2025-06")) == MET


def test_dates_that_may_be_the_same_day_are_a_tie():
    assert latest(given(response="PD", ended_on="2025"), given(response="CR", ended_on="2025-06-30")) == MET
    assert latest(given(response="PD", ended_on="2025-06-30"), given(response="CR", ended_on="2025-06")) == MET
    assert latest(given(response="PD", ended_on="2024"), given(response="CR", ended_on="2025-06")) == NOT_MET


def test_surgery_plans_and_unevaluable_responses_are_passed_over():
    resisted = given(response="PD", line=1)
    for later in (
        given("surgery", "CR", 2),
        given(response="CR", line=2, status="planned"),
        given(response="NE", line=2),
        given(line=2),
    ):
        assert latest(resisted, later) == MET


@pytest.mark.parametrize("code", ["C90.02", "C91.02", "C91.A2", "C92.42", "C93.32", "C94.82", "C95.92"])
def test_a_code_in_relapse_by_its_title_is_resistant(code):
    answer = deciding(a_case(code, disease_status="unknown", treatments=None))
    assert (answer.verdict, answer.rule, answer.evidence) == (MET, "RES-4", (("/diagnosis/icd10cm", code),))


@pytest.mark.parametrize("code", ["R97.21", "Z19.2", "C92.02"])
def test_a_code_of_relapse_or_resistance_counts_among_the_others(code):
    answer = deciding(lung(other_codes=[code]))
    assert (answer.verdict, answer.rule) == (MET, "RES-4")


def test_a_code_that_only_ends_like_a_relapse_is_none():
    """C96.22 is mast cell sarcoma; C91.00 covers leukemia that was never treated."""
    assert verdict(a_case("C96.22", "9740/3"), RESISTANT) == NOT_MET
    assert verdict(a_case("C91.00", "9811/3"), RESISTANT) == NOT_MET
    assert verdict(lung("stable", other_codes=["Z19.1"]), RESISTANT) == NOT_MET


def test_what_would_settle_it_is_asked_for():
    several = [given("surgery"), given("radiation")]
    assert missing(lung("unknown", [given("surgery", line=0)])) == {"/diagnosis/disease_status": ["P3"]}
    assert set(missing(lung("unknown", several))) == {"/diagnosis/disease_status", "/treatments"}
    assert "/treatments" in missing(untreated(lung("progression")))
    assert missing(changed(lung("stable"))) == {}


@pytest.mark.parametrize("modality", ["supportive", "other"])
def test_a_response_to_care_not_aimed_at_the_tumor_decides_by_the_text_and_is_flagged(modality):
    calmed = lung("stable", [given(response="PD"), given(modality, "CR", 2)])
    assert (verdict(calmed, RESISTANT), flags(calmed)) == (NOT_MET, {"supportive_response_decides"})
    (flag,) = judged(calmed).flags
    assert flag.path == "/treatments/1/best_response"
    worsened = lung("stable", [given(response="CR"), given(modality, "PD", 2)])
    assert (verdict(worsened, RESISTANT), "supportive_response_decides" in flags(worsened)) == (MET, True)
    alone = lung(None, [given(modality, "CR")])
    assert (verdict(alone, RESISTANT), flags(alone)) == (NOT_MET, {"supportive_response_decides"})


@pytest.mark.parametrize(
    "facts",
    [
        lung("stable", [given(response="CR"), given("supportive", "CR", 2)]),
        lung("stable", [given(response="PD", line=2), given("supportive", "CR", 1)]),
        lung("recurrence", [given(response="PD"), given("supportive", "CR", 2)]),
        lung("progression", [given("supportive", "CR")]),
        lung("stable", [given("supportive", "CR", status="planned"), given(response="PD")]),
        lung("stable", [given(response="PD"), given("hormone", "CR", 2)]),
    ],
)
def test_a_response_that_makes_no_difference_is_not_flagged(facts):
    assert "supportive_response_decides" not in flags(facts)
