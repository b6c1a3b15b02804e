"""How a referral ends short of an opinion, how that is contested, and how it begins anew."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from referrals.domain.deadlines import draft_order_key
from referrals.domain.errors import FieldError, Forbidden, refuse_unless_clean
from referrals.domain.lifecycle import ANSWERED, CONTEST_WITHIN, OPEN_RECEIVED, STEPS, Status, unmet_proviso
from referrals.domain.people import Party, Role
from referrals.domain.vocabulary import CancelReason, DeclineReason
from referrals.models.base import new_id
from referrals.models.patient import Patient
from referrals.models.referral import Referral
from referrals.models.trail import Event
from referrals.pathway.assessment import show_diagnosis
from referrals.pathway.guards import not_interested
from referrals.pathway.intake import facts_row
from referrals.pathway.offers import release
from referrals.pathway.packets import current_facts
from referrals.pathway.people import active_member
from referrals.pathway.reference import next_reference
from referrals.pathway.steps import Act, advance, begin

Body = Mapping[str, Any]


def decline(act: Act, referral: Referral, body: Body) -> Referral:
    """The network says no, with a reason and advice. A coordinator alone only for administrative reasons."""
    holding = ("reason_is_administrative",) if body["reason"] == DeclineReason.ADMINISTRATIVE else ()
    if unmet_proviso(STEPS["decline"], Status(referral.status), act.actor.parties, holding):
        raise Forbidden("not_this_actor", "A coordinator declines for administrative reasons only; a lead for any.")
    refuse_unless_clean([*not_interested(act, referral), *not_the_one_who_declined(act, referral)])
    data = {"reason": body["reason"], "advice": body["advice"]}
    advance(act, referral, "decline", note=body.get("note"), data=data)
    return referral


def contest(act: Act, referral: Referral, body: Body) -> Referral:
    """The referrer asks for a second look. Nobody owns it until it is assigned; the decliner does not answer it."""
    if referral.ended_at is None or act.now > referral.ended_at + CONTEST_WITHIN:
        refuse_unless_clean([FieldError("", "within_14_days", "A decline can be contested for 14 days.")])
    referral.owner_id = None
    advance(act, referral, "contest", note=body.get("note"), data={"text": body["text"]})
    return referral


def not_the_one_who_declined(act: Act, referral: Referral) -> list[FieldError]:
    """Once contested, a different lead or a deputy answers."""
    query = (
        select(Event.step, Event.user_id)
        .where(Event.referral_id == referral.id, Event.step.in_(("decline", "contest")))
        .order_by(Event.version.desc())
        .limit(2)
    )
    last = [tuple(row) for row in act.session.execute(query)]
    contested = len(last) == 2 and last[0][0] == "contest"
    if contested and act.actor.user_id is not None and last[1][1] == act.actor.user_id:
        return [FieldError("", "declined_before", "You declined this referral. Somebody else answers the contest.")]
    return []


def cancel(act: Act, referral: Referral, body: Body) -> Referral:
    duplicate_of, errors = _living_duplicate(act, referral, body)
    signed = Status(referral.status) in ANSWERED
    if signed and body["reason"] != CancelReason.DECEASED:
        errors.append(FieldError("/reason", "deceased_once_signed", "Once an opinion is signed only a death cancels."))
    refuse_unless_clean(errors)
    released = {} if signed else release(act, referral)
    referral.duplicate_of_id = duplicate_of.id if duplicate_of else None
    data = {"reason": body["reason"], "text": body.get("text"), **released}
    if duplicate_of is not None:
        data["duplicate_of"] = str(duplicate_of.id)
    advance(act, referral, "cancel", note=body.get("note"), data=data)
    return referral


def _living_duplicate(act: Act, referral: Referral, body: Body) -> tuple[Referral | None, list[FieldError]]:
    """The referral that goes on in place of this one: open, of the same network, and another one."""
    named = body.get("duplicate_of")
    if body["reason"] != CancelReason.DUPLICATE:
        unasked = [FieldError("/duplicate_of", "unexpected", "Only a duplicate names another referral.")]
        return None, unasked if named else []
    if not named:
        return None, [FieldError("/duplicate_of", "required", "Name the referral that goes on.")]
    query = select(Referral).where(
        Referral.id == UUID(str(named)),
        Referral.network_id == referral.network_id,
        Referral.id != referral.id,
        Referral.status.in_([status.value for status in OPEN_RECEIVED]),
    )
    found = act.session.scalars(query).one_or_none()
    if found is None:
        return None, [FieldError("/duplicate_of", "duplicate_is_living", "No other open referral has this id.")]
    return found, []


def withdraw(act: Act, referral: Referral, body: Body) -> Referral:
    data = {"reason": body["reason"], "text": body.get("text"), **release(act, referral)}
    advance(act, referral, "withdraw", note=body.get("note"), data=data)
    return referral


def reopen(act: Act, referral: Referral, body: Body) -> Referral:
    """A new draft that follows the ended one, with its facts and questions. The old one is untouched.

    Consent does not carry over: the patient is asked again.
    """
    patient = act.session.scalars(select(Patient).where(Patient.id == referral.patient_id)).one()
    content = current_facts(act.session, referral).content
    draft = _copy(act, referral, patient)
    show_diagnosis(draft, content)
    act.session.add(draft)
    act.session.add(facts_row(act, draft, content, kind="initial"))
    begin(act, draft, {"follows": referral.reference, "text": body["text"]})
    act.session.flush()
    return draft


def _clinician(act: Act, referral: Referral) -> UUID | None:
    """Who reopens it, or who asked before; nobody, where they have gone."""
    asks_again = act.actor.user_id if Party.R in act.actor.parties else None
    found = active_member(act.session, referral.organization_id, asks_again or referral.clinician_id, {Role.CLINICIAN})
    return found.id if found else None


def _copy(act: Act, referral: Referral, patient: Patient) -> Referral:
    year = act.rules.calendar.local_date(act.now).year
    return Referral(
        id=new_id(),
        network_id=referral.network_id,
        organization_id=referral.organization_id,
        reference=next_reference(act.session, referral.network_id, year),
        patient=patient,
        diagnosis_id=referral.diagnosis_id,
        clinician_id=_clinician(act, referral),
        follows_id=referral.id,
        created_at=act.now,
        order_at=draft_order_key(act.now),
        arrived_at=draft_order_key(act.now),
        facts_version=1,
        provisional=False,
        reasons=[],
        purposes=referral.purposes,
        questions=referral.questions,
        summary=referral.summary,
        preferences=referral.preferences,
        performance_status=referral.performance_status,
        other_conditions=referral.other_conditions,
        **_wish_ahead(referral, act.rules.calendar.local_date(act.now)),
        patient_given_name=patient.given_name,
        patient_family_name=patient.family_name,
        patient_birth_date=patient.birth_date,
        patient_sex=patient.sex,
    )


def _wish_ahead(referral: Referral, today: date) -> Mapping[str, Any]:
    """The day that the answer is needed by, where it has not passed: a day that has would keep the draft from going."""
    if referral.needed_by is None or referral.needed_by < today:
        return {}
    return {"needed_by": referral.needed_by, "needed_by_kind": referral.needed_by_kind}
