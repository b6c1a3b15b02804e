"""A referral that should never have existed: hidden from those who work, kept for those who must know."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from referrals.domain.errors import FieldError, refuse_unless_clean
from referrals.domain.lifecycle import ANSWERED, Status
from referrals.models.referral import Referral
from referrals.models.trail import Event
from referrals.models.user import Membership, User
from referrals.pathway.offers import release
from referrals.pathway.steps import Act, advance

Body = Mapping[str, Any]


def mark_error(act: Act, referral: Referral, body: Body) -> Referral:
    """An administrator, and once it was submitted a second person with them. Never over a signed opinion."""
    second, errors = _second_person(act, referral, body)
    refuse_unless_clean([*errors, *_signed(act, referral)])
    data = {"text": body["text"], "second_person": second.name if second else None, **release(act, referral)}
    advance(act, referral, "mark-error", note=body.get("note"), data=data)
    return referral


def _second_person(act: Act, referral: Referral, body: Body) -> tuple[User | None, list[FieldError]]:
    if referral.submitted_at is None:
        return None, []
    named = body.get("second_person")
    if not named:
        return None, [FieldError("/second_person", "second_person", "Once it was sent, a second person confirms it.")]
    query = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            User.email == str(named).lower(),
            User.active.is_(True),
            User.id != act.actor.user_id,
            Membership.organization_id == act.actor.organization_id,
        )
        .limit(1)
    )
    found = act.session.scalars(query).one_or_none()
    if found is None:
        message = "Nobody else who is active in your organization has this address."
        return None, [FieldError("/second_person", "second_person", message)]
    return found, []


def _signed(act: Act, referral: Referral) -> list[FieldError]:
    """An opinion was signed where the referral has ever been answered, also before it was ended."""
    signed = select(Event.id).where(Event.referral_id == referral.id, Event.step == "sign-opinion").limit(1)
    if Status(referral.status) in ANSWERED or act.session.scalar(signed) is not None:
        return [FieldError("", "no_signed_opinion", "A signed opinion stands on this referral: it is kept in sight.")]
    return []
