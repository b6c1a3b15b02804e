"""Plain words for the vocabulary that partners send, and the look of statuses, verdicts and tiers."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from referrals.domain.centers import Service
from referrals.domain.languages import LANGUAGE as LANGUAGE
from referrals.domain.lifecycle import STATUSES, Status
from referrals.domain.override import REASON_WORDS
from referrals.domain.people import Role
from referrals.domain.sentences import counted as counted, sentence_list as sentence_list
from referrals.domain.vocabulary import (
    Basis,
    BestResponse,
    Certainty,
    ConsentGivenBy,
    Criterion,
    DiseaseStatus,
    DocumentKind,
    Intent,
    Modality,
    NeededByKind,
    Purpose,
    Sex,
    StageSystem,
    TreatmentStatus,
    VerdictWord,
    WaitingOn,
)

RULES_SENTENCE = "Rules set order and due times; a person can change both, with a reason."
UNSIGNED_SENTENCE = "No clinician has signed this policy."
NEVER_USED = "Sex, language, insurance, postal code, the purposes of the request, and who asks."

LINE: Mapping[str, str] = {Service.PEDIATRICS: "children", Service.MULTIDISCIPLINARY_TEAM: "complex cases"}

SEX: Mapping[str, str] = {Sex.FEMALE: "female", Sex.MALE: "male", Sex.OTHER: "other", Sex.UNKNOWN: "not known"}

PURPOSE: Mapping[str, str] = {
    Purpose.CONFIRM_DIAGNOSIS: "Confirm or revise the diagnosis",
    Purpose.TREATMENT_OPTIONS: "Explore treatment options",
    Purpose.PEACE_OF_MIND: "Peace of mind for patient and family",
    Purpose.COMPLEX_CASE: "A complex case",
}

MODALITY: Mapping[str, str] = {
    Modality.SURGERY: "Surgery",
    Modality.CHEMOTHERAPY: "Chemotherapy",
    Modality.RADIATION: "Radiation",
    Modality.IMMUNOTHERAPY: "Immunotherapy",
    Modality.TARGETED: "Targeted therapy",
    Modality.HORMONE: "Hormone therapy",
    Modality.CELL_THERAPY: "Cell therapy",
    Modality.TRANSPLANT: "Transplant",
    Modality.LOCOREGIONAL: "Local treatment, such as embolization",
    Modality.SUPPORTIVE: "Supportive care",
    Modality.OTHER: "Other",
}

TREATMENT_STATUS: Mapping[str, str] = {TreatmentStatus.GIVEN: "Given", TreatmentStatus.PLANNED: "Planned"}

INTENT: Mapping[str, str] = {
    Intent.CURATIVE: "Curative",
    Intent.ADJUVANT: "Adjuvant",
    Intent.NEOADJUVANT: "Neoadjuvant",
    Intent.PALLIATIVE: "Palliative",
    Intent.OTHER: "Other",
}

RESPONSE: Mapping[str, str] = {
    BestResponse.CR: "Complete response (CR)",
    BestResponse.PR: "Partial response (PR)",
    BestResponse.MR: "Minor response (MR)",
    BestResponse.SD: "Stable (SD)",
    BestResponse.PD: "Progression (PD)",
    BestResponse.NR: "No response (NR)",
    BestResponse.NE: "Could not be evaluated (NE)",
}

DISEASE_STATUS: Mapping[str, str] = {
    DiseaseStatus.NEWLY_DIAGNOSED: "Newly diagnosed",
    DiseaseStatus.STABLE: "Stable",
    DiseaseStatus.RESPONDING: "Responding to treatment",
    DiseaseStatus.PROGRESSION: "Progression",
    DiseaseStatus.RECURRENCE: "Recurrence: it has come back",
    DiseaseStatus.REFRACTORY: "Refractory: treatment does not work",
    DiseaseStatus.REMISSION: "In remission",
    DiseaseStatus.SECOND_PRIMARY: "Second primary cancer",
    DiseaseStatus.UNKNOWN: "Not known",
}

CERTAINTY: Mapping[str, str] = {
    Certainty.CONFIRMED: "Confirmed",
    Certainty.PROVISIONAL: "Provisional",
    Certainty.UNCERTAIN: "Uncertain",
    Certainty.CONFLICTING: "Conflicting: reports do not agree",
}

BASIS: Mapping[str, str] = {
    Basis.HISTOLOGY: "Histology: tissue under the microscope",
    Basis.CYTOLOGY: "Cytology: cells under the microscope",
    Basis.IMAGING: "Imaging",
    Basis.CLINICAL: "Clinical examination",
    Basis.OTHER: "Other",
}

STAGE_SYSTEM: Mapping[str, str] = {
    StageSystem.AJCC7: "AJCC, 7th edition",
    StageSystem.AJCC8: "AJCC, 8th edition",
    StageSystem.AJCC9: "AJCC, version 9",
    StageSystem.FIGO: "FIGO",
    StageSystem.ANN_ARBOR: "Ann Arbor",
    StageSystem.LUGANO: "Lugano",
    StageSystem.ISS: "ISS",
    StageSystem.RISS: "R-ISS",
    StageSystem.RAI: "Rai",
    StageSystem.BINET: "Binet",
    StageSystem.BCLC: "BCLC",
    StageSystem.INRG: "INRG",
    StageSystem.OTHER: "Other",
}

NEEDED_BY: Mapping[str, str] = {
    NeededByKind.SURGERY: "Surgery is booked",
    NeededByKind.TREATMENT_START: "Treatment starts",
    NeededByKind.TUMOR_BOARD: "Tumor board meets",
    NeededByKind.FERTILITY: "Fertility preservation",
    NeededByKind.DELIVERY: "Delivery of a baby",
    NeededByKind.OTHER: "Another reason",
}

GIVEN_BY: Mapping[str, str] = {
    ConsentGivenBy.PATIENT: "The patient",
    ConsentGivenBy.PARENT: "A parent",
    ConsentGivenBy.GUARDIAN: "A guardian",
    ConsentGivenBy.REPRESENTATIVE: "A representative",
}

DOCUMENT_KIND: Mapping[str, str] = {
    DocumentKind.PATHOLOGY: "Pathology report",
    DocumentKind.IMAGING: "Images, or the report of them",
    DocumentKind.GENOMICS: "Genetic findings of the tumor",
    DocumentKind.OPERATIVE: "Operative report",
    DocumentKind.DISCHARGE: "Discharge summary",
    DocumentKind.LETTER: "Letter",
    DocumentKind.OTHER: "Other",
}

OVERRIDE_REASON: Mapping[str, str] = {reason: words.capitalize() for reason, words in REASON_WORDS.items()}

LATERALITY: Mapping[str, str] = {"left": "Left", "right": "Right", "bilateral": "Both sides", "midline": "Midline"}

ECOG: Mapping[str, str] = {
    "0": "0: fully active",
    "1": "1: light work possible",
    "2": "2: cares for self, up more than half of the day",
    "3": "3: in bed or chair more than half of the day",
    "4": "4: fully dependent",
}

ROLE: Mapping[str, str] = {
    Role.CLINICIAN: "Clinician",
    Role.COORDINATOR: "Coordinator",
    Role.CLINICAL_LEAD: "Clinical lead",
    Role.CENTER_COORDINATOR: "Center coordinator",
    Role.SPECIALIST: "Specialist",
    Role.ADMINISTRATOR: "Administrator",
    Role.AUDITOR: "Auditor",
}


class CriterionWords(NamedTuple):
    title: str
    asks: str


CRITERION: Mapping[str, CriterionWords] = {
    Criterion.AGGRESSIVE: CriterionWords("Aggressive", "High-risk or aggressive cancer, or one that has spread"),
    Criterion.RESISTANT: CriterionWords("Resistant to treatment", "Did not respond to treatment, or came back"),
    Criterion.RARE: CriterionWords("Rare", "Rare cancer or unusual presentation"),
    Criterion.COMPLEX: CriterionWords("Complex", "Several kinds of treatment, or an unclear diagnosis"),
}


class Look(NamedTuple):
    """Words never stand alone by color: each look has a shape too (`icon` names a symbol of the sprite)."""

    words: str
    tone: str
    icon: str


VERDICT: Mapping[str, Look] = {
    VerdictWord.MET: Look("Met", "met", "check"),
    VerdictWord.NOT_MET: Look("Not met", "not", "x"),
    VerdictWord.UNKNOWN: Look("Unknown", "unknown", "ask"),
}

TURN: Mapping[str | None, str] = {
    WaitingOn.COORDINATOR: "Coordinator",
    WaitingOn.REFERRER: "Referrer",
    WaitingOn.CENTER: "Center",
    WaitingOn.THIRD_PARTY: "Somebody else",
    None: "Nobody",
}

# What the party whose turn it is must do, after its name: "Center: answer the offer".
AWAITED: Mapping[str, str] = {
    "submit": "send it",
    "claim": "take it",
    "complete-triage": "complete triage",
    "answer-information": "answer the question",
    "offer": "ask a center",
    "accept": "answer the offer",
    "start-review": "start the review",
    "sign-opinion": "sign the opinion",
    "acknowledge": "read the opinion",
    "close": "note the outcome",
    "confirm-withdrawal": "confirm the withdrawal",
}

_STATUS_TONE: Mapping[Status, tuple[str, str]] = {
    Status.DRAFT: ("", "doc"),
    Status.SUBMITTED: ("new", "new"),
    Status.IN_TRIAGE: ("go", "search"),
    Status.INFORMATION_REQUESTED: ("wait", "ask"),
    Status.READY: ("go", "tray"),
    Status.OFFERED: ("go", "send"),
    Status.ACCEPTED: ("ok", "check"),
    Status.IN_REVIEW: ("ok", "doc"),
    Status.OPINION_ISSUED: ("wait", "doc"),
    Status.ACKNOWLEDGED: ("ok", "check"),
    Status.CLOSED: ("", "check"),
    Status.DECLINED: ("bad", "x"),
    Status.WITHDRAWN: ("", "x"),
    Status.CANCELLED: ("", "x"),
    Status.ENTERED_IN_ERROR: ("", "x"),
}


def status_look(status: str) -> Look:
    known = Status(status)
    tone, icon = _STATUS_TONE[known]
    return Look(STATUSES[known].label, tone, icon)


def words_for(table: Mapping[str, str], value: str | None, missing: str = "Not sent") -> str:
    """The words of a value; a value without words is shown as it came, so that nothing sent is ever hidden."""
    if value in (None, ""):
        return missing
    return table.get(str(value), str(value).replace("_", " "))


def language_words(code: str | None) -> str:
    return words_for(LANGUAGE, (code or "").split("-")[0] or None)


def initials(name: str) -> str:
    """Of "Dr Nadia Kowal": NK."""
    parts = [part for part in name.split() if part[0].isalpha() and part.rstrip(".").lower() not in {"dr", "prof"}]
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


def turn_words(waiting_on: str | None, next_action: str | None, center: str = "") -> str:
    """ "Coordinator: take it"; a center is called by its name: "Summit: answer the offer"."""
    if waiting_on is None:
        return "Nobody’s turn"
    party = center if center and waiting_on == WaitingOn.CENTER else TURN[waiting_on]
    return f"{party}: {AWAITED[next_action]}" if next_action else f"{party}’s turn"


def short_day(day: date) -> str:
    """ "23 Nov": the Monday by which a week is called."""
    return f"{day.day} {day:%b}"
