"""Reads from the events of a referral where its days went, and what each segment was meant to take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.deadlines import Segment, clock_tier
from referrals.domain.elapsed import Moved, Spent, Stretch, by_party, by_segment, stretches
from referrals.domain.lifecycle import Status
from referrals.domain.vocabulary import AskedParty, Tier, WaitingOn
from referrals.models.center import Center
from referrals.models.referral import Referral
from referrals.models.trail import Event
from referrals.pathway.matching import calendar_of
from referrals.pathway.rules import Rules


@dataclass(frozen=True, slots=True)
class Target:
    """What a segment may take; `all_days` are of 24 hours, weekends and holidays included."""

    days: int
    all_days: bool


@dataclass(frozen=True, slots=True)
class Elapsed:
    parties: Mapping[WaitingOn | None, Spent]
    segments: Mapping[Segment, tuple[Target, Spent]]


def elapsed(session: Session, referral: Referral, events: Sequence[Event], rules: Rules, now: datetime) -> Elapsed:
    moves = [_moved(event) for event in events]
    found = list(stretches(moves, now, rules.calendar, _calendars(session, moves, rules)))
    return Elapsed(by_party(found), _with_targets(found, referral, rules))


def _moved(event: Event) -> Moved:
    asked = event.data.get("asked") if event.data.get("blocking") else None
    return Moved(event.at, Status(event.to_status), AskedParty(asked) if asked else None, event.data.get("center"))


def _calendars(session: Session, moves: Iterable[Moved], rules: Rules) -> dict[str, WorkingCalendar]:
    """Of every center that ever had its turn, in one statement."""
    ids = {UUID(move.center) for move in moves if move.center}
    if not ids:
        return {}
    query = select(Center.organization_id, Center.zone, Center.holidays).where(Center.organization_id.in_(ids))
    return {str(row.organization_id): calendar_of(row, rules) for row in session.execute(query)}


def _with_targets(found: Iterable[Stretch], referral: Referral, rules: Rules) -> dict[Segment, tuple[Target, Spent]]:
    tier, soonest = Tier(referral.tier or Tier.P4), Tier(referral.soonest_tier or Tier.P4)
    return {
        segment: (Target(*rules.policy.segment(clock_tier(segment, tier, soonest), segment)), spent)
        for segment, spent in by_segment(found).items()
    }
