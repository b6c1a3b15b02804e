"""Rare: a child, an unusual presentation, or an entity of the European list of rare cancers."""

from collections.abc import Iterable
from dataclasses import dataclass

from referrals.domain.case import Case, CaseDiagnosis
from referrals.domain.criteria.kleene import MET, NOT_MET, UNKNOWN
from referrals.domain.criteria.matching import CodeSet, EntityList, Reading, evidence_of_row, names_of, read_list
from referrals.domain.criteria.verdict import Evidence, Finding, Flag
from referrals.domain.vocabulary import VerdictWord

BIRTH_DATE, MORPHOLOGY, CODE = "/patient/birth_date", "/diagnosis/morphology", "/diagnosis/icd10cm"


@dataclass(frozen=True, slots=True)
class NotACancerNow:
    """In situ, benign or history: never rare, before anything else is read."""

    id: str
    citation: str
    codes: CodeSet
    behaviors: frozenset[str]

    def judge(self, case: Case) -> Finding:
        evidence = tuple(self._evidence(case.diagnosis))
        if not evidence:
            return Finding(self.id, NOT_MET)
        clause = f"in situ, benign or history ({', '.join(str(item.value) for item in evidence)})"
        return Finding(self.id, NOT_MET, clause, evidence, (self.citation,), final=True)

    def _evidence(self, diagnosis: CaseDiagnosis) -> Iterable[Evidence]:
        if diagnosis.principal is not None and self.codes.has(diagnosis.principal.flat):
            yield Evidence(diagnosis.principal.path, diagnosis.principal.code)
        if diagnosis.morphology is not None and diagnosis.morphology.behavior in self.behaviors:
            yield Evidence(MORPHOLOGY, str(diagnosis.morphology))


@dataclass(frozen=True, slots=True)
class Child:
    id: str
    citation: str

    def judge(self, case: Case) -> Finding:
        if case.under_18 is None:
            return Finding(self.id, UNKNOWN, "the age (no birth date)", wants=(BIRTH_DATE,))
        if case.under_18:
            return Finding(self.id, MET, "under 18", (Evidence(BIRTH_DATE, "under 18"),), (self.citation,))
        return Finding(self.id, NOT_MET)


@dataclass(frozen=True, slots=True)
class UnusualPresentation:
    id: str
    citation: str

    def judge(self, case: Case) -> Finding:
        described = case.diagnosis.unusual_presentation
        if described is None:
            return Finding(self.id, NOT_MET)
        evidence = (Evidence("/diagnosis/unusual_presentation", described),)
        return Finding(self.id, MET, "unusual presentation described by the referrer", evidence, (self.citation,))


@dataclass(frozen=True, slots=True)
class RareEntity:
    """A rare row beats a contrast row; a contrast row alone says that the entity is common."""

    id: str
    citation: str
    entities: EntityList
    generic: frozenset[int]
    unknown_without_row: CodeSet

    def judge(self, case: Case) -> Finding:
        diagnosis = case.diagnosis
        reading = read_list(self.entities, self.generic, diagnosis)
        rare = [row for row in reading.rows if row.entity.counts]
        if rare:
            return self._listed(diagnosis, reading, MET, f"rare cancer: {names_of(rare)}")
        if reading.rows:
            return self._listed(diagnosis, reading, NOT_MET, f"a common cancer: {names_of(reading.rows)}")
        return self._without_row(diagnosis, reading)

    def _listed(self, diagnosis: CaseDiagnosis, reading: Reading, verdict: VerdictWord, clause: str) -> Finding:
        evidence = evidence_of_row(diagnosis, reading.rows, reading.specific)
        return Finding(self.id, verdict, clause, evidence, tuple(row.entity.citation for row in reading.rows))

    def _without_row(self, diagnosis: CaseDiagnosis, reading: Reading) -> Finding:
        principal = diagnosis.principal
        if principal is None:
            return Finding(self.id, UNKNOWN, "which cancer it is (no code)", wants=(CODE, MORPHOLOGY))
        if not reading.specific:
            return Finding(self.id, UNKNOWN, "the type of tumor (no morphology)", wants=(MORPHOLOGY,))
        if self.unknown_without_row.has(principal.flat):
            return Finding(self.id, UNKNOWN, f"which cancer {principal.code} stands for", wants=(CODE,))
        evidence = evidence_of_row(diagnosis, (), specific=True)
        clause = f"on neither list, rare or common ({principal.code}, {diagnosis.morphology})"
        return Finding(self.id, NOT_MET, clause, evidence, (self.citation,), flags=(_UNLISTED,))


_UNLISTED = Flag("unlisted_entity", "No list knows this morphology at this site. A person should look.", MORPHOLOGY)
