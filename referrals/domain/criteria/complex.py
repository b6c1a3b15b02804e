"""Complex: an unclear diagnosis, several modalities, or cancer in pregnancy."""

from dataclasses import dataclass

from referrals.domain.case import Case
from referrals.domain.criteria.kleene import MET, NOT_MET, UNKNOWN
from referrals.domain.criteria.matching import CodeSet
from referrals.domain.criteria.verdict import Evidence, Finding

CERTAINTY, TREATMENTS, CODE = "/diagnosis/certainty", "/treatments", "/diagnosis/icd10cm"


@dataclass(frozen=True, slots=True)
class UnclearCertainty:
    id: str
    citation: str
    words: frozenset[str]

    def judge(self, case: Case) -> Finding:
        certainty = case.diagnosis.certainty
        if certainty is None:
            return Finding(self.id, UNKNOWN, "how certain the diagnosis is", wants=(CERTAINTY,))
        verdict = MET if certainty in self.words else NOT_MET
        evidence = (Evidence(CERTAINTY, certainty),)
        return Finding(self.id, verdict, f"diagnosis {certainty}", evidence, (self.citation,))


@dataclass(frozen=True, slots=True)
class UnclearCode:
    """The principal code itself says that the diagnosis is unclear; a secondary code alone leaves the primary open."""

    id: str
    citation: str
    codes: CodeSet
    secondary: CodeSet
    primary: CodeSet

    def judge(self, case: Case) -> Finding:
        principal = case.diagnosis.principal
        if principal is None:
            return Finding(self.id, UNKNOWN, "what the diagnosis is coded as", wants=(CODE,))
        if self.codes.has(principal.flat):
            evidence = (Evidence(principal.path, principal.code),)
            clause = f"unclear diagnosis by its code ({principal.code})"
            return Finding(self.id, MET, clause, evidence, (self.citation,))
        if self.secondary.has(principal.flat) and not self._names_primary(case):
            return Finding(self.id, UNKNOWN, f"the primary tumor ({principal.code} is a secondary one)", wants=(CODE,))
        return Finding(self.id, NOT_MET)

    def _names_primary(self, case: Case) -> bool:
        return any(self.primary.has(code.flat) for code in case.diagnosis.other_codes)


@dataclass(frozen=True, slots=True)
class SeveralModalities:
    id: str
    citation: str
    at_least: int
    not_counted: frozenset[str]

    def judge(self, case: Case) -> Finding:
        if case.treatments is None:
            return Finding(self.id, UNKNOWN, "how many kinds of treatment (treatments not sent)", wants=(TREATMENTS,))
        counted = [treatment for treatment in case.treatments if treatment.modality not in self.not_counted]
        named = {treatment.modality: treatment for treatment in reversed(counted) if treatment.modality is not None}
        if len(named) >= self.at_least:
            evidence = tuple(Evidence(f"{treatment.path}/modality", word) for word, treatment in sorted(named.items()))
            return Finding(self.id, MET, f"several modalities: {', '.join(sorted(named))}", evidence, (self.citation,))
        if any(treatment.modality is None for treatment in counted):
            return Finding(self.id, UNKNOWN, "how many kinds of treatment (one is not named)", wants=(TREATMENTS,))
        return Finding(self.id, NOT_MET, f"fewer than {self.at_least} modalities")


@dataclass(frozen=True, slots=True)
class CancerInPregnancy:
    id: str
    citation: str
    codes: CodeSet

    def judge(self, case: Case) -> Finding:
        evidence = [Evidence("/patient/pregnant", True)] if case.pregnant else []
        evidence += [Evidence(code.path, code.code) for code in case.diagnosis.codes if self.codes.has(code.flat)]
        if not evidence:
            return Finding(self.id, NOT_MET)
        return Finding(self.id, MET, "cancer in pregnancy", tuple(evidence), (self.citation,))
