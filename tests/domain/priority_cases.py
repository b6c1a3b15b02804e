"""Cases for the tests of the rules: the published ones, a builder for single ones, and a strategy for all others."""

import csv
import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import chain, permutations, product
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from referrals.domain.assessment import Assessment, assess
from referrals.domain.case import case_from
from referrals.domain.policy import Policy, default_policy
from referrals.domain.vocabulary import BestResponse, Certainty, Criterion, DiseaseStatus, Modality, TreatmentStatus
from referrals.knowledge import icd10cm, icdo3

DATA = Path(__file__).parents[1] / "data"
ON = date(2026, 11, 22)
ADULT, CHILD = "1968-01-15", "2018-01-15"
AGGRESSIVE, RESISTANT, RARE, COMPLEX = Criterion

Facts = dict[str, Any]


def judged(facts: Facts, policy: Policy | None = None, **how: Any) -> Assessment:
    return assess(case_from(facts, ON), policy or default_policy(), **how)


def words(assessment: Assessment) -> dict[str, str]:
    return {verdict.criterion.value: verdict.verdict.value for verdict in assessment.criteria}


def verdict(facts: Facts, criterion: Criterion) -> str:
    return judged(facts).verdict(criterion).verdict.value


def flags(facts: Facts) -> set[str]:
    return {flag.code for flag in judged(facts).flags}


def missing(facts: Facts) -> dict[str, list[str]]:
    return {item.path: [tier.value for tier in item.could_change_tier_to] for item in judged(facts).missing}


def a_case(icd10cm: str | None, morphology: str | None = None, **more: Any) -> Facts:
    """An adult, newly diagnosed with certainty, never treated; `more` says otherwise. None takes a fact away."""
    patient = {"birth_date": more.pop("birth_date", ADULT), "pregnant": more.pop("pregnant", None)}
    treatments = more.pop("treatments", [])
    diagnosis = {"disease_status": "newly_diagnosed", "certainty": "confirmed", **more}
    diagnosis |= {"icd10cm": icd10cm, "morphology": morphology}
    facts: Facts = {"patient": _told(patient), "diagnosis": _told(diagnosis)}
    if treatments is not None:
        facts["treatments"] = treatments
    return facts


def _told(part: Facts) -> Facts:
    return {name: value for name, value in part.items() if value is not None}


def given(modality: str = "chemotherapy", response: str | None = None, line: int = 1, **more: Any) -> Facts:
    return _told({"modality": modality, "best_response": response, "line": line, **more})


def changed(facts: Facts, **diagnosis: Any) -> Facts:
    """The same case with another diagnosis fact; None withholds it."""
    return {**facts, "diagnosis": _told({**facts["diagnosis"], **diagnosis})}


def untreated(facts: Facts) -> Facts:
    """The same case without a word about treatments."""
    return {name: part for name, part in facts.items() if name != "treatments"}


@lru_cache(maxsize=1)
def vignettes() -> list[Facts]:
    cases: list[Facts] = json.loads((DATA / "vignettes.json").read_text(encoding="utf-8"))["cases"]
    return cases


@lru_cache(maxsize=1)
def worked_examples() -> list[dict[str, str]]:
    with (DATA / "worked_examples.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def example_facts(row: dict[str, str]) -> Facts:
    """A worked example as a case: nothing is known but codes and age."""
    others = [word.removeprefix("+") for word in row["other_codes_or_context"].split() if word.startswith("+")]
    return {
        "patient": {"birth_date": f"{ON.year - int(row['age'])}-01-15"},
        "diagnosis": _told(
            {
                "icd10cm": row["icd10cm"],
                "morphology": row["icdo3_morphology"] or None,
                "topography": row["icdo3_topography"] or None,
                "other_codes": others,
                "certainty": "confirmed",
            }
        ),
        "treatments": [],
    }


# -- every case that may come ------------------------------------------------------------------------------------------

TELLING_CODES = (
    "C00.1", "C11.9", "C15.4", "C18.2", "C22.0", "C22.1", "C22.9", "C25", "C25.0", "C25.4", "C25.9", "C30.0", "C32.9",
    "C34.11", "C34.90", "C37", "C43.61", "C44.01", "C44.92", "C45.0", "C48.1", "C49.22", "C49.A2", "C4A.9", "C50.121",
    "C50.911", "C50.A1", "C51.9", "C53.9", "C54.1", "C56.1", "C60.9", "C61", "C62.11", "C64.2", "C67.9", "C69.31", "C71.2",
    "C71.9", "C70.0", "C73", "C74.00", "C76.1", "C77.3", "C78.7", "C79.51", "C7A.1", "C7A.8", "C7B.02", "C80.0", "C80.1",
    "C81.9A", "C82.09", "C83.30", "C83.00", "C83.70", "C90.00", "C90.02", "C91.00", "C91.01", "C91.02", "C91.10", "C92.00",
    "C92.40", "C95.00", "C96.22", "D03.9", "D05.12", "D32.0", "D33.1", "D37.9", "D43.2", "D45", "D46.9", "D47.3", "D49.59",
    "D3A.00", "Z85.3", "R97.21", "I10",
)  # fmt: skip
OTHER_CODES = ("C77.3", "C78.7", "C79.51", "C7B.02", "C80.0", "C34.11", "C50.911", "C90.02", "R97.21", "Z19.2", "Z19.1",
               "O9A.111", "Z85.3", "Z92.3", "I10")  # fmt: skip
HISTOLOGIES = (8000, 8010, 8013, 8020, 8021, 8041, 8070, 8140, 8150, 8160, 8170, 8240, 8246, 8247, 8249, 8500, 8530, 8720,
               8800, 8850, 9050, 9061, 9120, 9421, 9440, 9470, 9530, 9650, 9680, 9687, 9690, 9811, 9866, 9989)  # fmt: skip
GROUPS = ("0", "I", "IIA", "IIB", "III", "IIIC", "IV", "IVA", "IVB", "IVC", "Stage IV", "unknown", "UNK", "IIIA-IV")
SITES = ("liver", "lung", "bone and hilar nodes", "lymph nodes", "axillary node", "none")


@lru_cache(maxsize=1)
def neoplasm_codes() -> list[str]:
    return [code.code for code in icd10cm.table() if "C00" <= code.code < "D50" or code.code.startswith("Z85")]


def _pool(values: Iterable[Any], *, none: int = 1) -> st.SearchStrategy[Any]:
    """One of these, or nothing as often as `none` of them: one draw, because a run draws many thousands of cases."""
    return st.sampled_from((*(None for _ in range(none)), *values))


_STAGES = [
    {name: word for name, word in (("group", group), ("m", m)) if word}
    for group, m in product((None, *GROUPS), (None, "M0", "cM0", "M1", "pM1a", "MX"))
]
_TREATMENTS = [
    _told({"modality": modality, "line": line, "status": status, "best_response": response, "ended_on": ended_on})
    for (modality, response), line, status, ended_on in product(
        [
            *product(("surgery", "chemotherapy", "radiation"), (None, *BestResponse)),
            *((modality, None) for modality in Modality),
        ],
        (0, 1, 2),
        (TreatmentStatus.GIVEN, TreatmentStatus.PLANNED),
        (None, "2025", "2025-03-10", "2025-09"),
    )
]
_LISTED_MORPHOLOGIES = [f"{histology}/{behavior}" for histology, behavior in product(HISTOLOGIES, "333301269")]

_code = st.sampled_from(TELLING_CODES) | st.deferred(lambda: st.sampled_from(neoplasm_codes()))
_topography = st.deferred(lambda: _pool([code.code for code in icdo3.topographies()], none=200))
_morphology = _pool(_LISTED_MORPHOLOGIES, none=80) | st.deferred(
    lambda: st.sampled_from([code.code for code in icdo3.morphologies()])
)
_codes = _pool(chain.from_iterable(permutations(OTHER_CODES, size) for size in (0, 1, 2)), none=20)
_sites = _pool(chain.from_iterable(permutations(SITES, size) for size in (0, 1, 2)))
_treatments = st.none() | st.lists(st.sampled_from(_TREATMENTS), max_size=3)
_DIAGNOSIS = {
    "icd10cm": _code,
    "topography": _topography,
    "morphology": _morphology,
    "stage": _pool(_STAGES, none=20),
    "certainty": _pool(Certainty),
    "disease_status": _pool(DiseaseStatus),
    "unusual_presentation": _pool(("Came with a mass in the neck",), none=4),
    "metastatic_sites": _sites,
    "other_codes": _codes,
}


@st.composite
def any_case(draw: st.DrawFn) -> Facts:
    """Facts as a partner may send them: anything may be missing but the code."""
    patient = {"birth_date": draw(_pool((ADULT, ADULT, CHILD, "2008"))), "pregnant": draw(_pool((True, False)))}
    diagnosis = {
        name: list(told) if isinstance(told, tuple) else told
        for name, told in ((name, draw(values)) for name, values in _DIAGNOSIS.items())
    }
    facts: Facts = {"patient": _told(patient), "diagnosis": _told(diagnosis)}
    if (treatments := draw(_treatments)) is not None:
        facts["treatments"] = treatments
    return facts
