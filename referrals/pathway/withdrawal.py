"""Withdrawal while a center is working: the referrer asks, the center confirms, or the network after two working days."""

from collections.abc import Mapping
from typing import Any

from referrals.domain.deadlines import CONFIRM_WITHDRAWAL_DAYS
from referrals.models.referral import Referral
from referrals.pathway.offers import release
from referrals.pathway.review import refuse_by_proviso
from referrals.pathway.steps import Act, advance, refresh_next_action

Body = Mapping[str, Any]


def request_withdrawal(act: Act, referral: Referral, body: Body) -> Referral:
    """The center is asked to stop. It may attach what it has found so far."""
    data = {"center": str(referral.center_id), "reason": body["reason"], "text": body.get("text")}
    advance(act, referral, "request-withdrawal", note=body.get("note"), data=data)
    referral.withdrawal_requested_at = act.now
    refresh_next_action(referral, act.rules)
    return referral


def confirm_withdrawal(act: Act, referral: Referral, body: Body) -> Referral:
    asked_at = referral.withdrawal_requested_at
    waited = (
        asked_at is not None and act.rules.calendar.elapsed_working_days(asked_at, act.now) >= CONFIRM_WITHDRAWAL_DAYS
    )
    holding = ("two_working_days_passed",) if waited else ()
    refuse_by_proviso(
        act, referral, "confirm-withdrawal", holding, "The center has two working days to confirm; then you may."
    )
    advance(act, referral, "confirm-withdrawal", note=body.get("note"), data=release(act, referral))
    return referral
