"""A patient's condition has changed: facts are judged anew at once, and whoever works on the referral is told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referrals.domain import lifecycle
from referrals.domain.condition import BESIDE_THE_FACTS, Happening, condition_words, tells_facts
from referrals.domain.conversation import Side
from referrals.domain.errors import Stale
from referrals.domain.lifecycle import Status
from referrals.domain.people import Actor
from referrals.models.patient import Patient
from referrals.models.referral import Referral
from referrals.pathway.actions import refuse_actor, take_step
from referrals.pathway.chart import change_patient
from referrals.pathway.conversation import post
from referrals.pathway.scope import find_referral
from referrals.pathway.steps import act_of, note_edit, situation_of

STEP = "update-facts"


def report_condition(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    told: Mapping[str, Any],
    facts: Mapping[str, Any],
    now: datetime,
    if_version: int,
) -> Referral:
    """`facts` is the body of `update-facts`; where it holds no fact that step is not taken, and a message goes out."""
    refuse_actor(STEP, actor)
    referral = find_referral(session, actor, referral_id, lock=True)
    if referral.version != if_version:
        raise Stale
    lifecycle.take(STEP, Status(referral.status), actor.parties, situation_of(referral))
    if tells_facts(facts):
        take_step(session, actor, referral_id, STEP, facts, now)
    if Happening.ACTIVITY in told["what"]:
        referral.performance_status = {"ecog": told["ecog"], "date": told["on"]}
        note_edit(act_of(session, actor, now), referral, ["performance_status"])
    if Happening.DIED in told["what"]:
        patient = session.get_one(Patient, referral.patient_id)
        change_patient(session, actor, patient, {"deceased_on": told["on"]}, now)
    if _needs_words(referral, told, facts):
        _tell(session, actor, referral, condition_words(told), now)
    session.flush()
    return referral


def _needs_words(referral: Referral, told: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """The step tells the owner and the center. What no fact says, and what nobody owns, is told by a message."""
    is_unsaid = not tells_facts(facts) or bool(BESIDE_THE_FACTS & set(told["what"]))
    return is_unsaid or referral.owner_id is None


def _tell(session: Session, actor: Actor, referral: Referral, words: str, now: datetime) -> None:
    sides = [Side.COORDINATOR, *([Side.CENTER] if referral.center_id else [])]
    for side in sides:
        post(session, actor, referral, {"text": words, "to": side}, now)
