"""What each step takes, beside the note that every step may carry."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from referrals.boundary.schemas.fields import (
    Body,
    Day,
    Flag,
    Id,
    Instant,
    Items,
    Part,
    Text,
    WholePart,
    Words,
    words_of,
)  # fmt: skip
from referrals.boundary.schemas.noted import Noted
from referrals.boundary.schemas.opinions import Acknowledge, AmendOpinion, Close, SignOpinion
from referrals.boundary.schemas.packet import Diagnosis, Treatment
from referrals.boundary.schemas.questions import QUESTION_BODIES
from referrals.domain import vocabulary as known
from referrals.domain.centers import MOST_FALLBACKS
from referrals.domain.errors import FieldError
from referrals.domain.packet import faults


class Override(Noted):
    """Another tier than the rules give, by a person, for a time."""

    tier = words_of(known.Tier, required=True)
    reason = words_of(known.OverrideReason, required=True)
    text = Text(required=True)
    expires_at = Instant(required=True)


class NamedUser(Noted):
    """A step that names a person of the organization."""

    user = Id(required=True)


class FactsTold(Body):
    """Clinical facts; `diagnosis` is a merge patch, `treatments` the whole list."""

    diagnosis = Part(Diagnosis, allow_none=True)
    treatments = Items(WholePart(Treatment), allow_none=True)
    pregnant = Flag(allow_none=True)


class UpdateFacts(FactsTold, Noted):
    """New or corrected clinical facts; `diagnosis` is a merge patch, `treatments` the whole list."""

    kind = words_of(known.FactsKind, required=True)
    source = Text(required=True)
    reason = Text(required=True)

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


class Offer(Noted):
    """One center is asked. What stands against it is waived or acknowledged by name.

    `then` names who is asked next, in this order, should it decline or not answer; what was acknowledged holds for
    them, too, an exception or a place beyond the week's own never does.
    """

    center = Id(required=True)
    then = Items(Id(), most=MOST_FALLBACKS, allow_none=True)
    respond_by = Instant(allow_none=True)
    exception_reason = Text(allow_none=True)
    overbook_reason = Text(allow_none=True)
    late_acknowledged = Flag(allow_none=True)
    unknown_acknowledged = Flag(allow_none=True)


class Accept(Noted):
    expected_on = Day(allow_none=True)


class NotOurs(Noted):
    """A center declines an offer, or returns what it had accepted."""

    reason = words_of(known.DeclineOfferReason, required=True)
    text = Text(allow_none=True)


class Reviewers(Noted):
    """Who at the center answers: one who signs, and the others of the panel."""

    specialist = Id(required=True)
    panel = Items(Id(), most=20, allow_none=True)


class MarkError(Noted):
    """`second_person` is the address of somebody else of the organization, once the referral was sent."""

    text = Text(required=True)
    second_person = Words(254, allow_none=True)


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
    **QUESTION_BODIES,
    "sign-opinion": SignOpinion,
    "amend-opinion": AmendOpinion,
    "acknowledge": Acknowledge,
    "close": Close,
    "decline": Decline,
    "contest": Told,
    "reopen": Told,
    "withdraw": Withdraw,
    "request-withdrawal": Withdraw,
    "confirm-withdrawal": Noted,
    "offer": Offer,
    "accept": Accept,
    "decline-offer": NotOurs,
    "withdraw-offer": Told,
    "undo": Noted,
    "start-review": Reviewers,
    "change-specialist": Reviewers,
    "return": NotOurs,
    "recall": Told,
    "interim-advice": Told,
    "join": NamedUser,
    "mark-error": MarkError,
    "cancel": Cancel,
}
