"""A diagnosis in words beside its code, whichever of the two was sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

NameOfCode = Callable[[str], str | None]
"""Gives the published title of an ICD-10-CM code; the views hand in the look-up of the knowledge floor."""


@dataclass(frozen=True)
class Diagnosis:
    """`words` are never empty; `code` is empty while the diagnosis is described in words only."""

    words: str
    code: str


def no_names(code: str) -> str | None:
    """For places without the tables: every code stays a code."""
    return None


def diagnosis_words(diagnosis: Mapping[str, Any] | None, name_of: NameOfCode = no_names) -> Diagnosis:
    """The referrer's own words first: they say more than the title of the code."""
    facts = diagnosis or {}
    code = facts.get("icd10cm") or ""
    words = facts.get("description") or (name_of(code) if code else None)
    return Diagnosis(words or ("Diagnosis not named" if not code else f"Diagnosis {code}"), code)
