"""Clinical facts change: a new version stands beside the old one, and the referral is judged again at once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from referrals.domain.coding import normalize_facts
from referrals.domain.errors import FieldError, refuse_unless_clean
from referrals.domain.lifecycle import Status, center_is_working
from referrals.domain.packet import faults
from referrals.models.assessment import Assessment
from referrals.models.patient import Patient
from referrals.models.referral import Facts, Referral
from referrals.pathway.assessment import judge
from referrals.pathway.diagnoses import add_diagnosis, record_treatments, rewrite_diagnosis, writable_diagnosis
from referrals.pathway.intake import facts_row
from referrals.pathway.meant import unknown_organizations
from referrals.pathway.packets import coded_diagnosis, current_facts, merge
from referrals.pathway.review import refuse_by_proviso
from referrals.pathway.standing_offer import ask_to_confirm, stood
from referrals.pathway.steps import Act, advance, situation_of

Body = Mapping[str, Any]


def update_facts(act: Act, referral: Referral, body: Body) -> Referral:
    """A correction or a new event, with its source and reason. The patient's own record follows.

    Raises `Invalid` where the facts that would result are faulty, or where nothing would change.
    """
    refuse_by_proviso(
        act, referral, "update-facts", _reading(act, referral), "A specialist adds facts while reading them."
    )
    before = current_facts(act.session, referral).content
    after = merged(before, body)
    refuse_unless_clean([*_nothing_told(body, before, after), *new_faults(act, before, after)])
    row, confirm = record_facts(act, referral, body, after)
    data = {"kind": body["kind"], "changes": row.changes, "tier": referral.tier, "center_confirms": confirm}
    advance(act, referral, "update-facts", note=body.get("note"), data=data)
    return referral


def _reading(act: Act, referral: Referral) -> tuple[str, ...]:
    working = center_is_working(Status(referral.status), situation_of(referral).resume)
    return ("reading_it",) if working and referral.center_id == act.actor.organization_id else ()


def record_facts(act: Act, referral: Referral, body: Body, after: Mapping[str, Any]) -> tuple[Assessment, list[str]]:
    """A new version of the facts beside the old ones, the patient's own record after it, and a new judgement.

    With it comes what a center that was asked, or is working, has to confirm.
    """
    stood_before = stood(referral)
    referral.facts_version += 1
    act.session.add(_version(act, referral, body, after))
    _follow(act, referral, body, after)
    row = judge(act, referral, after, "facts")
    return row, ask_to_confirm(act, referral, stood_before)


def merged(content: Mapping[str, Any], body: Body) -> dict[str, Any]:
    """The facts as they would stand: the diagnosis patched, treatments replaced whole."""
    after = dict(content)
    if body.get("diagnosis") is not None:
        after["diagnosis"] = merge(content.get("diagnosis") or {}, coded_diagnosis(body["diagnosis"]))
    if body.get("treatments") is not None:
        after["treatments"] = body["treatments"]
    if "pregnant" in body:
        after["patient"] = dict(content["patient"]) | {"pregnant": body["pregnant"]}
    return normalize_facts(after)


def _told(body: Body) -> set[str]:
    """The parts of the record that were sent; null is the same as not sent."""
    return {part for part in ("diagnosis", "treatments") if body.get(part) is not None}


def _nothing_told(body: Body, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldError]:
    if not _told(body) and "pregnant" not in body:
        return [FieldError("", "required", "Send what changed: diagnosis, treatments or pregnant.")]
    if before == after:
        return [FieldError("", "unchanged", "These are the facts that stand already.")]
    return []


def new_faults(act: Act, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldError]:
    today = act.rules.calendar.local_date(act.now)
    known = set(faults(before, today, submitting=False, by_client=False))
    found = [error for error in faults(after, today, submitting=False, by_client=False) if error not in known]
    return found + unknown_organizations(act.session, act.actor.network_id, after) + _lost_diagnosis(after)


def _lost_diagnosis(after: Mapping[str, Any]) -> list[FieldError]:
    diagnosis = after.get("diagnosis") or {}
    if diagnosis.get("icd10cm") or (diagnosis.get("uncoded") and diagnosis.get("description")):
        return []
    message = "The diagnosis needs a code, or has to be marked as uncoded and described."
    return [FieldError("/diagnosis/icd10cm", "required", message)]


def _version(act: Act, referral: Referral, body: Body, content: Mapping[str, Any]) -> Facts:
    row = facts_row(act, referral, content, kind=body["kind"])
    row.source = body["source"]
    row.reason = body["reason"]
    return row


def _follow(act: Act, referral: Referral, body: Body, after: Mapping[str, Any]) -> None:
    if not _told(body):
        return
    diagnosis = writable_diagnosis(act.session, referral.diagnosis_id)
    if diagnosis is None:
        patient = act.session.scalars(select(Patient).where(Patient.id == referral.patient_id)).one()
        diagnosis = add_diagnosis(act.session, act.actor, patient, after["diagnosis"], act.now)
        referral.diagnosis = diagnosis
    else:
        rewrite_diagnosis(act.session, diagnosis, after["diagnosis"], act.now)
    if "treatments" in _told(body):
        record_treatments(diagnosis, after.get("treatments"), act.now)
