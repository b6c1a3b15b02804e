"""What the demo's centers say of single weeks, and the plan that waits to be approved. All of it is invented."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from referrals.cli.demo.entries import INVENTED
from referrals.domain.people import Actor
from referrals.models.organization import Organization
from referrals.pathway.capacity import state_capacity, this_week
from referrals.pathway.centers import find_center
from referrals.pathway.plans import ask_for_plan, claim, keep
from referrals.pathway.queue_plan import read_queue, work_out
from referrals.pathway.trail import record_audit

PLANNED = timedelta(minutes=6)
CLOSED_IN = timedelta(weeks=4)
FOR_CHILDREN = 3


def state_places(session: Session, actor: Actor, homes: Mapping[str, Organization], now: datetime) -> None:
    """Summit is closed for a week, and says why; Harbor takes only so many children a week."""
    week = this_week(session, actor.network_id, now) + CLOSED_IN
    move = f"The center moves into its new house. {INVENTED}"
    said: Mapping[str, Mapping[str, Any]] = {
        "summit": {"weeks": [{"week": week.isoformat(), "places": 0, "reason": move}]},
        "harbor": {"services": [{"service": "pediatrics", "places": FOR_CHILDREN}]},
    }
    for code, sent in said.items():
        state_capacity(session, actor, find_center(session, actor.network_id, homes[code].id), sent, now)
        record_audit(session, actor, "capacity", "center", [homes[code].id], now)


def plan_the_queue(session: Session, actor: Actor, now: datetime) -> None:
    """A plan of a few minutes ago, made as the worker makes it. Nobody has approved it yet."""
    asked_at = now - PLANNED
    plan = ask_for_plan(session, actor, asked_at, "For the call with the centers.")
    record_audit(session, actor, "ask", "plan", [plan.id], asked_at)
    lease = claim(session, asked_at)
    if lease is not None:
        keep(session, lease, work_out(read_queue(session, actor.network_id, asked_at)), asked_at)
