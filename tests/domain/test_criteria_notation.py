"""The notation of the lists: prefixes, ranges, letters inside codes, sites that are excluded, histologies."""

import pytest

from referrals.domain.case import Morphology
from referrals.domain.criteria.kleene import any_of
from referrals.domain.criteria.matching import CodeSet, HistologySet, NotationError, SiteSet, parse_histologies
from referrals.domain.criteria.staging import group_iv, is_readable_m, metastasis_category
from referrals.domain.partial_date import first_day, is_partial_date, last_day
from referrals.domain.vocabulary import VerdictWord

MET, NOT_MET, UNKNOWN = VerdictWord


@pytest.mark.parametrize(("notation", "inside", "outside"), [
    ("C25", ["C25", "C250", "C25911"], ["C24", "C2"]),
    ("=C25", ["C25"], ["C250", "C2"]),
    ("C25.0", ["C250", "C2501"], ["C25", "C251"]),
    ("C00-C14", ["C00", "C079", "C149"], ["C15", "C4A", "C7A1"]),
    ("C25.0-C25.3", ["C250", "C253"], ["C254", "C25"]),
    ("D37-D49", ["D37", "D459", "D4959"], ["D3A00", "D36", "D50"]),
    ("D00-D36", ["D00", "D369"], ["D3A00", "D37"]),
    ("C44.x1", ["C4401", "C441121", "C44319", "C4491"], ["C4402", "C441", "C44", "C4490"]),
    ("C45-C49", ["C450", "C49A2"], ["C4A9", "C509"]),
    ("C7B", ["C7B02", "C7B"], ["C7A1", "C78"]),
    ("O9A.1", ["O9A111", "O9A1"], ["O9A211"]),
    ("C50.02", ["C50021", "C50029"], ["C50011", "C5012"]),
])  # fmt: skip
def test_a_notation_names_its_codes_and_no_other(notation, inside, outside):
    codes = CodeSet.of([notation])
    assert all(codes.has(code) for code in inside)
    assert not any(codes.has(code) for code in (*outside, None, ""))


@pytest.mark.parametrize(
    "notation", ["", "C", "C2", "25", "c25", "C25-", "C14-C00", "C25.0-C26", "C25,C26", "C25.12345", "C44.*1", "any"]
)
def test_a_strange_notation_is_refused(notation):
    with pytest.raises(NotationError):
        CodeSet.of([notation])


@pytest.mark.parametrize(("notation", "inside", "outside"), [
    ("C25", ["C25", "C254"], ["C24"]),
    ("C38.4,C48", ["C384", "C481"], ["C383", "C38"]),
    ("C01.9", ["C019"], ["C01"]),
    ("any", ["C25", "C7A8", "D469", None], []),
    ("not C34", ["C61", "C7A8"], ["C341", "C34", None]),
    ("not C56,C62,C70-C72", ["C75"], ["C569", "C620", "C715"]),
    ("", [], ["C25", None]),
])  # fmt: skip
def test_a_site_is_listed_excluded_or_any(notation, inside, outside):
    sites = SiteSet.of(notation)
    assert all(sites.has(site) for site in inside)
    assert not any(sites.has(site) for site in outside)


def test_a_blank_histology_matches_all_and_a_behavior_all_of_it():
    assert HistologySet.of("").has(Morphology(8140, "3"))
    assert not HistologySet.of("").names(8140)
    assert HistologySet.of("any /6").has(Morphology(8140, "6"))
    assert not HistologySet.of("any /6").has(Morphology(8140, "3"))
    listed = HistologySet.of("8050-8078, 8083")
    assert [listed.has(Morphology(number, "3")) for number in (8049, 8050, 8078, 8079, 8083)] == [
        False,
        True,
        True,
        False,
        True,
    ]
    assert listed.names(8083)
    for notation in ("80", "8050-", "any", "8050/3"):
        with pytest.raises(NotationError):
            parse_histologies([notation])


@pytest.mark.parametrize(("verdicts", "expected"), [
    ((), NOT_MET), ((NOT_MET,), NOT_MET), ((UNKNOWN, NOT_MET), UNKNOWN), ((UNKNOWN, MET, NOT_MET), MET), ((UNKNOWN,), UNKNOWN),
])  # fmt: skip
def test_any_of_is_met_by_one_and_unknown_by_one(verdicts, expected):
    assert any_of(verdicts) is expected


@pytest.mark.parametrize(("group", "letter"), [
    ("IV", ""), ("iv", ""), ("Stage IV", ""), ("STAGE IVB", "B"), ("IV-A", "A"), ("IVA1", "A"), ("4", ""), ("4S", "S"), ("pIVC", "C"),
    ("III", None), ("I", None), ("V", None), ("0", None), ("IVth of May", None), ("", None),
])  # fmt: skip
def test_a_stage_group_iv_is_read_with_its_letter(group, letter):
    read = group_iv(group)
    assert (read.letter if read else None) == letter


@pytest.mark.parametrize(("m", "category"), [
    ("M0", "M0"), ("cM0", "M0"), ("pM1c", "M1"), ("1", "M1"), ("0", "M0"), ("MX", None), ("M", None), ("", None), (None, None), ("M2", None),
])  # fmt: skip
def test_an_m_category_is_read_however_it_is_written(m, category):
    assert metastasis_category(m) == category


def test_mx_is_readable_and_says_nothing():
    assert is_readable_m("cMX")
    assert is_readable_m(None)
    assert not is_readable_m("M2")


def test_a_partial_date_has_a_first_and_a_last_day():
    assert (first_day("2019"), last_day("2019")) == ("2019-01-01", "2019-12-31")
    assert (first_day("2019-03"), last_day("2019-03")) == ("2019-03-01", "2019-03-31")
    assert (first_day("2019-03-05"), last_day("2019-03-05")) == ("2019-03-05", "2019-03-05")
    assert [is_partial_date(text) for text in ("2019", "2019-03", "2019-03-05", "19", "2019-3", "March")] == [
        True
    ] * 3 + [False] * 3
