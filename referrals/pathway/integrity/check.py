"""Looks for breaks of every invariant in one consistent state of the database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from referrals.pathway.integrity.counts import COUNTS
from referrals.pathway.integrity.erased import ERASING
from referrals.pathway.integrity.finding import Break, Finding, Invariant, Look
from referrals.pathway.integrity.judgement import JUDGEMENT
from referrals.pathway.integrity.life import LIFE
from referrals.pathway.integrity.locked import LOCKED
from referrals.pathway.integrity.offers import OFFERS
from referrals.pathway.integrity.opinions import OPINIONS
from referrals.pathway.integrity.outside import OUTSIDE
from referrals.pathway.integrity.papers import PAPERS
from referrals.pathway.integrity.questions import QUESTIONS
from referrals.pathway.integrity.record import RECORD
from referrals.pathway.integrity.tenancy import TENANCY
from referrals.pathway.integrity.told import TOLD

_ALL = (
    *LIFE,
    *TOLD,
    *COUNTS,
    *PAPERS,
    *OFFERS,
    *QUESTIONS,
    *OPINIONS,
    *OUTSIDE,
    *RECORD,
    *JUDGEMENT,
    *LOCKED,
    *ERASING,
    *TENANCY,
)
INVARIANTS: Sequence[Invariant] = sorted(_ALL, key=attrgetter("place"))
NAMED = 100


def prove(session: Session, now: datetime, invariants: Iterable[Invariant] = INVARIANTS) -> Iterator[Finding]:
    """Each of the invariants in turn, with what breaks it. The session must see one state throughout, as a reader does."""
    take_time(session)
    look = Look(session, now)
    for invariant in invariants:
        named, broken = [], 0
        for found in _breaks(invariant, look):
            broken += 1
            if broken <= NAMED:
                named.append(found)
        yield Finding(invariant, look.count(invariant.looks_at), broken, tuple(named), _figures(invariant, look))


def _breaks(invariant: Invariant, look: Look) -> Iterator[Break]:
    """A value that is none of ours breaks whatever reads it: SQLite keeps any text in any column."""
    try:
        yield from invariant.breaks(look)
    except (ValueError, LookupError, TypeError, AttributeError):
        yield Break(f"a row of {invariant.looks_at.__tablename__}, or beside it", "holds a value that cannot be read")


def _figures(invariant: Invariant, look: Look) -> Mapping[str, Any]:
    return {} if invariant.figures is None else invariant.figures(look)


def take_time(session: Session) -> None:
    """A look at every row may take longer than a request ever should."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL statement_timeout = 0"))
