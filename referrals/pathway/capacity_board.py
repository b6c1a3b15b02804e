"""The board of centers and weeks: a page of centers with their places, and why one more was sent than there were."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, tuple_
from sqlalchemy.orm import Session

from referrals.domain.centers import HOLDING
from referrals.domain.matching import COMPETENT
from referrals.models.center import Center, Expertise
from referrals.models.offer import Offer
from referrals.models.organization import Organization
from referrals.pathway.places import Week, board

# Whether a place is free is counted, not stored: so many centers are looked at for one page of those that have one.
LOOKED_THROUGH = 500

After = tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One center with its weeks; `reasons` say by week why it was overbooked."""

    organization: Organization
    center: Center
    weeks: Sequence[Week]
    reasons: Mapping[date, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Only centers that are competent in a family, only those with a free place, or one alone."""

    family: str = ""
    only_free: bool = False
    only: UUID | None = None


def board_rows(
    session: Session, network_id: UUID, weeks: Collection[date], asked: Narrowed, after: After, limit: int
) -> tuple[list[BoardRow], After]:
    """A page of the active centers, by code, and where the next begins: five statements, however many there are."""
    looked = LOOKED_THROUGH if asked.only_free else limit + 1
    found = session.execute(_centers(network_id, asked, after).limit(looked)).all()
    places = board(session, {row[0].id: row[1].places for row in found}, weeks)
    reasons = _reasons(session, list(places), weeks)
    rows = [BoardRow(home, center, places[home.id], reasons[home.id]) for home, center in found]
    fitting = [row for row in rows if not asked.only_free or any(week.free for week in row.weeks)]
    shown = fitting[:limit]
    last = shown[-1] if len(fitting) > limit else rows[-1] if len(found) == looked else None
    return shown, (last.organization.code, last.organization.id) if last else None


def _centers(network_id: UUID, asked: Narrowed, after: After) -> Any:
    query = (
        select(Organization, Center)
        .join(Center, Center.organization_id == Organization.id)
        .where(Organization.network_id == network_id)
        .order_by(Organization.code, Organization.id)
    )
    query = query.where(Organization.active if asked.only is None else Organization.id == asked.only)
    if asked.family:
        knows = Expertise.center_id == Organization.id, Expertise.family == asked.family, Expertise.level >= COMPETENT
        query = query.where(exists().where(*knows))
    return query.where(tuple_(Organization.code, Organization.id) > tuple_(*after)) if after else query


def _reasons(
    session: Session, centers: Collection[UUID], weeks: Collection[date]
) -> Mapping[UUID, Mapping[date, Sequence[str]]]:
    query = (
        select(Offer.center_id, Offer.week, Offer.overbook_reason)
        .where(
            Offer.center_id.in_(centers),
            Offer.week.in_(weeks),
            Offer.status.in_(HOLDING),
            Offer.overbook_reason.is_not(None),
        )
        .order_by(Offer.offered_at, Offer.id)
    )
    found: dict[UUID, dict[date, list[str]]] = defaultdict(lambda: defaultdict(list))
    for center, week, reason in session.execute(query):
        found[center][week].append(reason or "")
    return found
