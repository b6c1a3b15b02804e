"""Why this priority: verdict, sentence, evidence that leads to its fact, and what the unknown could change."""

from copy import deepcopy

import pytest

from referrals.web.presenters import pointers
from referrals.web.presenters.priority import evidence_value, priority_panel, range_words
from tests.browser.gallery.people import MOMENT, PRIORITY, TIERS, hours

SHOWN = frozenset({"/diagnosis", "/diagnosis/icd10cm", "/diagnosis/stage", "/treatments", "/treatments/1"})


def panel(**changes):
    return priority_panel({**deepcopy(PRIORITY), **changes}, TIERS, SHOWN, MOMENT)


def test_the_four_criteria_come_in_their_order_each_with_its_verdict():
    shown = [(criterion.name, criterion.verdict.words) for criterion in panel().criteria]
    assert shown == [("aggressive", "Met"), ("resistant", "Unknown"), ("rare", "Not met"), ("complex", "Met")]


def test_evidence_leads_to_its_fact_or_to_what_the_fact_lies_in():
    evidence = {item.name: item.href for criterion in panel().criteria for item in criterion.evidence}
    assert evidence["Diagnosis code"] == "#fact-diagnosis-icd10cm"
    assert evidence["Cell type"] == "#fact-diagnosis"
    assert evidence["Best response"] == "#fact-treatments-1"


def test_evidence_without_a_place_on_the_page_is_no_link():
    assert pointers.nearest_anchor("/patient/birth_date", SHOWN) == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "not sent"), (True, "yes"), (["C78.7", "C77.2"], "C78.7, C77.2"), ([], "none"), (0, "0"), ("M1", "M1")],
)
def test_evidence_shows_the_value_in_words(value, words):
    assert evidence_value(value) == words


def test_free_text_as_evidence_is_cut_to_a_line():
    shown = evidence_value("Came with a mass in the neck. " * 40)
    assert (len(shown), shown[-1]) == (80, "…")


def test_what_is_missing_says_which_priority_it_could_lead_to():
    found = {item.name: item.could for item in panel().missing}
    assert found == {"Disease status": "Could make it P1 Immediate.", "Stage group": "Would not change the priority."}
    either = panel(missing=[{"path": "/diagnosis/morphology", "could_change_tier_to": ["P1", "P3"]}]).missing[0]
    assert either.could == "Could make it P1 Immediate or P3 Soon."


def test_the_range_is_told_from_soonest_to_latest():
    assert "P1 Immediate at the soonest, P2 Urgent at the latest" in panel().range
    assert (
        range_words({"soonest": "P2", "latest": "P2"}, TIERS) == "Nothing that is unknown could change this priority."
    )


def test_an_override_names_its_author_and_keeps_the_computed_priority_visible():
    override = {
        "reason": "time_critical",
        "text": "Surgery is booked.",
        "author": {"name": "Nadia Kowal"},
        "expires_at": hours(48),
        "computed_tier": "P2",
    }
    shown = panel(tier="P1", override=override)
    assert shown.tier.is_override
    assert shown.override.computed.tier == "P2"
    assert shown.override.sentence == "Nadia Kowal changed it until 26 Nov 2026, 03:42: time is critical."


def test_a_provisional_priority_says_so():
    assert panel(provisional=True).provisional
    assert not panel().provisional


def test_no_priority_stands_without_its_rules_and_the_warning_that_nobody_signed_them():
    shown = panel()
    assert shown.rules == "Rules set order and due times; a person can change both, with a reason."
    assert shown.unsigned == "No clinician has signed this policy."
    assert shown.policy_href == "/policies/2026.1"


def test_a_place_without_a_name_of_its_own_is_named_by_what_it_lies_in():
    assert pointers.fact_name("/diagnosis/other_codes/3") == "Other codes"
    assert pointers.fact_name("/treatments/0") == "Treatment"
    assert pointers.fact_name("/patient/given_name") == "Given name"
