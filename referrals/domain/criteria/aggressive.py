"""Aggressive: exocrine pancreas, and the entities of the list (distant metastasis has its own module)."""

from dataclasses import dataclass

from referrals.domain.case import Case, CaseCode, CaseDiagnosis
from referrals.domain.criteria.kleene import MET, NOT_MET, UNKNOWN
from referrals.domain.criteria.matching import CodeSet, EntityList, evidence_of_row, names_of, read_list
from referrals.domain.criteria.verdict import Evidence, Finding, Flag

MORPHOLOGY = "/diagnosis/morphology"
CODE = "/diagnosis/icd10cm"


@dataclass(frozen=True, slots=True)
class ExocrinePancreas:
    """The code says pancreas; only a neuroendocrine tumor is something else. Presumed while no morphology is known."""

    id: str
    citation: str
    codes: CodeSet
    except_histologies: frozenset[int]

    def judge(self, case: Case) -> Finding:
        principal, morphology = case.diagnosis.principal, case.diagnosis.morphology
        if principal is None or not self.codes.has(principal.flat):
            return Finding(self.id, NOT_MET)
        coded = Evidence(principal.path, principal.code)
        if morphology is None:
            return self._presumed(coded)
        evidence = (coded, Evidence(MORPHOLOGY, str(morphology)))
        if morphology.histology in self.except_histologies:
            clause = f"neuroendocrine tumor of the pancreas ({morphology})"
            return Finding(self.id, NOT_MET, clause, evidence, (self.citation,))
        clause = f"cancer of the exocrine pancreas ({principal.code}, {morphology})"
        return Finding(self.id, MET, clause, evidence, (self.citation,))

    def _presumed(self, coded: Evidence) -> Finding:
        return Finding(
            self.id,
            MET,
            f"cancer of the exocrine pancreas, presumed from {coded.value} until the morphology is known",
            (coded,),
            (self.citation,),
            wants=(MORPHOLOGY,),
            flags=(Flag("presumed", "Presumed from the code. A neuroendocrine tumor would undo it.", MORPHOLOGY),),
            by_code_alone=True,
        )


@dataclass(frozen=True, slots=True)
class AggressiveEntity:
    """A row of the list, by site and histology, or by the code alone where the row says so."""

    id: str
    citation: str
    entities: EntityList
    behaviors: frozenset[str]
    open_behaviors: frozenset[str]
    remission_words: str
    generic: frozenset[int]
    names_entity: CodeSet
    excludes_invasion: CodeSet
    warnings: tuple[tuple[str, str], ...]

    def judge(self, case: Case) -> Finding:
        diagnosis = case.diagnosis
        by_behavior = self._ruled_out(diagnosis) or self._left_open(diagnosis)
        if by_behavior is not None:
            return by_behavior
        reading = read_list(self.entities, self.generic, diagnosis)
        evidence = evidence_of_row(diagnosis, reading.rows, reading.specific)
        if reading.rows:
            names = names_of(reading.rows)
            cited = tuple(row.entity.citation for row in reading.rows)
            return Finding(
                self.id,
                MET,
                f"aggressive cancer: {names}",
                evidence,
                cited,
                flags=self._warnings({row.entity.key for row in reading.rows}),
                by_code_alone=not reading.specific,
            )
        if reading.specific:
            clause = f"not on the list of aggressive cancers ({diagnosis.morphology})"
            return Finding(self.id, NOT_MET, clause, evidence, (self.citation,))
        return self._without_morphology(diagnosis)

    def _ruled_out(self, diagnosis: CaseDiagnosis) -> Finding | None:
        principal, morphology = diagnosis.principal, diagnosis.morphology
        if principal is not None and self.remission_words in principal.title.lower():
            clause = f"the code {principal.code} says in remission"
            return Finding(self.id, NOT_MET, clause, (Evidence(principal.path, principal.code),), (self.citation,))
        if morphology is not None and morphology.behavior not in self.behaviors | self.open_behaviors:
            clause = f"behavior /{morphology.behavior} is not invasive"
            return Finding(self.id, NOT_MET, clause, (Evidence(MORPHOLOGY, str(morphology)),), (self.citation,))
        return None

    def _left_open(self, diagnosis: CaseDiagnosis) -> Finding | None:
        """Malignant, but nobody knows whether it grew here or came from elsewhere: neither yes nor no."""
        principal, morphology = diagnosis.principal, diagnosis.morphology
        if morphology is None or morphology.behavior not in self.open_behaviors:
            return None
        if principal is not None and self.excludes_invasion.has(principal.flat):
            return self._excluded(principal)
        clause = f"whether it is a primary tumor or a metastasis (behavior /{morphology.behavior})"
        return Finding(self.id, UNKNOWN, clause, wants=(MORPHOLOGY,))

    def _without_morphology(self, diagnosis: CaseDiagnosis) -> Finding:
        principal = diagnosis.principal
        if principal is None:
            return Finding(self.id, UNKNOWN, "which cancer it is (no code)", wants=(CODE, MORPHOLOGY))
        if self.names_entity.has(principal.flat):
            evidence = (Evidence(principal.path, principal.code),)
            clause = f"{principal.code} names a disease that is not on the list"
            return Finding(self.id, NOT_MET, clause, evidence, (self.citation,))
        if self.excludes_invasion.has(principal.flat):
            return self._excluded(principal)
        return Finding(self.id, UNKNOWN, "the type of tumor (no morphology)", wants=(MORPHOLOGY,))

    def _excluded(self, principal: CaseCode) -> Finding:
        evidence = (Evidence(principal.path, principal.code),)
        return Finding(self.id, NOT_MET, f"{principal.code} excludes invasion", evidence, (self.citation,))

    def _warnings(self, keys: set[str]) -> tuple[Flag, ...]:
        return tuple(Flag("emergency", message, CODE) for key, message in self.warnings if key in keys)
