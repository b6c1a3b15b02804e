"""Reads the turns of every referral off its events, one referral after the other, so that none stays in memory."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from sqlalchemy import case, select

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.lifecycle import Status
from referrals.domain.people import Kind
from referrals.domain.reports.parts import ALL
from referrals.domain.reports.turnaround import CENTERS_STAGES, STAGES, Move, Turn, Turns, parts, summed
from referrals.domain.vocabulary import AskedParty, Tier
from referrals.models.center import Center
from referrals.models.referral import Referral
from referrals.models.trail import Event
from referrals.pathway.matching import calendar_of
from referrals.pathway.reports.ask import AT_ONCE, Ask, Told
from referrals.pathway.reports.scope import reported

# The events whose data are read: they say who was asked, and which center.
_TELLING = (Status.INFORMATION_REQUESTED, Status.OFFERED)


# Looked up some hundred thousand times a report.
STATUS: Mapping[str, Status] = {each.value: each for each in Status}
TIER: Mapping[str, Tier] = {each.value: each for each in Tier}


def turnaround(ask: Ask) -> Told:
    """Two statements. A center reads its own turns, and nobody else's on the way to it."""
    own = str(ask.actor.organization_id) if ask.actor.kind is Kind.CENTER else None
    found = (turn for turn in _turns(ask) if own is None or turn.center == own)
    stages = STAGES if own is None else CENTERS_STAGES
    labels = {**ask.tiers, ALL: "All priorities"}
    return Told(parts(summed(found, ask.period), ask.rules.policy, labels, stages))


def _turns(ask: Ask) -> Iterator[Turn]:
    turns = Turns(ask.rules.policy, ask.rules.calendar, _calendars(ask))
    rows = ask.session.execute(_moves(ask), execution_options={"yield_per": AT_ONCE})
    for _, moves in groupby(rows, key=lambda row: row.referral_id):
        yield from turns.of(map(_move, moves))


def _moves(ask: Ask) -> Any:
    """Events that changed the status, of referrals of which anything can have ended in the period."""
    telling = case((Event.to_status.in_(_TELLING), Event.data)).label("told")
    is_opinion = Event.to_status == Status.OPINION_ISSUED
    promise = (case((is_opinion, each)).label(each.key) for each in (Referral.submitted_at, Referral.due_at))
    return (
        select(
            Event.referral_id, Event.at, Event.step, Event.to_status, telling,
            Referral.tier, Referral.soonest_tier, *promise,
        )
        .join(Referral, Referral.id == Event.referral_id)
        .where(
            reported(ask.actor), Referral.updated_at >= ask.period.since, Referral.submitted_at < ask.period.before,
            Event.to_status != Status.DRAFT, Event.from_status.is_distinct_from(Event.to_status),
        )
        .order_by(Event.referral_id, Event.version)
    )  # fmt: skip


def _move(row: Any) -> Move:
    told = row.told or {}
    asked = told.get("asked") if told.get("blocking") else None
    tier = TIER[row.tier]
    return Move(
        row.at,
        row.step,
        STATUS[row.to_status],
        AskedParty(asked) if asked else None,
        told.get("center"),
        tier,
        TIER[row.soonest_tier or row.tier],
        row.submitted_at,
        row.due_at,
    )


def _calendars(ask: Ask) -> Mapping[str, WorkingCalendar]:
    """A center's turn counts in its own days, where it has stated any."""
    query = select(Center.organization_id, Center.zone, Center.holidays).where(
        Center.network_id == ask.actor.network_id
    )
    return {str(row.organization_id): calendar_of(row, ask.rules) for row in ask.session.execute(query)}
