"""The published cases: whole vignettes, and single codes with the verdict that each must give."""

import pytest

from referrals.domain.errors import Invalid
from tests.domain.priority_cases import COMPLEX, example_facts, judged, vignettes, words, worked_examples

EXPECTED = {"Y": {"met"}, "N": {"not_met"}, "UNKNOWN": {"unknown"}, "REVIEW": {"unknown"}}
# "N" speaks of the entity and the coded metastases alone: without a stage the verdict may still be unknown.
EXPECTED_AGGRESSIVE = {**EXPECTED, "N": {"not_met", "unknown"}}


@pytest.mark.parametrize("vignette", vignettes(), ids=lambda vignette: vignette["id"])
def test_a_vignette_gets_its_verdicts_and_its_tier(vignette):
    expected = vignette["expected"]
    answer = judged(vignette["case"])
    told = {criterion: words(answer)[criterion] for criterion in expected["criteria"]}
    assert (told, answer.tier, answer.provisional) == (expected["criteria"], expected["tier"], expected["provisional"])


@pytest.mark.parametrize("row", worked_examples(), ids=lambda row: row["example_id"])
def test_a_worked_example_gets_its_verdicts(row):
    if row["expected_rare_eu"] == "ERROR":
        with pytest.raises(Invalid) as refusal:
            judged(example_facts(row))
        assert [error.pointer for error in refusal.value.errors] == ["/diagnosis/icd10cm"]
        return
    told = words(judged(example_facts(row)))
    assert told["rare"] in EXPECTED[row["expected_rare_eu"]]
    assert told["aggressive"] in EXPECTED_AGGRESSIVE[row["expected_aggressive"]]
    assert told[COMPLEX] in EXPECTED[row["expected_unclear_dx"]]
    if row["expected_metastatic"] == "Y":
        assert judged(example_facts(row)).criteria[0].rule == "AGG-1"


def test_all_published_cases_are_here():
    assert len(vignettes()) == 37
    assert len(worked_examples()) == 25
