"""Ordinary words lead to codes: what people call a cancer, however they spell it, is found where it is coded."""

from functools import cache

import pytest

from referrals.knowledge import icd10cm, icdo3
from referrals.knowledge.code_table import Code, CodeTable
from referrals.knowledge.tables import read_rows
from referrals.knowledge.wording import Wording, fold, wording

ROWS = read_rows("ordinary_words.csv")
SYSTEMS = {
    "icd10cm": icd10cm.table,
    "icdo3-topography": icdo3.topographies,
    "icdo3-morphology": icdo3.morphologies,
}


def found(query, limit=20, system="icd10cm"):
    return [code.code for code in SYSTEMS[system]().search(query, limit)]


@pytest.mark.parametrize(("words", "first"), [
    ("breast", "C50"), ("breast cancer", "C50"), ("lung cancer", "C34"), ("glioblastoma", "C71"), ("carcinoma of pancreas", "C25"),
    ("pancreatic cancer", "C25"), ("adenocarcinoma of the pancreas", "C25"), ("colon cancer", "C18"), ("bowel cancer", "C18"),
    ("kidney cancer", "C64"), ("skin cancer", "C43"), ("brain tumor", "C71"), ("brain tumour", "C71"), ("leukaemia", "C91"),
    ("ewing sarcoma", "C40"), ("Ewing's sarcoma", "C40"), ("osteosarcoma", "C40"), ("cholangiocarcinoma", "C22.1"), ("liver metastases", "C78.7"),
    ("melanoma", "C43"), ("lymphoma", "C81"), ("prostate cancer", "C61"), ("ovarian", "C56"), ("ovarian cancer", "C56"), ("cervical", "C53"),
    ("cervical cancer", "C53"), ("stomach", "C16"), ("gastric", "C16"), ("throat", "C09"), ("bile duct", "C22.1"), ("womb", "C54"),
    ("uterine", "C54"), ("thyroid", "C73"), ("myeloma", "C90"), ("hodgkin", "C81"), ("non-hodgkin lymphoma", "C85"), ("neuroblastoma", "C74"),
    ("wilms", "C64"), ("mesothelioma", "C45"), ("GIST", "C49.A0"), ("carcinoid", "C7A.00"), ("neuroendocrine", "C7A"),
    ("unknown primary", "C80"), ("cancer of unknown primary", "C80"), ("oesophagus", "C15"), ("oesophageal tumour", "C15"),
    ("haemangioma", "D18"), ("liver cancer", "C22"), ("metastatic breast cancer", "C50"), ("bone metastases", "C79.51"),
    ("acute myeloid leukaemia", "C92.01"), ("pancreatic neuroendocrine tumor", "C25.4"), ("head and neck cancer", "C76.0"),
    ("squamous cell carcinoma of the larynx", "C32"), ("DCIS", "D05.10"), ("family history of breast cancer", "Z80.3"),
    ("breast upper outer right", "C50.411"), ("head of the pancreas", "C25.0"),
])  # fmt: skip
def test_usual_words_lead_to_the_code_that_says_it(words, first):
    assert found(words)[0] == first


@pytest.mark.parametrize(("words", "code"), [
    ("cholangiocarcinoma", "C24.0"), ("bile duct", "C24.0"), ("skin cancer", "C44"), ("throat", "C32"), ("bowel cancer", "C20"),
    ("brain tumor", "C71.1"), ("brain tumor", "C71.9"), ("osteosarcoma", "C41"), ("womb", "C55"), ("leukemia", "C92"), ("GIST", "C49.A"),
])  # fmt: skip
def test_and_to_the_others_beside_it(words, code):
    assert code in found(words)


def test_plain_codes_of_the_breast_come_before_its_skin_and_before_what_has_spread_to_it():
    codes = found("breast", 200)
    assert all(code.startswith("C50") for code in codes[:20])
    assert codes.index("C50.911") < codes.index("C44.501") < codes.index("C79.81") < codes.index("D24.1")


def test_what_has_spread_stands_behind_where_a_cancer_began():
    codes = found("lung cancer", 100)
    assert codes.index("C34.90") < codes.index("C78.00")


def test_small_words_say_nothing_unless_nothing_else_is_said():
    assert found("cancer of the pancreas") == found("cancer pancreas")
    assert found("the")


def test_a_cell_type_is_found_by_what_it_is_called():
    for words, code in (
        ("GIST", "8936/3"), ("wilms tumour", "8960/3"), ("HCC", "8170/3"), ("leukaemia", "9800/3"), ("squamous cell cancer", "8070/3"),
        ("small cell lung cancer", "8041/3"), ("pancreatic adenocarcinoma", "8140/3"), ("carcinoid", "8240/3"),
    ):  # fmt: skip
        assert code in found(words, system="icdo3-morphology"), words
    assert found("broken leg", system="icdo3-morphology") == []


def test_a_site_is_found_by_its_ordinary_name():
    for words, code in (
        ("breast cancer", "C50.4"), ("brain tumour", "C71.1"), ("pancreatic head", "C25.0"), ("oesophagus", "C15.9"), ("bowel", "C20.9"),
        ("stomach cancer", "C16.9"), ("ovarian", "C56.9"),
    ):  # fmt: skip
        assert code in found(words, system="icdo3-topography"), words


# -- the table itself --------------------------------------------------------------------------------------------------


def test_every_row_is_ours_and_no_phrase_stands_twice():
    assert {row["source"] for row in ROWS} == {"ours"}
    for system in SYSTEMS:
        phrases = [row["words"] for row in ROWS if not row["systems"] or system in row["systems"].split()]
        assert len(phrases) == len(set(phrases))


def test_phrases_are_written_as_they_are_read():
    for row in ROWS:
        assert row["words"] == fold(row["words"]).decode()
        assert not row["systems"] or set(row["systems"].split()) <= set(SYSTEMS)


@cache
def plain(system):
    return CodeTable.of(SYSTEMS[system]())


def ways():
    for row in ROWS:
        for way in filter(None, row["titles"].split("|")):
            yield row["systems"] or "icd10cm", way


@pytest.mark.parametrize(("systems", "way"), sorted(set(ways())))
def test_whatever_a_phrase_leads_to_is_a_title_or_a_code_of_its_tables(systems, way):
    assert any(plain(system).search(way, 1) for system in systems.split())


@pytest.mark.parametrize("row", [row for row in ROWS if row["titles"] and row["systems"]], ids=lambda row: row["words"])
def test_every_phrase_finds_something(row):
    for system in row["systems"].split():
        assert found(row["words"], 1, system)


def test_a_loaded_table_keeps_its_own_words_and_american_spelling_finds_it():
    table = CodeTable.of([Code("A", "Tumor of the esophagus"), Code("B", "Pancreas")], wording("mine"))
    assert [code.code for code in table.search("tumour of oesophagus", 5)] == ["A"]
    assert table.search("pancreatic", 5) == []


def test_the_longest_phrase_is_read_first():
    calls = Wording([("small cell", "cell"), ("small cell lung", "C34")])
    assert [term.codes for term in calls.terms("small cell lung left")] == [("C34",), ()]
