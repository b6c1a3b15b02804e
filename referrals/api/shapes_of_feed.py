"""What is answered of the feed and of a reconciliation, field by field."""

from marshmallow import fields as plain

from referrals.api.shape_parts import maybe, there
from referrals.api.shapes import StepTaken
from referrals.boundary.schemas.fields import Body, Flag, Id, Instant, Items, Part, Whole, words_of
from referrals.domain.lifecycle import Status

MANY = 2**31


class FeedEventOut(StepTaken):
    """One step of one referral, at its place in the feed. `version` is what the referral had after it."""

    sequence = there(Whole, 1, 2**63 - 1)


class FeedOut(Body):
    """What happened next. Ask again with `after` as `next_after`, also where there was nothing."""

    items = there(Items, Part(FeedEventOut))
    next_after = there(Whole, 0, 2**63 - 1)


class StandingOut(Body):
    """A referral as it is."""

    id = there(Id)
    reference = there(plain.String)
    external_reference = maybe(plain.String)
    status = there(words_of, Status)
    version = there(Whole, 1, MANY)
    ended_at = maybe(Instant)


class DifferentOut(StandingOut):
    """A referral that is open, but not as the caller believes."""

    fields_ = there(Items, plain.String(), data_key="fields")


class ReconciledOut(Body):
    """`missing`: unknown, or not for the caller to see. `agreed`: how many are open as believed.

    `not_named` holds at most 10,000; `more` says that there are others.
    """

    missing = there(Items, plain.String())
    ended = there(Items, Part(StandingOut))
    different = there(Items, Part(DifferentOut))
    not_named = there(Items, Part(StandingOut))
    agreed = there(Whole, 0, MANY)
    more = there(Flag)
