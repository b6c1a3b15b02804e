"""The condition of a patient has changed: what a referring clinician may report, and which facts follow from it."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from referrals.domain.errors import FieldError
from referrals.domain.packet import GRACE
from referrals.domain.vocabulary import DiseaseStatus, FactsKind, TreatmentStatus


class Happening(StrEnum):
    PROGRESSION = "progression"
    METASTASIS = "metastasis"
    ACTIVITY = "activity"
    STARTED = "started"
    STOPPED = "stopped"
    ADMITTED = "admitted"
    DIED = "died"


# What somebody reads who is told of it.
HAPPENING_WORDS: Mapping[Happening, str] = MappingProxyType(
    {
        Happening.PROGRESSION: "The disease has progressed",
        Happening.METASTASIS: "New metastasis",
        Happening.ACTIVITY: "New symptoms affect daily activity",
        Happening.STARTED: "A treatment was started",
        Happening.STOPPED: "A treatment was stopped",
        Happening.ADMITTED: "Admitted to hospital",
        Happening.DIED: "The patient has died",
    }
)
# What has to be said of it, too.
ASKS: Mapping[Happening, tuple[str, str]] = MappingProxyType(
    {
        Happening.METASTASIS: ("sites", "Say where the new metastasis is."),
        Happening.ACTIVITY: ("ecog", "Choose how active the patient is now."),
        Happening.STARTED: ("modality", "Choose which kind of treatment was started."),
        Happening.STOPPED: ("stopped", "Choose which treatment was stopped."),
    }
)
# No clinical fact tells these, so that people have to be told in words.
BESIDE_THE_FACTS = frozenset({Happening.ACTIVITY, Happening.ADMITTED, Happening.DIED})

Told = Mapping[str, Any]
Facts = Mapping[str, Any]


def condition_faults(told: Told, facts: Facts, today: date) -> Iterator[FieldError]:
    """What is still to be said, or cannot be."""
    for what, (field, words) in ASKS.items():
        if what in told["what"] and told.get(field) in (None, "", []):
            yield FieldError(f"/{field}", "required", words)
    if told["on"] > (today + GRACE).isoformat():
        yield FieldError("/on", "future", "It has happened: choose a day up to today.")
    stopped = told.get("stopped")
    if Happening.STOPPED in told["what"] and stopped is not None and stopped >= len(facts.get("treatments") or ()):
        yield FieldError("/stopped", "unknown", "Choose one of the treatments that are listed.")


def condition_words(told: Told) -> str:
    """All of it in sentences, as they stand in the reason for the new facts and in the message to those at work."""
    happened = ". ".join(_words(Happening(what), told) for what in Happening if what in told["what"])
    return f"{happened}. On {told['on']}.{' ' + told['text'] if told.get('text') else ''}"


def _words(what: Happening, told: Told) -> str:
    more = {
        Happening.METASTASIS: ", ".join(told.get("sites") or ()),
        Happening.ACTIVITY: f"ECOG {told.get('ecog')}",
        Happening.STARTED: " ".join(part for part in (_plain(told.get("modality")), told.get("regimen")) if part),
        Happening.STOPPED: told.get("stop_reason") or "",
    }.get(what, "")
    return f"{HAPPENING_WORDS[what]}{': ' + more if more else ''}"


def _plain(word: str | None) -> str:
    return (word or "").replace("_", " ")


def facts_of_condition(told: Told, facts: Facts, source: str) -> dict[str, Any]:
    """The body of `update-facts`, with no facts in it where none of what happened is one."""
    body: dict[str, Any] = {
        "kind": FactsKind.NEW_EVENT.value,
        "source": source,
        "reason": condition_words(told),
    }
    if diagnosis := _diagnosis(told, facts.get("diagnosis") or {}):
        body["diagnosis"] = diagnosis
    # Where nobody has ever listed the treatments, one alone would claim that there was no other.
    standing = facts.get("treatments")
    if standing is not None and {Happening.STARTED, Happening.STOPPED} & set(told["what"]):
        body["treatments"] = _treatments(told, standing)
    return body


def tells_facts(body: Mapping[str, Any]) -> bool:
    return "diagnosis" in body or "treatments" in body


def _diagnosis(told: Told, known: Facts) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    if Happening.PROGRESSION in told["what"] and known.get("disease_status") != DiseaseStatus.PROGRESSION:
        patch["disease_status"] = DiseaseStatus.PROGRESSION.value
    if Happening.METASTASIS in told["what"]:
        sites = known.get("metastatic_sites") or []
        if new := [site for site in told["sites"] if site not in sites]:
            patch["metastatic_sites"] = [*sites, *new]
    return patch


def _treatments(told: Told, standing: list[Any]) -> list[dict[str, Any]]:
    rows = [dict(row) for row in standing]
    if Happening.STOPPED in told["what"]:
        rows[told["stopped"]] |= {"ended_on": told["on"], "stop_reason": told.get("stop_reason")}
    if Happening.STARTED in told["what"]:
        begun = {"modality": told["modality"], "regimen": told.get("regimen")}
        rows.append({**begun, "status": TreatmentStatus.GIVEN.value, "started_on": told["on"]})
    return rows
