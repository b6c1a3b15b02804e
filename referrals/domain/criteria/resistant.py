"""Resistant: the cancer did not respond to treatment, or came back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from referrals.domain.case import Case, CaseTreatment
from referrals.domain.criteria.kleene import MET, NOT_MET, UNKNOWN
from referrals.domain.criteria.matching import CodeSet
from referrals.domain.criteria.verdict import Evidence, Finding, Flag
from referrals.domain.partial_date import first_day, last_day
from referrals.domain.vocabulary import DiseaseStatus

STATUS, TREATMENTS = "/diagnosis/disease_status", "/treatments"
# The status as a sentence says it.
_SPOKEN: Mapping[str, str] = {
    DiseaseStatus.NEWLY_DIAGNOSED: "newly diagnosed",
    DiseaseStatus.STABLE: "the disease is stable",
    DiseaseStatus.RESPONDING: "it responds to treatment",
    DiseaseStatus.PROGRESSION: "it has grown or spread",
    DiseaseStatus.RECURRENCE: "it has come back",
    DiseaseStatus.REFRACTORY: "treatment does not work on it",
    DiseaseStatus.REMISSION: "in remission",
    DiseaseStatus.SECOND_PRIMARY: "a second primary cancer",
    DiseaseStatus.UNKNOWN: "how it behaves is not known",
}
_NO_END = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Responses:
    """Which responses can be evaluated, and which of them are no response at all."""

    resistant: frozenset[str]
    not_evaluable: frozenset[str]
    modalities_without: frozenset[str]
    doubted_modalities: frozenset[str]

    def doubted(self, case: Case) -> tuple[CaseTreatment, ...]:
        """Those of the latest line whose modality is not aimed at the tumor, though the text lets them count."""
        return tuple(treatment for treatment in self.latest(case) if treatment.modality in self.doubted_modalities)

    def without_doubted(self, case: Case) -> Case:
        """The same case, had nobody told how those responded."""
        treatments = (
            replace(each, best_response=None) if each.modality in self.doubted_modalities else each
            for each in case.treatments or ()
        )
        return replace(case, treatments=tuple(treatments))

    def latest(self, case: Case) -> tuple[CaseTreatment, ...]:
        """The treatments of the latest evaluable line; several where nothing tells which of them was last."""
        evaluable = [treatment for treatment in case.given if self._is_evaluable(treatment)]
        highest = max((treatment.line for treatment in evaluable), default=0)
        return _last_ended([treatment for treatment in evaluable if treatment.line == highest])

    def worst(self, case: Case) -> tuple[CaseTreatment, ...]:
        """Those of the latest line that resisted."""
        return tuple(treatment for treatment in self.latest(case) if treatment.best_response in self.resistant)

    def may_be_untold(self, case: Case) -> bool:
        """A response could still be sent: treatments are unknown, or one that was given has no response yet."""
        if case.treatments is None:
            return True
        return any(
            treatment.modality not in self.modalities_without and not self._is_evaluable(treatment)
            for treatment in case.given
        )

    def _is_evaluable(self, treatment: CaseTreatment) -> bool:
        told = treatment.best_response is not None and treatment.best_response not in self.not_evaluable
        return told and treatment.modality not in self.modalities_without


def _last_ended(treatments: Sequence[CaseTreatment]) -> tuple[CaseTreatment, ...]:
    """Missing is latest. A partial date may mean any of its days, so two that overlap are both last."""
    latest_start = max((first_day(treatment.ended_on or _NO_END) for treatment in treatments), default="")
    return tuple(treatment for treatment in treatments if last_day(treatment.ended_on or _NO_END) >= latest_start)


@dataclass(frozen=True, slots=True)
class ResistantStatus:
    """The status says that it came back or never responded. Without a status only a response can decide."""

    id: str
    citation: str
    words: frozenset[str]
    unknown_words: frozenset[str]
    responses: Responses

    def judge(self, case: Case) -> Finding:
        status = case.diagnosis.disease_status
        if status is None or status in self.unknown_words:
            return self._without_status(case)
        evidence = (Evidence(STATUS, status),)
        spoken = _SPOKEN[status]
        if status in self.words:
            return Finding(self.id, MET, spoken, evidence, (self.citation,), flags=tuple(self._flags(case)))
        return Finding(self.id, NOT_MET, spoken, evidence, (self.citation,))

    def _without_status(self, case: Case) -> Finding:
        if self.responses.latest(case):
            return Finding(self.id, NOT_MET)
        wants = (STATUS, TREATMENTS) if self.responses.may_be_untold(case) else (STATUS,)
        return Finding(self.id, UNKNOWN, "whether it responded to treatment or came back", wants=wants)

    def _flags(self, case: Case) -> Iterator[Flag]:
        if case.treatments is not None and not case.given:
            message = "The disease came back or did not respond, and no treatment given was sent. Taken as resistant."
            yield Flag("status_contradicted", message, STATUS)


@dataclass(frozen=True, slots=True)
class ProgressionOnTreatment:
    """Progression counts once a treatment was given; of a tumor never treated it does not."""

    id: str
    citation: str
    words: frozenset[str]

    def judge(self, case: Case) -> Finding:
        status = case.diagnosis.disease_status
        if status not in self.words:
            return Finding(self.id, NOT_MET)
        evidence = (Evidence(STATUS, status),)
        if case.treatments is None:
            clause = "whether it progressed on treatment (treatments not sent)"
            return Finding(self.id, UNKNOWN, clause, wants=(TREATMENTS,))
        if not case.given:
            clause = f"{status} of a tumor that was never treated"
            return Finding(self.id, NOT_MET, clause, evidence, (self.citation,))
        given = (Evidence(f"{each.path}/modality", each.modality) for each in case.given if each.modality)
        return Finding(self.id, MET, f"{status} after treatment", (*evidence, *given), (self.citation,))


@dataclass(frozen=True, slots=True)
class LatestResponse:
    """The latest evaluable line decides; at a tie the worst response."""

    id: str
    citation: str
    responses: Responses
    contradicted_by: frozenset[str]

    def judge(self, case: Case) -> Finding:
        worst = self.responses.worst(case)
        if worst:
            clause = f"latest line of treatment: {_words(worst)}"
            return Finding(self.id, MET, clause, _evidence(worst), (self.citation,), flags=tuple(self._flags(case)))
        latest = self.responses.latest(case)
        if latest:
            clause = f"latest line of treatment responded or held: {_words(latest)}"
            return Finding(self.id, NOT_MET, clause, _evidence(latest), (self.citation,))
        return Finding(self.id, NOT_MET)

    def _flags(self, case: Case) -> Iterator[Flag]:
        if case.diagnosis.disease_status in self.contradicted_by:
            message = "The status and the latest response contradict each other. The response was taken."
            yield Flag("response_contradicted", message, STATUS)


def _words(treatments: Sequence[CaseTreatment]) -> str:
    return ", ".join(sorted({treatment.best_response or "" for treatment in treatments}))


def _evidence(treatments: Sequence[CaseTreatment]) -> tuple[Evidence, ...]:
    return tuple(Evidence(f"{treatment.path}/best_response", treatment.best_response) for treatment in treatments)


@dataclass(frozen=True, slots=True)
class ResistanceCode:
    """A code that says relapse in its title, or stands on the short list."""

    id: str
    citation: str
    title_words: str
    codes: CodeSet

    def judge(self, case: Case) -> Finding:
        found = [
            code for code in case.diagnosis.codes if self.codes.has(code.flat) or self.title_words in code.title.lower()
        ]
        if not found:
            return Finding(self.id, NOT_MET)
        evidence = tuple(Evidence(code.path, code.code) for code in found)
        clause = "relapse or resistance by the code " + ", ".join(sorted(code.code for code in found))
        return Finding(self.id, MET, clause, evidence, (self.citation,))
