"""Made-up people in the API's shape, for looking at pages; no clinician and no patient has these names."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from referrals.web.presenters.times import Moment

NOW = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
MOMENT = Moment(NOW, ZoneInfo("America/Chicago"))
TIERS = {"P1": "Immediate", "P2": "Urgent", "P3": "Soon", "P4": "Planned"}
FAMILIES = {"breast": "Breast", "sarcoma": "Sarcoma of soft tissue and bone, GIST", "thoracic": "Lung, pleura, thymus"}
TARGETS = {"P1": 3, "P2": 7, "P3": 14, "P4": 28}
MARGINS = {"P1": 28, "P2": 14, "P3": 0, "P4": 0}
TITLES = {
    "C25.0": "Malignant neoplasm of head of pancreas",
    "C25.9": "Malignant neoplasm of pancreas, unspecified",
    "C78.7": "Secondary malignant neoplasm of liver and intrahepatic bile duct",
    "8140/3": "Adenocarcinoma, NOS",
}
REFERENCES = (
    f"SO-26-{number:07d}-{mark}" for number, mark in zip(range(4711, 9999), "KXQ7MB2RTCWYHZ4DN" * 40, strict=False)
)


def name_of(code: str) -> str | None:
    return TITLES.get(code)


def hours(count: float) -> str:
    return (NOW + timedelta(hours=count)).isoformat()


ROWS: tuple[tuple[Any, ...], ...] = (
    ("Rafael", "Montes", "1997-03-08", "male", "P1", "Ewing sarcoma of the left femur, back after chemotherapy", "C40.22", "in_triage", -3.2, -20, ("Recurrence after the first line", "Metastasis in the lung: C78.02"), "Nadia Kowal"),
    ("Farida", "Haddad", "1975-06-30", "female", "P1", "Inflammatory breast cancer, HER2 positive", "C50.911", "submitted", -1.1, 31, ("Inflammatory carcinoma: 8530/3", "Progression on trastuzumab"), ""),
    ("Oskar", "Lindqvist", "1956-02-11", "male", "P3", "Rectal cancer", "C20", "offered", -0.4, -2.5, ("Reports do not agree", "Chemotherapy and radiation"), "Amara Osei"),
    ("Ilse", "Brandt", "1964-03-14", "female", "P2", "Adenocarcinoma, head of pancreas", "C25.0", "in_triage", 1.6, 80, ("Exocrine pancreas: C25.0 with 8140/3", "Stage not sent: could be P1"), "Nadia Kowal"),
    ("Kenji", "Watari", "1982-09-01", "male", "P2", "Melanoma, brain metastases", "C43.59", "submitted", 2.8, 101, ("Distant metastasis: C79.31", "First treatment not known"), ""),
    ("Zoë", "van Aalst", "1989-01-19", "female", "P2", "Cervical cancer, wish to have children", "C53.1", "ready", 5.3, 44, ("Pregnant: at least P2", "Needed by 18 Dec 2026"), "Jonas Lind"),
    ("Mateus", "Ribeiro", "1968-05-02", "male", "P2", "Lung adenocarcinoma, EGFR exon 20", "C34.11", "information_requested", -26, 6, ("Stage missing: provisional", "Progression after one line"), "Amara Osei"),
    ("Grace", "Adeyemi", "1993-12-12", "female", "P2", "Soft-tissue sarcoma, type not yet certain", "C49.9", "submitted", 7.3, 130, ("Diagnosis uncertain", "Rare cancer: soft-tissue sarcoma"), ""),
    ("Tomasz", "Wiśniewski", "1949-10-04", "male", "P3", "Merkel cell carcinoma of the cheek", "C4A.39", "accepted", 28, 160, ("Rare cancer: Merkel cell carcinoma", "One kind of treatment"), "Jonas Lind"),
    ("Lucía", "Fernández Ortega", "2017-07-23", "female", "P2", "Medulloblastoma", "C71.6", "in_review", 50, 96, ("Under 18", "Aggressive cancer: medulloblastoma"), "Nadia Kowal"),
    ("Henrik", "Dahl", "1951-04-27", "male", "P3", "Prostate cancer, rising PSA", "C61", "opinion_issued", 40, 210, ("Hormone resistant: Z19.2", "Stage known"), "Amara Osei"),
    ("Beatriz", "Almeida", "1971-08-15", "female", "P4", "Breast cancer, stage IA", "C50.411", "submitted", 70, 640, ("No criterion is met", "Accepted and queued as planned"), ""),
)  # fmt: skip
TURNS = {
    "information_requested": "referrer",
    "opinion_issued": "referrer",
    "offered": "center",
    "accepted": "center",
    "in_review": "center",
}
ACTIONS = {"submitted": "claim", "in_triage": "complete-triage", "information_requested": "answer-information", "ready": "offer", "offered": "accept", "accepted": "start-review", "in_review": "sign-opinion", "opinion_issued": "acknowledge"}  # fmt: skip
CORE = {"information_requested": "action_required", "in_review": "in_review", "opinion_issued": "answered"}


PLACES = {"P1": -600, "P2": -150, "P3": 20, "P4": 300}


def item(index: int, row: tuple[Any, ...], reference: str) -> dict[str, Any]:
    given, family, born, sex, tier, diagnosis, code, status, action, promise, reasons, owner = row
    return {
        "id": f"0199f000-0000-7000-8000-{index:012d}",
        "reference": reference,
        "version": 2 + index % 4,
        "status": status,
        "core_status": CORE.get(status, "open"),
        "waiting_on": TURNS.get(status, "coordinator"),
        "next_action": ACTIONS[status],
        "next_action_due_at": hours(action),
        "status_since": hours(-30 - index),
        "submitted_at": hours(-72),
        "due_at": hours(promise),
        "order_at": hours(PLACES[tier] + index),
        "overdue": promise < 0,
        "tier": tier,
        "provisional": "provisional" in " ".join(reasons),
        "reasons": list(reasons),
        "patient": {"given_name": given, "family_name": family, "birth_date": born, "sex": sex},
        "diagnosis": {"icd10cm": code, "description": diagnosis},
        "owner": {"id": "u", "name": owner} if owner else None,
        "center": {"id": "c", "name": "Summit"}
        if status in ("offered", "accepted", "in_review", "opinion_issued")
        else None,
    }


ITEMS = [item(index, row, reference) for (index, row), reference in zip(enumerate(ROWS), REFERENCES, strict=False)]
IN_ORDER = sorted(ITEMS, key=lambda one: one["order_at"])
MANY = [
    item(index, ROWS[index % len(ROWS)], reference) for index, reference in zip(range(50), REFERENCES, strict=False)
]
ILSE = ITEMS[3]["id"]

PRIORITY: dict[str, Any] = {
    "tier": "P2",
    "label": "Urgent",
    "policy": "2026.1",
    "provisional": False,
    "override": None,
    "criteria": [
        {
            "criterion": "aggressive",
            "verdict": "met",
            "rule": "AGG-2",
            "because": "Cancer of the exocrine pancreas: C25.0 with adenocarcinoma.",
            "evidence": [
                {"path": "/diagnosis/icd10cm", "value": "C25.0"},
                {"path": "/diagnosis/morphology", "value": "8140/3"},
            ],
            "citation": "SEER 2016–2022: 13.7 % live five years.",
        },
        {
            "criterion": "resistant",
            "verdict": "unknown",
            "rule": "RES-4",
            "because": "The best response to the latest line was not sent.",
            "evidence": [{"path": "/treatments/1/best_response", "value": None}, {"path": "/diagnosis/disease_status", "value": None}],
            "citation": "RECIST 1.1.",
        },
        {"criterion": "rare", "verdict": "not_met", "rule": "RAR-3", "because": "Adenocarcinoma of the pancreas is common among cancers: 12.9 per 100,000 a year.", "evidence": [{"path": "/diagnosis/topography", "value": "C25.0"}], "citation": "RARECAREnet list of rare cancers."},
        {"criterion": "complex", "verdict": "met", "rule": "CPX-3", "because": "Two kinds of treatment: surgery and chemotherapy.", "evidence": [{"path": "/treatments/0/modality", "value": "surgery"}, {"path": "/treatments/1/modality", "value": "chemotherapy"}], "citation": None},
    ],
    "missing": [
        {"path": "/diagnosis/disease_status", "could_change_tier_to": ["P1"]},
        {"path": "/diagnosis/stage/group", "could_change_tier_to": []},
    ],
    "range": {"soonest": "P1", "latest": "P2"},
    "flags": [{"code": "treatment_before_diagnosis", "message": "The bile duct stent is dated before the diagnosis.", "path": "/treatments/0"}],
}  # fmt: skip

REFERRAL: dict[str, Any] = {
    **ITEMS[3],
    "external_reference": "EHR-2026-4711",
    "information_requests": [],
    "version": 4,
    "assessed_at": hours(-1.7),
    "submitted_at": hours(-48),
    "organization": {"id": "o", "name": "Lakeside Hospital"},
    "referring_clinician": {"id": "r", "name": "Dr Tomás Rey", "email": "clinician@lakeside.example"},
    "patient": {
        **ITEMS[3]["patient"],
        "identifiers": [{"system": "urn:lakeside", "value": "LH-448-201-7"}, {"system": "urn:oid:2.16.840.1.113883.4.1", "value": "999-00-1234"}],
        "language": "de",
        "interpreter_needed": True,
        "postal_code": "94110",
        "pregnant": False,
        "contact": {"email": None, "phone": "+1 555 010 7788"},
    },
    "consent": {"given": True, "given_on": "2026-11-20", "given_by": "patient", "scope": ["share_with_centers"]},
    "diagnosis": {
        "icd10cm": "C25.0",
        "topography": "C25.0",
        "morphology": "8140/3",
        "grade": "2",
        "description": "Adenocarcinoma, head of pancreas",
        "diagnosed_on": "2026-08",
        "basis": "histology",
        "certainty": "conflicting",
        "stage": {"system": "AJCC8", "t": "T4", "n": "N1", "m": "M0"},
        "metastatic_sites": ["liver, segment 6 (unclear)"],
        "disease_status": None,
        "other_codes": ["C78.7"],
        "biomarkers": [{"name": "CA 19-9", "value": "412 U/ml (was 1,180)", "method": "serum", "date": "2026-11-16"}, {"name": "BRCA1/2", "value": "not tested"}],
        "first_opinion": {"organization": {"name": "Lakeside Hospital"}, "name": "Dr Tomás Rey"},
    },
    "treatments": [
        {"line": 0, "modality": "surgery", "regimen": "bile duct stent", "status": "given", "started_on": "2026-08-29"},
        {"line": 1, "modality": "chemotherapy", "regimen": "mFOLFIRINOX, 4 cycles", "intent": "neoadjuvant", "status": "given", "started_on": "2026-09-04", "ended_on": "2026-11-06", "best_response": "SD", "stop_reason": "planned restaging"},
    ],
    "purposes": ["treatment_options", "complex_case"],
    "questions": ["Is surgery possible after four cycles of chemotherapy?", "Our team meeting was split: is there a trial for locally advanced disease?"],
    "summary": "Painless jaundice in August, stent, then chemotherapy. The tumor touches the superior mesenteric artery over less than half of its round.",
    "performance_status": {"ecog": 1, "date": "2026-11-18"},
    "other_conditions": ["Type 2 diabetes", "No blood thinners"],
    "needed_by": {"date": "2026-12-10", "kind": "surgery"},
    "preferences": {"remote": True, "center": None, "max_distance_km": 300, "language": "en"},
    "priority": PRIORITY,
    "duplicates": [{"id": "0199f000-0000-7000-8000-000000000099", "reference": "SO-26-0004502-R"}],
}  # fmt: skip

EVENTS = [
    {"step": "create", "from": None, "to": "draft", "at": hours(-50), "actor": "Dr Tomás Rey"},
    {"step": "submit", "from": "draft", "to": "submitted", "at": hours(-48), "actor": "Dr Tomás Rey"},
    {"step": "claim", "from": "submitted", "to": "in_triage", "at": hours(-26), "actor": {"name": "Nadia Kowal"}, "note": "Phoned Lakeside: the CT of 16 November is on its way."},
    {"step": "update-facts", "from": "in_triage", "to": "in_triage", "at": hours(-1.7), "actor": "Dr Tomás Rey", "details": ["Certainty: confirmed → conflicting", "Priority: P3 Soon → P2 Urgent, complex is now met"]},
]  # fmt: skip
