"""What each step asks of whom: its fields with the choices that only the database knows, and the body they make."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from referrals.boundary.answering import checked
from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.steps import STEP_BODIES
from referrals.domain.errors import FieldError, Invalid, refuse_unless_clean
from referrals.domain.lifecycle import ANSWERED, STEPS, Status
from referrals.domain.override import LONGEST, Decision, Proposal, judge_override
from referrals.domain.people import Role
from referrals.domain.reference import parse_reference
from referrals.domain.vocabulary import CancelReason, DeclineReason, OverrideReason, Tier, WithdrawReason
from referrals.pathway import queue
from referrals.pathway.directory import members_in
from referrals.pathway.record import Record
from referrals.web.asking_center import CENTER_SIDE
from referrals.web.asking_opinion import AFTER_OPINION
from referrals.web.asking_parts import Asking, Body, Said, people, to_its_end
from referrals.web.forms import stepping
from referrals.web.forms.bind import with_field
from referrals.web.forms.fields import Form, Group
from referrals.web.forms.illness import LISTED, NONE, treatments_misfit
from referrals.web.forms.reasons import CANCEL_REASON, DECLINE_REASON
from referrals.web.questioning import QUESTIONS
from referrals.web.visit import Visit

LEAD_ONLY = "Only a clinical lead may move a referral down out of P1 or P2. Ask one to do it."


def said(step: str, record: Record) -> Said:
    """The title, which is the button, too, and what it means."""
    return ASKING[step].said(record) or Said(STEPS[step].label, STEPS[step].explains)


def answered_with(step: str, visit: Visit, record: Record, typed: Body) -> Body:
    """The body as the API reads it: what it refuses there is refused here, beside what only the page finds."""
    asking = ASKING[step]
    lacking = asking.lacks(visit, record, typed)
    try:
        sent = load(STEP_BODIES[step](), asking.body(visit, record, typed), today=visit.moment.today)
        body = checked(step, visit.session, visit.actor, record.referral, sent)
    except Invalid as refusal:
        raise Invalid([*lacking, *refusal.errors]) from None
    refuse_unless_clean(lacking)
    return body


def _team(visit: Visit, record: Record, form: Form) -> Form:
    home = visit.person.home.id
    return with_field(
        form, "user", options=people(members_in(visit.session, home, (Role.COORDINATOR, Role.CLINICAL_LEAD)))
    )


def _clinicians(visit: Visit, record: Record, form: Form) -> Form:
    found = members_in(visit.session, record.referral.organization_id, (Role.CLINICIAN,))
    return with_field(form, "user", options=people(found))


def _tiers(visit: Visit, record: Record) -> tuple[Group, ...]:
    current = record.referral.tier or Tier.P4.value
    options = stepping.tier_options(current, visit.tiers, allowed_tiers(visit, record))
    return stepping.override_groups(options, visit.moment.today)


def allowed_tiers(visit: Visit, record: Record) -> dict[str, str]:
    """Where this person may move it, as the rules judge it, and what follows."""
    may_stay = visit.is_lead and owes_signature(record)
    found = {tier.value: _judged(visit, record, tier) for tier in Tier if may_stay or tier != record.referral.tier}
    return {tier: _consequence(visit, decision) for tier, decision in found.items() if decision.acts_now}


def _judged(visit: Visit, record: Record, tier: Tier) -> Decision:
    own = record.referral
    return judge_override(
        Proposal(tier, OverrideReason.CLINICAL_JUDGEMENT, "supposed", visit.now + LONGEST / 2),
        computed=Tier(own.computed_tier or Tier.P4),
        effective=Tier(own.tier or Tier.P4),
        by_lead=visit.is_lead,
        now=visit.now,
        calendar=visit.rules.calendar,
    )


def _consequence(visit: Visit, decision: Decision) -> str:
    if decision.countersign_due is None:
        return "Acts at once."
    return f"Acts at once; a clinical lead countersigns by {visit.moment.at(decision.countersign_due)}."


def no_tier(visit: Visit, record: Record) -> str:
    """Why there is nothing to choose, where that is so."""
    return "" if allowed_tiers(visit, record) else LEAD_ONLY


def owes_signature(record: Record) -> bool:
    """A coordinator's change that a clinical lead has still to countersign."""
    override = record.override
    return override is not None and override.countersign_due_at is not None


def _until(visit: Visit, record: Record, body: Body) -> Body:
    return to_its_end("expires_at", visit, body, latest=visit.now + LONGEST)


def _declines(visit: Visit, record: Record) -> tuple[Group, ...]:
    allowed = None if visit.is_lead else (DeclineReason.ADMINISTRATIVE.value,)
    return _reasons("decline", DECLINE_REASON, allowed)


def _cancels(visit: Visit, record: Record) -> tuple[Group, ...]:
    signed = Status(record.referral.status) in ANSWERED
    return _reasons("cancel", CANCEL_REASON, (CancelReason.DECEASED.value,) if signed else None)


def _reasons(step: str, reasons: Mapping[str, str], only: tuple[str, ...] | None) -> tuple[Group, ...]:
    first, *others = stepping.STEP_GROUPS[step]
    asked = stepping.reason_field(reasons, only)
    items = tuple(asked if getattr(item, "name", "") == "reason" else item for item in first.items)
    return (replace(first, items=items), *others)


def _duplicate(visit: Visit, record: Record, body: Body) -> Body:
    """People know the other referral by its reference, the service by its id."""
    typed = body.get("duplicate_of")
    return body | {"duplicate_of": _id_of(visit, typed)} if typed else body


def _id_of(visit: Visit, typed: str) -> str:
    try:
        reference = parse_reference(typed)
    except ValueError as error:
        raise Invalid([FieldError("/duplicate_of", "wrong_reference", str(error))]) from None
    filters = queue.Filters(statuses=queue.ALL_SHOWN, q=reference)
    rows, _ = queue.worklist(visit.session, visit.actor, filters, after=None, limit=1, now=visit.now)
    if not rows:
        raise Invalid([FieldError("/duplicate_of", "unknown", "There is no referral with this reference.")])
    return str(rows[0].id)


def _facts(record: Record, visit: Visit) -> dict[str, Any]:
    content = record.facts.content
    treatments = content.get("treatments")
    return {
        "diagnosis": content.get("diagnosis"),
        "treatments": treatments,
        "treatments_told": "" if treatments is None else (LISTED if treatments else NONE),
        "pregnant": content["patient"].get("pregnant"),
    }


def _changes(visit: Visit, record: Record, body: Body) -> Body:
    return stepping.changed_facts(_facts(record, visit), body)


def _facts_lack(visit: Visit, record: Record, typed: Body) -> list[FieldError]:
    misfits = treatments_misfit("/treatments_told", typed.get("treatments_told"), typed.get("treatments"))
    if misfits or stepping.CLINICAL & _changes(visit, record, typed).keys():
        return misfits
    return [FieldError("", "unchanged", "Nothing was changed. Change at least one fact.")]


DISCARD = Said("Discard the draft", "Nobody has seen it; nobody is told.")


def _is_draft(record: Record) -> bool:
    return record.referral.status == Status.DRAFT


def _withdraws(visit: Visit, record: Record) -> tuple[Group, ...]:
    return () if _is_draft(record) else stepping.STEP_GROUPS["withdraw"]


def _withdrawn(visit: Visit, record: Record, body: Body) -> Body:
    """Why a draft is thrown away is nobody's business; the step wants a reason all the same."""
    return {"reason": WithdrawReason.OTHER.value} if _is_draft(record) else body


ASKING: Mapping[str, Asking] = {
    "override": Asking(
        groups=_tiers,
        body=_until,
        blocked=no_tier,
        now=lambda record, visit: {
            "tier": f"{record.referral.tier} {visit.tiers.get(record.referral.tier or '', '')}".strip(),
        },
    ),
    "update-facts": Asking(body=_changes, shows=_facts, lacks=_facts_lack),
    "assign-owner": Asking(
        form=_team, now=lambda record, visit: {"user": record.owner.name if record.owner else "Nobody"}
    ),
    "change-clinician": Asking(
        form=_clinicians, now=lambda record, visit: {"user": record.clinician.name if record.clinician else "Nobody"}
    ),
    "decline": Asking(groups=_declines),
    "cancel": Asking(groups=_cancels, body=_duplicate),
    "withdraw": Asking(groups=_withdraws, body=_withdrawn, said=lambda record: DISCARD if _is_draft(record) else None),
    "contest": Asking(),
    "reopen": Asking(),
    **CENTER_SIDE,
    **QUESTIONS,
    **AFTER_OPINION,
}
