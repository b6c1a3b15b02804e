"""Places per center and week: reserved, used and free are counted each time, so that no number can drift."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from referrals.domain.centers import HOLDING, OfferStatus
from referrals.models.center import Capacity, Center
from referrals.models.offer import Offer


@dataclass(frozen=True, slots=True)
class Week:
    """The places of one center in one week, called by its Monday."""

    week: date
    places: int
    reserved: int = 0
    used: int = 0

    @property
    def free(self) -> int:
        """Never below none: overbooking is allowed, with a reason."""
        return max(0, self.places - self.reserved - self.used)


Board = Mapping[UUID, Sequence[Week]]


def board(session: Session, centers: Mapping[UUID, int], weeks: Collection[date]) -> Board:
    """Every center's weeks, oldest first. `centers` says how many places each has in a usual week."""
    stated = _stated(session, centers, weeks)
    held = _held(session, centers, weeks)
    return {
        center: [
            Week(
                week,
                stated.get((center, week), usual),
                held[center, week][OfferStatus.LIVE],
                held[center, week][OfferStatus.ACCEPTED],
            )
            for week in sorted(weeks)
        ]
        for center, usual in centers.items()
    }


def first_free(weeks: Sequence[Week]) -> Week | None:
    return next((week for week in weeks if week.free), None)


def lock_places(session: Session, center_id: UUID) -> Center | None:
    """The center's profile, held until the transaction ends: nobody else gives its places away meanwhile."""
    query = select(Center).where(Center.organization_id == center_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _stated(session: Session, centers: Collection[UUID], weeks: Collection[date]) -> dict[tuple[UUID, date], int]:
    query = select(Capacity.center_id, Capacity.week, Capacity.places).where(
        Capacity.center_id.in_(centers), Capacity.week.in_(weeks)
    )
    return {(center, week): places for center, week, places in session.execute(query)}


def _held(
    session: Session, centers: Collection[UUID], weeks: Collection[date]
) -> Mapping[tuple[UUID, date], dict[str, int]]:
    query = (
        select(Offer.center_id, Offer.week, Offer.status, func.count())
        .where(Offer.center_id.in_(centers), Offer.week.in_(weeks), Offer.status.in_(HOLDING))
        .group_by(Offer.center_id, Offer.week, Offer.status)
    )
    held: dict[tuple[UUID, date], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for center, week, status, count in session.execute(query):
        held[center, week][status] = count
    return held
