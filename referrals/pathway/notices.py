"""Tells people what happened to the referrals that they answer for: each event once to each of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, or_, select, update
from sqlalchemy.orm import Session

from referrals.domain.lifecycle import ENDING_STEPS
from referrals.domain.people import Role
from referrals.models.base import new_id
from referrals.models.referral import Referral
from referrals.models.trail import Event, Notification, Outbox
from referrals.models.user import Membership, User


@dataclass(frozen=True, slots=True)
class _Notice:
    event: UUID
    user: UUID


def tell(session: Session, now: datetime, limit: int = 100) -> int:
    """Work off the oldest announcements. Somebody who was told already is not told again."""
    waiting = _waiting(session, now, limit)
    notices = [notice for row in waiting for notice in _notices(session, row)]
    active = _active(session, {notice.user for notice in notices})
    told = _told_before(session, {notice.event for notice in notices})
    of_event = {row.event_id: row for row in waiting}
    rows = [
        _as_row(of_event[notice.event], notice.user, now)
        for notice in dict.fromkeys(notices)
        if notice.user in active and notice not in told
    ]
    if rows:
        session.execute(insert(Notification), rows)
    if waiting:
        session.execute(update(Outbox).where(Outbox.id.in_([row.id for row in waiting])).values(done_at=now))
    return len(waiting)


def _waiting(session: Session, now: datetime, limit: int) -> list[Row[Any]]:
    query = (
        select(
            Outbox.id,
            Outbox.event_id,
            Outbox.network_id,
            Event.referral_id,
            Event.step,
            Event.user_id,
            Referral.clinician_id,
            Referral.owner_id,
            Referral.organization_id,
        )
        .join(Event, Event.id == Outbox.event_id)
        .join(Referral, Referral.id == Event.referral_id)
        .where(Outbox.done_at.is_(None), or_(Outbox.held_until.is_(None), Outbox.held_until <= now))
        .order_by(Outbox.id)
        .limit(limit)
        .with_for_update(of=Outbox, skip_locked=True)
    )
    return list(session.execute(query))


def _notices(session: Session, row: Row[Any]) -> Iterator[_Notice]:
    """The referrer and the owner, except for what they did themselves; of an end the referrer always has a notice."""
    for referrer in _referrers(session, row):
        if referrer != row.user_id or row.step in ENDING_STEPS:
            yield _Notice(row.event_id, referrer)
    if row.owner_id and row.owner_id != row.user_id:
        yield _Notice(row.event_id, row.owner_id)


def _referrers(session: Session, row: Row[Any]) -> list[UUID]:
    """Where no clinician is named, a partner system sent it: then every clinician of the organization is told."""
    if row.clinician_id:
        return [row.clinician_id]
    colleagues = select(Membership.user_id).where(
        Membership.organization_id == row.organization_id, Membership.role == Role.CLINICIAN
    )
    return list(session.scalars(colleagues))


def _active(session: Session, users: set[UUID]) -> set[UUID]:
    return set(session.scalars(select(User.id).where(User.id.in_(users), User.active)))


def _told_before(session: Session, events: set[UUID]) -> set[_Notice]:
    known = select(Notification.event_id, Notification.user_id).where(Notification.event_id.in_(events))
    return {_Notice(event, user) for event, user in session.execute(known)}


def _as_row(row: Row[Any], user: UUID, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "network_id": row.network_id,
        "event_id": row.event_id,
        "referral_id": row.referral_id,
        "user_id": user,
        "created_at": now,
    }
