"""What somebody who opens a referral must notice before anything else."""

from collections.abc import Mapping
from typing import Any

from referrals.web import paths
from referrals.web.forms.reasons import DECLINE_REASON
from referrals.web.presenters.notices import Notice
from referrals.web.presenters.times import Moment
from referrals.web.words import words_for


def declined_notice(data: Mapping[str, Any]) -> Notice:
    reason = words_for(DECLINE_REASON, data.get("reason"), "").lower()
    return Notice("warn", f"Declined: {reason}", str(data.get("advice") or ""))


def stale_notice(referral_id: object, may_reassess: bool) -> Notice:
    """The judgement was made on other facts, or by another policy, than those that stand."""
    action, href = ("Check the priority again", paths.referral(referral_id, "reassess")) if may_reassess else ("", "")
    said = "The facts or the priority rules changed after it was worked out."
    return Notice("warn", "The priority may be out of date", said, action, href, posts=bool(href))


def countersign_notice(override: Mapping[str, Any], referral_id: object, is_lead: bool, moment: Moment) -> Notice:
    title = (
        f"A clinical lead countersigns the change to {override['tier']} by {moment.at(override['countersign_due_at'])}"
    )
    return Notice(
        "info",
        title,
        "It acts already. Confirm it by choosing the same priority, or choose another."
        if is_lead
        else "It acts already.",
        "Look at it" if is_lead else "",
        paths.referral(referral_id, "override") if is_lead else "",
    )


def uncoded_notice(referral_id: object) -> Notice:
    return Notice(
        "warn",
        "Code the diagnosis today",
        "It is described in words only. With its code the priority can be worked out.",
        "Add the code",
        paths.referral(referral_id, "update-facts"),
    )


def identity_notice() -> Notice:
    said = "Another organization knows a number of this person. Somebody has to say whether they are the same."
    return Notice("info", "The identity is being checked", said, "Compare", paths.IDENTITY_CHECKS)


def follows_notice(follows: Mapping[str, Any]) -> Notice:
    href = paths.referral(follows["id"])
    return Notice("info", f"Started again from {follows['reference']}", "", "Open the earlier one", href)
