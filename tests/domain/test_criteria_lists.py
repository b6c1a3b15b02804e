"""Every row of the two lists that a case can match has a case in which it decided and was cited."""

from collections.abc import Iterator

import pytest

from referrals.domain.criteria.matching import ListRow
from referrals.domain.policy import default_document, parse_policy
from referrals.knowledge import icd10cm, icdo3
from referrals.knowledge.entities import AGGRESSIVE as AGGRESSIVE_LIST, RARE as RARE_LIST, lists
from tests.domain.priority_cases import AGGRESSIVE, RARE, a_case, judged, neoplasm_codes

RARE_ROWS = lists()[RARE_LIST]
AGGRESSIVE_ROWS = lists()[AGGRESSIVE_LIST]
STAGING_ROW = "Stage IV / M1 (staging, no C78/C79 coded)"
# A neutral principal code: no row is named by it, so that the topography alone decides.
ELSEWHERE = "C76.8"


def by_key(row):
    return row.key


def codes_under(prefix: str) -> Iterator[str]:
    return (code for code in neoplasm_codes() if code.replace(".", "").startswith(prefix.replace(".", "")))


def active_code(prefix: str) -> str:
    """A code under the prefix that does not say remission."""
    codes = codes_under(prefix)
    return next(code for code in codes if "in remission" not in (icd10cm.display(code) or "").lower())


def prefixes_of(row) -> list[str]:
    return [prefix for prefix in row.prefixes.split("|") if prefix]


def sites_of(row) -> list[str]:
    listed = ListRow.of(row).sites
    return [code.code for code in icdo3.topographies() if listed.has(code.code.replace(".", ""))]


def histologies_of(row) -> list[str]:
    histologies = ListRow.of(row).histologies
    if histologies.behavior:
        return [f"8140/{histologies.behavior}"]
    return [f"{number}/3" for number in sorted(histologies.numbers or {8720})]


def citation(criterion, code, morphology, policy=None, **more) -> tuple[str, str]:
    answer = judged(a_case(code, morphology, stage={"m": "M0"}, **more), policy).verdict(criterion)
    return answer.verdict.value, answer.citation or ""


def all_counting():
    """A policy under which every row of the list of aggressive entities counts."""
    document = default_document()
    document["lists"][AGGRESSIVE_LIST]["count"] = [row.key for row in AGGRESSIVE_ROWS if not row.counts]
    return parse_policy(document)


ALL_COUNTING = all_counting()


def test_the_lists_are_whole():
    assert (len(RARE_ROWS), sum(row.counts for row in RARE_ROWS)) == (214, 198)
    assert (len(AGGRESSIVE_ROWS), sum(row.counts for row in AGGRESSIVE_ROWS)) == (45, 27)
    assert len({row.key for row in RARE_ROWS}) == 214
    assert len({row.key for row in AGGRESSIVE_ROWS}) == 45


@pytest.mark.parametrize("row", [*RARE_ROWS, *AGGRESSIVE_ROWS], ids=by_key)
def test_every_code_and_every_site_of_a_row_exists(row):
    for prefix in prefixes_of(row):
        assert next(codes_under(prefix), None), f"{row.key}: no code begins with {prefix}"
    if row.topography:
        assert sites_of(row)


@pytest.mark.parametrize("row", [row for row in RARE_ROWS if prefixes_of(row)], ids=by_key)
def test_a_rare_row_decides_by_code_and_histology(row):
    for prefix in prefixes_of(row):
        verdict, cited = citation(RARE, active_code(prefix), histologies_of(row)[-1])
        assert f"{row.key} {row.entity}" in cited
        assert verdict == "met" if row.counts else verdict in ("met", "not_met")


@pytest.mark.parametrize("row", [row for row in RARE_ROWS if row.topography], ids=by_key)
def test_a_rare_row_decides_by_topography_and_histology(row):
    verdict, cited = citation(RARE, ELSEWHERE, histologies_of(row)[0], topography=sites_of(row)[0])
    assert f"{row.key} {row.entity}" in cited
    assert verdict == "met" or not row.counts


@pytest.mark.parametrize("row", RARE_ROWS, ids=by_key)
def test_a_rare_row_takes_every_histology_in_its_range_and_none_beside(row):
    place = (
        {"code": active_code(prefixes_of(row)[0])}
        if prefixes_of(row)
        else {"code": ELSEWHERE, "topography": sites_of(row)[0]}
    )
    for morphology in histologies_of(row)[:: max(1, len(histologies_of(row)) // 8)]:
        assert row.key in citation(RARE, morphology=morphology, **place)[1]
    beside = next(number for number in range(8011, 9990) if f"{number}/3" not in set(histologies_of(row)))
    assert row.key not in citation(RARE, morphology=f"{beside}/3", **place)[1]


@pytest.mark.parametrize("row", [row for row in RARE_ROWS if row.alone], ids=by_key)
def test_a_rare_row_whose_code_is_enough_decides_without_a_morphology(row):
    for prefix in prefixes_of(row):
        verdict, cited = citation(RARE, active_code(prefix), None)
        assert row.key in cited
        assert verdict == ("met" if row.counts else "not_met")


@pytest.mark.parametrize("row", [row for row in RARE_ROWS if not row.alone and prefixes_of(row)], ids=by_key)
def test_no_other_rare_row_decides_without_a_morphology(row):
    assert row.key not in citation(RARE, active_code(prefixes_of(row)[0]), None)[1]


MATCHABLE = [row for row in AGGRESSIVE_ROWS if prefixes_of(row) or row.topography]


@pytest.mark.parametrize("row", [row for row in MATCHABLE if prefixes_of(row)], ids=by_key)
def test_an_aggressive_row_decides_by_code_and_histology(row):
    for prefix in prefixes_of(row):
        verdict, cited = citation(AGGRESSIVE, active_code(prefix), histologies_of(row)[-1], ALL_COUNTING)
        assert (verdict, row.citation in cited) == ("met", True)


@pytest.mark.parametrize("row", [row for row in MATCHABLE if row.topography], ids=by_key)
def test_an_aggressive_row_decides_by_topography_and_histology(row):
    verdict, cited = citation(AGGRESSIVE, ELSEWHERE, histologies_of(row)[0], ALL_COUNTING, topography=sites_of(row)[0])
    assert (verdict, row.citation in cited) == ("met", True)


@pytest.mark.parametrize("row", [row for row in AGGRESSIVE_ROWS if row.alone], ids=by_key)
def test_an_aggressive_row_whose_code_is_enough_decides_without_a_morphology(row):
    for prefix in prefixes_of(row):
        verdict, cited = citation(AGGRESSIVE, active_code(prefix), None, ALL_COUNTING)
        assert (verdict, row.citation in cited) == ("met", True)


@pytest.mark.parametrize("row", [row for row in MATCHABLE if not row.alone and prefixes_of(row)], ids=by_key)
def test_no_other_aggressive_row_decides_without_a_morphology(row):
    assert row.citation not in citation(AGGRESSIVE, active_code(prefixes_of(row)[0]), None, ALL_COUNTING)[1]


@pytest.mark.parametrize("row", [row for row in MATCHABLE if row.counts], ids=by_key)
def test_a_row_that_counts_decides_by_the_default_policy(row):
    place = (
        {"code": active_code(prefixes_of(row)[0])}
        if prefixes_of(row)
        else {"code": ELSEWHERE, "topography": sites_of(row)[0]}
    )
    verdict, cited = citation(AGGRESSIVE, morphology=histologies_of(row)[0], **place)
    assert (verdict, row.citation in cited) == ("met", True)


@pytest.mark.parametrize("row", [row for row in MATCHABLE if not row.counts], ids=by_key)
def test_a_row_that_does_not_count_is_silent_by_the_default_policy(row):
    place = (
        {"code": active_code(prefixes_of(row)[0])}
        if prefixes_of(row)
        else {"code": ELSEWHERE, "topography": sites_of(row)[0]}
    )
    assert row.citation not in citation(AGGRESSIVE, morphology=histologies_of(row)[0], **place)[1]


def test_the_row_on_staging_is_cited_where_a_stage_decides():
    (row,) = [row for row in AGGRESSIVE_ROWS if row.key == STAGING_ROW]
    assert row not in MATCHABLE
    answer = judged(a_case("C34.11", "8140/3", stage={"group": "IV"})).verdict(AGGRESSIVE)
    assert (answer.verdict, row.citation in (answer.citation or "")) == ("met", True)


def test_the_row_on_coded_metastases_is_cited_where_a_code_decides():
    (row,) = [row for row in AGGRESSIVE_ROWS if row.key == "Metastatic disease, distant (coded)"]
    answer = judged(a_case("C34.11", "8140/3", other_codes=["C78.7"])).verdict(AGGRESSIVE)
    assert (answer.verdict, row.citation in (answer.citation or "")) == ("met", True)


def test_a_policy_may_drop_count_and_add_rows():
    document = default_document()
    document["lists"][AGGRESSIVE_LIST] = {
        "drop": ["Glioblastoma (all)"],
        "count": ["T-prolymphocytic leukemia"],
        "add": [
            {
                "key": "OWN-1",
                "entity": "Squamous cell carcinoma of the tongue",
                "icd10cm_prefixes": ["C02"],
                "icdo3_topography": "C02",
                "icdo3_histology": "8070",
                "icd10cm_alone_sufficient": False,
                "counts": True,
                "citation": "Our own list",
            }
        ],
    }
    policy = parse_policy(document)
    assert citation(AGGRESSIVE, "C71.2", "9440/3", policy)[0] == "not_met"
    assert citation(AGGRESSIVE, "C91.60", "9834/3", policy)[0] == "met"
    assert citation(AGGRESSIVE, "C02.1", "8070/3", policy) == ("met", "Our own list")
    assert citation(AGGRESSIVE, "C71.2", "9440/3")[0] == "met"
