"""Where the days went, as each reader of a referral sees it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from referrals.models.engine import Database
from referrals.pathway.actions import take_step
from tests.factories import World, person_actor
from tests.web.conftest import Send
from tests.web.visitor import Visitor

LAKESIDE, NETWORK, SUMMIT = "clinician@lakeside.example", "coordinator@network.example", "specialist@summit.example"


@pytest.mark.parametrize("reader", [LAKESIDE, NETWORK, SUMMIT])
def test_everybody_who_reads_it_sees_whose_turn_it_was_for_how_long(
    visitor: Callable[..., Visitor], send: Send, world: World, db: Database, reader: str
) -> None:
    sent = send(1, ago=timedelta(hours=30))
    steps = (
        (NETWORK, "claim", {}),
        (NETWORK, "complete-triage", {}),
        (NETWORK, "offer", {"center": str(world.organizations["summit"].id)}),
    )
    with db.writing() as session:
        for hour, (email, step, body) in enumerate(steps, start=1):
            actor = person_actor(session, world, email)
            take_step(session, actor, sent.id, step, body, sent.submitted_at + timedelta(hours=hour))
    words = visitor(reader).get(f"/referrals/{sent.id}").words
    assert "Where the days went 1 day 6 h in all" in words
    assert "Network" in words
    assert "3 h 10%" in words
    assert "Center" in words
    assert "1 day 3 h 90%" in words
    assert "Triage" in words
    assert "Finding a center" in words
