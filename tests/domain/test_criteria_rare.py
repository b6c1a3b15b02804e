"""Rare: a child, an unusual presentation, or a rare entity of the European list."""

from datetime import date

import pytest

from referrals.domain.case import case_from
from tests.domain.priority_cases import ADULT, CHILD, ON, RARE, a_case, changed, flags, judged, missing, verdict

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"


def deciding(facts):
    return judged(facts).verdict(RARE)


def test_a_child_is_rare():
    answer = deciding(a_case("C61", "8140/3", birth_date=CHILD))
    assert (answer.verdict, answer.rule, answer.evidence) == (MET, "RARE-1", (("/patient/birth_date", "under 18"),))


def test_without_a_birth_date_it_is_unknown_unless_something_else_is_met():
    assert verdict({"diagnosis": {"icd10cm": "C61", "morphology": "8140/3"}}, RARE) == UNKNOWN
    assert verdict({"diagnosis": {"icd10cm": "C61", "morphology": "8500/3"}}, RARE) == MET
    assert "/patient/birth_date" in missing({"diagnosis": {"icd10cm": "C61", "morphology": "8140/3"}})


@pytest.mark.parametrize(
    ("born", "on", "under_18"),
    [
        ("2008-11-22", date(2026, 11, 21), True),
        ("2008-11-22", date(2026, 11, 22), False),
        ("2008-02-29", date(2026, 2, 28), True),
        ("2008-02-29", date(2026, 3, 1), False),
        ("2009", ON, True),
        ("2007", ON, False),
        ("2008", ON, None),
        ("2008-11", ON, None),
        ("2008-10", ON, False),
        (None, ON, None),
    ],
)
def test_majority_is_a_day_and_a_partial_birth_date_may_leave_it_open(born, on, under_18):
    assert case_from({"patient": {"birth_date": born}, "diagnosis": {"icd10cm": "C61"}}, on).under_18 is under_18


def test_an_unusual_presentation_is_rare_and_what_was_sent_is_the_evidence():
    words = "Came with a mass in the neck"
    answer = deciding(a_case("C18.2", "8140/3", unusual_presentation=words))
    assert (answer.verdict, answer.rule) == (MET, "RARE-2")
    assert answer.evidence == (("/diagnosis/unusual_presentation", words),)
    assert words not in answer.because
    assert verdict(a_case("C18.2", "8140/3", unusual_presentation="  "), RARE) == NOT_MET


@pytest.mark.parametrize("code", ["D00.1", "D05.12", "D09.9", "D10.0", "D32.0", "D36.9", "D3A.00", "Z85.3"])
def test_in_situ_benign_and_past_are_not_rare_before_anything_else_is_read(code):
    facts = a_case(code, "9440/3", birth_date=CHILD, unusual_presentation="yes", topography="C71.2")
    answer = deciding(facts)
    assert (answer.verdict, answer.rule) == (NOT_MET, "RARE-0")


@pytest.mark.parametrize("behavior", "02")
def test_a_benign_or_in_situ_behavior_is_not_rare_before_anything_else_is_read(behavior):
    assert verdict(a_case("C71.2", f"9440/{behavior}", birth_date=CHILD, unusual_presentation="yes"), RARE) == NOT_MET


def test_uncertain_behavior_may_be_rare():
    assert verdict(a_case("C71.6", "9421/1"), RARE) == MET


def test_a_rare_entity_needs_its_site_and_its_histology():
    assert deciding(a_case("C34.11", "8560/3")).rule == "RARE-3"
    assert verdict(a_case("C18.2", "8560/3"), RARE) == NOT_MET


def test_the_site_is_the_code_or_the_topography():
    assert verdict(a_case("C76.0", "8144/3", topography="C31.0"), RARE) == MET
    assert verdict(a_case("C31.0", "8144/3"), RARE) == MET
    assert verdict(a_case("C25.4", "8240/3", topography="C34.1"), RARE) == MET


def test_melanoma_of_the_skin_is_not_turned_into_another_site():
    """C43.5 is not C44.5: rows for skin do not take it, the row for melanoma does."""
    answer = deciding(a_case("C43.59", "8720/3"))
    assert (answer.verdict, "C014" in answer.citation) == (NOT_MET, True)
    assert verdict(a_case("C43.59", "8247/3"), RARE) == NOT_MET


def test_a_rare_row_beats_a_contrast_row_and_both_are_cited():
    answer = deciding(a_case("C50.121", "8500/3"))
    assert answer.verdict == MET
    assert "R064" in answer.citation
    assert "C008" in answer.citation


def test_a_contrast_row_alone_is_not_met_and_is_cited():
    answer = deciding(a_case("C34.11", "8140/3"))
    assert (answer.verdict, answer.rule, "C005" in answer.citation) == (NOT_MET, "RARE-3", True)


@pytest.mark.parametrize(("code", "expected"), [
    ("C61", NOT_MET), ("C67.9", NOT_MET), ("C43.61", NOT_MET), ("C83.00", NOT_MET), ("C91.10", NOT_MET),
    ("C07", MET), ("C37", MET), ("C45.0", MET), ("C62.90", MET), ("C83.30", MET), ("D45", MET), ("D46.9", MET), ("D47.3", MET),
    ("D47.02", MET), ("C50.121", MET), ("C49.A2", MET),
    ("C34.11", UNKNOWN), ("C50.911", UNKNOWN), ("C71.9", UNKNOWN), ("C25.0", UNKNOWN), ("C76.1", UNKNOWN), ("D47.2", UNKNOWN),
])  # fmt: skip
def test_without_a_morphology_only_some_codes_decide(code, expected):
    assert verdict(a_case(code), RARE) == expected


def test_the_code_alone_decides_only_while_the_morphology_is_missing():
    assert verdict(a_case("C61", "8500/3"), RARE) == MET
    assert verdict(a_case("C37", "8140/3"), RARE) == MET
    assert verdict(a_case("C37", "8720/3"), RARE) == NOT_MET


@pytest.mark.parametrize("histology", [8000, 8010])
def test_an_unspecific_histology_counts_as_missing_unless_a_row_lists_it(histology):
    assert verdict(a_case("C34.11", f"{histology}/3"), RARE) == UNKNOWN
    assert verdict(a_case("C62.90", f"{histology}/3"), RARE) == MET
    assert verdict(a_case("C07", f"{histology}/3"), RARE) == MET
    assert "R007" in deciding(a_case("C07", f"{histology}/3")).citation
    assert verdict(a_case("C34.11", f"{histology}/2"), RARE) == NOT_MET


def test_the_breast_lists_carcinoma_of_unspecified_type_as_common():
    assert verdict(a_case("C50.911", "8010/3"), RARE) == NOT_MET
    assert verdict(a_case("C50.911", "8000/3"), RARE) == UNKNOWN


@pytest.mark.parametrize("code", ["C76.1", "C80.1", "C80.0", "D37.9", "D43.2", "D44.0", "D48.9", "D49.59", "D47.2"])
def test_no_row_at_an_unclear_site_is_unknown(code):
    assert verdict(a_case(code, "8140/3"), RARE) == UNKNOWN
    assert "unlisted_entity" not in flags(a_case(code, "8140/3"))


def test_an_unclear_site_still_matches_a_row():
    assert verdict(a_case("C80.1", "8013/3"), RARE) == MET
    assert verdict(a_case("D47.3", "9962/3"), RARE) == MET


def test_elsewhere_a_specific_morphology_without_a_row_is_common_enough_and_flagged():
    facts = a_case("C18.2", "8560/3")
    assert (verdict(facts, RARE), "unlisted_entity" in flags(facts)) == (NOT_MET, True)
    assert "unlisted_entity" not in flags(a_case("C18.2", "8140/3"))


class PairTable:
    """A loaded table that knows one pair at the colon, and nothing elsewhere."""

    def accepts(self, topography: str, morphology: str) -> bool | None:
        return morphology == "8140/3" if topography.replace(".", "").startswith("C18") else None


@pytest.mark.parametrize(("code", "morphology", "flagged"), [
    ("C18.2", "8140/3", False), ("C18.2", "8140/6", False), ("C18.2", "9440/3", True), ("C61", "9440/3", False), ("C18.2", None, False),
    ("C18.2", "8140/0", False),
])  # fmt: skip
def test_a_pair_that_a_loaded_table_does_not_know_is_flagged_and_decides_nothing(code, morphology, flagged):
    facts = a_case(code, morphology)
    told = judged(facts, site_histology=PairTable())
    assert ("unusual_site_histology" in {flag.code for flag in told.flags}) is flagged
    assert told.criteria == judged(facts).criteria


def test_male_breast_cancer_is_read_from_the_code_and_not_from_the_sex():
    told = a_case("C50.121", "8500/3")
    assert verdict(told, RARE) == MET
    female_code = a_case("C50.911", "8500/3")
    female_code["patient"]["sex"] = "male"
    assert verdict(female_code, RARE) == NOT_MET


def test_age_is_judged_on_the_day_that_is_handed_in():
    facts = {"patient": {"birth_date": ADULT}, "diagnosis": {"icd10cm": "C61"}}
    assert case_from(facts, date(1980, 1, 1)).under_18 is True
    assert case_from(changed(facts), ON).under_18 is False
