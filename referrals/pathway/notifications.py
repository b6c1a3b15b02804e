"""What somebody was told in the dashboard: since they last looked, and before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Subquery, literal, select, update
from sqlalchemy.orm import Session

from referrals.domain.people import Actor
from referrals.models.delivery import Reminder
from referrals.models.referral import Referral
from referrals.models.trail import Event, Notification
from referrals.pathway.scope import may_look

SHOWN = 100
COUNTED_UP_TO = 100


def _of(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return Notification.user_id == actor.user_id, Notification.network_id == actor.network_id


def _unread(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (*_of(actor), Notification.read_at.is_(None))


def notifications_of(
    session: Session, actor: Actor, *, limit: int = SHOWN, only_unread: bool = False
) -> list[Row[Any]]:
    """Newest first, each with what it is of. `may_open` says whether the reader still reads the referral."""
    query = (
        select(
            Notification.id,
            Notification.referral_id,
            Notification.created_at,
            Notification.read_at,
            Referral.reference,
            Referral.submitted_at,
            Event.step,
            Reminder.kind,
            Reminder.status,
            may_look(actor).label("may_open"),
        )
        .join(Referral, Referral.id == Notification.referral_id)
        .outerjoin(Event, Event.id == Notification.event_id)
        .outerjoin(Reminder, Reminder.id == Notification.reminder_id)
        .where(*(_unread(actor) if only_unread else _of(actor)))
        .order_by(Notification.id.desc())
        .limit(limit)
    )
    return list(session.execute(query))


def unread_rows(actor: Actor) -> Subquery:
    """The rows to count: one more than a hundred at most."""
    return select(literal(1)).select_from(Notification).where(*_unread(actor)).limit(COUNTED_UP_TO + 1).subquery()


def mark_all_read(session: Session, actor: Actor, newest: UUID, now: datetime) -> Sequence[UUID]:
    """Everything up to the newest one that was shown: what has come in since stays new."""
    seen = update(Notification).where(*_unread(actor), Notification.id <= newest).values(read_at=now)
    return session.scalars(seen.returning(Notification.id)).all()
