"""What a person should look at in a case, though it decides nothing."""

from collections.abc import Iterator
from typing import Protocol

from referrals.domain.case import Case, CaseDiagnosis
from referrals.domain.criteria.verdict import Flag, judge
from referrals.domain.partial_date import first_day, last_day
from referrals.domain.policy import Policy
from referrals.domain.vocabulary import Criterion
from referrals.knowledge.entities import treatment_hints
from referrals.knowledge.icdo3 import is_site_category

CODE, TOPOGRAPHY, MORPHOLOGY = "/diagnosis/icd10cm", "/diagnosis/topography", "/diagnosis/morphology"


class SiteHistologyTable(Protocol):
    """Which morphology is known at which site, where such a table was loaded."""

    def accepts(self, topography: str, morphology: str) -> bool | None: ...


def flags_of_case(case: Case, policy: Policy, site_histology: SiteHistologyTable | None) -> Iterator[Flag]:
    diagnosis = case.diagnosis
    yield from _principal_flags(diagnosis, policy)
    yield from _parent_codes(diagnosis)
    yield from _behavior_flags(diagnosis, policy)
    yield from _order_of_dates(case)
    yield from _untold_treatments(case)
    yield from _doubted_responses(case, policy)
    if site_histology is not None:
        yield from _unusual_pair(diagnosis, site_histology)


def _principal_flags(diagnosis: CaseDiagnosis, policy: Policy) -> Iterator[Flag]:
    if diagnosis.principal is None:
        yield Flag("uncoded", "Described in words only. Code it today.", CODE)
    elif policy.no_active_neoplasm.has(diagnosis.principal.flat):
        yield Flag("history_only", "The code speaks of a past cancer. Ask why a second opinion is needed now.", CODE)
    elif not policy.neoplasms.has(diagnosis.principal.flat):
        yield Flag("not_a_neoplasm", "The code is not one of a tumor. Ask for the code of the cancer.", CODE)


def _parent_codes(diagnosis: CaseDiagnosis) -> Iterator[Flag]:
    for code in diagnosis.codes:
        if code.is_parent:
            yield Flag("parent_code", f"{code.code} is a category; a more specific code exists.", code.path)
    if diagnosis.topography is not None and is_site_category(diagnosis.topography):
        yield Flag("parent_code", f"{diagnosis.topography} is a category of sites.", TOPOGRAPHY)


def _behavior_flags(diagnosis: CaseDiagnosis, policy: Policy) -> Iterator[Flag]:
    if diagnosis.morphology is None or diagnosis.principal is None:
        return
    for expected in policy.expected_behaviors:
        if expected.codes.has(diagnosis.principal.flat) and diagnosis.morphology.behavior not in expected.behaviors:
            message = f"Behavior /{diagnosis.morphology.behavior} does not go with the code {diagnosis.principal.code}."
            yield Flag("behavior_contradicted", message, MORPHOLOGY)


def _order_of_dates(case: Case) -> Iterator[Flag]:
    diagnosed_on = case.diagnosis.diagnosed_on
    for treatment in case.given if diagnosed_on else ():
        if treatment.started_on and last_day(treatment.started_on) < first_day(diagnosed_on or ""):
            yield Flag(
                "treatment_before_diagnosis",
                "This treatment is dated before the diagnosis.",
                f"{treatment.path}/started_on",
            )


def _untold_treatments(case: Case) -> Iterator[Flag]:
    """A code that says a treatment was given, while no treatment was sent."""
    if case.given:
        return
    for code in case.diagnosis.other_codes:
        hint = treatment_hints().get(code.code)
        if hint is not None:
            yield Flag(
                "treatment_not_sent", f"{hint.meaning} ({code.code}), and no such treatment was sent.", code.path
            )


def _doubted_responses(case: Case, policy: Policy) -> Iterator[Flag]:
    """A response to care that is not aimed at the tumor counts by the text; shown where it makes the difference."""
    doubted = policy.responses.doubted(case)
    if not doubted:
        return
    rules = policy.criteria[Criterion.RESISTANT]
    without = judge(Criterion.RESISTANT, rules, policy.responses.without_doubted(case))
    if without.verdict is not judge(Criterion.RESISTANT, rules, case).verdict:
        message = (
            "The response to supportive or other treatment decides whether this is resistant. Check that it should."
        )
        for treatment in doubted:
            yield Flag("supportive_response_decides", message, f"{treatment.path}/best_response")


def _unusual_pair(diagnosis: CaseDiagnosis, table: SiteHistologyTable) -> Iterator[Flag]:
    site, morphology = diagnosis.site, diagnosis.morphology
    if site is None or morphology is None:
        return
    # The published pairs speak of primary tumors: a metastasis is looked up as the tumor it came from.
    behavior = "3" if morphology.behavior == "6" else morphology.behavior
    if behavior in ("2", "3") and table.accepts(site, f"{morphology.histology}/{behavior}") is False:
        message = "The loaded site and histology table does not know this morphology at this site."
        yield Flag("unusual_site_histology", message, MORPHOLOGY)
