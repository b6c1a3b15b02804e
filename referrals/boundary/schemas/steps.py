"""What each step takes, beside the note that every step may carry."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from referrals.boundary.schemas.fields import Body, Flag, Id, Instant, Items, Part, Text, WholePart, words_of
from referrals.boundary.schemas.opinions import Acknowledge, AmendOpinion, Close, SignOpinion
from referrals.boundary.schemas.packet import Diagnosis, Treatment
from referrals.domain import vocabulary as known
from referrals.domain.errors import FieldError
from referrals.domain.packet import faults


class Noted(Body):
    """A step that needs nothing but the wish to take it."""

    note = Text(allow_none=True)


class Override(Noted):
    """Another tier than the rules give, by a person, for a time."""

    tier = words_of(known.Tier, required=True)
    reason = words_of(known.OverrideReason, required=True)
    text = Text(required=True)
    expires_at = Instant(required=True)


class NamedUser(Noted):
    """A step that names a person of the organization."""

    user = Id(required=True)


class UpdateFacts(Noted):
    """New or corrected clinical facts; `diagnosis` is a merge patch, `treatments` the whole list."""

    kind = words_of(known.FactsKind, required=True)
    source = Text(required=True)
    reason = Text(required=True)
    diagnosis = Part(Diagnosis, allow_none=True)
    treatments = Items(WholePart(Treatment), allow_none=True)
    pregnant = Flag(allow_none=True)

    def beyond_form(self, sound: Mapping[str, Any], today: date, *, is_whole: bool = True) -> list[FieldError]:
        return faults(sound, today, submitting=False, by_client=True)


class Decline(Noted):
    """The network does not take the referral on."""

    reason = words_of(known.DeclineReason, required=True)
    advice = Text(required=True)


class Told(Noted):
    """A step that needs a text."""

    text = Text(required=True)


class Withdraw(Noted):
    """The referrer or the patient ends it."""

    reason = words_of(known.WithdrawReason, required=True)
    text = Text(allow_none=True)


class Cancel(Noted):
    """The network ends it."""

    reason = words_of(known.CancelReason, required=True)
    duplicate_of = Id(allow_none=True)
    text = Text(allow_none=True)


STEP_BODIES: Mapping[str, type[Body]] = {
    "submit": Noted,
    "claim": Noted,
    "release": Noted,
    "complete-triage": Noted,
    "reassess": Noted,
    "update-facts": UpdateFacts,
    "override": Override,
    "assign-owner": NamedUser,
    "change-clinician": NamedUser,
    "sign-opinion": SignOpinion,
    "amend-opinion": AmendOpinion,
    "acknowledge": Acknowledge,
    "close": Close,
    "decline": Decline,
    "contest": Told,
    "reopen": Told,
    "withdraw": Withdraw,
    "cancel": Cancel,
}
