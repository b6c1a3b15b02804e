"""The coded reasons of steps in words."""

from collections.abc import Mapping

from referrals.domain.outside import HeardBy

DECLINE_REASON: Mapping[str, str] = {
    "out_of_scope": "Outside what the network does",
    "not_indicated": "A second opinion would not help",
    "already_answered": "The question is already answered",
    "administrative": "Administrative",
    "other": "Another reason",
}
WITHDRAW_REASON: Mapping[str, str] = {
    "patient_choice": "The patient no longer wants it",
    "treated_elsewhere": "Treated elsewhere",
    "no_longer_needed": "No longer needed",
    "deceased": "The patient has died",
    "other": "Another reason",
}
CANCEL_REASON: Mapping[str, str] = {
    "duplicate": "A duplicate of another referral",
    "deceased": "The patient has died",
    "other_route": "It takes another route",
    "out_of_scope": "Outside what the network does",
}
OFFER_REASON: Mapping[str, str] = {
    "capacity": "No capacity now",
    "expertise": "Outside our expertise",
    "conflict": "A conflict of interest",
    "incomplete": "Something is missing",
    "other": "Another reason",
}
HEARD_BY: Mapping[str, str] = {
    HeardBy.PHONE: "By phone",
    HeardBy.LETTER: "By letter",
    HeardBy.EMAIL: "By email",
    HeardBy.PORTAL: "On a portal",
}
