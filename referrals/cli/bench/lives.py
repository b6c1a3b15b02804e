"""The lives of the bench's referrals: how many of a hundred stand where, and by which steps they came there."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.deadlines import SEGMENT_OF, next_action_due
from referrals.domain.lifecycle import ENDED, OPEN, Status
from referrals.domain.policy import default_policy
from referrals.domain.vocabulary import Tier

DAY = 86_400
_S = Status

# Where each step leads here, and whose it is.
STEPS: Mapping[str, tuple[Status, str]] = MappingProxyType(
    {
        "submit": (_S.SUBMITTED, "R"),
        "claim": (_S.IN_TRIAGE, "C"),
        "request-information": (_S.INFORMATION_REQUESTED, "C"),
        "complete-triage": (_S.READY, "C"),
        "offer": (_S.OFFERED, "C"),
        "accept": (_S.ACCEPTED, "K"),
        "start-review": (_S.IN_REVIEW, "S"),
        "sign-opinion": (_S.OPINION_ISSUED, "S"),
        "acknowledge": (_S.ACKNOWLEDGED, "R"),
        "close": (_S.CLOSED, "R"),
        "decline": (_S.DECLINED, "L"),
        "withdraw": (_S.WITHDRAWN, "R"),
        "cancel": (_S.CANCELLED, "C"),
        "mark-error": (_S.ENTERED_IN_ERROR, "A"),
    }
)
_WAY = ("submit", "claim", "complete-triage", "offer", "accept", "start-review", "sign-opinion", "acknowledge", "close")


@dataclass(frozen=True, slots=True)
class Life:
    """`share` of a hundred; begun between `youngest` and `oldest` days ago."""

    share: float
    steps: tuple[str, ...]
    youngest: float
    oldest: float

    @property
    def status(self) -> Status:
        return STEPS[self.steps[-1]][0] if self.steps else Status.DRAFT


LIVES = (
    Life(2, (), 0, 25),
    Life(6, _WAY[:1], 0, 6),
    Life(5, _WAY[:2], 0, 10),
    Life(3, (*_WAY[:2], "request-information"), 1, 20),
    Life(4, _WAY[:3], 1, 25),
    Life(4, _WAY[:4], 2, 30),
    Life(4, _WAY[:5], 3, 35),
    Life(6, _WAY[:6], 4, 50),
    Life(4, _WAY[:7], 8, 60),
    Life(6, _WAY[:8], 10, 90),
    Life(47, _WAY, 30, 700),
    Life(3, ("submit", "claim", "decline"), 10, 700),
    Life(2.5, ("submit", "withdraw"), 5, 700),
    Life(2.5, ("submit", "claim", "cancel"), 5, 700),
    Life(1, ("submit", "mark-error"), 5, 700),
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One event: `at` in seconds since 1970, like every time here."""

    step: str
    before: Status | None
    after: Status
    party: str
    at: int


def live(life: Life, now: int, chance: random.Random) -> list[Moment]:
    """The events of one such life, the first of which creates the draft."""
    began = now - int(chance.uniform(life.youngest, life.oldest) * DAY) - 60 * (len(life.steps) + 2)
    pace = min(3 * DAY, (now - began) // (len(life.steps) + 1))
    moments = [Moment("create", None, Status.DRAFT, "R", began)]
    for number, step in enumerate(life.steps, start=1):
        after, party = STEPS[step]
        at = began + (number - 1) * pace + (1 if number == 1 else chance.randrange(pace // 2, pace))
        moments.append(Moment(step, moments[-1].after, after, party, at))
    return moments


def segment_start(moments: Sequence[Moment]) -> int:
    """When the clock that runs at the end was set going."""
    running = SEGMENT_OF.get(moments[-1].after, moments[-1].after)
    start = moments[-1].at
    for moment in reversed(moments):
        if SEGMENT_OF.get(moment.after, moment.after) != running:
            break
        start = moment.at
    return start


def due_after(status: Status, since: int, tier: Tier | None, soonest: Tier | None) -> int | None:
    """When the party whose turn it is must have acted: exact to the day, which is enough here."""
    if status in ENDED:
        return None
    if status is Status.INFORMATION_REQUESTED:
        return since + 5 * DAY
    return since + _wait(status, since // DAY, tier, soonest)


@lru_cache(maxsize=100_000)
def _wait(status: Status, day: int, tier: Tier | None, soonest: Tier | None) -> int:
    noon = datetime.fromtimestamp(day * DAY + DAY // 2, UTC)
    due = next_action_due(status, noon, default_policy(), _calendar(), tier=tier, soonest=soonest)
    return int(((due or noon) - noon).total_seconds())


@lru_cache(maxsize=1)
def _calendar() -> WorkingCalendar:
    return WorkingCalendar("UTC", frozenset())


def promised_after(tier: Tier) -> int:
    """Seconds from submission to the promise."""
    return _seconds(default_policy().target(tier))


def placed_after(tier: Tier) -> int:
    """Seconds from submission to the place in the queue; below zero for the soonest tiers."""
    policy = default_policy()
    return _seconds(policy.target(tier) - policy.margin(tier))


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def is_open(status: Status) -> bool:
    return status in OPEN
