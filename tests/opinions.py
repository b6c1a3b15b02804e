"""An opinion to sign, and the way of a referral to the desk of the specialist who signs it."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from referrals.models.referral import Referral
from referrals.pathway.actions import take_step
from tests.factories import World, person_actor

CENTER = "summit"
SPECIALIST = "specialist@summit.example"
COORDINATOR = "coordinator@network.example"

OPINION: Mapping[str, Any] = {
    "short_answer": "Agree, with one change: add a test before the second line.",
    "answers": [{"question": 1, "text": "Yes: gemcitabine with nab-paclitaxel, or a KRAS trial."}],
    "findings": [
        {"axis": "diagnosis", "result": "confirmed", "impact": "none", "rationale": "Slides reviewed."},
        {"axis": "stage", "result": "confirmed", "impact": "none", "rationale": "CT reviewed."},
        {"axis": "biomarkers", "result": "not_assessable", "impact": "minor", "rationale": "No tissue left."},
        {"axis": "treatment", "result": "refined", "impact": "minor", "rationale": "Order of lines."},
    ],
    "recommendations": [
        {"kind": "treatment", "text": "Gemcitabine with nab-paclitaxel.", "strength": "strong", "urgency": "weeks"},
        {"kind": "test", "text": "Repeat the biopsy for panel sequencing.", "strength": "weak", "urgency": "weeks"},
    ],
    "plain_summary": "Another medicine can still slow the cancer down.",
}
REVISED = {
    "axis": "diagnosis",
    "result": "changed",
    "impact": "major",
    "rationale": "The cells are neuroendocrine.",
    "revised": {"icd10cm": "C25.4", "morphology": "8246/3", "description": "Neuroendocrine carcinoma of the pancreas"},
}


def opinion(**changes: Any) -> dict[str, Any]:
    return deepcopy(dict(OPINION)) | changes


def revising(**changes: Any) -> dict[str, Any]:
    """The opinion that changes the diagnosis."""
    return opinion(findings=[deepcopy(REVISED), *deepcopy(OPINION["findings"][1:])]) | changes


def bring_to_review(session: Session, world: World, referral: Referral, now: datetime) -> Referral:
    """At the center, and on the desk of a specialist."""
    bring_to_center(session, world, referral, now)
    specialist = person_actor(session, world, SPECIALIST)
    take_step(session, specialist, referral.id, "start-review", {"specialist": world.user_id(SPECIALIST)}, now)
    return referral


def bring_to_center(session: Session, world: World, referral: Referral, now: datetime) -> None:
    """Claimed, triaged, offered to the center, and accepted."""
    steps: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (COORDINATOR, "claim", {}),
        (COORDINATOR, "complete-triage", {}),
        (COORDINATOR, "offer", {"center": str(world.organizations[CENTER].id)}),
        (SPECIALIST, "accept", {}),
    )
    for email, step, body in steps:
        take_step(session, person_actor(session, world, email), referral.id, step, body, now)
