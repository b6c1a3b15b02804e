"""Plans for the whole queue as they are asked for and approved."""

from referrals.boundary.schemas.fields import Body, Id, Items, Text
from referrals.pathway.queue_plan import MOST_REFERRALS


class PlanAsked(Body):
    """The queue is what it is; `note` may say why it is placed now."""

    note = Text(allow_none=True)


class Approval(Body):
    """`referrals` are those that were left ticked; all that have a center where it is not sent."""

    referrals = Items(Id(), most=MOST_REFERRALS)
