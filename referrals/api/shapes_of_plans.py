"""What is answered of a plan for the whole queue, field by field."""

from marshmallow import fields as plain

from referrals.api.shape_parts import Named, maybe, there
from referrals.boundary.schemas.fields import Body, Day, Id, Instant, Part, Whole, words_of
from referrals.domain.plans import Outcome, PlanCause, PlanStatus, Unplaced
from referrals.domain.vocabulary import Tier


class PlannedOut(Body):
    """The center that is proposed. Approving acknowledges what `acknowledge` says. `outcome` follows the approval."""

    referral = there(Id)
    reference = there(plain.String)
    tier = maybe(words_of, Tier)
    center = there(Part, Named)
    week = there(Day)
    score = there(plain.Integer)
    rank_of_choice = there(Whole, 1, 2**31)
    runner_up = maybe(Part, Named)
    because = there(plain.String)
    acknowledge = there(plain.List, plain.String())
    outcome = maybe(words_of, Outcome)
    outcome_because = maybe(plain.String)


class UnplacedOut(Body):
    """A referral that gets no place in this plan."""

    referral = there(Id)
    reference = there(plain.String)
    tier = maybe(words_of, Tier)
    code = there(words_of, Unplaced)
    because = there(plain.String)


class ScarceOut(Body):
    """`price`: by how many points all would fit better with one more place. `unplaced`: how many got none for want of it."""

    family = there(plain.String)
    price = there(Whole, 0, 2**31)
    unplaced = there(Whole, 0, 2**31)


class PlanOut(Body):
    """A plan for the whole queue. `progress` in percent; proposals stand in the order of the queue."""

    id = there(Id)
    version = there(Whole, 1, 2**31)
    status = there(words_of, PlanStatus)
    progress = there(Whole, 0, 100)
    cause = there(words_of, PlanCause)
    asked_at = there(Instant)
    asked_by = there(plain.String)
    note = maybe(plain.String)
    finished_at = maybe(Instant)
    approved_at = maybe(Instant)
    approved_by = maybe(plain.String)
    proposals = there(plain.List, Part(PlannedOut))
    unplaced = there(plain.List, Part(UnplacedOut))
    scarce = there(plain.List, Part(ScarceOut))
