"""The policy as a document: what it must hold, what is refused and where, and what it says about itself."""

import copy
from datetime import timedelta

import pytest

from referrals.domain.case import Case, CaseDiagnosis, CaseTreatment
from referrals.domain.deadlines import Segment, Times, unpassable_after
from referrals.domain.errors import Invalid
from referrals.domain.policy import default_document, default_policy, parse_policy
from referrals.domain.vocabulary import Criterion, Tier
from tests.domain.priority_cases import AGGRESSIVE, a_case, judged


def faults(document):
    with pytest.raises(Invalid) as refusal:
        parse_policy(document)
    return {(error.pointer, error.code) for error in refusal.value.errors}


def with_value(pointer, value):
    document = default_document()
    part = document
    *parents, last = [int(name) if name.isdigit() else name for name in pointer.strip("/").split("/")]
    for name in parents:
        part = part[name]
    part[last] = value
    return document


def test_the_default_policy_is_read_once():
    assert default_policy() is default_policy()
    assert default_policy().version == "2026.1"
    assert default_policy().document == default_document()


def test_targets_margins_and_segments_are_those_of_the_design():
    policy: Times = default_policy()
    assert [policy.target(tier).days for tier in Tier] == [3, 7, 14, 28]
    assert [policy.margin(tier).days for tier in Tier] == [28, 14, 0, 0]
    segments = [[policy.segment(tier, segment) for segment in Segment] for tier in Tier]
    assert segments == [
        [(1, True), (1, True), (1, True), (1, True)],
        [(1, False), (1, False), (3, False), (2, False)],
        [(2, False), (2, False), (6, False), (3, False)],
        [(3, False), (4, False), (13, False), (5, False)],
    ]
    assert unpassable_after(policy) == timedelta(days=53)


def test_it_says_that_no_clinician_has_signed_it():
    document = default_document()
    assert document["signed_by_clinician"] is False
    assert "No clinician has signed it" in document["statement"]
    assert document["approver"] is None
    assert document["author"]


def test_every_rule_has_an_id_and_cites_something():
    for criterion in Criterion:
        for rule in default_document()["criteria"][criterion]["rules"]:
            assert rule["id"]
            assert rule.get("citation") or rule["cites_rows"]


def test_what_must_not_be_read_is_not_in_the_projection():
    fields = {name for kind in (Case, CaseDiagnosis, CaseTreatment) for name in kind.__dataclass_fields__}
    paths = {item["path"] for item in default_document()["must_not_read"]}
    assert paths >= {"/patient/sex", "/patient/language", "/patient/postal_code", "/payer", "/purposes"}
    for path in paths:
        assert path.rpartition("/")[2] not in fields
    assert set(Case.__dataclass_fields__) == {"under_18", "pregnant", "diagnosis", "treatments"}


@pytest.mark.parametrize(("pointer", "value", "code"), [
    ("/version", 2026, "type"),
    ("/version", " ", "type"),
    ("/status", "running", "unknown_value"),
    ("/signed_by_clinician", "no", "type"),
    ("/approver", "the referrals PROJECT", "approver"),
    ("/must_not_read/0", "sex", "type"),
    ("/tiers/P1/target_days", 0, "range"),
    ("/tiers/P1/target_days", True, "range"),
    ("/tiers/P1/target_days", "3", "range"),
    ("/tiers/P2/segments/review", 1.5, "range"),
    ("/tiers/P3/all_days", 1, "type"),
    ("/tiers/P4/label", "", "type"),
    ("/tier_table/rows/0/tier", "P0", "unknown_value"),
    ("/tier_table/rows/0/when/0/all", ["aggressive", "urgent"], "unknown_value"),
    ("/tier_table/rows/0/when/0/all", [], "empty"),
    ("/tier_table/rows/0/when", "aggressive", "type"),
    ("/tier_table/otherwise", None, "unknown_value"),
    ("/floors/0/codes/0", "O9A.1?", "notation"),
    ("/floors/0/tier", "P9", "unknown_value"),
    ("/escalations/0/for_want_of", "/patient/sex", "unknown_value"),
    ("/escalations/0/criterion", "urgent", "unknown_value"),
    ("/escalations/1/tier", "P1", "range"),
    ("/generic_histologies/0", "800", "notation"),
    ("/responses/resistant/0", "XX", "unknown_value"),
    ("/responses/modalities_without/0", "prayer", "unknown_value"),
    ("/lists/aggressive_entities/drop", ["No such row"], "unknown_value"),
    ("/lists/rare_entities_rarecarenet/count", ["R999"], "unknown_value"),
    ("/lists/rare_entities_rarecarenet/add", [{}], "required"),
    ("/expected_behaviors/0/behaviors", ["7"], "unknown_value"),
    ("/criteria/aggressive/rules", [], "empty"),
    ("/criteria/aggressive/rules/0/kind", "stage_iv", "unknown_value"),
    ("/criteria/aggressive/rules/0/codes/2", "C7", "notation"),
    ("/criteria/aggressive/rules/0/codes/2", "C84-C81", "notation"),
    ("/criteria/aggressive/rules/0/codes/2", 7, "unknown_value"),
    ("/criteria/aggressive/rules/0/cites_rows/code", "No such row", "unknown_value"),
    ("/criteria/aggressive/rules/0/group_exceptions/1/unless_histologies", ["8020-"], "notation"),
    ("/criteria/aggressive/rules/2/warnings/0/row", "No such row", "unknown_value"),
    ("/criteria/resistant/rules/0/words/0", "back", "unknown_value"),
    ("/criteria/rare/rules/0/behaviors/0", "zero", "unknown_value"),
    ("/criteria/complex/rules/2/min_modalities", 0, "range"),
    ("/criteria/complex/rules/2/not_counted/0", "tea", "unknown_value"),
])  # fmt: skip
def test_a_wrong_value_is_refused_where_it_stands(pointer, value, code):
    found = faults(with_value(pointer, value))
    assert {found_code for found_pointer, found_code in found if found_pointer.startswith(pointer)} >= {code}
    assert all(found_pointer.startswith(pointer) for found_pointer, _ in found)


def every_object(part, pointer=""):
    if isinstance(part, dict):
        yield pointer
    for name, item in part.items() if isinstance(part, dict) else enumerate(part):
        if isinstance(item, dict | list):
            yield from every_object(item, f"{pointer}/{name}")


@pytest.mark.parametrize("pointer", list(every_object(default_document())))
def test_an_unknown_field_is_refused_in_every_object(pointer):
    document = default_document()
    part = document
    for name in [int(name) if name.isdigit() else name for name in pointer.split("/")[1:]]:
        part = part[name]
    part["surprise"] = 1
    assert (f"{pointer}/surprise", "unknown_field") in faults(document)


def every_field(part, pointer=""):
    for name, item in part.items() if isinstance(part, dict) else enumerate(part):
        if isinstance(part, dict):
            yield f"{pointer}/{name}"
        if isinstance(item, dict | list):
            yield from every_field(item, f"{pointer}/{name}")


@pytest.mark.parametrize(
    "pointer", [path for path in every_field(default_document()) if path != "/escalations/2/uncoded"]
)
def test_a_missing_field_is_refused_by_name(pointer):
    document = default_document()
    part = document
    *parents, last = [int(name) if name.isdigit() else name for name in pointer.split("/")[1:]]
    for name in parents:
        part = part[name]
    del part[last]
    assert (pointer, "required") in faults(document)


def test_every_fault_is_named_at_once():
    document = with_value("/tiers/P1/target_days", "soon")
    document["floors"][0]["tier"] = "P9"
    del document["version"]
    document["extra/field"] = 1
    assert faults(document) == {
        ("/tiers/P1/target_days", "range"),
        ("/floors/0/tier", "unknown_value"),
        ("/version", "required"),
        ("/extra~1field", "unknown_field"),
    }


@pytest.mark.parametrize("document", [[], "policy", None, 7])
def test_what_is_not_an_object_is_refused(document):
    assert ("", "type") in faults(document)


def test_tiers_must_stay_in_order():
    assert faults(with_value("/tiers/P1/target_days", 10)) == {("/tiers", "order")}
    assert faults(with_value("/tiers/P4/margin_days", 20)) == {("/tiers", "order")}


def test_the_table_reads_from_the_soonest_tier_down():
    document = default_document()
    document["tier_table"]["rows"].reverse()
    assert faults(document) == {("/tier_table/rows", "order")}


def test_an_id_belongs_to_one_rule():
    assert faults(with_value("/criteria/rare/rules/1/id", "AGG-1")) == {("/criteria", "repeated")}


def test_an_added_row_with_a_strange_notation_is_refused():
    row = {"key": "X", "entity": "X", "icd10cm_prefixes": ["C02"], "icdo3_topography": "tongue", "icdo3_histology": "",
           "icd10cm_alone_sufficient": False, "counts": True, "citation": "own"}  # fmt: skip
    document = default_document()
    document["lists"]["aggressive_entities"]["add"] = [row]
    assert faults(document) == {("/lists/aggressive_entities/add/0", "notation")}
    row["icdo3_topography"] = 2
    assert ("/lists/aggressive_entities/add/0/icdo3_topography", "type") in faults(document)


def test_a_policy_may_say_otherwise_and_is_then_followed():
    document = copy.deepcopy(default_document())
    document["version"] = "2027.1"
    document["tiers"]["P2"]["label"] = "Fast"
    document["criteria"]["aggressive"]["rules"] = document["criteria"]["aggressive"]["rules"][:1]
    policy = parse_policy(document)
    answer = judged(a_case("C25.0", "8500/3", stage={"m": "M1"}), policy)
    assert (answer.policy, answer.label, answer.tier) == ("2027.1", "Fast", "P2")
    assert judged(a_case("C25.0", "8500/3", stage={"m": "M0"}), policy).verdict(AGGRESSIVE).verdict == "not_met"
