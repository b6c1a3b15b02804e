"""What waits beside the worklist: whose identity is in doubt, and what was refused at the door."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.domain.errors import Invalid, Refusal
from referrals.models.patient import Patient
from referrals.pathway.desk import Compared, decide_identity, identity_checks, mark_seen, refusals
from referrals.web import paths
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters.lists import IdentityChecksPage, identity_check, refused_page
from referrals.web.presenters.problems import problem_page
from referrals.web.visit import Visit, act, page

desk = Blueprint("desk", __name__)

SAID = {"same": "Noted: one person", "different": "Noted: two people"}


@desk.get(paths.IDENTITY_CHECKS)
@page
def doubts(visit: Visit) -> Shown:
    """The two records side by side."""
    found = identity_checks(visit.session, visit.actor)
    checks = tuple(identity_check(as_shown(each), visit.moment) for each in found)
    seen = Seen("patient", [patient.id for each in found for patient in (each.one, each.other)], "compare")
    return Shown("identity_checks.html", IdentityChecksPage(checks, notices=notices()), seen)


def as_shown(compared: Compared) -> dict[str, Any]:
    check = compared.check
    numbers = [{"value": value} for _, value in compared.shared]
    named = {"id": check.referral_id, "reference": compared.reference} if compared.reference else None
    return {
        "id": check.id,
        "created_at": check.created_at,
        "referral": named,
        "patient": _side(compared.one, compared.one_organization, numbers),
        "other_patient": _side(compared.other, compared.other_organization, numbers),
    }


def _side(patient: Patient, organization: str, numbers: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "organization": {"name": organization},
        "given_name": patient.given_name,
        "family_name": patient.family_name,
        "birth_date": patient.birth_date.isoformat() if patient.birth_date else None,
        "sex": patient.sex,
        "identifiers": numbers,
    }


def not_decided(visit: Visit, refusal: Refusal, check_id: UUID) -> Shown:
    said = tuple(error.message for error in refusal.errors) if isinstance(refusal, Invalid) else (refusal.message,)
    words = problem_page(422, href=paths.IDENTITY_CHECKS, action="See the identity checks", more=said)
    return Shown("problem.html", words, status=422)


@desk.post(f"{paths.IDENTITY_CHECKS}/<check_id>")
@act(again=not_decided)
def decide(visit: Visit, check_id: UUID) -> Response:
    decision = request.form.get("decision", "")
    check = decide_identity(visit.session, visit.actor, check_id, decision, visit.now)
    visit.note(f"identity-{decision}", [check.patient_id, check.other_patient_id], "patient")
    return go(paths.IDENTITY_CHECKS, SAID[decision])


@desk.get(paths.REFUSED)
@page
def turned_away(visit: Visit) -> Shown:
    rows = refusals(visit.session, visit.actor)
    shown = replace(refused_page([_receipt(row) for row in rows], visit.moment), notices=notices())
    return Shown("refused.html", shown, Seen("receipt", [row.id for row in rows], "list"))


def _receipt(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "organization": {"name": row.organization_name},
        "door": row.door,
        "external_reference": row.external_reference,
        "reasons": row.reasons,
        "at": row.at,
        "seen": None,
    }


@desk.post(f"{paths.REFUSED}/<receipt_id>")
@act()
def look(visit: Visit, receipt_id: UUID) -> Response:
    mark_seen(visit.session, visit.actor, receipt_id, visit.now)
    visit.note("seen", [receipt_id], "receipt")
    return go(paths.REFUSED, "Noted: seen")
