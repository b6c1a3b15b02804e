"""Who reads a plan for the whole queue in the dashboard, and who may approve it."""

from collections.abc import Callable
from datetime import UTC, datetime

from referrals.models.engine import Database
from tests.factories import World, person_actor
from tests.web.scenery import COORDINATOR, LEAD, planned
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]


def test_whoever_reads_the_worklist_reads_plans_and_coordinators_alone_ask_for_one(
    db: Database, world: World, visitor: Come
) -> None:
    with db.writing() as session:
        plan = planned(session, person_actor(session, world, COORDINATOR), datetime.now(UTC))
    for email in (COORDINATOR, LEAD, "auditor@network.example", "admin@network.example"):
        guest = visitor(email)
        assert guest.get(f"/assignments/{plan}").status == 200
        assert ("Work out a plan" in guest.get("/assignments").words) == (email == COORDINATOR)
    for email in ("specialist@summit.example", "clinician@lakeside.example"):
        assert visitor(email).get("/assignments").status == 403
