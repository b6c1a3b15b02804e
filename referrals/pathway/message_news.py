"""Tells people of messages that are for them, and reminds them of those that nobody has read."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, insert, or_, select
from sqlalchemy.orm import Session

from referrals.domain.conversation import OVERDUE, REFERRER_REMINDED_AFTER, TOLD, Side
from referrals.domain.reminders import Whom
from referrals.models.base import new_id
from referrals.models.message import Message
from referrals.models.patient import Patient
from referrals.models.referral import Referral
from referrals.models.trail import Notification
from referrals.pathway.mail import Occasion, Stationery, queue_letters, wants_mail
from referrals.pathway.recipients import people
from referrals.pathway.tasks import NewTask, raise_task


def announce_messages(session: Session, now: datetime, mail: Stationery | None = None, limit: int = 100) -> int:
    """A notice to whoever answers for the addressed side, and a letter to those who want one; each message once."""
    query = (
        select(Message, Referral)
        .join(Referral, Referral.id == Message.referral_id)
        .where(Message.told_at.is_(None))
        .order_by(Message.id)
        .limit(limit)
        .with_for_update(of=Message, skip_locked=True)
    )
    found = session.execute(query).all()
    for message, referral in found:
        users = [user for user in _readers(session, message, referral, now) if user != message.user_id]
        _notify(session, message, users, now)
        letter = Occasion(f"message:{message.id}", "message new", message.network_id, message.referral_id, now)
        willing = wants_mail(session, users)
        queue_letters(session, mail, letter, [user for user in users if user in willing])
        message.told_at = now
    return len(found)


def _readers(session: Session, message: Message, referral: Referral, now: datetime) -> list[UUID]:
    """Nobody, where it was read meanwhile, or the center that was meant no longer has the referral."""
    side = Side(message.addressee)
    if message.read_at is not None or (side is Side.CENTER and message.center_id != referral.center_id):
        return []
    return people(session, TOLD[side], referral, now.date())


def _notify(session: Session, message: Message, users: list[UUID], now: datetime) -> None:
    if not users:
        return
    shared = {
        "network_id": message.network_id,
        "message_id": message.id,
        "referral_id": message.referral_id,
        "created_at": now,
    }
    session.execute(insert(Notification), [{**shared, "id": new_id(), "user_id": user} for user in users])


def remind_of_messages(session: Session, now: datetime, mail: Stationery | None = None, limit: int = 100) -> int:
    """What was not read in time: a task for the owner, or a letter to the referrer, once for each message."""
    has_died = exists().where(Patient.id == Referral.patient_id, Patient.deceased_on.is_not(None))
    unread_by_referrer = and_(
        Message.addressee == Side.REFERRER, Message.sent_at <= now - REFERRER_REMINDED_AFTER, ~has_died
    )
    still_there = or_(Message.addressee != Side.CENTER, Message.center_id == Referral.center_id)
    query = (
        select(Message, Referral)
        .join(Referral, Referral.id == Message.referral_id)
        .where(
            Message.read_at.is_(None),
            ~Message.internal,
            Message.reminded_at.is_(None),
            or_(unread_by_referrer, and_(Message.reply_due_at <= now, still_there)),
        )
        .order_by(Message.id)
        .limit(limit)
        .with_for_update(of=Message, skip_locked=True)
    )
    found = session.execute(query).all()
    for message, referral in found:
        _remind(session, message, referral, mail, now)
        message.reminded_at = now
    return len(found)


def _remind(session: Session, message: Message, referral: Referral, mail: Stationery | None, now: datetime) -> None:
    kind = OVERDUE.get(Side(message.addressee))
    if kind is None:
        letter = Occasion(f"unread:{message.id}", "message unread", message.network_id, message.referral_id, now)
        queue_letters(session, mail, letter, _readers(session, message, referral, now))
        return
    for user in people(session, Whom.OWNER, referral, now.date()):
        raise_task(session, referral, NewTask(kind, user, about=str(message.id)), now)
