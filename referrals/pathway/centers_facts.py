"""What the directory knows of centers beside their profiles: open trials, conflicts, and where they lie."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from referrals.domain.distance import Point

Conflicts = Collection[tuple[UUID, UUID]]


def open_trials(session: Session, network_id: UUID, family: str | None, day: date) -> Mapping[UUID, int]:
    """How many trials in the family each center has open; a center that lists no trials at all is not named."""
    return {}


def conflicts_in_force(session: Session, organizations: Collection[UUID], day: date) -> Conflicts:
    """Each center with each of these organizations that it must not judge, on that day."""
    return frozenset()


def points_of(session: Session, centers: Collection[UUID]) -> Mapping[UUID, Point]:
    """Where centers lie, as far as that is known."""
    return {}
