"""Codes as they come from partners: every spelling is read, and what no table knows is refused by name."""

import subprocess
import sys

import pytest

from referrals.domain.case import case_from
from referrals.domain.coding import check_codes, normalize_facts
from referrals.domain.errors import Invalid
from tests.domain.priority_cases import ON, a_case, judged, neoplasm_codes


def pointers(diagnosis):
    return [error.pointer for error in check_codes({"diagnosis": diagnosis})]


@pytest.mark.parametrize(("sent", "usual"), [
    ("C25.0", "C25.0"), ("C250", "C25.0"), (" c25.0 ", "C25.0"), ("c61", "C61"), ("c7b02", "C7B.02"), ("C4A9", "C4A.9"),
    ("C49A2", "C49.A2"), ("c50a1", "C50.A1"), ("C819a", "C81.9A"), ("c7a.090", "C7A.090"), ("O9A111", "O9A.111"), ("T451X5A", "T45.1X5A"),
    ("D46C", "D46.C"),
])  # fmt: skip
def test_a_code_comes_with_or_without_dot_in_any_case(sent, usual):
    assert normalize_facts({"diagnosis": {"icd10cm": sent, "other_codes": [sent]}}) == {
        "diagnosis": {"icd10cm": usual, "other_codes": [usual]}
    }
    assert pointers({"icd10cm": sent, "other_codes": [sent]}) == []


def test_sites_and_morphologies_have_one_spelling_too():
    sent = {"icd10cm": "C25.0", "topography": " c250", "morphology": " 8140/3 "}
    assert normalize_facts({"diagnosis": sent})["diagnosis"] == {
        "icd10cm": "C25.0",
        "topography": "C25.0",
        "morphology": "8140/3",
    }


def test_a_blank_site_or_morphology_was_not_sent():
    assert normalize_facts({"diagnosis": {"topography": " ", "morphology": ""}})["diagnosis"] == {
        "topography": None,
        "morphology": None,
    }


def test_nothing_else_is_touched_and_nothing_in_place():
    facts = {
        "patient": {"birth_date": "1968"},
        "diagnosis": {"icd10cm": "c250", "stage": {"m": "cM1"}},
        "treatments": [],
    }
    told = normalize_facts(facts)
    assert (told["patient"], told["diagnosis"]["stage"], told["treatments"]) == (
        {"birth_date": "1968"},
        {"m": "cM1"},
        [],
    )
    assert facts["diagnosis"]["icd10cm"] == "c250"
    assert normalize_facts({"diagnosis": None}) == {"diagnosis": None}


@pytest.mark.parametrize(
    "code",
    [
        "C99.9",
        "C25.99",
        "C61.9",
        "XYZ",
        "",
        "C25.",
        "C2.50",
        "C25 0",
        "C25.-",
        "25.0",
        "C25.0.1",
        "Ⅽ25.0",
        250,
        ["C25.0"],
    ],
)
def test_an_unknown_or_malformed_code_is_refused(code):
    expected = [] if code == "" else ["/diagnosis/icd10cm"]
    assert pointers({"icd10cm": code}) == expected
    assert pointers({"icd10cm": "C61", "other_codes": ["C78.7", code]}) == ["/diagnosis/other_codes/1"]


@pytest.mark.parametrize(
    "morphology", ["8140", "8140/", "81403", "8140/4", "8140/33", "814/3", "7999/3", "9999/3", "abcd/3", "٨١٤٠/3", 8140]
)
def test_an_unknown_or_malformed_morphology_is_refused(morphology):
    assert pointers({"morphology": morphology}) == ["/diagnosis/morphology"]


@pytest.mark.parametrize("topography", ["C99.9", "C25.5", "D05.1", "C50.911", "C79.5", "skin", 25])
def test_an_unknown_site_is_refused(topography):
    assert pointers({"topography": topography}) == ["/diagnosis/topography"]


@pytest.mark.parametrize("topography", ["C61", "C61.9", "C42.1", "C77.0", "C80.9", "c42.1", "C250"])
def test_every_site_of_icdo3_is_accepted(topography):
    assert pointers({"topography": topography}) == []


def test_every_error_is_named_at_once_and_no_error_repeats_what_was_sent():
    errors = check_codes(
        {"diagnosis": {"icd10cm": "C99.9", "topography": "Q1", "morphology": "x", "other_codes": ["C61", "C98.1"]}}
    )
    assert [error.pointer for error in errors] == [
        "/diagnosis/icd10cm",
        "/diagnosis/topography",
        "/diagnosis/morphology",
        "/diagnosis/other_codes/1",
    ]
    assert {error.code for error in errors} == {"unknown_code"}
    assert not any(sent in error.message for error in errors for sent in ("C99.9", "Q1", "C98.1"))


def test_a_case_with_an_unknown_code_is_refused_and_not_judged():
    with pytest.raises(Invalid):
        case_from(a_case("C99.9"), ON)
    with pytest.raises(Invalid):
        case_from({"patient": {"birth_date": "soon"}, "diagnosis": {"icd10cm": "C61"}}, ON)


def test_facts_without_a_diagnosis_have_no_codes_to_check():
    assert check_codes({}) == check_codes({"diagnosis": None}) == check_codes({"diagnosis": {}}) == []


@pytest.mark.parametrize(
    "code", ["Z85.3", "R97.21", "Z19.2", "O9A.111", "Z92.3", "I10", "A00", "Z99.89", "C25", "D3A", "C7B", "C44.0"]
)
def test_every_valid_code_is_accepted_parent_or_not_tumor_or_not(code):
    assert judged(a_case(code)).tier


def test_every_code_of_the_neoplasm_chapter_is_judged():
    for code in neoplasm_codes():
        assert judged(a_case(code)).tier


def test_the_spelling_of_a_code_does_not_change_the_judgement():
    for sent in ("C254", "c25.4", " C25.4"):
        assert judged(a_case(sent, "8013/3")).to_json() == judged(a_case("C25.4", "8013/3")).to_json()


def test_judging_needs_neither_flask_nor_a_database():
    script = (
        "import sys; from datetime import date\n"
        "from referrals.domain.case import case_from\n"
        "from referrals.domain.policy import default_policy\n"
        "from referrals.domain.assessment import assess\n"
        "assess(case_from({'diagnosis': {'icd10cm': 'C25.0'}}, date(2026, 1, 1)), default_policy())\n"
        "print([name for name in ('flask', 'sqlalchemy', 'marshmallow', 'alembic', 'click', 'orjson') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
