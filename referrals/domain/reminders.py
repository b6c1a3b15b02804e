"""Who is reminded of what, and when: one table by status, read by the worker and by the pages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from referrals.domain.deadlines import DRAFT_REMINDERS
from referrals.domain.lifecycle import OPEN_RECEIVED, Status
from referrals.domain.tasks import TaskKind
from referrals.domain.vocabulary import WaitingOn


class ReminderKind(StrEnum):
    DUE_SOON = "due_soon"
    DUE_PASSED = "due_passed"
    MISSED_TWICE = "missed_twice"
    DRAFT_FIRST = "draft_first"
    DRAFT_SECOND = "draft_second"


class Whom(StrEnum):
    """Somebody who answers for a referral now. Each is looked up when the time has come."""

    REFERRER = "referrer"
    TEAM = "team"  # the owner; where nobody owns it, every coordinator of the network
    OWNER = "owner"  # one person of the network: the owner, else a coordinator, else a lead
    LEAD = "lead"
    CENTER = "center"  # coordinators and specialists of the center that was asked
    CENTER_COORDINATOR = "center_coordinator"


@dataclass(frozen=True, slots=True)
class Timed:
    """`after` the due time, and no later than `until` after it, where that is said."""

    kind: ReminderKind
    after: timedelta
    until: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    whom: Whom
    task: TaskKind


# A reminder half a day before, whatever the tier; the second due time is missed a day after the first.
BEFORE = timedelta(hours=12)
SECOND_DUE = timedelta(days=1)

RECEIVED_TIMES = (
    Timed(ReminderKind.DUE_SOON, -BEFORE, timedelta(0)),
    Timed(ReminderKind.DUE_PASSED, timedelta(0)),
    Timed(ReminderKind.MISSED_TWICE, SECOND_DUE),
)
# A draft is due a day after it was begun.
DRAFT_TIMES = (
    Timed(ReminderKind.DRAFT_FIRST, timedelta(0)),
    Timed(ReminderKind.DRAFT_SECOND, DRAFT_REMINDERS[1] - DRAFT_REMINDERS[0]),
)

REMINDED: Mapping[WaitingOn, Whom] = MappingProxyType(
    {
        WaitingOn.REFERRER: Whom.REFERRER,
        WaitingOn.COORDINATOR: Whom.TEAM,
        WaitingOn.CENTER: Whom.CENTER,
        WaitingOn.THIRD_PARTY: Whom.TEAM,
    }
)
ESCALATED: Mapping[WaitingOn, tuple[Escalation, ...]] = MappingProxyType(
    {
        WaitingOn.REFERRER: (Escalation(Whom.OWNER, TaskKind.PHONE_REFERRER),),
        WaitingOn.COORDINATOR: (Escalation(Whom.LEAD, TaskKind.NETWORK_LATE),),
        WaitingOn.CENTER: (
            Escalation(Whom.CENTER_COORDINATOR, TaskKind.CENTER_LATE),
            Escalation(Whom.OWNER, TaskKind.CHASE_CENTER),
        ),
        WaitingOn.THIRD_PARTY: (Escalation(Whom.OWNER, TaskKind.PHONE_THIRD_PARTY),),
    }
)

# What waits to be done, by status: it stands in a notice and in mail.
AWAITED: Mapping[Status, str] = MappingProxyType(
    {
        Status.DRAFT: "a referral you began has not been sent",
        Status.SUBMITTED: "a new referral waits to be taken",
        Status.IN_TRIAGE: "triage waits to be completed",
        Status.INFORMATION_REQUESTED: "a question waits for its answer",
        Status.READY: "a referral waits for a center",
        Status.OFFERED: "an offer waits for the center’s answer",
        Status.ACCEPTED: "the review waits to be started",
        Status.IN_REVIEW: "the opinion waits to be signed",
        Status.OPINION_ISSUED: "the opinion waits to be read",
        Status.ACKNOWLEDGED: "the outcome waits to be recorded",
    }
)
URGENCY: Mapping[ReminderKind, str] = MappingProxyType(
    {
        ReminderKind.DUE_SOON: "Due soon",
        ReminderKind.DUE_PASSED: "Late",
        ReminderKind.MISSED_TWICE: "Very late",
        ReminderKind.DRAFT_FIRST: "Reminder",
        ReminderKind.DRAFT_SECOND: "Second reminder",
    }
)


def reminder_words(kind: ReminderKind, status: Status) -> str:
    return f"{URGENCY[kind]}: {AWAITED[status]}"


def timetable() -> Iterator[tuple[frozenset[Status], Timed]]:
    """Every reminder there is, with the statuses in which it is given."""
    for timed in RECEIVED_TIMES:
        yield OPEN_RECEIVED, timed
    for timed in DRAFT_TIMES:
        yield frozenset({Status.DRAFT}), timed
