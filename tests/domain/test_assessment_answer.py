"""What one judgement says of itself: the shape of the API, two sentences for a list, flags, family, and what changed."""

import json
import re

import pytest
from hypothesis import given as for_all, settings

from referrals.domain.assessment import what_changed
from referrals.domain.tumor_family import family_labels
from tests.domain.priority_cases import CHILD, a_case, any_case, changed, flags, given, judged, vignettes

KEYS = ["tier", "label", "policy", "provisional", "criteria", "missing", "range", "flags"]
VERDICT_KEYS = ["criterion", "verdict", "rule", "because", "evidence", "citation"]


def value_at(facts, pointer):
    for part in pointer.strip("/").split("/"):
        facts = facts[int(part)] if isinstance(facts, list) else facts[part]
    return facts


@settings(max_examples=150)
@for_all(any_case())
def test_the_answer_has_the_shape_of_the_api(facts):
    answer = judged(facts).to_json()
    assert list(answer) == KEYS
    assert [verdict["criterion"] for verdict in answer["criteria"]] == ["aggressive", "resistant", "rare", "complex"]
    for verdict in answer["criteria"]:
        assert list(verdict) == VERDICT_KEYS
        assert verdict["verdict"] in ("met", "not_met", "unknown")
        assert (verdict["rule"] is None) == (verdict["evidence"] == []) == (verdict["citation"] is None)
        if verdict["verdict"] != "not_met":
            assert verdict["because"]
        if verdict["verdict"] == "unknown":
            assert verdict["because"].startswith("Not known: ")
    assert json.loads(json.dumps(answer)) == answer


@settings(max_examples=150)
@for_all(any_case())
def test_evidence_points_to_what_stands_in_the_request(facts):
    spoken = {"/patient/birth_date": "under 18"}
    for verdict in judged(facts).to_json()["criteria"]:
        for item in verdict["evidence"]:
            assert item["value"] == spoken.get(item["path"], value_at(facts, item["path"]))


@settings(max_examples=100)
@for_all(any_case())
def test_a_row_of_a_list_gets_two_plain_sentences(facts):
    reasons = judged(facts).reasons
    assert len(reasons) == 2
    for sentence in reasons:
        assert re.fullmatch(r"[A-Z].{5,200}\.", sentence), sentence


def test_reasons_name_what_is_met_first():
    assert judged(vignettes()[0]["case"]).reasons == (
        "Cancer of the exocrine pancreas (C25.0, 8500/3).",
        "Newly diagnosed.",
    )
    assert judged(a_case("C61", "8140/3", stage={"group": "I"})).reasons[0] == "None of the four criteria is met."
    assert judged(a_case("C50.911", "8500/3")).reasons[0] == "None of the four criteria is known to be met."
    assert judged(a_case("C18.2", "8140/3", stage={"m": "M1"}, birth_date=CHILD)).reasons == (
        "Distant metastasis: M1.",
        "Under 18.",
    )


def test_a_row_without_anything_met_says_what_speaks_against_it():
    facts = a_case("C61", "8140/3", stage={"m": "M0"}, disease_status="stable", certainty="confirmed", treatments=[])
    assert judged(facts).reasons == (
        "None of the four criteria is met.",
        "No sign of distant metastasis (M0).",
    )


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (a_case("C71.9", "9440/3"), "Aggressive cancer: Glioblastoma."),
        (a_case("C61", "8140/3", stage={"m": "M0"}, disease_status="recurrence"), "It has come back."),
    ],
)
def test_reasons_are_said_as_people_say_them(facts, said):
    assert said in judged(facts).reasons


def test_the_policy_that_judged_is_named():
    assert judged(a_case("C61")).to_json()["policy"] == "2026.1"


@pytest.mark.parametrize(("facts", "flag", "path"), [
    (a_case("C25", "8140/3"), "parent_code", "/diagnosis/icd10cm"),
    (a_case("C61", "8140/3", other_codes=["I10", "C78"]), "parent_code", "/diagnosis/other_codes/1"),
    (a_case("C61", "8140/3", topography="C61"), "parent_code", "/diagnosis/topography"),
    (a_case("Z85.3"), "history_only", "/diagnosis/icd10cm"),
    (a_case("I10"), "not_a_neoplasm", "/diagnosis/icd10cm"),
    (a_case("C50.911", "8500/2"), "behavior_contradicted", "/diagnosis/morphology"),
    (a_case("D05.12", "8500/3"), "behavior_contradicted", "/diagnosis/morphology"),
    (a_case("D32.0", "9530/3"), "behavior_contradicted", "/diagnosis/morphology"),
    (a_case("C61", diagnosed_on="2025-06", treatments=[given(started_on="2025-05-31")]), "treatment_before_diagnosis",
     "/treatments/0/started_on"),
    (a_case("C61", other_codes=["Z92.3"]), "treatment_not_sent", "/diagnosis/other_codes/0"),
])  # fmt: skip
def test_what_a_person_should_look_at_is_flagged_where_it_stands(facts, flag, path):
    assert (flag, path) in {(each.code, each.path) for each in judged(facts).flags}


def test_an_ordinary_case_has_no_flags():
    assert flags(a_case("C25.0", "8500/3", stage={"group": "III"}, topography="C25.0")) == set()
    assert flags(a_case("C71.6", "9421/1", birth_date=CHILD)) == set()
    assert flags(a_case("C61", "8140/3", topography="C61.9")) == set()


def test_a_treatment_that_may_be_after_the_diagnosis_is_not_flagged():
    for started in ("2025-06-30", "2025", "2025-06", None):
        assert "treatment_before_diagnosis" not in flags(
            a_case("C61", "8140/3", diagnosed_on="2025-06", treatments=[given(started_on=started)])
        )
    planned = given(started_on="2020", status="planned")
    assert "treatment_before_diagnosis" not in flags(a_case("C61", diagnosed_on="2025", treatments=[planned]))


# -- tumor family ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "morphology", "family"), [
    ("C50.911", None, "breast"), ("C34.11", "8041/3", "thoracic"), ("C34.11", "8240/3", "neuroendocrine"),
    ("C34.11", "8013/3", "neuroendocrine"), ("C25.0", "8500/3", "hepatobiliary_pancreatic"), ("C25.4", None, "neuroendocrine"),
    ("C25.0", "8246/3", "neuroendocrine"), ("C18.2", "8936/3", "sarcoma"), ("C21.0", "8720/3", "melanoma"),
    ("C77.0", "9680/3", "lymphoma"), ("C91.40", None, "lymphoma"), ("C91.00", None, "leukemia"), ("D46.9", None, "leukemia"),
    ("C90.00", None, "myeloma"), ("C48.0", None, "sarcoma"), ("C48.1", None, "gynecologic"), ("D32.0", "9530/0", "cns"),
    ("C71.9", None, "cns"), ("C32.9", "8070/3", "head_neck"), ("C73", "8260/3", "endocrine"), ("C61", "8140/3", "prostate"),
    ("C67.9", "8120/3", "urologic"), ("C62.90", "9061/3", "testis"), ("C44.92", "8070/3", "skin"), ("C69.31", "8720/3", "melanoma"),
    ("C69.20", None, "eye"), ("C80.1", "8010/3", "unknown_primary"), ("C18.2", "8140/3", "colorectal"),
    ("C16.9", "8140/3", "upper_gi"), ("D10.0", None, None), ("Z85.3", None, None),
])  # fmt: skip
def test_a_telling_morphology_decides_the_family_before_the_code(code, morphology, family):
    assert judged(a_case(code, morphology)).tumor_family == family


@pytest.mark.parametrize(
    ("code", "morphology", "family"), [("C69.20", "9510/3", "cns"), ("C4A.9", "8247/3", "neuroendocrine")]
)
def test_the_published_ranges_of_histologies_hold_as_they_stand(code, morphology, family):
    """Retinoblastoma lies in the range of the nervous system, Merkel cell carcinoma in two: the order decides."""
    assert judged(a_case(code, morphology)).tumor_family == family


def test_every_family_has_words_for_people():
    assert len(family_labels()) == 21
    assert all(family_labels().values())


# -- what changed ------------------------------------------------------------------------------------------------------


def between(before, after):
    return what_changed(judged(before).to_json(), judged(after).to_json())


def test_what_changed_is_told_in_words():
    before = a_case("C34.11", "8070/3")
    told = between(before, changed(before, stage={"m": "M0"}))
    assert told[:2] == ["The priority changed from P2 Urgent to P4 Planned.", "It is no longer provisional."]
    assert "Aggressive was not known and is not met: " in told[2]
    assert told[3] == "No longer asked for: the stage."


def test_a_new_reason_for_the_same_verdict_is_told():
    before = a_case("C34.11", "8070/3", stage={"m": "M1"})
    assert between(before, changed(before, other_codes=["C78.7"])) == [
        "Aggressive is still met: Distant metastasis: M1, C78.7."
    ]


def test_a_new_question_and_a_new_flag_are_told():
    before = a_case("C32.9", "8070/3", stage={"m": "M0"})
    told = between(before, changed(before, stage={"group": "IV"}))
    assert "Now it would help to know the stage." in told
    assert "To look at: Stage IV alone does not mean distant spread at this site. Ask for M." in told


def test_another_policy_is_told():
    before = judged(a_case("C61")).to_json()
    assert what_changed(before, {**before, "policy": "2027.1"}) == ["Judged by policy 2027.1 instead of 2026.1."]


@settings(max_examples=60)
@for_all(any_case())
def test_nothing_changed_says_nothing(facts):
    assert between(facts, facts) == []


def test_what_is_still_not_known_is_said_once():
    verdicts = [{"criterion": "aggressive", "verdict": "unknown", "because": f"Not known: {what}"} for what in "ab"]
    before, after = ({**judged({}).to_json(), "criteria": [verdict]} for verdict in verdicts)
    assert what_changed(before, after) == ["Aggressive is still not known: b."]
