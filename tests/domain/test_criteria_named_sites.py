"""Metastatic sites as people write them: a place, nodes and nothing else, or a word for none."""

import pytest

from tests.domain.priority_cases import AGGRESSIVE, a_case, changed, flags, judged, verdict

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"
LUNG = a_case("C34.11", "8070/3")


def deciding(facts):
    return judged(facts).verdict(AGGRESSIVE)


@pytest.mark.parametrize(
    "site",
    [
        "bone and lymph nodes",
        "Lymph nodes, liver",
        "hilar nodes; lung",
        "nodes/skin",
        "node + pleura",
        "distant and hilar nodes",
    ],
)
def test_a_place_named_beside_nodes_counts_as_a_site_of_its_own(site):
    answer = deciding(changed(LUNG, metastatic_sites=[site], stage={"group": "I"}))
    assert (answer.verdict, answer.evidence) == (MET, (("/diagnosis/metastatic_sites/0", site),))


@pytest.mark.parametrize(
    "site",
    ["axillary and supraclavicular lymph nodes", "left/right hilar nodes", "lymph nodes, mediastinal", "nodes 3/12", "N1/N2 nodes",
     "para-aortic and pelvic nodes", "lymph nodes and none", "bone marrow node"],
)  # fmt: skip
def test_several_regions_of_nodes_stay_nodal(site):
    assert verdict(changed(LUNG, metastatic_sites=[site]), AGGRESSIVE) == UNKNOWN
    assert verdict(changed(LUNG, metastatic_sites=[site], stage={"group": "I"}), AGGRESSIVE) == NOT_MET


@pytest.mark.parametrize("word", ["none", "None.", "no", "N/A", "unknown", "?", "No  metastases"])
def test_a_word_for_none_is_no_site_and_flagged(word):
    facts = changed(LUNG, metastatic_sites=["bone", word])
    assert [item.value for item in deciding(facts).evidence] == ["bone"]
    told = changed(LUNG, metastatic_sites=[word], stage={"group": "I"})
    assert (verdict(told, AGGRESSIVE), flags(told)) == (NOT_MET, {"site_not_named"})
    assert verdict(changed(LUNG, metastatic_sites=[word]), AGGRESSIVE) == UNKNOWN
    assert flags(changed(LUNG, metastatic_sites=[""])) == set()
