"""Triage: a coordinator takes a referral, judges it complete, and knows whose it is."""

from collections.abc import Mapping
from typing import Any

from referrals.domain.errors import FieldError, refuse_unless_clean
from referrals.domain.people import Role
from referrals.models.referral import Referral
from referrals.pathway.ending import not_the_one_who_declined
from referrals.pathway.guards import actor_stays, member, not_interested, owner_named
from referrals.pathway.judging import assessment_is_current, overrides_allowed
from referrals.pathway.steps import Act, advance

Body = Mapping[str, Any]


def claim(act: Act, referral: Referral, body: Body) -> Referral:
    refuse_unless_clean([*not_interested(act, referral), *not_the_one_who_declined(act, referral), *actor_stays(act)])
    referral.owner_id = act.actor.user_id
    advance(act, referral, "claim", note=body.get("note"))
    return referral


def release(act: Act, referral: Referral, body: Body) -> Referral:
    refuse_unless_clean(not_interested(act, referral))
    referral.owner_id = None
    advance(act, referral, "release", note=body.get("note"))
    return referral


def complete(act: Act, referral: Referral, body: Body) -> Referral:
    """Judged by the policy in force on the facts as they are: ready for a center."""
    refuse_unless_clean(
        [
            *not_interested(act, referral),
            *not_the_one_who_declined(act, referral),
            *assessment_is_current(act, referral),
            *overrides_allowed(act, referral),
            *(actor_stays(act) if referral.owner_id is None else ()),
        ]
    )
    referral.triaged_at = act.now
    if referral.owner_id is None:
        referral.owner_id = act.actor.user_id
    advance(act, referral, "complete-triage", note=body.get("note"))
    return referral


def assign_owner(act: Act, referral: Referral, body: Body) -> Referral:
    user, errors = owner_named(act, referral, body.get("user"))
    refuse_unless_clean(errors)
    referral.owner_id = user.id if user else None
    advance(act, referral, "assign-owner", note=body.get("note"), data={"owner": user.name if user else None})
    return referral


def change_clinician(act: Act, referral: Referral, body: Body) -> Referral:
    """Another clinician of the referring organization takes over. The patient's consent covers the organization."""
    user, errors = member(act, referral.organization_id, body.get("user"), (Role.CLINICIAN,), "/user")
    if user is not None and user.id == referral.clinician_id:
        errors.append(FieldError("/user", "unchanged", "This is already the referring clinician."))
    refuse_unless_clean(errors)
    referral.clinician_id = user.id if user else None
    advance(act, referral, "change-clinician", note=body.get("note"), data={"clinician": user.name if user else None})
    return referral
