"""The invariant of the count: of every day, and in all, what was received is open or has ended."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from referrals.domain.lifecycle import ENDED, OPEN
from referrals.models.referral import Referral
from referrals.models.trail import Event
from referrals.pathway.integrity.finding import Break, Invariant, Look

DAYS_KEPT = 31

Counts = tuple[int, int, int]


def days_that_do_not_add_up(look: Look) -> Iterator[Break]:
    """The events say how many were received; the referrals say how many of these are open and how many have ended."""
    for day, (received, still_open, ended) in _by_day(look).items():
        if received != still_open + ended:
            yield Break(f"day {day}", f"received {received}, of which {still_open} are open and {ended} have ended")


def counted(look: Look) -> Mapping[str, Any]:
    """In all, and of the last days on which anything came; earlier days are looked at, and not kept."""
    days = _by_day(look)
    total = [sum(day[place] for day in days.values()) for place in range(3)]
    return {"total": total, "days": [[day, *days[day]] for day in sorted(days)[-DAYS_KEPT:]]}


def _by_day(look: Look) -> dict[str, Counts]:
    day, received = _day(look, Event.at), func.count(Event.referral_id.distinct())
    submitted = _grouped(look, select(day, received).where(Event.step == "submit").group_by(day))
    day = _day(look, Referral.submitted_at)
    here = select(day, _how_many(OPEN), _how_many(ENDED)).where(Referral.submitted_at.is_not(None)).group_by(day)
    standing = {str(row[0]): (row[1], row[2]) for row in look.rows(here)}
    return {each: (submitted[each], *standing.get(each, (0, 0))) for each in sorted({*submitted, *standing})}


def _grouped(look: Look, query: Select[Any, int]) -> Counter[str]:
    return Counter({str(row[0]): row[1] for row in look.rows(query)})


def _how_many(statuses: Any) -> ColumnElement[int]:
    """Open without an end, or ended with one: who is both or neither is counted as nothing."""
    is_one = Referral.ended_at.is_(None) if statuses is OPEN else Referral.ended_at.is_not(None)
    return func.count(case((and_(Referral.status.in_(statuses), is_one), 1)))


def _day(look: Look, column: Any) -> ColumnElement[Any]:
    """The day in UTC: nobody's own, and the same for both sides."""
    is_postgres = look.session.get_bind().dialect.name == "postgresql"
    return func.date(func.timezone("UTC", column) if is_postgres else column)


COUNTS = (
    Invariant(
        "days",
        "Of every day, as many are open or ended as were received",
        Referral,
        days_that_do_not_add_up,
        counted,
    ),
)
