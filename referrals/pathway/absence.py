"""Who is away from when to when, and who covers for them."""

from collections import defaultdict
from collections.abc import Collection, Set
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError, refuse_unless_clean
from referrals.models.user import Membership, User
from referrals.pathway.staying import come_alone, hold_to_change, stays

LONGEST_CHAIN = 20
HeldRole = tuple[UUID, str]


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


def may_cover(roles: Set[HeldRole], theirs: Set[HeldRole]) -> bool:
    """Whoever covers holds every role that the person holds, in the same organization."""
    return bool(roles) and roles <= theirs


def cover_faults(session: Session, user: User, cover: User) -> list[FieldError]:
    """Whoever covers is active, may cover by their roles, and is not covered by the person."""
    held = roles_of(session, [user.id, cover.id])
    if not cover.active or not may_cover(held[user.id], held[cover.id]):
        return [FieldError("/covered_by", "unfit", "Whoever covers is active and holds the same roles in the same organizations.")]  # fmt: skip
    if _leads_back(session, user, cover):
        return [FieldError("/covered_by", "circle", "They would cover for themselves. Choose somebody else.")]
    return []


def roles_of(session: Session, people: Collection[UUID]) -> defaultdict[UUID, set[HeldRole]]:
    query = select(Membership.user_id, Membership.organization_id, Membership.role)
    held: defaultdict[UUID, set[HeldRole]] = defaultdict(set)
    for row in session.execute(query.where(Membership.user_id.in_(people))):
        held[row.user_id].add((row.organization_id, row.role))
    return held


def _leads_back(session: Session, user: User, cover: User) -> bool:
    """Whether who covers for the cover, and so on, is in the end the person."""
    following: Any = cover.id
    for _ in range(LONGEST_CHAIN):
        if following is None or following == user.id:
            break
        following = session.scalar(select(User.covered_by_id).where(User.id == following))
    return following is not None


def possible_covers(session: Session, people: Collection[User]) -> dict[UUID, list[tuple[UUID, str]]]:
    """Everybody who may cover for each of these, by name."""
    held = roles_of(session, [person.id for person in people])
    colleagues = _colleagues(session, {home for roles in held.values() for home, _ in roles})
    return {
        person.id: [each for each, theirs in colleagues if each[0] != person.id and may_cover(held[person.id], theirs)]
        for person in people
    }


def _colleagues(session: Session, homes: Collection[UUID]) -> list[tuple[tuple[UUID, str], set[HeldRole]]]:
    query = (
        select(User.id, User.name, Membership.organization_id, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(User.active, Membership.organization_id.in_(homes))
        .order_by(User.name, User.id)
    )
    found: dict[tuple[UUID, str], set[HeldRole]] = {}
    for row in session.execute(query):
        found.setdefault((row.id, row.name), set()).add((row.organization_id, row.role))
    return list(found.items())
