"""The whole queue placed at once: asked for, worked out by the worker, approved by whoever may make offers."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint

from referrals.api import shapes_of_plans as shapes
from referrals.api.call import Answer, Call, Seen
from referrals.api.endpoint import endpoint
from referrals.boundary.answers import BASE
from referrals.boundary.paging import address_of
from referrals.boundary.plan_answers import plan_answer
from referrals.boundary.schemas import plans as sent
from referrals.domain.people import Kind, Scope
from referrals.models.plan import Plan
from referrals.pathway.plans import approve, ask_for_plan, find_plan, planned_offers

assignments = Blueprint("assignments", __name__, url_prefix="/assignments")

PLANS: Mapping[str, Any] = {
    "gives": shapes.PlanOut,
    "scope": Scope.TRIAGE_WRITE,
    "kinds": frozenset({Kind.NETWORK}),
    "versioned": True,
}
WRITES: Mapping[str, Any] = {**PLANS, "writes": True, "repeatable": True, "may_be_empty": True}


@assignments.post("")
@endpoint(takes=sent.PlanAsked, status=202, **WRITES)
def asked(call: Call) -> Answer:
    """Ask for a plan that places all who are ready. The worker makes it: read it again until it is `ready`."""
    plan = ask_for_plan(call.session, call.actor, call.now, call.body.get("note"))
    where = {"Location": address_of(f"{BASE}/assignments/{plan.id}")}
    return Answer(plan_answer(plan, []), Seen("plan", [plan.id], "ask"), plan.version, 202, where)


@assignments.get("/<plan_id>")
@endpoint(**PLANS)
def one(call: Call, plan_id: UUID) -> Answer:
    """How far it is; once it is ready, what is proposed for each referral and who gets no place, with reasons."""
    return _shown(call, find_plan(call.session, call.actor, plan_id), "read-plan")


@assignments.post("/<plan_id>/approve")
@endpoint(takes=sent.Approval, **WRITES)
def approval(call: Call, plan_id: UUID) -> Answer:
    """Make the offers, all in one transaction. What has changed since the plan was made is told, not forced."""
    plan = find_plan(call.session, call.actor, plan_id, lock=True)
    ticked = call.body.get("referrals")
    only = None if ticked is None else [UUID(each) for each in ticked]
    return _shown(call, approve(call.session, call.actor, plan, only, call.now), "approve-plan")


def _shown(call: Call, plan: Plan, action: str) -> Answer:
    rows = planned_offers(call.session, plan)
    return Answer(plan_answer(plan, rows), Seen("referral", [row[0].referral_id for row in rows], action), plan.version)
