"""Stage groups as people write them: what cannot be read is not known, and words around a IV do not hide it."""

import pytest

from tests.domain.priority_cases import AGGRESSIVE, a_case, changed, flags, judged, missing, verdict

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"


def staged(code, morphology="8070/3", **stage):
    return a_case(code, morphology, stage=stage)


def deciding(facts):
    return judged(facts).verdict(AGGRESSIVE)


UNREADABLE = [
    "IIIA-IV",
    "III or IV",
    "IVS",
    "4S",
    "IVD",
    "extensive",
    "distant",
    "M",
    "MS",
    "BCLC C",
    "C",
    "D",
    "V",
    "T2N1M1",
    "lV",
    "IVth",
]


@pytest.mark.parametrize("code", ["C18.2", "C34.11", "C74.00"])
@pytest.mark.parametrize("group", UNREADABLE)
def test_a_group_that_cannot_be_read_is_as_good_as_none_and_flagged(code, group):
    facts = staged(code, "8140/3", group=group)
    assert (verdict(facts, AGGRESSIVE), "stage_unreadable" in flags(facts)) == (UNKNOWN, True)
    assert "/diagnosis/stage" in missing(facts)
    assert group not in deciding(facts).because
    assert judged(facts).tier == judged(changed(facts, stage=None)).tier


@pytest.mark.parametrize(
    "word", ["UNK", "u", "?", "MX", "pending", "Not  applicable", "undetermined", "not staged", "none"]
)
def test_a_word_for_unstaged_is_no_group_and_no_riddle(word):
    facts = staged("C34.11", "8140/3", group=word)
    assert (verdict(facts, AGGRESSIVE), flags(facts)) == (UNKNOWN, set())
    assert (judged(facts).tier, judged(facts).provisional) == ("P2", True)


def test_m0_or_m1_decides_beside_a_group_that_cannot_be_read():
    for m, expected in (("M0", NOT_MET), ("M1", MET)):
        facts = staged("C18.2", "8140/3", group="IIIA-IV", m=m)
        assert (verdict(facts, AGGRESSIVE), "stage_unreadable" in flags(facts)) == (expected, True)


def test_where_stage_does_not_exist_nobody_asks_for_a_better_one():
    facts = staged("C81.90", "9650/3", group="IIX bulky")
    assert (verdict(facts, AGGRESSIVE), flags(facts)) == (NOT_MET, {"stage_not_used"})


@pytest.mark.parametrize(
    "group", ["IV (liver)", "IV.", "AJCC IV", "Ⅳ", "Stage IV (M1a)", "stage: iv, liver", "pIV", "4, liver", "IV/III"]
)
def test_words_around_a_iv_do_not_hide_it(group):
    assert deciding(staged("C18.2", "8140/3", group=group)).rule == "AGG-1"
    facts = staged("C32.9", group=group)
    assert (verdict(facts, AGGRESSIVE), "stage_ambiguous" in flags(facts)) == (UNKNOWN, True)


@pytest.mark.parametrize(("group", "expected"), [
    ("IVC (lung)", MET), ("IVB, neck", NOT_MET), ("IVD", NOT_MET), ("IVS", NOT_MET),
    ("IVA-IVC", UNKNOWN), ("IVB or C", UNKNOWN), ("IVA?", UNKNOWN), ("IVx?", UNKNOWN),
])  # fmt: skip
def test_at_the_listed_sites_only_a_letter_without_doubt_decides(group, expected):
    assert verdict(staged("C32.9", group=group), AGGRESSIVE) == expected
