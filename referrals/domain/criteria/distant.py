"""Distant metastasis: what proves it, what excludes it, and where a stage group cannot say."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from referrals.domain.case import Case, CaseDiagnosis
from referrals.domain.criteria.kleene import MET, NOT_MET, UNKNOWN
from referrals.domain.criteria.matching import CodeSet
from referrals.domain.criteria.named_sites import NamedSites
from referrals.domain.criteria.staging import (
    GroupIV,
    group_iv,
    is_below_iv,
    is_readable_m,
    is_staged,
    metastasis_category,
)
from referrals.domain.criteria.verdict import Evidence, Finding, Flag

STAGE, GROUP, M = "/diagnosis/stage", "/diagnosis/stage/group", "/diagnosis/stage/m"


@dataclass(frozen=True, slots=True)
class GroupException:
    """Sites where IV alone does not mean distant spread. `letters`: those that do.

    `unless`: for these letters not with these histologies, there they stage a tumor that has not spread.
    No letters at all: such a stage does not exist there, and is flagged.
    """

    codes: CodeSet
    letters: frozenset[str]
    unless_letters: frozenset[str] = frozenset()
    unless_histologies: frozenset[int] = frozenset()

    def proves(self, iv: GroupIV, diagnosis: CaseDiagnosis) -> bool:
        histology = diagnosis.morphology.histology if diagnosis.morphology else None
        excepted = iv.letter in self.unless_letters and histology in self.unless_histologies
        return iv.letter in self.letters and not excepted

    def leaves_open(self, iv: GroupIV) -> bool:
        return not self.letters or not iv.letter


@dataclass(frozen=True, slots=True)
class DistantMetastasis:
    """`citations` by what proves: a code (or behavior), the stage, or a named site."""

    id: str
    citations: Mapping[str, str]
    codes: CodeSet
    behaviors: frozenset[str]
    sites: NamedSites
    distant_letters: frozenset[str]
    group_exceptions: tuple[GroupException, ...]
    no_stage: CodeSet
    words_for_unstaged: frozenset[str]
    other_groups: frozenset[str]

    def judge(self, case: Case) -> Finding:
        diagnosis = case.diagnosis
        proofs = tuple(self._proofs(diagnosis))
        flags = tuple(self._flags(diagnosis, bool(proofs)))
        if proofs:
            cited = tuple(self.citations[kind] for kind, _ in proofs)
            evidence = tuple(item for _, item in proofs)
            return Finding(self.id, MET, f"distant metastasis: {_spoken(evidence)}", evidence, cited, flags=flags)
        return self._unproven(diagnosis, flags)

    def _unproven(self, diagnosis: CaseDiagnosis, flags: tuple[Flag, ...]) -> Finding:
        excluded = self._excluded(diagnosis)
        if excluded is not None:
            clause = f"no sign of distant metastasis ({_spoken((excluded,))})"
            return Finding(self.id, NOT_MET, clause, (excluded,), (self.citations["stage"],), flags=flags)
        return Finding(self.id, UNKNOWN, self._open_clause(diagnosis), wants=(STAGE,), flags=flags)

    def _open_clause(self, diagnosis: CaseDiagnosis) -> str:
        if self._staged(diagnosis):
            return f"whether stage {diagnosis.stage.group} means distant spread at this site"
        if self._told(diagnosis):
            return "whether it has spread (the stage group cannot be read)"
        return "whether it has spread (no stage, M category or metastasis code)"

    def _proofs(self, diagnosis: CaseDiagnosis) -> Iterator[tuple[str, Evidence]]:
        if metastasis_category(diagnosis.stage.m) == "M1":
            yield "stage", Evidence(M, diagnosis.stage.m)
        for code in sorted(diagnosis.codes, key=lambda code: code.code):
            if self.codes.has(code.flat):
                yield "code", Evidence(code.path, code.code)
        if diagnosis.morphology and diagnosis.morphology.behavior in self.behaviors:
            yield "code", Evidence("/diagnosis/morphology", str(diagnosis.morphology))
        for place in sorted(diagnosis.metastatic_sites, key=lambda place: place.site):
            if place.site and self.sites.is_distant(place.site):
                yield "site", Evidence(place.path, place.site)
        if self._group_proves(diagnosis):
            yield "stage", Evidence(GROUP, diagnosis.stage.group)

    def _excluded(self, diagnosis: CaseDiagnosis) -> Evidence | None:
        """What says that there is no sign of distant spread, where something does."""
        if metastasis_category(diagnosis.stage.m) == "M0":
            return Evidence(M, diagnosis.stage.m)
        if self._has_no_stage(diagnosis) and diagnosis.principal is not None:
            return Evidence(diagnosis.principal.path, diagnosis.principal.code)
        if self._staged(diagnosis) and not self._leaves_open(diagnosis):
            return Evidence(GROUP, diagnosis.stage.group)
        return None

    def _group_proves(self, diagnosis: CaseDiagnosis) -> bool:
        iv = self._iv(diagnosis)
        if iv is None or self._has_no_stage(diagnosis) or diagnosis.site is None:
            return False
        exception = self._exception(diagnosis)
        if exception is not None:
            return exception.proves(iv, diagnosis)
        return not iv.letter or iv.letter in self.distant_letters

    def _leaves_open(self, diagnosis: CaseDiagnosis) -> bool:
        """A IV that proves nothing here, and excludes nothing either."""
        iv = self._iv(diagnosis)
        if iv is None:
            return False
        exception = self._exception(diagnosis)
        return diagnosis.site is None if exception is None else exception.leaves_open(iv)

    def _flags(self, diagnosis: CaseDiagnosis, proven: bool) -> Iterator[Flag]:
        if proven and metastasis_category(diagnosis.stage.m) == "M0":
            yield Flag("metastasis_contradicted", "M0 was sent beside signs of distant spread. Taken as spread.", M)
        if not is_readable_m(diagnosis.stage.m):
            yield Flag("stage_unreadable", "The M category cannot be read; write M0 or M1.", M)
        for place in diagnosis.metastatic_sites:
            if self.sites.says_none(place.site):
                message = "This entry names no place. It was read as no metastatic site."
                yield Flag("site_not_named", message, place.path)
        yield from self._group_flags(diagnosis)

    def _group_flags(self, diagnosis: CaseDiagnosis) -> Iterator[Flag]:
        if not self._told(diagnosis):
            return
        if self._has_no_stage(diagnosis):
            yield Flag("stage_not_used", "A stage group says nothing about distant spread for this code.", GROUP)
        elif not self._staged(diagnosis):
            yield Flag("stage_unreadable", "The stage group cannot be read; write it like IIB or IV, or send M.", GROUP)
        elif self._leaves_open(diagnosis):
            yield self._open_group_flag(diagnosis)

    def _open_group_flag(self, diagnosis: CaseDiagnosis) -> Flag:
        exception = self._exception(diagnosis)
        if exception is not None and not exception.letters:
            return Flag("no_such_stage", "There is no stage IV at this site. Ask for the M category.", GROUP)
        return Flag("stage_ambiguous", "Stage IV alone does not mean distant spread at this site. Ask for M.", GROUP)

    def _told(self, diagnosis: CaseDiagnosis) -> bool:
        return is_staged(diagnosis.stage.group, self.words_for_unstaged)

    def _staged(self, diagnosis: CaseDiagnosis) -> bool:
        """A group was told that exists here. What cannot be read is as good as not told: unknown is never no."""
        iv = self._iv(diagnosis)
        if iv is None:
            return self._told(diagnosis) and is_below_iv(diagnosis.stage.group or "", self.other_groups)
        decides = not iv.letter or iv.letter in self.distant_letters
        return decides or diagnosis.site is None or self._exception(diagnosis) is not None

    def _iv(self, diagnosis: CaseDiagnosis) -> GroupIV | None:
        return group_iv(diagnosis.stage.group or "")

    def _has_no_stage(self, diagnosis: CaseDiagnosis) -> bool:
        return self.no_stage.has(_judged_site(diagnosis))

    def _exception(self, diagnosis: CaseDiagnosis) -> GroupException | None:
        site = _judged_site(diagnosis)
        return next((exception for exception in self.group_exceptions if exception.codes.has(site)), None)


def _spoken(evidence: Iterable[Evidence]) -> str:
    """For people: a stage group says that it is one, and nothing is said twice."""
    values = (f"stage {value}" if path == GROUP else str(value) for path, value in evidence)
    return ", ".join(dict.fromkeys(value.replace("stage Stage", "stage") for value in values))


def _judged_site(diagnosis: CaseDiagnosis) -> str | None:
    """Stages go by the code; by the topography only while there is no code."""
    return diagnosis.principal.flat if diagnosis.principal is not None else diagnosis.site
