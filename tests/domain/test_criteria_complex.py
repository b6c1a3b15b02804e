"""Complex: an unclear diagnosis, several modalities, or cancer in pregnancy."""

import pytest

from referrals.domain.vocabulary import Modality
from tests.domain.priority_cases import COMPLEX, a_case, given, judged, missing, untreated, verdict

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"


def deciding(facts):
    return judged(facts).verdict(COMPLEX)


@pytest.mark.parametrize(
    ("certainty", "expected"),
    [("uncertain", MET), ("conflicting", MET), ("confirmed", NOT_MET), ("provisional", NOT_MET), (None, UNKNOWN)],
)
def test_an_uncertain_or_conflicting_diagnosis_is_complex(certainty, expected):
    assert verdict(a_case("C61", "8140/3", certainty=certainty), COMPLEX) == expected


def test_certainty_is_asked_for_where_it_is_missing():
    facts = a_case("C61", "8140/3", certainty=None, stage={"m": "M0"})
    assert missing(facts) == {"/diagnosis/certainty": ["P3"]}


@pytest.mark.parametrize("code", ["C80.1", "C76.0", "C76.8", "D37.9", "D38.1", "D39.0", "D40.0", "D41.01", "D42.0", "D43.2", "D44.0",
                                  "D48.9", "D49.59"])  # fmt: skip
def test_some_principal_codes_say_that_the_diagnosis_is_unclear(code):
    answer = deciding(a_case(code))
    assert (answer.verdict, answer.rule, answer.evidence) == (MET, "CPX-2", (("/diagnosis/icd10cm", code),))
    assert verdict(a_case("C61", other_codes=[code]), COMPLEX) == NOT_MET


@pytest.mark.parametrize("code", ["D45", "D46.9", "D47.3", "C80.0", "C61", "D05.12"])
def test_other_principal_codes_do_not(code):
    assert verdict(a_case(code), COMPLEX) == NOT_MET


@pytest.mark.parametrize("code", ["C77.3", "C78.7", "C79.51", "C7B.02"])
def test_a_secondary_code_without_a_primary_leaves_it_open(code):
    assert verdict(a_case(code), COMPLEX) == UNKNOWN
    assert verdict(a_case(code, other_codes=["C79.9", "I10"]), COMPLEX) == UNKNOWN
    assert verdict(a_case(code, other_codes=["C50.911"]), COMPLEX) == NOT_MET
    assert verdict(a_case(code, other_codes=["C7A.8"]), COMPLEX) == NOT_MET
    assert "/diagnosis/icd10cm" in missing(a_case("C77.3", "8140/3", stage={"m": "M0"}))


def modalities(*names, **more):
    return verdict(
        a_case("C61", "8140/3", treatments=[given(name, line=line, **more) for line, name in enumerate(names)]), COMPLEX
    )


def test_two_distinct_modalities_are_several():
    assert modalities("surgery", "radiation") == MET
    assert modalities("surgery", "surgery") == NOT_MET
    assert modalities("surgery") == NOT_MET
    assert modalities() == NOT_MET


def test_planned_treatments_count_too():
    assert modalities("surgery", "radiation", status="planned") == MET


@pytest.mark.parametrize("name", ["supportive", "other"])
def test_supportive_and_other_treatments_do_not_count(name):
    assert modalities("surgery", name) == NOT_MET


@pytest.mark.parametrize("name", sorted(set(Modality) - {"supportive", "other", "surgery"}))
def test_every_other_modality_counts(name):
    assert modalities("surgery", name) == MET


def test_omitted_treatments_are_unknown_and_never_none():
    facts = untreated(a_case("C61", "8140/3", stage={"m": "M0"}))
    assert verdict(facts, COMPLEX) == UNKNOWN
    assert "/treatments" in missing(facts)


def test_a_treatment_without_its_modality_leaves_the_count_open():
    unnamed = {"regimen": "FOLFOX", "line": 1}
    assert verdict(a_case("C61", "8140/3", treatments=[given("surgery"), unnamed]), COMPLEX) == UNKNOWN
    assert verdict(a_case("C61", "8140/3", treatments=[given("surgery"), given("radiation"), unnamed]), COMPLEX) == MET


def test_a_met_rule_decides_over_an_unknown_one():
    assert verdict(untreated(a_case("C61", certainty="uncertain")), COMPLEX) == MET
    assert verdict(a_case("C80.1", certainty=None, treatments=None), COMPLEX) == MET


@pytest.mark.parametrize("code", ["O9A.11", "O9A.111", "O9A.12", "O9A.13"])
def test_cancer_in_pregnancy_is_complex_by_code(code):
    answer = deciding(a_case("C61", "8140/3", other_codes=[code]))
    assert (answer.verdict, answer.rule) == (MET, "CPX-4")
    assert verdict(a_case(code), COMPLEX) == MET


def test_cancer_in_pregnancy_is_complex_by_the_flag():
    answer = deciding(a_case("C43.61", "8720/3", pregnant=True))
    assert (answer.verdict, answer.evidence) == (MET, (("/patient/pregnant", True),))
    assert verdict(a_case("C43.61", "8720/3", pregnant=False), COMPLEX) == NOT_MET


def test_other_conditions_of_pregnancy_do_not_count():
    assert verdict(a_case("C61", other_codes=["O9A.211"]), COMPLEX) == NOT_MET
