"""Of which steps the referrer is told in any case, and of which by mail whatever they prefer."""

from referrals.domain.lifecycle import ENDING_STEPS
from referrals.domain.statuses import STATUSES, Status
from referrals.domain.vocabulary import WaitingOn

ANSWERING_STEPS = ("sign-opinion", "amend-opinion", "interim-advice")
# What ends or answers a referral reaches the referrer, even of their own doing, or a person finds out why not.
TOLD_IN_ANY_CASE = frozenset((*ENDING_STEPS, *ANSWERING_STEPS))

# What concerns the network or the referring organization alone: the center at work is not troubled with it.
NOT_FOR_THE_CENTER = frozenset({"edit", "assign-owner", "reassess", "override", "change-clinician", "join", "extend"})


def is_required(step: str, before: str | None, after: str, party: WaitingOn) -> bool:
    """Nobody turns off the mail that an opinion is there, or that it has become their turn."""
    if party is WaitingOn.REFERRER and step in ANSWERING_STEPS:
        return True
    turn = STATUSES[Status(after)].waiting_on
    return turn is party and (before is None or STATUSES[Status(before)].waiting_on is not party)
