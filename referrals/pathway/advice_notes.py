"""Tells each specialist once a month what became of their advice: numbers, and nothing about a patient."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from referrals.domain.advice import Tally, month_after, month_before
from referrals.domain.calendar import WorkingCalendar
from referrals.domain.people import Actor
from referrals.models.opinion import Opinion, Outcome, Recommendation
from referrals.models.organization import Network
from referrals.models.outside import OutsideOpinion
from referrals.models.user import User
from referrals.pathway.mail import ADVICE, Occasion, Stationery, queue_letters, wants_mail
from referrals.pathway.rules import rules_of

YEARS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Note:
    user_id: UUID
    tally: Tally


def announce_advice(session: Session, now: datetime, mail: Stationery | None) -> int:
    """One letter a month to each specialist of whose advice something was told in the month before."""
    if mail is None:
        return 0
    networks = session.scalars(select(Network.id).order_by(Network.id)).all()
    return sum(_announce(session, network, now, mail) for network in networks)


def _announce(session: Session, network_id: UUID, now: datetime, mail: Stationery) -> int:
    """From the first working day on, so that a worker that did not run on that day makes up for it."""
    calendar = rules_of(session, network_id).calendar
    today = calendar.local_date(now)
    this_month = today.replace(day=1)
    if today < calendar.first_working_day(this_month):
        return 0
    month = month_before(this_month)
    notes = notes_for(session, network_id, month, calendar)
    willing = wants_mail(session, [note.user_id for note in notes])
    name = f"{ADVICE}:{network_id.hex}:{month:%Y-%m}"
    return sum(
        queue_letters(session, mail, Occasion(name, f"{ADVICE} {note.tally}", network_id, None, now), [note.user_id])
        for note in notes
        if note.user_id in willing
    )


def notes_for(session: Session, network_id: UUID, month: date, calendar: WorkingCalendar) -> list[Note]:
    """One note for each specialist who signed advice of which something was told, or not told, in this month."""
    begins, ends = (calendar.start_of(day) for day in (month, month_after(month)))
    told = _told(session, calendar, Opinion.network_id == network_id, Outcome.at >= begins, Outcome.at < ends)
    return [Note(user, Tally.of(month, results.values())) for (user, _), results in sorted(told.items())]


def tallies_of(session: Session, actor: Actor, now: datetime, calendar: WorkingCalendar) -> list[Tally]:
    """What became of this person's own advice, the newest month first, as far as is shown."""
    today = calendar.local_date(now)
    since = calendar.start_of(date(today.year - YEARS_SHOWN, today.month, 1))
    mine = (Opinion.signed_by_id == actor.user_id, Opinion.network_id == actor.network_id, Outcome.at >= since)
    told = _told(session, calendar, *mine)
    return [Tally.of(month, results.values()) for (_, month), results in sorted(told.items(), reverse=True)]


def _is_from_outside() -> ColumnElement[bool]:
    """Whoever compared a transcription has advised nobody."""
    return exists().where(OutsideOpinion.opinion_id == Opinion.id)


def _told(
    session: Session, calendar: WorkingCalendar, *which: ColumnElement[bool]
) -> Mapping[tuple[UUID, date], Mapping[UUID, str]]:
    """By specialist and month: what was told last of each recommendation."""
    query = (
        select(Opinion.signed_by_id, Outcome.recommendation_id, Outcome.result, Outcome.at)
        .join(Recommendation, Recommendation.id == Outcome.recommendation_id)
        .join(Opinion, Opinion.id == Recommendation.opinion_id)
        .join(User, User.id == Opinion.signed_by_id)
        .where(User.active, ~_is_from_outside(), *which)
        .order_by(Outcome.at, Outcome.id)
    )
    last: dict[tuple[UUID, date], dict[UUID, str]] = {}
    for row in session.execute(query):
        month = calendar.local_date(row.at).replace(day=1)
        last.setdefault((row.signed_by_id, month), {})[row.recommendation_id] = row.result
    return last
