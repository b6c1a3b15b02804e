"""The steps that can be taken today, by name: the table says who and when, these say what else happens."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referrals.domain import lifecycle
from referrals.domain.errors import NotFound, Stale
from referrals.domain.lifecycle import STEPS, Status
from referrals.domain.people import Actor, Kind
from referrals.domain.permissions import acting_parties, refuse_client_without_scope, refuse_without_person
from referrals.models.referral import Referral
from referrals.pathway import (
    answering,
    asking,
    ending,
    facts,
    intake,
    joining,
    judging,
    mistakes,
    offers,
    opinions,
    outcomes,
    review,
    triage,
    withdrawal,
)
from referrals.pathway.scope import find_for_step
from referrals.pathway.steps import Act, act_of, situation_of

Body = Mapping[str, Any]
Action = Callable[[Act, Referral, Body], Referral]


def _submit(act: Act, referral: Referral, body: Body) -> Referral:
    intake.submit(act.session, act.actor, referral, act.now, door=body.get("door", "json"), note=body.get("note"))
    return referral


ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        "submit": _submit,
        "claim": triage.claim,
        "release": triage.release,
        "complete-triage": triage.complete,
        "assign-owner": triage.assign_owner,
        "change-clinician": triage.change_clinician,
        "update-facts": facts.update_facts,
        "request-information": asking.request_information,
        "extend": asking.extend,
        "answer-information": answering.answer_information,
        "proceed-without": answering.proceed_without,
        "override": judging.override,
        "reassess": judging.reassess,
        "sign-opinion": opinions.sign,
        "amend-opinion": opinions.amend,
        "acknowledge": outcomes.acknowledge,
        "close": outcomes.close,
        "decline": ending.decline,
        "contest": ending.contest,
        "offer": offers.offer,
        "accept": offers.accept,
        "decline-offer": offers.decline_offer,
        "withdraw-offer": offers.withdraw_offer,
        "undo": offers.undo,
        "start-review": review.start_review,
        "change-specialist": review.change_specialist,
        "return": review.give_back,
        "recall": review.recall,
        "interim-advice": review.interim_advice,
        "request-withdrawal": withdrawal.request_withdrawal,
        "confirm-withdrawal": withdrawal.confirm_withdrawal,
        "join": joining.join,
        "mark-error": mistakes.mark_error,
        "cancel": ending.cancel,
        "withdraw": ending.withdraw,
        "reopen": ending.reopen,
    }
)


def take_step(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    step: str,
    body: Body,
    now: datetime,
    if_version: int | None = None,
) -> Referral:
    """Take one step, refusing in the order of the contract: 403, 404, 412, 409, 422.

    `if_version` is the version that the caller has read; None takes whatever stands. `reopen` answers with the
    new draft, every other step with the referral itself.
    """
    if step not in ACTIONS:
        raise NotFound
    refuse_actor(step, actor)
    referral = find_for_step(session, actor, referral_id, step)
    if if_version is not None and referral.version != if_version:
        raise Stale
    lifecycle.take(step, Status(referral.status), acting_parties(step, actor), situation_of(referral))
    refuse_without_person(step, actor)
    taken = ACTIONS[step](act_of(session, actor, now), referral, body)
    session.flush()
    return taken


def refuse_actor(step: str, actor: Actor) -> None:
    """Not this actor's step, whatever the referral: said before it is known whether there is one."""
    refuse_client_without_scope(step, actor)
    if not acting_parties(step, actor) & STEPS[step].parties:
        raise lifecycle.not_this_actor(STEPS[step])


def steps_open_to(actor: Actor, referral: Referral) -> tuple[str, ...]:
    """What this actor may do now, in the order of the table, of the steps that can be taken today.

    Whoever has joined from another organization reads, as does whoever broke glass; the referring organization acts.
    """
    if referral.id in actor.opened:
        return ()
    if actor.kind is Kind.PROVIDER and referral.organization_id != actor.organization_id:
        return ()
    rules = lifecycle.open_steps(Status(referral.status), actor.parties, situation_of(referral))
    return tuple(rule.name for rule in rules if rule.name in ACTIONS)
