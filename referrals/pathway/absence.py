"""Who is away from when to when, and who covers for them."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError, refuse_unless_clean
from referrals.models.user import Membership, User
from referrals.pathway.staying import come_alone, hold_to_change, stays

LONGEST_CHAIN = 20


def note_absence(
    session: Session, user: User, first: date | None, last: date | None, cover_id: UUID | None, today: date
) -> None:
    """Away from the first to the last day, both included; nothing of it where no first day is given."""
    come_alone(session, user.network_id)
    hold_to_change(session, user)
    cover = _staying(session, cover_id) if cover_id else None
    refuse_unless_clean(
        [*_day_faults(first, last, today), *_cover_faults_if_away(session, user, first, cover_id, cover)]
    )
    user.away_from, user.away_to = first, last if first else None
    user.covered_by_id = cover.id if cover and first else None
    session.flush()


def _staying(session: Session, cover_id: UUID) -> User | None:
    return session.get(User, cover_id) if stays(session, cover_id) else None


def _day_faults(first: date | None, last: date | None, today: date) -> list[FieldError]:
    if first is None:
        return [] if last is None else [FieldError("/away_from", "required", "Give the first day, too.")]
    if last is not None and last < max(first, today):
        return [FieldError("/away_to", "in_the_past", "The last day comes after the first, and is not over yet.")]
    return []


def _cover_faults_if_away(
    session: Session, user: User, first: date | None, cover_id: UUID | None, cover: User | None
) -> list[FieldError]:
    if first is None:
        return []
    if cover is None:
        return [FieldError("/covered_by", "required", "Choose who covers: nothing of yours waits while you are away.")]
    return cover_faults(session, user, cover)


def cover_faults(session: Session, user: User, cover: User) -> list[FieldError]:
    """Whoever covers is active in the same network, holds every role of the person there, and is not covered by them."""
    if cover.network_id != user.network_id or not cover.active or _roles(session, user) - _roles(session, cover):
        return [FieldError("/covered_by", "unfit", "Whoever covers is active and holds the same roles in the same organizations.")]  # fmt: skip
    if _leads_back(session, user, cover):
        return [FieldError("/covered_by", "circle", "They would cover for themselves. Choose somebody else.")]
    return []


def _roles(session: Session, user: User) -> set[tuple[UUID, str]]:
    query = select(Membership.organization_id, Membership.role).where(Membership.user_id == user.id)
    return {(row.organization_id, row.role) for row in session.execute(query)}


def _leads_back(session: Session, user: User, cover: User) -> bool:
    """Whether who covers for the cover, and so on, is in the end the person."""
    following: Any = cover.id
    for _ in range(LONGEST_CHAIN):
        if following is None or following == user.id:
            break
        following = session.scalar(select(User.covered_by_id).where(User.id == following))
    return following is not None


def possible_covers(session: Session, user: User) -> list[tuple[UUID, str]]:
    """Everybody who may cover, by name."""
    roles = _roles(session, user)
    query = (
        select(User.id, User.name, Membership.organization_id, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(User.active, User.id != user.id, Membership.organization_id.in_({home for home, _ in roles}))
        .order_by(User.name, User.id)
    )
    found: dict[tuple[UUID, str], set[tuple[UUID, str]]] = {}
    for row in session.execute(query):
        found.setdefault((row.id, row.name), set()).add((row.organization_id, row.role))
    return [person for person, theirs in found.items() if roles <= theirs]
