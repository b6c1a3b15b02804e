"""Who writes to whom about a referral, and by when a message is to be read."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from referrals.domain.errors import refuse
from referrals.domain.lifecycle import Status
from referrals.domain.people import Kind, Party
from referrals.domain.reminders import Whom
from referrals.domain.tasks import TaskKind


class Side(StrEnum):
    """The three who talk about a referral."""

    REFERRER = "referrer"
    COORDINATOR = "coordinator"
    CENTER = "center"


SIDE_OF: Mapping[Kind, Side] = MappingProxyType(
    {Kind.PROVIDER: Side.REFERRER, Kind.NETWORK: Side.COORDINATOR, Kind.CENTER: Side.CENTER}
)
WRITERS = frozenset({Party.R, Party.C, Party.L, Party.K, Party.S})
# Nobody has received a draft yet, and what should never have existed is hidden.
SILENT = frozenset({Status.DRAFT, Status.ENTERED_IN_ERROR})

# The network talks to both and has to say whom it means.
USUALLY_TO: Mapping[Side, Side] = MappingProxyType({Side.REFERRER: Side.COORDINATOR, Side.CENTER: Side.COORDINATOR})

# A message to the network or to a center is read within so many of its working days.
REPLY_DAYS = 1
# The referrer has no due time, and is reminded once.
REFERRER_REMINDED_AFTER = timedelta(days=1)

TOLD: Mapping[Side, Whom] = MappingProxyType(
    {Side.REFERRER: Whom.REFERRER, Side.COORDINATOR: Whom.TEAM, Side.CENTER: Whom.CENTER}
)
# What the owner does about a message that was not read in time.
OVERDUE: Mapping[Side, TaskKind] = MappingProxyType(
    {Side.COORDINATOR: TaskKind.MESSAGE_UNREAD, Side.CENTER: TaskKind.MESSAGE_UNREAD_AT_CENTER}
)

# What stands in a letter and in a notice: that there is a message, never what it says.
MESSAGE_WORDS: Mapping[str, str] = MappingProxyType(
    {"new": "A new message", "unread": "Reminder: a message waits to be read"}
)


def addressee(side: Side, to: Side | None, *, is_internal: bool, has_center: bool) -> Side:
    """Whom a message of this side is for. Raises `Invalid` where it could reach nobody, or somebody it should not."""
    if is_internal:
        return _inside(side, to)
    meant = to or USUALLY_TO.get(side)
    if meant is None:
        refuse("/to", "required", "Say for whom it is: referrer or center.")
    if meant is side:
        refuse("/to", "own_side", "A message goes to somebody else. A note of the network is internal.")
    if meant is Side.CENTER and not has_center:
        refuse("/to", "no_center", "No center of the network is asked or at work.")
    return meant


def _inside(side: Side, to: Side | None) -> Side:
    if side is not Side.COORDINATOR:
        refuse("/internal", "network_only", "Only the network writes notes for itself.")
    if to not in (None, Side.COORDINATOR):
        refuse("/to", "stays_inside", "A note of the network is for nobody outside it.")
    return Side.COORDINATOR
