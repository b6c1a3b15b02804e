"""Nothing in the default policy stands there idly: whatever is taken out of it, some case is judged otherwise."""

import copy
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Any

import pytest

from referrals.domain.assessment import assess
from referrals.domain.case import case_from
from referrals.domain.errors import Invalid
from referrals.domain.policy import Policy, default_document, default_policy, parse_policy
from tests.domain.priority_cases import (
    CHILD,
    ON,
    Facts,
    a_case,
    changed,
    example_facts,
    given,
    untreated,
    vignettes,
    worked_examples,
)

WORDS_FOR_UNSTAGED = (
    "x", "mx", "u", "unk", "unknown", "not known", "undetermined", "?", "unstaged", "not staged", "pending", "na", "n/a",
    "not applicable", "none",
)  # fmt: skip
OTHER_GROUPS = (
    "0", "0a", "0is", "tis", "in situ", "occult", "occult carcinoma", "limited", "localized", "regional", "a", "b",
    "dukes a", "dukes b", "dukes c", "binet a", "binet b", "binet c", "l1", "l2",
)  # fmt: skip
WORDS_FOR_NO_SITE = (
    "none", "none known", "no", "nil", "no metastasis", "no metastases", "na", "n/a", "not applicable", "unknown",
    "not known", "unk", "?",
)  # fmt: skip
NODAL_REGIONS = (
    "lymph", "lymphatic", "regional", "sentinel", "left", "right", "both", "bilateral", "ipsilateral", "contralateral",
    "level", "station", "ii", "iii", "iv", "the", "of", "in", "neck", "cervical", "supraclavicular", "infraclavicular",
    "axilla", "axillary", "internal", "external", "common", "mammary", "thoracic", "mediastinal", "hilar", "subcarinal",
    "paratracheal", "abdominal", "celiac", "portal", "periportal", "perigastric", "mesenteric", "retroperitoneal",
    "para", "aortic", "paraaortic", "pelvic", "iliac", "obturator", "inguinal", "groin",
)  # fmt: skip
EARLY, SPREAD = {"group": "I"}, {"m": "M1"}
STATUSES = (
    "newly_diagnosed",
    "stable",
    "responding",
    "remission",
    "progression",
    "recurrence",
    "refractory",
    "unknown",
    "second_primary",
)


def constructed() -> Iterator[Facts]:
    """Cases for what the published ones do not touch."""
    yield from staged_cases()
    yield from coded_cases()
    yield from treated_cases()
    for certainty, status, stage, morphology in product(
        ("confirmed", "uncertain", "conflicting"), ("stable", "recurrence"), (EARLY, SPREAD), ("8140/3", "8070/3")
    ):
        yield a_case("C18.2", morphology, stage=stage, certainty=certainty, disease_status=status, treatments=[given()])
    yield a_case("C18.2", "8140/3", stage=EARLY, birth_date=CHILD)
    yield a_case("C18.2", "8140/3", stage=EARLY, unusual_presentation="described")
    yield a_case("C18.2", "8140/3", stage=EARLY, pregnant=True)
    yield a_case("C18.2", "8140/3", stage=EARLY, other_codes=["O9A.111"])
    yield a_case(None, uncoded=True, description="in words")


def staged_cases() -> Iterator[Facts]:
    sites = ["C00.1", "C14.0", "C30.0", "C32.9", "C73", "C51.9", "C54.1", "C60.9", "C65.1", "C68.0", "C62.11", "C34.11", "C70.0",
             "C72.0", "C81.90", "C96.5", "D05.12", "D09.9", "D32.0", "D3A.00", "D37.9", "D46.9", "C44.01", "Z85.3"]  # fmt: skip
    for code in sites:
        for group in ("IV", "IVA", "IVB", "IVC", "III"):
            yield a_case(code, "8140/3", stage={"group": group})
    yield a_case("C73", "8021/1", stage={"group": "IVB"})
    yield a_case("C73", "8020/1", stage={"group": "IVB"})
    for word in (*WORDS_FOR_UNSTAGED, *OTHER_GROUPS):
        yield a_case("C18.2", "8140/3", stage={"group": word})
    for site in ("liver", "lymph node", *WORDS_FOR_NO_SITE, *(f"{word} and sentinel nodes" for word in NODAL_REGIONS)):
        yield a_case("C18.2", "8140/3", stage=EARLY, metastatic_sites=[site])
    yield a_case("C18.2", "8140/3", stage=SPREAD)


def coded_cases() -> Iterator[Facts]:
    for code in ("C78.7", "C79.51", "C7B.02", "C80.0", "Z19.2", "R97.21", "C90.02"):
        yield a_case("C18.2", "8140/3", stage=EARLY, other_codes=[code])
    for code in ("C25", "C25.0", "C25.7", "C34.11", "C77.3", "C80.1", "C80.0", "C22.0", "C71.9", "D43.2", "C76.1", "D37.9", "D44.0", "D48.9",
                 "D49.59", "D45", "C78.7", "C79.51", "C7B.02", "I10", "Z85.3", "C4A.9", "C7A.8", "D3A.00", "D10.0", "D05.12",
                 "C44.01", "C83.30", "C96.5"):  # fmt: skip
        yield a_case(code)
        yield a_case(code, stage=EARLY)
        yield a_case(code, "8560/3", stage=EARLY)
        for primary in ("C18.2", "C4A.9", "C7A.8", "C83.30"):
            yield a_case(code, "8140/3", stage=EARLY, other_codes=[primary])
    for code, morphology in (("C25.0", "8150/3"), ("C25.0", "8240/3"), ("C25.0", "8249/3"), ("C34.11", "8000/3"), ("C34.11", "8010/3"),
                             ("C34.11", "8041/6"), ("C34.11", "8041/3"), ("C91.01", "9811/3"), ("C92.40", "9866/3"), ("C18.2", "8140/6"),
                             ("C71.2", "9440/0"), ("C71.2", "9440/2"), ("C71.2", "9440/1"), ("C71.2", "9440/9"), ("C18.2", "8140/1"),
                             ("C4A.9", "8247/0"), ("C7A.8", "8240/2"), ("C7B.02", "8240/0"), ("D05.12", "8500/3"), ("D05.12", "8500/2"),
                             ("D32.0", "9530/1"), ("D32.0", "9530/0"), ("D32.0", "9530/3"), ("D3A.00", "8240/3"), ("D3A.00", "8240/1"),
                             ("D48.9", "8140/3"), ("C80.1", "8140/3"), ("C76.1", "8140/3")):  # fmt: skip
        yield a_case(code, morphology, stage=EARLY)
        yield a_case(code, morphology, stage=EARLY, unusual_presentation="described")


def treated_cases() -> Iterator[Facts]:
    for status in STATUSES:
        for response in ("PD", "NR", "NE", "SD", None):
            yield a_case("C18.2", "8140/3", stage=EARLY, disease_status=status, treatments=[given(response=response)])
            yield a_case("C18.2", "8140/3", stage=EARLY, disease_status=status, treatments=[given("surgery", response)])
        yield untreated(a_case("C18.2", "8140/3", stage=EARLY, disease_status=status))
        yield a_case("C18.2", "8140/3", stage=EARLY, disease_status=status)
    for doubted in ("supportive", "other"):
        yield a_case("C18.2", "8140/3", stage=EARLY, treatments=[given(response="PD"), given(doubted, "CR", line=2)])
    for other in ("supportive", "other", "radiation"):
        yield a_case("C18.2", "8140/3", stage=EARLY, treatments=[given("surgery", line=0), given(other)])


@lru_cache(maxsize=1)
def cases() -> list[Any]:
    published = [vignette["case"] for vignette in vignettes()]
    examples = [example_facts(row) for row in worked_examples() if row["expected_rare_eu"] != "ERROR"]
    staged = [changed(facts, stage=EARLY) for facts in examples]
    return [case_from(facts, ON) for facts in (*published, *examples, *staged, *constructed())]


def verdicts(policy: Policy) -> Iterator[Any]:
    for case in cases():
        told = assess(case, policy)
        yield told.tier, told.provisional, told.flags, [(each.verdict, each.citation) for each in told.criteria]


@lru_cache(maxsize=1)
def usual() -> list[Any]:
    return list(verdicts(default_policy()))


JUDGED = ("tier_table", "floors", "escalations", "generic_histologies", "responses", "neoplasms", "no_active_neoplasm",
          "expected_behaviors", "criteria")  # fmt: skip


def elements(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every element of every list of the document that judges."""
    for name, item in part.items() if isinstance(part, dict) else enumerate(part):
        if isinstance(part, list):
            yield (*path, name)
        if isinstance(item, dict | list):
            yield from elements(item, (*path, name))


def pointer(path: tuple[Any, ...]) -> str:
    document = default_document()
    named = [str(name) for name in path]
    for depth, name in enumerate(path):
        document = document[name]
        if isinstance(document, dict) and "id" in document:
            named[depth] = document["id"]
    return "/".join(named) + (f"={document}" if isinstance(document, str) else "")


PATHS = [(name, *path) for name in JUDGED for path in elements(default_document()[name])]


def without(path: tuple[Any, ...]) -> dict[str, Any]:
    document = copy.deepcopy(default_document())
    part: Any = document
    for name in path[:-1]:
        part = part[name]
    del part[path[-1]]
    return document


def faults_without(path: tuple[Any, ...]) -> set[str]:
    try:
        parse_policy(without(path))
    except Invalid as refusal:
        return {error.code for error in refusal.errors}
    return set()


@pytest.mark.parametrize("path", PATHS, ids=pointer)
def test_whatever_is_taken_out_of_the_policy_some_case_is_judged_otherwise(path):
    refused = faults_without(path)
    if refused:
        # The last of a list that may not be empty: such a document judges nobody.
        assert refused == {"empty"}
        return
    mutated = parse_policy(without(path))
    assert any(now != then for now, then in zip(verdicts(mutated), usual(), strict=True))


def test_every_rule_conjunction_floor_and_escalation_is_among_what_is_taken_out():
    named = {pointer(path) for path in PATHS}
    rules = {"AGG-1", "AGG-2", "AGG-3", "RES-1", "RES-2", "RES-3", "RES-4", "RARE-0", "RARE-1", "RARE-2", "RARE-3", "CPX-1", "CPX-2",
             "CPX-3", "CPX-4"}  # fmt: skip
    assert rules <= {name.rpartition("/")[2] for name in named}
    assert {
        f"tier_table/rows/{row}/when/{number}" for row, size in ((0, 2), (1, 3), (2, 3)) for number in range(size)
    } <= named
    assert "floors/0" in named
    assert {f"escalations/{number}" for number in range(3)} <= named


@pytest.mark.parametrize(("path", "value"), [
    (("criteria", "complex", "rules", 2, "min_modalities"), 3),
    (("criteria", "complex", "rules", 2, "min_modalities"), 1),
    (("criteria", "aggressive", "rules", 0, "sites", "nodal_word"), "lymph vessel"),
    (("criteria", "aggressive", "rules", 2, "remission_words"), "never said"),
    (("criteria", "resistant", "rules", 3, "title_words"), "never said"),
    (("floors", 0, "pregnant"), False),
    (("floors", 0, "tier"), "P3"),
    (("escalations", 0, "tier"), "P3"),
    (("escalations", 2, "tier"), "P3"),
    (("tier_table", "otherwise"), "P4"),
])  # fmt: skip
def test_every_number_and_word_counts(path, value):
    document = default_document()
    part = document
    for name in path[:-1]:
        part = part[name]
    same = part[path[-1]] == value
    part[path[-1]] = value
    assert any(now != then for now, then in zip(verdicts(parse_policy(document)), usual(), strict=True)) is not same
