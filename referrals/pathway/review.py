"""The center at work: a named specialist begins, is changed, advises on the way; or the referral comes back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from referrals.domain.centers import OfferStatus
from referrals.domain.errors import FieldError, Forbidden, refuse, refuse_unless_clean
from referrals.domain.lifecycle import STEPS, Status, unmet_proviso
from referrals.domain.people import Role
from referrals.models.base import new_id
from referrals.models.offer import Advice, Offer
from referrals.models.referral import Referral
from referrals.models.user import User
from referrals.pathway.advice import ask_for_a_call
from referrals.pathway.guards import member
from referrals.pathway.offers import let_go, name_of, own_offer
from referrals.pathway.standing_offer import confirm, held_offer
from referrals.pathway.steps import Act, advance

Body = Mapping[str, Any]


def start_review(act: Act, referral: Referral, body: Body) -> Referral:
    """Naming a specialist confirms the facts as they are now, too."""
    row = own_offer(act, referral)
    row.review_started_at = act.now
    return _name_reviewers(act, referral, body, "start-review")


def change_specialist(act: Act, referral: Referral, body: Body) -> Referral:
    return _name_reviewers(act, referral, body, "change-specialist")


def _name_reviewers(act: Act, referral: Referral, body: Body, step: str) -> Referral:
    row = own_offer(act, referral)
    if act.actor.recorded:
        return _name_outside(act, referral, row, body, step)
    specialist, panel, errors = _reviewers(act, row.center_id, body)
    refuse_unless_clean(errors)
    row.specialist_id = specialist.id if specialist else None
    row.panel = [{"id": str(each.id), "name": each.name} for each in panel]
    confirm(row, referral)
    names = {"specialist": specialist.name if specialist else None, "panel": [each.name for each in panel]}
    advance(act, referral, step, note=body.get("note"), data={"center": str(row.center_id), **names})
    return referral


def _name_outside(act: Act, referral: Referral, row: Offer, body: Body, step: str) -> Referral:
    """A specialist outside the network is no user: the name on the original is what the guard asks for."""
    named = body.get("outside_specialist") or {}
    if not named.get("name"):
        refuse("/specialist", "specialist_is_of_center", "Name the specialist as the original does.")
    row.outside_specialist = dict(named)
    confirm(row, referral)
    data = {"center": str(row.center_id), "specialist": named["name"], "panel": []}
    advance(act, referral, step, note=body.get("note"), data=data)
    return referral


def _reviewers(act: Act, center_id: UUID, body: Body) -> tuple[User | None, list[User], list[FieldError]]:
    """Active specialists of the center, each named once."""
    specialist, errors = member(act, center_id, body["specialist"], (Role.SPECIALIST,), "/specialist")
    panel: list[User] = []
    for place, each in enumerate(body.get("panel") or ()):
        found, wrong = member(act, center_id, each, (Role.SPECIALIST,), f"/panel/{place}")
        errors += wrong
        if found is not None and (found in panel or found is specialist):
            errors.append(FieldError(f"/panel/{place}", "repeated", "This specialist is named already."))
        elif found is not None:
            panel.append(found)
    return specialist, panel, [_as_guard(error) for error in errors]


def _as_guard(error: FieldError) -> FieldError:
    if error.code != "unknown":
        return error
    return FieldError(error.pointer, "specialist_is_of_center", "No active specialist of the center has this id.")


def give_back(act: Act, referral: Referral, body: Body) -> Referral:
    """The center cannot answer after all: the coordinator finds another."""
    row = own_offer(act, referral)
    data = {"center": str(row.center_id), "center_name": name_of(act.session, row.center_id), "reason": body["reason"]}
    let_go(act, referral, row, OfferStatus.RETURNED, reason=body["reason"], text=body.get("text"))
    advance(act, referral, "return", note=body.get("note"), data=data | {"text": body.get("text")})
    return referral


def recall(act: Act, referral: Referral, body: Body) -> Referral:
    """The network takes it back: a coordinator once a due time has passed, a lead at any time."""
    holding = ("due_time_passed",) if due_time_passed(referral, act.now) else ()
    refuse_by_proviso(
        act, referral, "recall", holding, "A coordinator recalls once a due time has passed; a lead may now."
    )
    row = held_offer(act.session, referral.id)
    data: dict[str, Any] = {"text": body["text"]}
    if row is not None:
        data |= {"center": str(row.center_id), "center_name": name_of(act.session, row.center_id)}
        let_go(act, referral, row, OfferStatus.RECALLED, text=body["text"])
    advance(act, referral, "recall", note=body.get("note"), data=data)
    return referral


def due_time_passed(referral: Referral, now: datetime) -> bool:
    return any(due is not None and due < now for due in (referral.next_action_due_at, referral.due_at))


def refuse_by_proviso(act: Act, referral: Referral, step: str, holding: tuple[str, ...], why: str) -> None:
    """What a party may do only while its word holds."""
    if unmet_proviso(STEPS[step], Status(referral.status), act.actor.parties, holding):
        raise Forbidden("not_this_actor", why)


def interim_advice(act: Act, referral: Referral, body: Body) -> Referral:
    """What the referrer must know before the opinion is signed: delivered at once, and acknowledged by itself."""
    row = Advice(
        id=new_id(),
        network_id=referral.network_id,
        referral_id=referral.id,
        text=body["text"],
        author_id=act.actor.user_id,
        author_name=act.actor.name,
        given_at=act.now,
    )
    act.session.add(row)
    data = {"center": str(referral.center_id), "advice": str(row.id), "text": body["text"]}
    advance(act, referral, "interim-advice", note=body.get("note"), data=data)
    ask_for_a_call(act, referral, row)
    return referral
