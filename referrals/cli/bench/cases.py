"""The clinical side of the bench's referrals: a few cases as partners send them, each judged once by the real rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from referrals.domain.assessment import Assessment, assess
from referrals.domain.case import case_from
from referrals.domain.policy import default_policy

BIRTH_DATE = "1961-03-02"

Treatment = tuple[int, str, str | None, str, str | None]
SURGERY: Treatment = (0, "surgery", None, "curative", None)
RADIATION: Treatment = (0, "radiation", "50.4 Gy", "curative", "PR")


@dataclass(frozen=True, slots=True)
class Case:
    """`weight` is how many of a hundred referrals are about this."""

    weight: int
    icd10cm: str
    morphology: str | None
    description: str
    stage: Mapping[str, str] | None = None
    disease_status: str = "newly_diagnosed"
    treatments: tuple[Treatment, ...] = ()
    metastatic_sites: tuple[str, ...] = ()
    biomarkers: tuple[tuple[str, str], ...] = ()

    def diagnosis(self) -> dict[str, Any]:
        """As `POST /referrals` takes it."""
        return {
            "icd10cm": self.icd10cm,
            "morphology": self.morphology,
            "description": self.description,
            "diagnosed_on": "2026-03",
            "basis": "histology",
            "certainty": "confirmed",
            "stage": dict(self.stage) if self.stage else None,
            "metastatic_sites": list(self.metastatic_sites) or None,
            "disease_status": self.disease_status,
            "biomarkers": [{"name": name, "value": value} for name, value in self.biomarkers],
        }

    def treatment_list(self) -> list[dict[str, Any]]:
        return [
            {
                "line": line,
                "modality": modality,
                "regimen": regimen,
                "intent": intent,
                "status": "given",
                "started_on": "2026-04",
                "best_response": response,
                "stop_reason": "progression" if response == "PD" else None,
            }
            for line, modality, regimen, intent, response in self.treatments
        ]

    def facts(self, birth_date: str = BIRTH_DATE) -> dict[str, Any]:
        """What a referral about this is judged on."""
        return {
            "patient": {"birth_date": birth_date, "pregnant": None},
            "diagnosis": self.diagnosis(),
            "treatments": self.treatment_list(),
        }


def _ajcc(group: str, t: str, n: str, m: str) -> dict[str, str]:
    return {"system": "AJCC8", "group": group, "t": t, "n": n, "m": m}


CASES = (
    Case(5, "C25.0", "8500/3", "Adenocarcinoma, head of pancreas", _ajcc("III", "T3", "N1", "M0"),
         biomarkers=(("KRAS", "G12D"),)),
    Case(4, "C25.0", "8140/3", "Adenocarcinoma of the pancreas with liver metastases", _ajcc("IV", "T3", "N1", "M1"),
         "progression", ((1, "chemotherapy", "FOLFIRINOX", "palliative", "PD"),), ("liver",), (("KRAS", "G12D"),)),
    Case(3, "C71.2", "9440/3", "Glioblastoma, temporal lobe", None, "recurrence",
         (SURGERY, RADIATION, (1, "chemotherapy", "Temozolomide", "adjuvant", "PD")), (), (("MGMT", "unmethylated"),)),
    Case(4, "C71.9", None, "Tumor of the brain, histology awaited"),
    Case(12, "C50.411", "8500/3", "Ductal carcinoma, left breast", _ajcc("IIA", "T2", "N0", "M0"), "stable",
         ((1, "chemotherapy", "ddAC-T", "neoadjuvant", "PR"),), (), (("ER", "positive"), ("HER2", "negative"))),
    Case(4, "C50.911", "8500/3", "Ductal carcinoma, local recurrence", _ajcc("II", "T2", "N0", "M0"), "recurrence",
         (SURGERY, RADIATION, (1, "hormone", "Letrozole", "adjuvant", "PD"))),
    Case(8, "C34.11", "8070/3", "Squamous cell carcinoma, right upper lobe"),
    Case(6, "C34.31", "8140/3", "Adenocarcinoma, right lower lobe", _ajcc("IVA", "T2", "N2", "M1a"), "progression",
         ((1, "immunotherapy", "Pembrolizumab", "palliative", "PD"),), ("pleura",), (("PD-L1", "60 %"),)),
    Case(9, "C61", "8140/3", "Adenocarcinoma of the prostate", _ajcc("I", "T1c", "N0", "M0")),
    Case(6, "C61", "8140/3", "Adenocarcinoma of the prostate", _ajcc("III", "T3a", "N0", "M0"), "stable",
         (RADIATION, (1, "hormone", "Leuprolide", "curative", "SD"))),
    Case(4, "C64.2", "8310/3", "Clear cell carcinoma, left kidney", _ajcc("IV", "T3", "N0", "M1"), "stable",
         (SURGERY, (1, "immunotherapy", "Nivolumab and ipilimumab", "palliative", "SD")), ("lung",)),
    Case(5, "C18.2", "8140/3", "Adenocarcinoma, ascending colon", _ajcc("II", "T3", "N0", "M0")),
    Case(5, "C43.61", "8720/3", "Melanoma, right arm", _ajcc("IIB", "T3b", "N0", "M0"), biomarkers=(("BRAF", "V600E"),)),
    Case(3, "C22.0", "8170/3", "Hepatocellular carcinoma"),
    Case(4, "C82.09", "9690/3", "Follicular lymphoma, grade I", {"system": "AnnArbor", "group": "IV"}),
    Case(2, "C81.9A", "9650/3", "Hodgkin lymphoma in remission", None, "remission",
         ((1, "chemotherapy", "ABVD", "curative", "CR"),)),
    Case(2, "C49.22", "8802/3", "Pleomorphic sarcoma, left thigh", _ajcc("III", "T3", "N0", "M0"), "stable",
         (SURGERY, RADIATION, (1, "chemotherapy", "Doxorubicin", "adjuvant", "SD"))),
    Case(3, "C73", "8341/3", "Papillary microcarcinoma of the thyroid", _ajcc("I", "T1a", "N0", "M0")),
    Case(2, "C45.0", "9050/3", "Pleural mesothelioma", _ajcc("III", "T3", "N1", "M0")),
    Case(2, "C62.12", "9061/3", "Seminoma, relapse after chemotherapy", None, "recurrence",
         (SURGERY, (1, "chemotherapy", "BEP", "curative", "PD"))),
    Case(3, "C56.1", "8441/3", "Serous carcinoma of the right ovary", {"system": "FIGO", "group": "IIIC"}, "responding",
         (SURGERY, (1, "chemotherapy", "Carboplatin and paclitaxel", "adjuvant", "PR")), (), (("BRCA1", "mutated"),)),
    Case(2, "C80.1", None, "Cancer of unknown primary"),
    Case(2, "C92.00", "9861/3", "Acute myeloid leukemia"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    case: Case
    verdict: Assessment
    judgement: dict[str, Any] = field(repr=False)


@cache
def judged_cases() -> tuple[Judged, ...]:
    """Every case with its verdict under the default policy."""
    policy, today = default_policy(), date(2026, 11, 20)
    verdicts = [assess(case_from(case.facts(), today), policy) for case in CASES]
    return tuple(Judged(case, verdict, verdict.to_json()) for case, verdict in zip(CASES, verdicts, strict=True))
