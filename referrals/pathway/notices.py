"""Tells people what happened to the referrals that they answer for: each event once to each of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, or_, select, update
from sqlalchemy.orm import Session

from referrals.domain.reminders import Whom
from referrals.domain.tasks import TaskKind
from referrals.domain.telling import NOT_FOR_THE_CENTER, TOLD_IN_ANY_CASE, is_required
from referrals.domain.vocabulary import WaitingOn
from referrals.models.base import new_id
from referrals.models.referral import Referral
from referrals.models.trail import Event, Notification, Outbox
from referrals.pathway.mail import Occasion, Stationery, queue_letters, wants_mail
from referrals.pathway.recipients import joined, of_center, owner, people, referrers
from referrals.pathway.tasks import NewTask, raise_task


@dataclass(frozen=True, slots=True)
class _Notice:
    """`is_required`: by mail, too, whatever the person prefers."""

    user: UUID
    is_required: bool


def tell(session: Session, now: datetime, mail: Stationery | None = None, limit: int = 100) -> int:
    """Work off the oldest announcements. Somebody who was told already is not told again."""
    waiting = _waiting(session, now, limit)
    for row in waiting:
        _tell_of(session, row, mail, now)
    if waiting:
        session.execute(update(Outbox).where(Outbox.id.in_([row.outbox_id for row in waiting])).values(done_at=now))
    return len(waiting)


def _waiting(session: Session, now: datetime, limit: int) -> list[Row[Any]]:
    query = (
        select(
            Outbox.id.label("outbox_id"), Outbox.event_id, Event.step, Event.user_id, Event.from_status, Event.to_status,
            Referral.id, Referral.network_id, Referral.organization_id, Referral.clinician_id, Referral.owner_id,
            Referral.center_id, Event.organization_id.label("actor_home"), Event.data,
        )
        .join(Event, Event.id == Outbox.event_id)
        .join(Referral, Referral.id == Event.referral_id)
        .where(Outbox.done_at.is_(None), or_(Outbox.held_until.is_(None), Outbox.held_until <= now))
        .order_by(Outbox.id)
        .limit(limit)
        .with_for_update(of=Outbox, skip_locked=True)
    )  # fmt: skip
    return list(session.execute(query))


def _tell_of(session: Session, row: Row[Any], mail: Stationery | None, now: datetime) -> None:
    told = set(session.scalars(select(Notification.user_id).where(Notification.event_id == row.event_id)))
    notices = [notice for notice in _once_each(_notices(session, row, now)) if notice.user not in told]
    if not notices:
        return
    session.execute(insert(Notification), [_as_row(row, notice.user, now) for notice in notices])
    occasion = Occasion(f"event:{row.event_id}", f"event {row.step}", row.network_id, row.id, now)
    queue_letters(session, mail, occasion, _by_mail(session, notices))


def _notices(session: Session, row: Row[Any], now: datetime) -> Iterator[_Notice]:
    """The referrer and the owner, except for what they did themselves."""
    found = referrers(session, row)
    if not found and row.step in TOLD_IN_ANY_CASE:
        _find_somebody(session, row, now)
    for user in found:
        if user != row.user_id or row.step in TOLD_IN_ANY_CASE:
            yield _notice(row, user, WaitingOn.REFERRER)
    for user, party in _others(session, row):
        if user != row.user_id:
            yield _notice(row, user, party)


def _others(session: Session, row: Row[Any]) -> Iterator[tuple[UUID, WaitingOn]]:
    yield from ((user, WaitingOn.REFERRER) for user in joined(session, row))
    yield from ((user, WaitingOn.COORDINATOR) for user in owner(session, row))
    yield from ((user, WaitingOn.CENTER) for user in _at_the_center(session, row))


def _at_the_center(session: Session, row: Row[Any]) -> list[UUID]:
    """Whoever was asked or is working, or was until this step; never of what the center has done itself."""
    named = row.data.get("center")
    center_id = UUID(named) if named else row.center_id
    if center_id is None or center_id == row.actor_home or row.step in NOT_FOR_THE_CENTER:
        return []
    return of_center(session, center_id)


def _notice(row: Row[Any], user: UUID, party: WaitingOn) -> _Notice:
    return _Notice(user, is_required(row.step, row.from_status, row.to_status, party))


def _find_somebody(session: Session, row: Row[Any], now: datetime) -> None:
    """Nobody is left at the referring organization: somebody of the network finds out who answers there."""
    for user in people(session, Whom.OWNER, row, now.date()):
        raise_task(session, row, NewTask(TaskKind.TELL_REFERRER, user, about=str(row.event_id)), now)


def _once_each(notices: Iterator[_Notice]) -> list[_Notice]:
    """Somebody may be both; then the stricter one holds."""
    found: dict[UUID, _Notice] = {}
    for notice in notices:
        if notice.user not in found or notice.is_required:
            found[notice.user] = notice
    return list(found.values())


def _by_mail(session: Session, notices: list[_Notice]) -> list[UUID]:
    willing = wants_mail(session, [notice.user for notice in notices])
    return [notice.user for notice in notices if notice.is_required or notice.user in willing]


def _as_row(row: Row[Any], user: UUID, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "network_id": row.network_id,
        "event_id": row.event_id,
        "referral_id": row.id,
        "user_id": user,
        "created_at": now,
    }
