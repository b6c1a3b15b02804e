"""Counts what is open, and what came in, in the database: two statements, however long the queue is."""

from sqlalchemy import and_, case, func, select

from referrals.domain.lifecycle import BEFORE_OPINION, OPEN_RECEIVED
from referrals.domain.reports import backlog as figures
from referrals.domain.reports.backlog import Waiting
from referrals.models.referral import Referral
from referrals.pathway.reports.ask import Ask, Told
from referrals.pathway.reports.scope import reported


def backlog(ask: Ask) -> Told:
    limits = figures.age_limits(ask.rules.policy)
    waiting, received = _waiting(ask), _received(ask)
    parts = figures.parts(waiting, limits, ask.tiers)
    parts.append(figures.tier_mix(received, ask.tiers, ask.p1_ceiling))
    return Told(parts, figures.headline(waiting), figures.alarm(received, ask.p1_ceiling))


def _waiting(ask: Ask) -> list[Waiting]:
    """The ages are named in a query of their own: PostgreSQL groups by a name, not by a value that is handed in."""
    began = figures.since(figures.age_limits(ask.rules.policy), ask.now)
    band = case(*((Referral.submitted_at >= each, place) for place, each in enumerate(began)), else_=len(began))
    late = case((and_(Referral.status.in_(BEFORE_OPINION), Referral.due_at < ask.now), 1), else_=0)
    rows = (
        select(Referral.status, Referral.tier, Referral.waiting_on, band.label("band"), late.label("late"))
        .where(reported(ask.actor), Referral.status.in_(OPEN_RECEIVED))
        .subquery()
    )
    query = select(*rows.c, func.count().label("referrals")).group_by(*rows.c)
    return [Waiting(*row[:4], bool(row.late), row.referrals) for row in ask.session.execute(query)]


def _received(ask: Ask) -> dict[str, int]:
    query = select(Referral.tier, func.count().label("referrals")).where(ask.received).group_by(Referral.tier)
    return {row.tier: row.referrals for row in ask.session.execute(query)}
