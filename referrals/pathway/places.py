"""Places per center and week: reserved, used and free are counted each time, so that no number can drift."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from referrals.domain.centers import HOLDING, LINES, OfferStatus, Service
from referrals.models.center import Capacity, Center, LineLimit
from referrals.models.offer import Offer


@dataclass(frozen=True, slots=True)
class Limited:
    """How many of a week's places may go to one line, and what is held of them. `stated`: for this week alone."""

    service: Service
    places: int
    reserved: int = 0
    used: int = 0
    stated: bool = False

    @property
    def free(self) -> int:
        return max(0, self.places - self.reserved - self.used)


@dataclass(frozen=True, slots=True)
class Week:
    """The places of one center in one week, called by its Monday. `stated`: they are not simply as usual."""

    week: date
    places: int
    reserved: int = 0
    used: int = 0
    limits: tuple[Limited, ...] = ()
    stated: bool = False
    reason: str | None = None

    @property
    def held(self) -> int:
        return self.reserved + self.used

    @property
    def free(self) -> int:
        """Never below none: overbooking is allowed, with a reason."""
        return max(0, self.places - self.held)

    @property
    def over(self) -> int:
        return max(0, self.held - self.places)

    @property
    def is_closed(self) -> bool:
        return self.stated and not self.places

    def free_for(self, line: str | None) -> int:
        """What is left for a referral of this line: no more than the whole has, nor than the line's own limit."""
        return min([self.free, *(limit.free for limit in self.limits if limit.service == line)])


Board = Mapping[UUID, Sequence[Week]]
GIVEN_AWAY = "The place has been given to another referral meanwhile."


def board(session: Session, centers: Mapping[UUID, int], weeks: Collection[date]) -> Board:
    """Every center's weeks, oldest first. `centers` says how many places each has in a usual week."""
    stated = _stated(session, centers, weeks)
    limits = limits_of(session, centers, weeks)
    held = _held(session, centers, weeks)

    def count(center: UUID, week: date, status: OfferStatus, lines: Collection[str | None] = (None, *LINES)) -> int:
        return sum(held[center, week, status, line] for line in lines)

    def limited(center: UUID, week: date) -> tuple[Limited, ...]:
        return tuple(
            Limited(
                line,
                places,
                count(center, week, OfferStatus.LIVE, (line,)),
                count(center, week, OfferStatus.ACCEPTED, (line,)),
                (center, week, line) in limits,
            )
            for line in LINES
            if (places := limits.get((center, week, line), limits.get((center, None, line)))) is not None
        )

    def one(center: UUID, week: date, usual: int) -> Week:
        places, reason = stated.get((center, week), (usual, None))
        reserved, used = (count(center, week, status) for status in HOLDING)
        return Week(week, places, reserved, used, limited(center, week), (center, week) in stated, reason)

    return {center: [one(center, week, usual) for week in sorted(weeks)] for center, usual in centers.items()}


def first_free(weeks: Sequence[Week], line: str | None = None) -> Week | None:
    """The first week with a place for a referral of this line."""
    return next((week for week in weeks if week.free_for(line)), None)


def lock_places(session: Session, center_id: UUID) -> Center | None:
    """The center's profile, held until the transaction ends: nobody else gives its places away meanwhile."""
    query = select(Center).where(Center.organization_id == center_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _stated(
    session: Session, centers: Collection[UUID], weeks: Collection[date]
) -> dict[tuple[UUID, date], tuple[int, str | None]]:
    query = select(Capacity.center_id, Capacity.week, Capacity.places, Capacity.reason).where(
        Capacity.center_id.in_(centers), Capacity.week.in_(weeks)
    )
    return {(center, week): (places, reason) for center, week, places, reason in session.execute(query)}


def limits_of(
    session: Session, centers: Collection[UUID], weeks: Collection[date] = ()
) -> dict[tuple[UUID, date | None, str], int]:
    """By center, week and line; those of a usual week under no week."""
    query = select(LineLimit.center_id, LineLimit.week, LineLimit.service, LineLimit.places).where(
        LineLimit.center_id.in_(centers), or_(LineLimit.week.is_(None), LineLimit.week.in_(weeks))
    )
    return {(center, week, service): places for center, week, service, places in session.execute(query)}


def _held(
    session: Session, centers: Collection[UUID], weeks: Collection[date]
) -> Counter[tuple[UUID, date, str, str | None]]:
    query = (
        select(Offer.center_id, Offer.week, Offer.status, Offer.line, func.count())
        .where(Offer.center_id.in_(centers), Offer.week.in_(weeks), Offer.status.in_(HOLDING))
        .group_by(Offer.center_id, Offer.week, Offer.status, Offer.line)
    )
    rows = session.execute(query)
    return Counter({(center, week, status, line): count for center, week, status, line, count in rows})
