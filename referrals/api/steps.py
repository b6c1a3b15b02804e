"""The steps of a referral's life, each at its own address; which of them exist is read from the pathway."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint

from referrals.api import shapes
from referrals.api.call import Answer, Call
from referrals.api.endpoint import View, endpoint
from referrals.api.referrals import just_made
from referrals.boundary.conditional import refuse_stale, versions_meant
from referrals.boundary.schemas.steps import STEP_BODIES, Noted
from referrals.domain import lifecycle
from referrals.domain.errors import FieldError, Invalid
from referrals.domain.lifecycle import STEPS, Status
from referrals.domain.permissions import acting_parties, refuse_without_person
from referrals.models.referral import Referral
from referrals.pathway.actions import ACTIONS, take_step
from referrals.pathway.meant import unknown_organizations
from referrals.pathway.record import record_just_made
from referrals.pathway.scope import find_for_step
from referrals.pathway.steps import situation_of

steps = Blueprint("steps", __name__, url_prefix="/referrals")

MAKES_ANOTHER = frozenset({"reopen"})


def view_of(step: str) -> View:
    """The view that takes this step."""

    def take(call: Call, referral_id: UUID) -> Answer:
        referral = find_for_step(call.session, call.actor, referral_id, step)
        refuse_stale(versions_meant(), referral.version)
        body = body_of(step, call, referral)
        taken = take_step(call.session, call.actor, referral_id, step, body, call.now, if_version=referral.version)
        record = record_just_made(call.session, call.actor, taken)
        return just_made(call, record, step, status=201 if step in MAKES_ANOTHER else 200)

    take.__doc__ = STEPS[step].explains
    return take


def body_of(step: str, call: Call, referral: Referral) -> dict[str, object]:
    """The body, if it holds; what the table refuses is said before what is wrong with the body."""
    try:
        return call.body
    except Invalid:
        lifecycle.take(step, Status(referral.status), acting_parties(step, call.actor), situation_of(referral))
        refuse_without_person(step, call.actor)
        raise


def unknown_in_facts(call: Call, sound: Mapping[str, Any]) -> list[FieldError]:
    return unknown_organizations(call.session, call.actor.network_id, sound)


for name in ACTIONS:
    served = endpoint(
        takes=STEP_BODIES[name],
        gives=shapes.ReferralOut,
        status=201 if name in MAKES_ANOTHER else 200,
        writes=True,
        needs_version=True,
        repeatable=True,
        versioned=True,
        may_be_empty=STEP_BODIES[name] is Noted,
        steps=(name,),
        looks_up=unknown_in_facts if name == "update-facts" else None,
    )(view_of(name))
    steps.add_url_rule(f"/<referral_id>/{name}", name, served, methods=["POST"])
