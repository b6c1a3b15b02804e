"""Aggressive: distant metastasis, the exocrine pancreas, and the entities of the list."""

import pytest

from tests.domain.priority_cases import AGGRESSIVE, a_case, changed, flags, judged, missing, verdict

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"
LUNG = a_case("C34.11", "8070/3")


def staged(code, morphology="8070/3", **stage):
    return a_case(code, morphology, stage=stage)


def deciding(facts):
    return judged(facts).verdict(AGGRESSIVE)


# -- 1. distant metastasis ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("m", ["M1", "cM1", "pM1", "M1a", "M1c(0)", "ypM1", "m1b", "1"])
def test_m1_clinical_or_pathological_is_distant_metastasis(m):
    answer = deciding(staged("C34.11", m=m))
    assert (answer.verdict, answer.rule, answer.evidence) == (MET, "AGG-1", (("/diagnosis/stage/m", m),))


@pytest.mark.parametrize("code", ["C78.7", "C79.51", "C7B.02", "C7B.00", "C7B.8", "C80.0", "C78", "C79.9"])
def test_a_metastasis_code_counts_among_the_others(code):
    answer = deciding(changed(LUNG, other_codes=["I10", code]))
    assert (answer.verdict, answer.rule, answer.evidence) == (MET, "AGG-1", (("/diagnosis/other_codes/1", code),))


@pytest.mark.parametrize("code", ["C78.7", "C79.51", "C7B.02", "C80.0"])
def test_a_metastasis_code_counts_as_the_principal_one(code):
    answer = deciding(a_case(code, "8140/3"))
    assert (answer.verdict, answer.rule) == (MET, "AGG-1")


def test_a_metastatic_behavior_is_distant_metastasis():
    answer = deciding(a_case("C34.11", "8140/6", stage={"group": "II"}))
    assert (answer.verdict, answer.evidence[0]) == (MET, ("/diagnosis/morphology", "8140/6"))


def test_a_named_site_is_distant_unless_it_is_a_node():
    assert deciding(changed(LUNG, metastatic_sites=["liver"])).evidence == (("/diagnosis/metastatic_sites/0", "liver"),)
    for site in ("lymph nodes", "Axillary NODE", "node"):
        assert verdict(changed(LUNG, metastatic_sites=[site]), AGGRESSIVE) == UNKNOWN
    assert verdict(changed(LUNG, metastatic_sites=["lymph nodes", "bone"]), AGGRESSIVE) == MET


@pytest.mark.parametrize("group", ["IV", "IVA", "IVB", "IVC", "Stage IV", "stage ivb", "4"])
@pytest.mark.parametrize(
    "code", ["C34.11", "C18.2", "C50.911", "C61", "C56.1", "C22.0", "C64.2", "C77.3", "C80.1", "C16.9"]
)
def test_group_iv_means_distant_spread_at_most_sites(code, group):
    assert deciding(staged(code, "8140/3", group=group)).rule == "AGG-1"


LISTED = [
    *[(code, "8070/3", {"IVC"}) for code in ("C00.1", "C06.9", "C14.0", "C30.0", "C31.0", "C32.9")],
    ("C73", "8260/3", {"IVB", "IVC"}),
    *[(code, "8140/3", {"IVB"}) for code in ("C51.9", "C52", "C53.9", "C54.1")],
    *[(code, "8120/3", {"IVB"}) for code in ("C65.1", "C66.2", "C67.9", "C68.0", "C60.9")],
]


@pytest.mark.parametrize(("code", "morphology", "distant"), LISTED)
def test_at_the_listed_sites_the_letter_decides(code, morphology, distant):
    for group in ("IVA", "IVB", "IVC"):
        assert verdict(staged(code, morphology, group=group), AGGRESSIVE) == (MET if group in distant else NOT_MET)


@pytest.mark.parametrize(("code", "morphology", "_"), LISTED)
def test_at_the_listed_sites_a_bare_iv_is_unknown_and_flagged(code, morphology, _):
    facts = staged(code, morphology, group="IV")
    assert (verdict(facts, AGGRESSIVE), "stage_ambiguous" in flags(facts)) == (UNKNOWN, True)
    assert verdict(staged(code, morphology, group="IV", m="M0"), AGGRESSIVE) == NOT_MET


@pytest.mark.parametrize(
    "code", ["C15.4", "C33", "C34.11", "C50.911", "C55", "C56.1", "C57.00", "C61", "C63.1", "C64.2", "C69.31"]
)
def test_beside_the_listed_sites_a_bare_iv_is_enough(code):
    assert verdict(staged(code, "8140/3", group="IV"), AGGRESSIVE) == MET


def test_anaplastic_thyroid_cancer_has_its_own_ivb():
    """IVB there is local; the entity itself is aggressive, so only another rule may say so."""
    assert deciding(staged("C73", "8021/3", group="IVB")).rule == "AGG-3"
    assert deciding(staged("C73", "8021/3", group="IVC")).rule == "AGG-1"
    assert deciding(staged("C73", "8021/1", group="IVB")).verdict == NOT_MET
    assert deciding(staged("C73", None, group="IVB")).rule == "AGG-1"


@pytest.mark.parametrize("group", ["IV", "IVA", "IVB", "IVC"])
def test_the_testis_has_no_stage_iv(group):
    facts = staged("C62.11", "9061/3", group=group)
    assert (verdict(facts, AGGRESSIVE), "no_such_stage" in flags(facts)) == (UNKNOWN, True)
    assert "no_such_stage" in flags(changed(facts, other_codes=["C78.01"]))


NO_STAGE = [
    ("C81.90", "9650/3"), ("C82.09", "9690/3"), ("C90.00", "9732/3"), ("C91.10", "9823/3"), ("C96.5", "9751/3"),
    ("C70.0", "9421/1"), ("C71.2", "9450/3"), ("C72.0", "9391/3"), ("D05.12", "8500/2"), ("D03.9", "8720/2"),
    ("D32.0", "9530/0"), ("D10.0", "8140/0"), ("D36.9", "8000/0"), ("D3A.00", "8240/1"), ("D37.9", "8140/1"), ("D45", "9950/3"),
    ("D46.9", "9989/3"), ("D49.59", "8140/3"), ("C44.01", "8090/3"), ("C44.1121", "8090/3"), ("C44.319", "8090/3"),
    ("C44.91", "8090/3"), ("Z85.3", None),
]  # fmt: skip


@pytest.mark.parametrize(("code", "morphology"), NO_STAGE)
def test_where_stage_does_not_exist_a_group_is_ignored_and_flagged(code, morphology):
    facts = staged(code, morphology, group="IV")
    assert (verdict(facts, AGGRESSIVE), "stage_not_used" in flags(facts)) == (NOT_MET, True)
    assert verdict(a_case(code, morphology), AGGRESSIVE) == NOT_MET
    assert "stage_not_used" not in flags(a_case(code, morphology))


@pytest.mark.parametrize(("code", "morphology"), NO_STAGE)
def test_where_stage_does_not_exist_other_signs_still_count(code, morphology):
    assert deciding(staged(code, morphology, m="M1")).rule == "AGG-1"
    assert deciding(a_case(code, morphology, other_codes=["C79.51"])).rule == "AGG-1"
    assert deciding(a_case(code, "8140/6")).rule == "AGG-1"
    assert deciding(a_case(code, morphology, metastatic_sites=["bone"])).rule == "AGG-1"


def test_skin_cancer_other_than_basal_cell_has_a_stage():
    assert verdict(staged("C44.02", group="IV"), AGGRESSIVE) == MET
    assert verdict(staged("C44.90", group="IV"), AGGRESSIVE) == MET


def test_a_node_code_neither_proves_nor_excludes():
    assert verdict(changed(LUNG, other_codes=["C77.1"]), AGGRESSIVE) == UNKNOWN
    assert verdict(staged("C34.11", group="II"), AGGRESSIVE) == NOT_MET
    assert verdict(changed(staged("C34.11", group="II"), other_codes=["C77.1"]), AGGRESSIVE) == NOT_MET


def test_m0_excludes_where_nothing_is_met():
    answer = deciding(staged("C34.11", m="M0"))
    assert (answer.verdict, answer.evidence[0]) == (NOT_MET, ("/diagnosis/stage/m", "M0"))
    assert verdict(staged("C34.11", m="cM0(i+)"), AGGRESSIVE) == NOT_MET
    assert verdict(staged("C34.11", m="M0", group="III"), AGGRESSIVE) == NOT_MET


@pytest.mark.parametrize(
    "more", [{"stage": {"group": "IV", "m": "M0"}}, {"stage": {"m": "cM0"}, "other_codes": ["C78.7"]}]
)
def test_m0_beside_a_proof_is_a_contradiction_that_stays_met(more):
    facts = changed(LUNG, **more)
    assert (verdict(facts, AGGRESSIVE), "metastasis_contradicted" in flags(facts)) == (MET, True)


@pytest.mark.parametrize(
    "group",
    ["0", "0is", "Tis", "Occult", "I", "IA1", "IIB", "III", "IIIC", "IIIA1(ii)", "IIID", "III.", "ⅢA", "3b", "pIIA", "AJCC8 IIB",
     "FIGO 2018 IIIC1", "ISS II", "Rai 0", "BCLC B", "L2", "Dukes C", "limited"],
)  # fmt: skip
def test_any_other_group_is_not_met(group):
    answer = deciding(staged("C34.11", group=group))
    assert (answer.verdict, answer.rule) == (NOT_MET, "AGG-1")
    assert "stage_unreadable" not in flags(staged("C34.11", group=group))


@pytest.mark.parametrize(
    "stage", [None, {}, {"t": "T3", "n": "N1"}, {"m": "MX"}, {"m": "cMx"}, {"group": "unknown"}, {"group": "X"}]
)
def test_without_m_group_or_code_it_is_unknown(stage):
    assert verdict(changed(LUNG, stage=stage), AGGRESSIVE) == UNKNOWN


def test_an_m_category_that_cannot_be_read_is_flagged():
    assert "stage_unreadable" in flags(staged("C34.11", m="yes"))
    assert "stage_unreadable" not in flags(staged("C34.11", m="MX"))


def test_the_reasons_read_as_the_api_shows_them():
    answer = deciding(a_case("C25.0", "8140/3", stage={"m": "M1"}, other_codes=["C78.7"]))
    assert answer.because.startswith("Distant metastasis: M1, C78.7; ")
    assert {"path": "/diagnosis/stage/m", "value": "M1"} in answer.to_json()["evidence"]


# -- 2. exocrine pancreas ----------------------------------------------------------------------------------------------

EXOCRINE = ["C25", "C25.0", "C25.1", "C25.2", "C25.3", "C25.7", "C25.8", "C25.9"]


@pytest.mark.parametrize("code", EXOCRINE)
def test_pancreatic_cancer_is_presumed_exocrine_until_the_morphology_is_known(code):
    facts = a_case(code, stage={"group": "II"})
    answer = deciding(facts)
    assert (answer.verdict, answer.rule, answer.presumed) == (MET, "AGG-2", True)
    assert "presumed" in answer.because
    assert "presumed" in flags(facts)


@pytest.mark.parametrize("code", EXOCRINE)
@pytest.mark.parametrize("histology", [8150, 8157, 8240, 8245, 8249])
def test_a_neuroendocrine_tumor_undoes_the_presumption(code, histology):
    facts = a_case(code, f"{histology}/3", stage={"group": "II"})
    assert (verdict(facts, AGGRESSIVE), "presumed" in flags(facts)) == (NOT_MET, False)


@pytest.mark.parametrize("histology", [8246, 8013, 8041, 8140, 8500, 8000, 8010, 8158, 8239])
def test_a_neuroendocrine_carcinoma_and_any_other_cancer_keep_it(histology):
    answer = deciding(a_case("C25.1", f"{histology}/3", stage={"group": "II"}))
    assert (answer.verdict, answer.rule, answer.presumed) == (MET, "AGG-2", False)


def test_the_endocrine_pancreas_is_not_presumed():
    assert verdict(a_case("C25.4", "8150/3", stage={"group": "I"}), AGGRESSIVE) == NOT_MET
    assert verdict(a_case("C25.4", stage={"group": "I"}), AGGRESSIVE) == UNKNOWN


# -- 3. an aggressive entity -------------------------------------------------------------------------------------------


def early(code, morphology=None, **more):
    return a_case(code, morphology, stage={"group": "I"}, **more)


def test_an_entity_needs_its_site_and_its_histology():
    assert deciding(early("C34.11", "8041/3")).rule == "AGG-3"
    assert verdict(early("C34.11", "8140/3"), AGGRESSIVE) == NOT_MET
    assert verdict(early("C24.0", "8160/3"), AGGRESSIVE) == MET
    assert verdict(early("C24.1", "8160/3"), AGGRESSIVE) == NOT_MET


def test_the_site_may_come_from_the_topography_that_was_sent():
    assert verdict(early("C76.1", "8041/3", topography="C34.1"), AGGRESSIVE) == MET
    assert "/diagnosis/topography" in {
        item.path for item in deciding(early("C76.1", "8041/3", topography="C34.1")).evidence
    }


def test_without_a_topography_the_code_itself_is_the_site():
    assert "Small cell carcinoma, extrapulmonary" in (deciding(early("C61", "8041/3")).citation or "")
    lung = deciding(early("C34.11", "8041/3")).citation or ""
    assert "Small cell lung carcinoma" in lung
    assert "extrapulmonary" not in lung


@pytest.mark.parametrize("behavior", "012")
def test_only_an_invasive_behavior_counts(behavior):
    assert verdict(early("C34.11", f"8041/{behavior}"), AGGRESSIVE) == NOT_MET


@pytest.mark.parametrize(("code", "morphology"), [("C34.11", "8041/9"), ("C34.11", "8140/9"), ("C83.70", "9687/9")])
def test_a_behavior_that_may_be_primary_or_metastatic_leaves_it_unknown(code, morphology):
    answer = deciding(early(code, morphology))
    assert (answer.verdict, answer.wants) == (UNKNOWN, {"/diagnosis/morphology"})
    assert answer.because == "Not known: whether it is a primary tumor or a metastasis (behavior /9)"
    assert missing(early(code, morphology))["/diagnosis/morphology"] == ["P2"]


@pytest.mark.parametrize("code", ["D05.12", "D32.0", "Z85.3", "C44.01"])
def test_a_code_that_excludes_invasion_says_so_whatever_the_behavior_leaves_open(code):
    assert verdict(a_case(code, "8140/9"), AGGRESSIVE) == NOT_MET


def test_a_code_in_remission_never_counts():
    assert verdict(a_case("C91.01", "9811/3"), AGGRESSIVE) == NOT_MET
    assert verdict(a_case("C92.41"), AGGRESSIVE) == NOT_MET
    assert verdict(a_case("C83.7A", "9687/3"), AGGRESSIVE) == NOT_MET
    assert verdict(a_case("C91.00", "9811/3"), AGGRESSIVE) == MET


def test_rows_without_a_count_do_not_decide():
    assert verdict(early("C15.4", "8070/3"), AGGRESSIVE) == NOT_MET
    assert verdict(early("C56.1", "8441/3"), AGGRESSIVE) == NOT_MET


@pytest.mark.parametrize("code", ["C22.1", "C23", "C24.0", "C33", "C45.0", "C4A.9", "C50.A1", "C7A.1"])
def test_some_codes_name_the_entity_alone(code):
    answer = deciding(early(code))
    assert (answer.verdict, answer.rule) == (MET, "AGG-3")
    assert verdict(early("C50.911"), AGGRESSIVE) == UNKNOWN


def test_the_code_alone_decides_only_while_the_morphology_is_missing():
    assert verdict(early("C22.1", "8140/3"), AGGRESSIVE) == NOT_MET
    assert verdict(early("C22.1", "8160/3"), AGGRESSIVE) == MET


@pytest.mark.parametrize("code", ["C34.11", "C61", "C50.911", "C71.9", "C76.1", "C18.2", "D46.9", "D43.2", "C7A.8"])
def test_without_a_morphology_it_is_unknown(code):
    assert verdict(early(code), AGGRESSIVE) == UNKNOWN


@pytest.mark.parametrize(
    "code", ["C81.90", "C83.30", "C90.00", "C91.10", "C96.22", "D05.12", "D32.0", "D3A.00", "C44.01", "Z85.3"]
)
def test_without_a_morphology_some_codes_say_no_themselves(code):
    assert verdict(a_case(code), AGGRESSIVE) == NOT_MET


@pytest.mark.parametrize("histology", [8000, 8010])
def test_an_unspecific_histology_counts_as_missing_unless_a_row_lists_it(histology):
    assert verdict(early("C34.11", f"{histology}/3"), AGGRESSIVE) == UNKNOWN
    assert verdict(early("C22.1", f"{histology}/3"), AGGRESSIVE) == MET
    assert deciding(early("C7A.8", f"{histology}/3", topography="C25.9")).rule == "AGG-3"


def test_behavior_decides_before_an_unspecific_histology_counts_as_missing():
    assert verdict(early("C34.11", "8000/1"), AGGRESSIVE) == NOT_MET
    assert verdict(early("C34.11", "8010/2"), AGGRESSIVE) == NOT_MET
    assert verdict(early("C34.11", "8010/6"), AGGRESSIVE) == MET


def test_a_verdict_cites_every_row_that_matches():
    cited = deciding(early("C7A.1", "8013/3", topography="C18.2")).citation
    assert "Poorly differentiated neuroendocrine carcinoma (GEP)" in cited
    assert "Large cell and undifferentiated carcinoma, neuroendocrine (any site)" in cited


def test_an_emergency_is_flagged():
    assert "emergency" in flags(a_case("C92.40", "9866/3"))
    assert "emergency" not in flags(a_case("C92.00", "9861/3"))
