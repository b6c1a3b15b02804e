"""The whole queue placed at once: plans, what they propose, and the approval that makes the offers."""

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.schemas.fields import uuid_of
from referrals.domain.errors import Conflict, Forbidden, NotFound, Refusal, refuse
from referrals.domain.people import Party
from referrals.domain.permissions import Sees, sees
from referrals.domain.plans import Outcome
from referrals.pathway.actions import refuse_actor
from referrals.pathway.plans import approve, ask_for_plan, count_ready, find_plan, planned_offers, plans_of
from referrals.web import paths
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters.assignments import plan_page, plans_page
from referrals.web.presenters.notices import Notice
from referrals.web.typed import status_of
from referrals.web.visit import Visit, act, page
from referrals.web.words import counted

assignments = Blueprint("assignments", __name__, url_prefix=paths.ASSIGNMENTS)

READERS = frozenset({Sees.RECEIVED_BY_NETWORK, Sees.EVERYTHING})
NOTE_MOST = 400


@assignments.get("")
@page
def listed(visit: Visit) -> Shown:
    refuse_other_readers(visit)
    found = plans_of(visit.session, visit.actor)
    ready = count_ready(visit.session, visit.actor)
    return Shown("assignments.html", plans_page(found, ready, may_offer(visit), visit.moment, notices()))


@assignments.post("")
@act()
def asked(visit: Visit) -> Response:
    note = request.form.get("note", "").strip()[:NOTE_MOST]
    plan = ask_for_plan(visit.session, visit.actor, visit.now, note or None)
    visit.note("ask", [plan.id], "plan")
    return go(paths.assignment(plan.id), "The worker begins within seconds")


@assignments.get("/<plan_id>")
@page
def one(visit: Visit, plan_id: UUID) -> Shown:
    refuse_other_readers(visit)
    return _drawn(visit, plan_id, notices())


def again(visit: Visit, refusal: Refusal, plan_id: UUID) -> Shown:
    told = Notice("bad", "No offer was made", refusal.message)
    return _drawn(visit, plan_id, (told,), status_of(refusal))


@assignments.post("/<plan_id>/approve")
@act(again=again)
def approval(visit: Visit, plan_id: UUID) -> Response:
    refuse_actor("offer", visit.actor)
    plan = find_plan(visit.session, visit.actor, plan_id, lock=True)
    if str(plan.version) != request.form.get("version"):
        raise Conflict("Somebody else has gone on with this plan meanwhile.")
    ticked = [_id(each) for each in request.form.getlist("referrals")]
    if not ticked:
        refuse("/referrals", "required", "Tick at least one referral.")
    approve(visit.session, visit.actor, plan, ticked, visit.now)
    rows = planned_offers(visit.session, plan)
    visit.note("approve-plan", [row[0].referral_id for row in rows if row[0].outcome == Outcome.OFFERED])
    made = sum(row[0].outcome == Outcome.OFFERED for row in rows)
    return go(paths.assignment(plan_id), f"{counted(made, 'offer')} made")


def refuse_other_readers(visit: Visit) -> None:
    if sees(visit.actor) not in READERS:
        raise Forbidden("not_this_actor", "The network's coordinators and leads place the queue.")


def _id(text: str) -> UUID:
    found = uuid_of(text)
    if found is None:
        raise NotFound
    return found


def may_offer(visit: Visit) -> bool:
    return Party.C in visit.actor.parties


def _drawn(visit: Visit, plan_id: UUID, told: tuple[Notice, ...], status: int = 200) -> Shown:
    plan = find_plan(visit.session, visit.actor, plan_id)
    rows = planned_offers(visit.session, plan)
    shown = plan_page(plan, rows, may_offer(visit), visit.moment, visit.tiers, told)
    return Shown("assignment.html", shown, Seen("referral", [row[0].referral_id for row in rows], "read-plan"), status)
