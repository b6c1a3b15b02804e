"""Forms that no story of the other tests sends: each is taken as its page asks it, and moves the referral on."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from referrals.domain.step_words import STEP_WORDS
from referrals.models.engine import Database
from referrals.models.trail import AuditEntry
from tests.factories import World, in_days
from tests.opinions import SPECIALIST
from tests.web import scenery as scene
from tests.web.html import with_answers
from tests.web.scenery import COORDINATOR, LAKESIDE, LEAD, SUMMIT
from tests.web.visitor import Visitor

COLLEAGUE, ADMIN = "colleague@lakeside.example", "admin@network.example"
WHY = {"reason": "other", "text": "The patient has moved away."}
CHOSEN = frozenset({"user", "specialist"})
# In this order each step is open to whoever takes it.
STEPS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("submitted", "join", COORDINATOR, {"user": COLLEAGUE}),
    ("in_review", "change-specialist", SPECIALIST, {"specialist": SPECIALIST}),
    ("in_review", "request-withdrawal", LAKESIDE, WHY),
    ("in_review", "confirm-withdrawal", SPECIALIST, {}),
    ("ready", "withdraw-offer", COORDINATOR, {"text": "Asked by mistake."}),
    ("offered", "accept", SUMMIT, {"expected_on": in_days(9)}),
    ("offered", "recall", LEAD, {"text": "The center has closed."}),
    ("submitted", "mark-error", ADMIN, {"text": "Sent for somebody else.", "second_person": LEAD}),
)


def take(guest: Visitor, address: str, answers: dict[str, Any], page: str = "") -> None:
    """The form that posts there, as it stands on its page, with these answers."""
    form = guest.get(page or address).page.form(address)
    guest.send(address, list(with_answers(form.fields, answers)))
    assert guest.status == 200, (address, guest.words)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_plan_is_asked_for_and_approved_and_rare_steps_are_taken(
    app: Flask, visitor: Callable[..., Visitor], db: Database, world: World
):
    made = scene.build(db, world, app.extensions["archive"])
    guests = {email: visitor(email) for email in {who for _, _, who, _ in STEPS}}
    plan, ready = f"/assignments/{made.plan}", str(made.referrals["ready"])
    take(guests[COORDINATOR], f"{plan}/approve", {"referrals": ready}, plan)
    take(guests[COORDINATOR], "/assignments", {"note": "A center has opened."})
    for status, step, who, answers in STEPS:
        home = f"/referrals/{made.referrals[status]}"
        if answers:
            ids = {name: world.user_id(said) if name in CHOSEN else said for name, said in answers.items()}
            take(guests[who], f"{home}/{step}", ids)
        else:
            guests[who].get(home).press(STEP_WORDS[step].label)
    with db.reading() as session:
        noted = set(session.scalars(select(AuditEntry.action)))
    assert {"approve-plan", "ask", *(step for _, step, _, _ in STEPS)} <= noted
