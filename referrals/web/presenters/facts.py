"""The clinical facts of a referral as rows, each with the place that evidence can link to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from referrals.web.presenters.codes import NameOfCode
from referrals.web.presenters.pointers import FACTS, anchor
from referrals.web.presenters.times import partial_date_words
from referrals.web.words import (
    BASIS,
    CERTAINTY,
    DISEASE_STATUS,
    INTENT,
    LATERALITY,
    MODALITY,
    RESPONSE,
    STAGE_SYSTEM,
    TREATMENT_STATUS,
    words_for,
)

NOT_SENT = "Not sent"


@dataclass(frozen=True)
class Part:
    """One value of a fact, with its own place where evidence may name it alone."""

    words: str
    pointer: str = ""
    code: str = ""

    @property
    def id(self) -> str:
        return anchor(self.pointer) if self.pointer else ""


@dataclass(frozen=True)
class Fact:
    """A row of the summary list. `is_missing` is said in words, never by color alone."""

    term: str
    pointer: str
    parts: tuple[Part, ...]
    note: str = ""
    is_missing: bool = False

    @property
    def id(self) -> str:
        return anchor(self.pointer)

    @property
    def pointers(self) -> tuple[str, ...]:
        return (self.pointer, *(part.pointer for part in self.parts if part.pointer))


@dataclass(frozen=True)
class TreatmentRow:
    """One treatment; `pointer` is its place in the packet."""

    pointer: str
    line: str
    treatment: str
    regimen: str
    status: str
    dates: str
    response: str
    stop_reason: str

    @property
    def id(self) -> str:
        return anchor(self.pointer)

    @property
    def modality_id(self) -> str:
        return anchor(f"{self.pointer}/modality")

    @property
    def response_id(self) -> str:
        return anchor(f"{self.pointer}/best_response")


@dataclass(frozen=True)
class BiomarkerRow:
    name: str
    value: str
    method: str
    date: str


def _missing(pointer: str) -> Fact:
    return Fact(FACTS[pointer], pointer, (Part(NOT_SENT),), is_missing=True)


def _plain(pointer: str, words: str | None, shown_when_missing: bool) -> Iterable[Fact]:
    if words:
        yield Fact(FACTS[pointer], pointer, (Part(words),))
    elif shown_when_missing:
        yield _missing(pointer)


def _named(table: Mapping[str, str]) -> Callable[[Any], str]:
    return lambda value: words_for(table, value, "")


def _diagnosis(diagnosis: Mapping[str, Any], name_of: NameOfCode) -> Fact:
    code = diagnosis.get("icd10cm")
    title = name_of(code) if code else None
    described = diagnosis.get("description")
    parts = [Part(described, "/diagnosis/description")] if described else []
    if code:
        parts += [Part(title or "", "/diagnosis/icd10cm", code)]
    note = "" if code else "Described in words only: a coordinator codes it today."
    return Fact("Diagnosis", "/diagnosis", tuple(parts) or (Part(NOT_SENT),), note, is_missing=not parts)


def _coded(pointer: str, code: str | None, name_of: NameOfCode, shown_when_missing: bool) -> Iterable[Fact]:
    if code:
        yield Fact(FACTS[pointer], pointer, (Part(name_of(code) or "", code=code),))
    elif shown_when_missing:
        yield _missing(pointer)


def _stage(stage: Mapping[str, Any] | None) -> Fact:
    """Group and T, N, M in one row, each with its own place."""
    sent = stage or {}
    parts = [Part(f"Group {sent['group']}", "/diagnosis/stage/group")] if sent.get("group") else []
    parts += [Part(sent[letter], f"/diagnosis/stage/{letter}") for letter in ("t", "n", "m") if sent.get(letter)]
    system = words_for(STAGE_SYSTEM, sent.get("system"), "")
    return Fact("Stage", "/diagnosis/stage", tuple(parts) or (Part(NOT_SENT),), system, is_missing=not parts)


def _listed(pointer: str, values: Iterable[str] | None, name_of: NameOfCode | None = None) -> Iterable[Fact]:
    """With `name_of` the values are codes and get their titles."""
    parts = [
        Part((name_of(value) or "") if name_of else value, f"{pointer}/{index}", value if name_of else "")
        for index, value in enumerate(values or ())
    ]
    if parts:
        yield Fact(FACTS[pointer], pointer, tuple(parts))


def _first_opinion(opinion: Mapping[str, Any] | None) -> Iterable[Fact]:
    sent = opinion or {}
    organization = sent.get("organization")
    named = organization.get("name") if isinstance(organization, Mapping) else organization
    words = ", ".join(part for part in (sent.get("name"), named) if part)
    if words:
        yield Fact("First opinion by", "/diagnosis/first_opinion", (Part(words),))


def diagnosis_facts(
    diagnosis: Mapping[str, Any], pregnant: bool | None, name_of: NameOfCode, name_of_morphology: NameOfCode
) -> tuple[Fact, ...]:
    """The facts that decide stand there even when they were not sent: what is unknown is said, not hidden."""

    def plain(name: str, words: Callable[[Any], str] = str, always: bool = False) -> Iterable[Fact]:
        value = diagnosis.get(name)
        return _plain(f"/diagnosis/{name}", words(value) if value not in (None, "") else None, always)

    return (
        _diagnosis(diagnosis, name_of),
        *_coded("/diagnosis/morphology", diagnosis.get("morphology"), name_of_morphology, True),
        *_coded("/diagnosis/topography", diagnosis.get("topography"), name_of, False),
        _stage(diagnosis.get("stage")),
        *plain("disease_status", _named(DISEASE_STATUS), always=True),
        *plain("certainty", _named(CERTAINTY), always=True),
        *_listed("/diagnosis/metastatic_sites", diagnosis.get("metastatic_sites")),
        *_listed("/diagnosis/other_codes", diagnosis.get("other_codes"), name_of),
        *plain("unusual_presentation"),
        *(_plain("/patient/pregnant", "Pregnant" if pregnant else None, False)),
        *plain("grade"),
        *plain("laterality", _named(LATERALITY)),
        *plain("basis", _named(BASIS)),
        *plain("diagnosed_on", partial_date_words),
        *_first_opinion(diagnosis.get("first_opinion")),
    )


def biomarker_rows(diagnosis: Mapping[str, Any]) -> tuple[BiomarkerRow, ...]:
    return tuple(biomarker_row(marker) for marker in diagnosis.get("biomarkers") or ())


def biomarker_row(marker: Mapping[str, Any]) -> BiomarkerRow:
    return BiomarkerRow(
        marker.get("name") or "",
        marker.get("value") or "",
        marker.get("method") or "",
        partial_date_words(marker.get("date")),
    )


def treatment_dates(treatment: Mapping[str, Any]) -> str:
    started, ended = (partial_date_words(treatment.get(name)) for name in ("started_on", "ended_on"))
    if started and ended:
        return f"{started} to {ended}"
    return f"from {started}" if started else (f"until {ended}" if ended else "")


def treatment_row(index: int, treatment: Mapping[str, Any]) -> TreatmentRow:
    status = words_for(TREATMENT_STATUS, treatment.get("status") or "given")
    intent = words_for(INTENT, treatment.get("intent"), "").lower()
    line = treatment.get("line")
    return TreatmentRow(
        pointer=f"/treatments/{index}",
        line="" if line is None else str(line),
        treatment=words_for(MODALITY, treatment.get("modality")),
        regimen=treatment.get("regimen") or "",
        status=f"{status}, {intent}" if intent else status,
        dates=treatment_dates(treatment),
        response=words_for(RESPONSE, treatment.get("best_response"), ""),
        stop_reason=treatment.get("stop_reason") or "",
    )


def treatment_rows(treatments: Iterable[Mapping[str, Any]] | None) -> tuple[TreatmentRow, ...]:
    return tuple(treatment_row(index, treatment) for index, treatment in enumerate(treatments or ()))


def shown_pointers(facts: Iterable[Fact], treatments: Iterable[TreatmentRow]) -> frozenset[str]:
    """Every place that the page shows, so that a link never leads nowhere."""
    found = {pointer for fact in facts for pointer in fact.pointers} | {"/treatments", "/patient/birth_date"}
    for row in treatments:
        found |= {row.pointer, f"{row.pointer}/modality"}
        found |= {f"{row.pointer}/best_response"} if row.response else set()
    return frozenset(found)
