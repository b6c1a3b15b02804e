"""The statuses of a referral: whose turn each makes it, what is awaited, and what it means in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from referrals.domain.vocabulary import AskedParty, CoreStatus, WaitingOn


class Status(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_TRIAGE = "in_triage"
    INFORMATION_REQUESTED = "information_requested"
    READY = "ready"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    IN_REVIEW = "in_review"
    OPINION_ISSUED = "opinion_issued"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered_in_error"


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """`waiting_on` is the usual party; `waiting_on()` knows the one exception."""

    waiting_on: WaitingOn | None
    core_status: CoreStatus
    next_action: str | None
    label: str
    meaning: str

    @property
    def is_open(self) -> bool:
        return self.waiting_on is not None


_W, _CORE = WaitingOn, CoreStatus
STATUSES: Mapping[Status, StatusFacts] = MappingProxyType(
    {
        Status.DRAFT: StatusFacts(
            _W.REFERRER, _CORE.DRAFT, "submit", "Not sent yet", "Being written. Nobody but the referrer sees it."
        ),
        Status.SUBMITTED: StatusFacts(
            _W.COORDINATOR, _CORE.OPEN, "claim", "New", "Received. No coordinator has taken it yet."
        ),
        Status.IN_TRIAGE: StatusFacts(
            _W.COORDINATOR, _CORE.OPEN, "complete-triage", "In triage", "A coordinator owns it."
        ),
        Status.INFORMATION_REQUESTED: StatusFacts(
            _W.REFERRER,
            _CORE.ACTION_REQUIRED,
            "answer-information",
            "Waiting for information",
            "A question must be answered before it can go on.",
        ),
        Status.READY: StatusFacts(
            _W.COORDINATOR, _CORE.OPEN, "offer", "Ready for a center", "Triaged. Waiting for a center."
        ),
        Status.OFFERED: StatusFacts(
            _W.CENTER, _CORE.OPEN, "accept", "Offered to a center", "One center has been asked."
        ),
        Status.ACCEPTED: StatusFacts(
            _W.CENTER,
            _CORE.OPEN,
            "start-review",
            "Accepted by a center",
            "A center has accepted. Review has not begun.",
        ),
        Status.IN_REVIEW: StatusFacts(
            _W.CENTER, _CORE.IN_REVIEW, "sign-opinion", "In review", "A named specialist or panel is working on it."
        ),
        Status.OPINION_ISSUED: StatusFacts(
            _W.REFERRER,
            _CORE.ANSWERED,
            "acknowledge",
            "Opinion not yet read",
            "The opinion is signed and delivered to the referrer.",
        ),
        Status.ACKNOWLEDGED: StatusFacts(
            _W.REFERRER, _CORE.ANSWERED, "close", "Opinion read", "The referrer has read it and recorded the plan."
        ),
        Status.CLOSED: StatusFacts(
            None, _CORE.CLOSED, None, "Closed", "The outcome is recorded, or attested unobtainable."
        ),
        Status.DECLINED: StatusFacts(
            None, _CORE.ENDED, None, "Declined", "The network declined it, with a reason and advice."
        ),
        Status.WITHDRAWN: StatusFacts(None, _CORE.ENDED, None, "Withdrawn", "Ended by the referrer or the patient."),
        Status.CANCELLED: StatusFacts(None, _CORE.ENDED, None, "Canceled", "Ended by the coordinator."),
        Status.ENTERED_IN_ERROR: StatusFacts(
            None, _CORE.ENDED, None, "Entered by mistake", "Should never have existed. Kept and hidden."
        ),
    }
)

OPEN = frozenset(status for status, facts in STATUSES.items() if facts.is_open)
ENDED = frozenset(Status) - OPEN
# Every referral in one of these was, or could have been, submitted. A withdrawn draft never was: `submitted_at` decides.
RECEIVED = frozenset(Status) - {Status.DRAFT}
OPEN_RECEIVED = OPEN & RECEIVED
CENTER_WORKING = frozenset({Status.ACCEPTED, Status.IN_REVIEW})
# Where a center may be working: a blocking question hides the status that it returns to.
AT_CENTER = CENTER_WORKING | {Status.INFORMATION_REQUESTED}
ANSWERED = frozenset({Status.OPINION_ISSUED, Status.ACKNOWLEDGED, Status.CLOSED})
BEFORE_OPINION = OPEN_RECEIVED - ANSWERED


def center_is_working(status: Status, resume: Status | None = None) -> bool:
    """Has a center accepted and not given back? A blocking question hides the status it will return to."""
    where = resume if status == Status.INFORMATION_REQUESTED else status
    return where in CENTER_WORKING


def waiting_on(status: Status, asked: AskedParty | None = None) -> WaitingOn | None:
    """Whose turn it is. A blocking question makes it the turn of whoever was asked."""
    if status == Status.INFORMATION_REQUESTED and asked not in (None, AskedParty.REFERRER):
        return WaitingOn.THIRD_PARTY
    return STATUSES[status].waiting_on


# Every status in which it can be this party's turn.
STATUSES_WAITING_ON: Mapping[WaitingOn, frozenset[Status]] = MappingProxyType(
    {
        party: frozenset(
            status for status in Status if party in {waiting_on(status, asked) for asked in (None, *AskedParty)}
        )
        for party in WaitingOn
    }
)


def next_action(status: Status, *, withdrawal_requested: bool = False) -> str | None:
    """The one step that is awaited, by name; None once the referral has ended."""
    if withdrawal_requested and status in AT_CENTER:
        return "confirm-withdrawal"
    return STATUSES[status].next_action
