"""Codes as they were sent: brought to one spelling, and refused by name where no table knows them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from referrals.domain.errors import FieldError
from referrals.knowledge import icd10cm, icdo3

Facts = Mapping[str, Any]

_UNKNOWN_ICD = "This is not a code of ICD-10-CM, release of April 2026."
_UNKNOWN_SITE = "This is not a site of ICD-O-3, written like C25.0."
_UNKNOWN_MORPHOLOGY = "This is not a morphology of ICD-O-3: four digits, a slash and the behavior, like 8140/3."


def normalize_facts(facts: Facts) -> dict[str, Any]:
    """The same facts with every code in its usual spelling. Blank codes count as not sent; nothing else changes."""
    diagnosis = facts.get("diagnosis")
    if not isinstance(diagnosis, Mapping):
        return dict(facts)
    return {**facts, "diagnosis": normalize_diagnosis(diagnosis)}


def normalize_diagnosis(diagnosis: Facts) -> dict[str, Any]:
    coded = dict(diagnosis)
    for field, spell in _SPELLING.items():
        if isinstance(coded.get(field), str):
            coded[field] = spell(coded[field]) or None
    if isinstance(coded.get("other_codes"), list | tuple):
        coded["other_codes"] = [
            icd10cm.normalize(code) if isinstance(code, str) else code for code in coded["other_codes"]
        ]
    return coded


_SPELLING: Mapping[str, Callable[[str], str]] = {
    "icd10cm": icd10cm.normalize,
    "topography": icdo3.normalize_topography,
    "morphology": icdo3.normalize_morphology,
}


def check_codes(facts: Facts) -> list[FieldError]:
    """Every code that no table knows, at once. Takes facts as sent or as normalized."""
    diagnosis = normalize_facts(facts).get("diagnosis")
    return list(_faults(diagnosis)) if isinstance(diagnosis, Mapping) else []


def _faults(diagnosis: Facts) -> Iterator[FieldError]:
    for field, is_known, message in _CHECKS:
        code = diagnosis.get(field)
        if code is not None and not (isinstance(code, str) and is_known(code)):
            yield FieldError(f"/diagnosis/{field}", "unknown_code", message)
    others = diagnosis.get("other_codes")
    for index, code in enumerate(others if isinstance(others, list | tuple) else ()):
        if not (isinstance(code, str) and _is_icd10cm(code)):
            yield FieldError(f"/diagnosis/other_codes/{index}", "unknown_code", _UNKNOWN_ICD)


def _is_icd10cm(code: str) -> bool:
    return icd10cm.lookup(code) is not None


_CHECKS: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    ("icd10cm", _is_icd10cm, _UNKNOWN_ICD),
    ("topography", icdo3.is_topography, _UNKNOWN_SITE),
    ("morphology", icdo3.is_morphology, _UNKNOWN_MORPHOLOGY),
)
