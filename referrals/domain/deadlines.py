"""When a referral is promised, where it stands in the queue, and when each party's turn runs out."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from referrals.domain.calendar import WorkingCalendar, midnight
from referrals.domain.statuses import BEFORE_OPINION, Status
from referrals.domain.vocabulary import Tier

_DAY = timedelta(days=1)


class Segment(StrEnum):
    TRIAGE = "triage"
    OFFER = "offer"
    REVIEW = "review"
    ACKNOWLEDGEMENT = "acknowledgement"


class Times(Protocol):
    """The part of a policy that the clock reads."""

    def target(self, tier: Tier) -> timedelta: ...
    def margin(self, tier: Tier) -> timedelta: ...
    def segment(self, tier: Tier, segment: Segment) -> tuple[int, bool]:
        """Working days, and whether they run on all days."""
        ...


# A date that the patient needs the answer by: answered a day before, and worked on two weeks before.
NEEDED_BY_LEAD = 1 * _DAY
NEEDED_BY_QUEUE_LEAD = 14 * _DAY

# A thousand years put every draft after everything that was ever received, in the order of creation.
DRAFT_OFFSET = timedelta(days=365_250)
DRAFT_REMINDERS = (1 * _DAY, 3 * _DAY)
DRAFT_PURGED_AFTER = 30 * _DAY
# A center that is working has so many working days to confirm a withdrawal; then the network may.
CONFIRM_WITHDRAWAL_DAYS = 2
# The outcome of an opinion is asked for four weeks after the referrer has read it.
OUTCOME_AFTER = 28 * _DAY


def promise(
    submitted_at: datetime,
    tier: Tier,
    times: Times,
    *,
    announced: datetime | None = None,
    needed_by: date | None = None,
    zone: str = "UTC",
) -> datetime:
    """`due_at`, what people see: never later than what was announced, always from the original submission."""
    candidates = [submitted_at + times.target(tier)]
    if announced is not None:
        candidates.append(announced)
    if needed_by is not None:
        candidates.append(_needed_at(needed_by, submitted_at, zone) - NEEDED_BY_LEAD)
    return min(candidates)


def promise_after_later_need(
    submitted_at: datetime,
    tiers_announced: Iterable[Tier],
    times: Times,
    *,
    needed_by: date | None,
    zone: str = "UTC",
) -> datetime:
    """`due_at` once the referrer has moved `needed_by` to a later day, or taken it away.

    Only what came from the earlier day is given back: the soonest tier that was ever announced still holds.
    """
    soonest = min(tiers_announced, key=times.target)
    return promise(submitted_at, soonest, times, needed_by=needed_by, zone=zone)


def queue_key(
    submitted_at: datetime, tier: Tier, times: Times, *, needed_by: date | None = None, zone: str = "UTC"
) -> datetime:
    """`order_at`, the one sort key. It follows the current tier and never passes a P1 submitted at the same time."""
    own = submitted_at + times.target(tier) - times.margin(tier)
    if needed_by is None:
        return own
    wanted = _needed_at(needed_by, submitted_at, zone) - NEEDED_BY_QUEUE_LEAD
    return max(submitted_at + _soonest_place(times), min(own, wanted))


def _needed_at(needed_by: date, submitted_at: datetime, zone: str) -> datetime:
    """00:00 of that day. A slip like the year 0026 counts as a year ago: no instant lies before the calendar begins."""
    return midnight(max(needed_by, submitted_at.date() - 365 * _DAY), zone)


def _soonest_place(times: Times) -> timedelta:
    """The place of the soonest tier, relative to submission: 25 days before it in policy 2026.1."""
    return min(times.target(tier) - times.margin(tier) for tier in Tier)


def unpassable_after(times: Times) -> timedelta:
    """Nobody starves: after this wait no new referral can come before, whatever its tier: 53 days in 2026.1."""
    return max(times.target(tier) - times.margin(tier) for tier in Tier) - _soonest_place(times)


def puts_off(current: date | None, asked: date | None) -> bool:
    """Whether the day moves away or is taken away: only the referrer may do that, anyone may bring it forward."""
    return current is not None and (asked is None or asked > current)


def draft_order_key(created_at: datetime) -> datetime:
    return created_at + DRAFT_OFFSET


def is_overdue(status: Status, due_at: datetime | None, now: datetime) -> bool:
    """Open, received, no opinion issued, and the promise has passed."""
    return status in BEFORE_OPINION and due_at is not None and due_at < now


# The segment that runs while a referral stands in a status. A blocking question has its own due time.
SEGMENT_OF: Mapping[Status, Segment] = MappingProxyType(
    {
        Status.SUBMITTED: Segment.TRIAGE,
        Status.IN_TRIAGE: Segment.TRIAGE,
        Status.READY: Segment.OFFER,
        Status.OFFERED: Segment.OFFER,
        Status.ACCEPTED: Segment.REVIEW,
        Status.IN_REVIEW: Segment.REVIEW,
        Status.OPINION_ISSUED: Segment.ACKNOWLEDGEMENT,
    }
)


def segment_due(start: datetime, tier: Tier, segment: Segment, times: Times, calendar: WorkingCalendar) -> datetime:
    days, all_days = times.segment(tier, segment)
    return calendar.add_working_days(start, days, all_days)


def next_action_due(
    status: Status,
    since: datetime,
    times: Times,
    calendar: WorkingCalendar,
    *,
    tier: Tier | None = None,
    soonest: Tier | None = None,
    promised: datetime | None = None,
) -> datetime | None:
    """When the party whose turn it is must have acted; None where nobody's turn it is.

    `since` is when the running segment began: for triage the submission, whether or not anyone has claimed it.
    The triage clock runs by the `soonest` tier that the unknowns could lead to, every other by the current one.
    Nobody has longer than what the patient was `promised`, unless that had passed before their segment began.
    """
    if status == Status.DRAFT:
        return since + DRAFT_REMINDERS[0]
    if status == Status.ACKNOWLEDGED:
        return since + OUTCOME_AFTER
    if status == Status.INFORMATION_REQUESTED:
        raise ValueError("a blocking question carries its own due time")
    segment = SEGMENT_OF.get(status)
    if segment is None:
        return None
    due = segment_due(since, clock_tier(segment, tier, soonest), segment, times, calendar)
    return within_promise(due, promised, since) if status in BEFORE_OPINION else due


def within_promise(due: datetime, promised: datetime | None, since: datetime) -> datetime:
    """Nobody has longer than what was promised, unless that had passed before their turn began."""
    return min(due, promised) if promised is not None and since < promised else due


def clock_tier(segment: Segment, tier: Tier | None, soonest: Tier | None) -> Tier:
    running = soonest if segment == Segment.TRIAGE and soonest is not None else tier
    if running is None:
        raise ValueError("a received referral has a tier")
    return running


class Band(StrEnum):
    """Where a row of the worklist stands, by its place in the queue and by nothing else."""

    START_NOW = "Start now"
    THIS_WEEK = "This week"
    LATER = "Later"


def band_limits(now: datetime) -> tuple[datetime, datetime]:
    """Up to the first: start now. Up to the second: this week. A list may be cut at them."""
    return now, now + 7 * _DAY


def band(order_at: datetime, now: datetime) -> Band:
    start_now, this_week = band_limits(now)
    if order_at <= start_now:
        return Band.START_NOW
    return Band.THIS_WEEK if order_at <= this_week else Band.LATER
