"""What somebody who opens a referral must notice before anything else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from referrals.domain.lifecycle import STATUSES, Status
from referrals.web import paths
from referrals.web.forms.reasons import CANCEL_REASON, DECLINE_REASON, WITHDRAW_REASON
from referrals.web.presenters.notices import Notice
from referrals.web.presenters.times import Moment, date_words
from referrals.web.words import words_for

# By which step each end came about, and in which words its reason is told.
ENDED_BY: Mapping[str, tuple[str, Mapping[str, str]]] = {
    Status.DECLINED: ("decline", DECLINE_REASON),
    Status.CANCELLED: ("cancel", CANCEL_REASON),
    Status.WITHDRAWN: ("withdraw", WITHDRAW_REASON),
}


def ended_notice(status: str, data: Mapping[str, Any]) -> Notice:
    """Why it ended before an opinion. `data` is that of the step which ended it."""
    reason = words_for(ENDED_BY[status][1], data.get("reason"), "").lower()
    title = STATUSES[Status(status)].label
    return Notice("warn", f"{title}: {reason}" if reason else title, _said(data))


def _said(data: Mapping[str, Any]) -> str:
    return str(data.get("advice") or data.get("text") or "")


@dataclass(frozen=True)
class Declined:
    """`by_reader`: whoever reads the page declined it."""

    by: str
    by_reader: bool
    at: datetime
    data: Mapping[str, Any]


def contest_notice(contested: Mapping[str, Any], declined: Declined, moment: Moment) -> Notice:
    """For whoever answers it: what the referrer says, and what they say it to."""
    reason = words_for(DECLINE_REASON, declined.data.get("reason"), "").lower()
    answers = "Somebody else answers." if declined.by_reader else "A different clinical lead answers."
    who = "you" if declined.by_reader else declined.by
    return Notice(
        "warn",
        f"Contested: “{_said(contested)}”",
        f"Declined {moment.on(declined.at)} by {who}, {reason}: “{_said(declined.data)}” {answers}",
    )


def advice_notice(referral_id: object, advice_id: object, text: str, said: str, may_read: bool) -> Notice:
    """What a specialist has said before the opinion, until a clinician of the referrer has read it."""
    action, href = ("I have read it", paths.advice_read(referral_id, advice_id)) if may_read else ("", "")
    return Notice("warn", f"Advice before the opinion: “{text}”", said, action, href, posts=bool(href))


def stale_notice(referral_id: object, may_reassess: bool) -> Notice:
    """The judgement was made on other facts, or by another policy, than those that stand."""
    action, href = ("Check the priority again", paths.referral(referral_id, "reassess")) if may_reassess else ("", "")
    said = "The facts or the priority rules changed after it was worked out."
    return Notice("warn", "The priority may be out of date", said, action, href, posts=bool(href))


def countersign_notice(override: Mapping[str, Any], referral_id: object, is_lead: bool, moment: Moment) -> Notice:
    tier, until = override["tier"], moment.local(override["expires_at"]).date()
    title = f"A clinical lead countersigns the change to {tier} by {moment.at(override['countersign_due_at'])}"
    if not is_lead:
        return Notice("info", title, "It acts already.")
    return Notice(
        "info",
        title,
        f"It acts already. You confirm it until {date_words(until)}, with the reason given; or change the priority.",
        f"Countersign {tier}",
        paths.referral(referral_id, "override"),
        posts=True,
        sends=(
            ("tier", tier),
            ("reason", override["reason"]),
            ("text", override["text"]),
            ("expires_on", until.isoformat()),
        ),
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
