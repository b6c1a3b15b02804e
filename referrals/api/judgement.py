"""Judges a case that nobody has referred: nothing is stored, and the answer is the same that a referral would get."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint

from referrals.api import shapes
from referrals.api.call import Answer, Call
from referrals.api.endpoint import endpoint
from referrals.boundary.answers import priority_answer
from referrals.boundary.schemas.packet import Case
from referrals.domain.errors import FieldError
from referrals.pathway.what_if import judge_case, policy_named

judgement = Blueprint("judgement", __name__)


def unknown_to_us(call: Call, sound: Mapping[str, Any]) -> list[FieldError]:
    return policy_named(call.session, call.actor.network_id, sound.get("policy"))[1]


@judgement.post("/assess")
@endpoint(takes=Case, gives=shapes.AssessOut, looks_up=unknown_to_us)
def assess(call: Call) -> Answer:
    """Judge a case and forget it."""
    verdict = judge_case(call.session, call.actor.network_id, call.body, call.now)
    return Answer({"priority": priority_answer(verdict.to_json(), due_at=None)})
