"""The frozen projection of a referral that the rules see: nothing that must not be read is in it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from referrals.domain.coding import Facts, check_codes, normalize_facts
from referrals.domain.errors import FieldError, Invalid, refuse_unless_clean
from referrals.domain.partial_date import is_partial_date, is_under_18
from referrals.domain.vocabulary import TreatmentStatus
from referrals.knowledge import icd10cm

__all__ = [
    "Case",
    "CaseCode",
    "CaseDiagnosis",
    "CaseTreatment",
    "MetastaticSite",
    "Morphology",
    "Stage",
    "case_from",
    "check_codes",
    "under_18",
]

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class CaseCode:
    """An ICD-10-CM code of the case. `flat` is the code without its dot, as prefixes are compared."""

    path: str
    code: str
    flat: str
    title: str
    is_parent: bool


@dataclass(frozen=True, slots=True)
class Morphology:
    histology: int
    behavior: str

    def __str__(self) -> str:
        return f"{self.histology}/{self.behavior}"


@dataclass(frozen=True, slots=True)
class Stage:
    system: str | None = None
    group: str | None = None
    t: str | None = None
    n: str | None = None
    m: str | None = None


@dataclass(frozen=True, slots=True)
class MetastaticSite:
    path: str
    site: str


@dataclass(frozen=True, slots=True)
class CaseDiagnosis:
    """`principal` is None while the diagnosis is described in words only."""

    principal: CaseCode | None
    other_codes: tuple[CaseCode, ...] = ()
    topography: str | None = None
    morphology: Morphology | None = None
    certainty: str | None = None
    stage: Stage = Stage()
    metastatic_sites: tuple[MetastaticSite, ...] = ()
    disease_status: str | None = None
    unusual_presentation: str | None = None
    diagnosed_on: str | None = None

    @property
    def codes(self) -> tuple[CaseCode, ...]:
        return self.other_codes if self.principal is None else (self.principal, *self.other_codes)

    @property
    def site(self) -> str | None:
        """The topography that was sent, else the code itself cut to four characters; without the dot."""
        if self.topography is not None:
            return self.topography.replace(".", "")
        return None if self.principal is None else self.principal.flat[:4]


@dataclass(frozen=True, slots=True)
class CaseTreatment:
    path: str
    line: int = 0
    modality: str | None = None
    status: str = TreatmentStatus.GIVEN
    started_on: str | None = None
    ended_on: str | None = None
    best_response: str | None = None

    @property
    def is_given(self) -> bool:
        return self.status == TreatmentStatus.GIVEN


@dataclass(frozen=True, slots=True)
class Case:
    """`under_18` is None without a birth date; `treatments` is None where nobody said whether there are any."""

    under_18: bool | None
    pregnant: bool
    diagnosis: CaseDiagnosis
    treatments: tuple[CaseTreatment, ...] | None

    @property
    def given(self) -> tuple[CaseTreatment, ...]:
        return tuple(treatment for treatment in self.treatments or () if treatment.is_given)


def case_from(facts: Facts, on: date) -> Case:
    """The case in `facts` (the API's shape: patient, diagnosis, treatments) as it stands on the day `on`.

    Raises Invalid for a code that no table knows: such a case is refused, not judged.
    """
    facts = normalize_facts(facts)
    refuse_unless_clean(check_codes(facts))
    patient: Mapping[str, Any] = facts.get("patient") or {}
    treatments = facts.get("treatments")
    return Case(
        under_18=under_18(patient.get("birth_date"), on),
        pregnant=patient.get("pregnant") is True,
        diagnosis=_diagnosis(facts.get("diagnosis") or {}),
        treatments=None if treatments is None else tuple(_each(_treatment, "/treatments", treatments)),
    )


def under_18(born: object, on: date) -> bool | None:
    """None without a birth date, and where only a part of it is known and leaves it open."""
    if born is None:
        return None
    text = str(born)
    if not is_partial_date(text):
        raise Invalid([FieldError("/patient/birth_date", "malformed", "Write the birth date as YYYY-MM-DD.")])
    return is_under_18(text, on)


def _diagnosis(sent: Mapping[str, Any]) -> CaseDiagnosis:
    code = sent.get("icd10cm")
    return CaseDiagnosis(
        principal=None if code is None else _code("/diagnosis/icd10cm", code),
        other_codes=tuple(_each(_code, "/diagnosis/other_codes", sent.get("other_codes"))),
        topography=sent.get("topography"),
        morphology=_morphology(sent.get("morphology")),
        certainty=_text(sent.get("certainty")),
        stage=_stage(sent.get("stage") or {}),
        metastatic_sites=tuple(_each(_metastatic_site, "/diagnosis/metastatic_sites", sent.get("metastatic_sites"))),
        disease_status=_text(sent.get("disease_status")),
        unusual_presentation=_text(sent.get("unusual_presentation")),
        diagnosed_on=_text(sent.get("diagnosed_on")),
    )


def _each(make: Callable[[str, Any], _Part], path: str, values: Sequence[Any] | None) -> Iterator[_Part]:
    return (make(f"{path}/{index}", value) for index, value in enumerate(values or ()))


def _code(path: str, code: str) -> CaseCode:
    known = icd10cm.lookup(code)
    if known is None:
        raise ValueError("codes are checked before a case is made of them")
    return CaseCode(path, code, code.replace(".", ""), known.display, not known.billable)


def _metastatic_site(path: str, site: object) -> MetastaticSite:
    return MetastaticSite(path, _text(site) or "")


def _morphology(sent: str | None) -> Morphology | None:
    return None if sent is None else Morphology(int(sent[:4]), sent[5])


def _stage(sent: Mapping[str, Any]) -> Stage:
    return Stage(**{key: _text(sent.get(key)) for key in ("system", "group", "t", "n", "m")})


def _treatment(path: str, sent: Mapping[str, Any]) -> CaseTreatment:
    return CaseTreatment(
        path=path,
        line=sent.get("line") or 0,
        modality=_text(sent.get("modality")),
        status=_text(sent.get("status")) or TreatmentStatus.GIVEN,
        started_on=_text(sent.get("started_on")),
        ended_on=_text(sent.get("ended_on")),
        best_response=_text(sent.get("best_response")),
    )


def _text(sent: object) -> str | None:
    """Blank is the same as not sent."""
    text = "" if sent is None else str(sent).strip()
    return text or None
