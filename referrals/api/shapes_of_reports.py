"""What is answered of a center's record and of the gaps of the network, field by field."""

from marshmallow import fields as plain

from referrals.api.shape_parts import Named, maybe, there
from referrals.boundary.schemas.fields import Body, Flag, Id, Instant, Part, Whole, words_of
from referrals.domain.lifecycle import Status

MANY = 2**31


class OffersOut(Body):
    """Offers of the last 365 days by their end. What was withdrawn by the network counts for no share."""

    made = maybe(Whole, 0, MANY)
    answered = maybe(Whole, 0, MANY)
    accepted = maybe(Whole, 0, MANY)
    declined = maybe(Whole, 0, MANY)
    lapsed = maybe(Whole, 0, MANY)
    waiting = maybe(Whole, 0, MANY)
    returned = maybe(Whole, 0, MANY)
    recalled = maybe(Whole, 0, MANY)
    withdrawn = maybe(Whole, 0, MANY)


class DeclinedOut(Body):
    """Declined offers by the reason given."""

    capacity = maybe(Whole, 0, MANY)
    expertise = maybe(Whole, 0, MANY)
    conflict = maybe(Whole, 0, MANY)
    incomplete = maybe(Whole, 0, MANY)
    other = maybe(Whole, 0, MANY)


class OpinionsOut(Body):
    """Opinions signed, in days from acceptance; late after what the patient was promised."""

    signed = maybe(Whole, 0, MANY)
    late = maybe(Whole, 0, MANY)
    late_percent = maybe(Whole, 0, 100)
    median_days = maybe(plain.Float)
    p80_days = maybe(plain.Float)


class RecordLineOut(Body):
    """The record in one tumor family, or in all (family null)."""

    family = maybe(plain.String)
    label = there(plain.String)
    offers = there(Part, OffersOut)
    declined_because = there(Part, DeclinedOut)
    accepted_percent = maybe(Whole, 0, 100)
    hours_to_answer = maybe(plain.Float)
    opinions = there(Part, OpinionsOut)


class CenterRecordOut(Body):
    """What became of offers to a center. Null: a number below `hidden_below`, or one that would tell it."""

    center = there(Part, Named)
    since = there(Instant)
    hidden_below = there(Whole, 1, 100)
    all = there(Part, RecordLineOut)
    families = there(plain.List, Part(RecordLineOut))


class WaitsOut(Body):
    """One referral that waits for an offer: since its last offer ended, else since it was submitted."""

    id = there(Id)
    reference = there(plain.String)
    status = there(words_of, Status)
    family = maybe(plain.String)
    region = maybe(plain.String)
    since = there(Instant)
    days = there(Whole, 0, MANY)
    center_exists = there(Flag)


class ConstraintOut(Body):
    """A hard constraint, and how many centers it excluded over all these referrals."""

    constraint = there(plain.String)
    centers = there(Whole, 1, MANY)
    because = there(plain.String)
    what_to_do = there(plain.String)


class GapOut(Body):
    """Referrals of one family, from one region, that no center can take."""

    family = maybe(plain.String)
    label = there(plain.String)
    region = maybe(plain.String)
    referrals = there(Whole, 1, MANY)
    longest = there(Part, WaitsOut)
    most_often = there(plain.String)
    what_to_do = there(plain.String)
    constraints = there(plain.List, Part(ConstraintOut))
    price = maybe(Whole, 0, MANY)


class ScarceFamilyOut(Body):
    """What one more place for a family was worth to the last assignment."""

    family = there(plain.String)
    price = there(Whole, 0, MANY)


class NetworkGapOut(Body):
    """Who has nowhere to go, and why. `complete` is false where more wait than were looked at."""

    at = there(Instant)
    headline = there(plain.String)
    looked_at = there(Whole, 0, MANY)
    complete = there(Flag)
    gaps = there(plain.List, Part(GapOut))
    waited_long = there(plain.List, Part(WaitsOut))
    scarce = there(plain.List, Part(ScarceFamilyOut))
