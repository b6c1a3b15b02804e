"""What may be rewritten on a referral that exists: a draft whole, afterwards only what is not clinical."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.coding import normalize_facts
from referrals.domain.deadlines import promise_after_later_need, puts_off
from referrals.domain.errors import FieldError, Forbidden, Invalid, NotAllowedNow, refuse_unless_clean
from referrals.domain.lifecycle import ANSWERED, EDIT, OPEN, Status
from referrals.domain.packet import faults
from referrals.domain.people import Actor, Party
from referrals.domain.vocabulary import Tier
from referrals.models.assessment import Assessment
from referrals.models.patient import Patient
from referrals.models.referral import Consent, Referral
from referrals.pathway.assessment import place, show_diagnosis
from referrals.pathway.diagnoses import add_diagnosis, record_treatments, rewrite_diagnosis, writable_diagnosis
from referrals.pathway.intake import consent_row, content_of, needed_by_of, refuse_known_reference, write_request
from referrals.pathway.meant import Ground, ground_of_draft, unknown_organizations
from referrals.pathway.packets import coded, current_facts, merge, packet_of
from referrals.pathway.registry import amend_patient, register
from referrals.pathway.steps import Act, act_of, note_edit, refresh_next_action

# What may change until an opinion is issued, by those who asked or who coordinate. The rest is clinical or fixed.
OPEN_FIELDS = frozenset({"purposes", "questions", "summary", "preferences", "needed_by"})
DRAFT_FIELDS = OPEN_FIELDS | {
    "external_reference",
    "patient",
    "diagnosis",
    "treatments",
    "performance_status",
    "other_conditions",
    "referring_clinician",
    "consent",
}
_EDITORS = frozenset({Party.R, Party.C})

Check = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def amend(
    session: Session,
    actor: Actor,
    referral: Referral,
    patch: Mapping[str, Any],
    now: datetime,
    check: Check,
    told: Iterable[str] = (),
) -> Referral:
    """Lay a merge patch over the packet. `check` is the door's own reading of a whole packet's form.

    What stays as it was is not written, and a patch without any change leaves no trace. `told` are fields that were
    answered for the first time though nothing in them changed: that a treatment is not known. Raises `Invalid` naming each field that may not change now, `NotAllowedNow` once an opinion is issued.
    """
    _refuse_if_not_open(actor, referral)
    is_draft = Status(referral.status) is Status.DRAFT
    allowed = DRAFT_FIELDS if is_draft else OPEN_FIELDS
    refuse_unless_clean(_may_not_change(name) for name in patch if name not in allowed)
    act = act_of(session, actor, now)
    before = packet_of(session, referral)
    if is_draft and "external_reference" in patch:
        refuse_known_reference(session, referral.organization_id, patch["external_reference"], besides=referral.id)
    ground = ground_of_draft(act, referral, patch, before) if is_draft else Ground(before, patch)
    packet = _checked(check, ground)
    _refuse_faults(act, before, packet, ground.errors, submitting=not is_draft)
    changed = ground.moved | {name for name in patch if _said(before, name) != _said(packet, name)}
    if not changed and not told:
        return referral
    if is_draft:
        _rewrite_draft(act, referral, ground.cut_to(changed), packet)
    _rewrite_request(act, referral, packet)
    note_edit(act, referral, sorted({*changed, *told}))
    refresh_next_action(referral, act.rules)
    session.flush()
    return referral


def _said(packet: Mapping[str, Any], name: str) -> Any:
    """What a field says, however it is spelled. Only of treatments "none" is another answer than nothing."""
    said = _without_blanks(packet.get(name))
    return said if name == "treatments" else said or None


def _without_blanks(part: Any) -> Any:
    """An id names the record that is written; it is no part of what stands there."""
    if isinstance(part, list):
        return [_without_blanks(each) for each in part]
    if not isinstance(part, Mapping):
        return part
    solid = {name: _without_blanks(value) for name, value in part.items() if name != "id"}
    return {name: value for name, value in solid.items() if value is not None and value != {}}


def _checked(check: Check, ground: Ground) -> dict[str, Any]:
    try:
        return normalize_facts(check(merge(ground.packet, coded(ground.patch))))
    except Invalid as faulty:
        raise Invalid([*faulty.errors, *ground.errors]) from faulty


def _refuse_if_not_open(actor: Actor, referral: Referral) -> None:
    if not actor.parties & _EDITORS:
        raise Forbidden("not_this_actor", "A referral is rewritten by its referrer or by a coordinator.")
    status = Status(referral.status)
    if status not in OPEN or status in ANSWERED:
        raise NotAllowedNow(EDIT, status)


def _may_not_change(name: str) -> FieldError:
    if name in DRAFT_FIELDS - {"external_reference", "referring_clinician", "consent"}:
        return FieldError(f"/{name}", "not_editable", "Clinical facts change by the step update-facts.")
    return FieldError(f"/{name}", "not_editable", "This cannot change any more by rewriting.")


def _refuse_faults(
    act: Act, before: Mapping[str, Any], after: Mapping[str, Any], named: Iterable[FieldError], *, submitting: bool
) -> None:
    """Only faults that this patch brings: what was accepted once does not stand in the way of something else."""
    today = act.rules.calendar.local_date(act.now)
    by_client = act.actor.client_id is not None

    def found(packet: Mapping[str, Any]) -> set[FieldError]:
        return set(faults(packet, today, submitting=submitting, by_client=by_client))

    unknown = unknown_organizations(act.session, act.actor.network_id, after)
    new = [*named, *unknown, *(found(after) - found(before)), *_put_off(act.actor, before, after)]
    refuse_unless_clean(sorted(new, key=lambda error: error.pointer))


def _put_off(actor: Actor, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldError]:
    if Party.R in actor.parties or not puts_off(needed_by_of(before), needed_by_of(after)):
        return []
    return [FieldError("/needed_by/date", "only_the_referrer", "Only the referrer may put this day off.")]


def _rewrite_request(act: Act, referral: Referral, packet: Mapping[str, Any]) -> None:
    before = referral.needed_by
    write_request(referral, packet)
    if referral.submitted_at is None or referral.needed_by == before:
        return
    if puts_off(before, referral.needed_by):
        referral.due_at = promise_after_later_need(
            referral.submitted_at,
            _tiers_announced(act.session, referral),
            act.rules.policy,
            needed_by=referral.needed_by,
            zone=act.rules.zone,
        )
    place(referral, act.rules)


def _tiers_announced(session: Session, referral: Referral) -> list[Tier]:
    query = select(Assessment.tier).where(Assessment.referral_id == referral.id)
    return [Tier(tier) for tier in session.scalars(query)] + [Tier(referral.tier or Tier.P4)]


def _rewrite_draft(act: Act, referral: Referral, ground: Ground, packet: Mapping[str, Any]) -> None:
    patch = ground.patch
    patient = _rewrite_patient(act, referral, ground)
    if "external_reference" in patch:
        referral.external_reference = packet.get("external_reference")
    if "referring_clinician" in patch:
        referral.clinician_id = ground.clinician.id if ground.clinician else None
    if "consent" in patch:
        _rewrite_consent(act, referral, packet.get("consent"))
    facts = current_facts(act.session, referral)
    facts.content = content_of(packet, patient)
    show_diagnosis(referral, facts.content)
    if ground.diagnosis is not None:
        referral.diagnosis_id = ground.diagnosis.id
    elif ground.match or {"diagnosis", "treatments"} & patch.keys():
        _rewrite_record(act, referral, patient, packet)


def _rewrite_patient(act: Act, referral: Referral, ground: Ground) -> Patient:
    """The patient of the draft, with what the patch says of them: the same as before, or another one."""
    patch = ground.patch.get("patient") or {}
    if ground.match is not None:
        registered = register(act.session, act.actor, ground.match, patch, act.now)
        for check in registered.checks:
            check.referral = referral
        patient = registered.patient
        referral.patient_id, referral.diagnosis_id = patient.id, None
    else:
        patient = act.session.get_one(Patient, referral.patient_id)
        _amend_record(act, patient, {name: value for name, value in patch.items() if name != "pregnant"})
    referral.patient_given_name, referral.patient_family_name = patient.given_name, patient.family_name
    referral.patient_birth_date, referral.patient_sex = patient.birth_date, patient.sex
    return patient


def _amend_record(act: Act, patient: Patient, record: Mapping[str, Any]) -> None:
    if not record:
        return
    if patient.organization_id != act.actor.organization_id:
        raise Invalid([FieldError("/patient", "not_editable", "This patient's record belongs to somebody else.")])
    amend_patient(act.session, patient, record, act.now)


def _rewrite_consent(act: Act, referral: Referral, sent: Mapping[str, Any] | None) -> None:
    in_force: Iterable[Consent] = act.session.scalars(
        select(Consent).where(Consent.referral_id == referral.id, Consent.withdrawn_at.is_(None))
    )
    for consent in in_force:
        act.session.delete(consent)
    act.session.flush()
    if sent:
        act.session.add(consent_row(referral, sent))


def _rewrite_record(act: Act, referral: Referral, patient: Patient, packet: Mapping[str, Any]) -> None:
    """The patient's diagnosis follows the draft; a draft that lost its diagnosis points to none."""
    if not packet.get("diagnosis"):
        referral.diagnosis_id = None
        return
    diagnosis = writable_diagnosis(act.session, referral.diagnosis_id)
    if diagnosis is None:
        diagnosis = add_diagnosis(act.session, act.actor, patient, packet["diagnosis"], act.now)
        referral.diagnosis = diagnosis
    else:
        rewrite_diagnosis(act.session, diagnosis, packet["diagnosis"], act.now)
    record_treatments(diagnosis, packet.get("treatments"), act.now)
