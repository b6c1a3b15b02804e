"""The conversation about a referral: written, read by those it is for, and by nobody else."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, false, func, or_, select, true
from sqlalchemy.orm import Session

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.conversation import OVERDUE, REPLY_DAYS, SIDE_OF, SILENT, WRITERS, Side, addressee
from referrals.domain.errors import Forbidden, NotAllowedNow, NotFound
from referrals.domain.lifecycle import Status
from referrals.domain.people import Actor, Kind
from referrals.domain.permissions import may_see_internal_notes
from referrals.models.base import new_id
from referrals.models.center import Center
from referrals.models.message import Message
from referrals.models.referral import Referral
from referrals.pathway.matching import calendar_of
from referrals.pathway.recipients import is_outside
from referrals.pathway.rules import Rules, rules_of
from referrals.pathway.scope import find_referral, visible
from referrals.pathway.tasks import close_task

SHOWN = 100
WRITE = "write-message"


def _of_side(side: Side) -> ColumnElement[bool]:
    return or_(Message.sender == side, Message.addressee == side)


def readable(actor: Actor) -> ColumnElement[bool]:
    """Of the referrals that they may read: the network reads everything, others what they wrote or was for them."""
    if may_see_internal_notes(actor):
        return true()
    if actor.kind is Kind.PROVIDER:
        return ~Message.internal & _of_side(Side.REFERRER)
    if actor.kind is Kind.CENTER:
        return ~Message.internal & _of_side(Side.CENTER) & (Message.center_id == actor.organization_id)
    return false()


def messages_of(session: Session, actor: Actor, referral_id: UUID) -> Sequence[Message]:
    """What this reader may read of a referral that they may read, oldest first."""
    query = select(Message).where(Message.referral_id == referral_id, readable(actor)).order_by(Message.id)
    return session.scalars(query).all()


def find_message(session: Session, actor: Actor, referral_id: UUID, message_id: UUID, *, lock: bool = False) -> Message:
    """`NotFound` tells nobody whether it exists."""
    find_referral(session, actor, referral_id)
    query = select(Message).where(Message.id == message_id, Message.referral_id == referral_id, readable(actor))
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound
    return found


def write(session: Session, actor: Actor, referral_id: UUID, said: Mapping[str, Any], now: datetime) -> Message:
    """Say something. What the other side had said before counts as read: it is being answered."""
    referral = find_referral(session, actor, referral_id, lock=True)
    message = post(session, actor, referral, said, now)
    if not message.internal:
        _note_answered(session, actor, message, now)
    session.flush()
    return message


def post(session: Session, actor: Actor, referral: Referral, said: Mapping[str, Any], now: datetime) -> Message:
    """A message that answers none, on a referral that is locked."""
    side = _side_that_writes(actor)
    if Status(referral.status) in SILENT:
        raise NotAllowedNow(WRITE, referral.status)
    is_internal = bool(said.get("internal"))
    to = Side(said["to"]) if said.get("to") else None
    meant = addressee(side, to, is_internal=is_internal, has_center=has_center(session, referral))
    message = _message(actor, referral, side, meant, now)
    message.text, message.internal = said["text"], is_internal
    if is_internal:
        message.told_at = now  # there is nobody to tell
    else:
        message.reply_due_at = _due(session, referral, meant, rules_of(session, referral.network_id), now)
    session.add(message)
    return message


def has_center(session: Session, referral: Referral) -> bool:
    """Whether a center has it that reads messages here."""
    return referral.center_id is not None and not is_outside(session, referral.center_id)


def _side_that_writes(actor: Actor) -> Side:
    if not actor.parties & WRITERS:
        raise Forbidden("not_this_actor", "Messages are written and read by those who work on the referral.")
    return SIDE_OF[actor.kind]


def _message(actor: Actor, referral: Referral, side: Side, meant: Side, now: datetime) -> Message:
    return Message(
        id=new_id(),
        network_id=referral.network_id,
        referral_id=referral.id,
        version=1,
        sender=side,
        addressee=meant,
        center_id=referral.center_id if Side.CENTER in (side, meant) else None,
        user_id=actor.user_id,
        client_id=actor.client_id,
        organization_id=actor.organization_id,
        author_name=actor.name,
        sent_at=now,
    )


def _due(session: Session, referral: Referral, meant: Side, rules: Rules, now: datetime) -> datetime | None:
    """One working day of whoever is asked; the referrer is reminded instead."""
    if meant is Side.REFERRER:
        return None
    calendar: WorkingCalendar = rules.calendar
    if meant is Side.CENTER:
        calendar = calendar_of(session.get_one(Center, referral.center_id), rules)
    return calendar.add_working_days(now, REPLY_DAYS)


def _note_answered(session: Session, actor: Actor, message: Message, now: datetime) -> None:
    earlier = select(Message).where(
        Message.referral_id == message.referral_id,
        Message.addressee == message.sender,
        Message.sender == message.addressee,
        Message.center_id.is_(None) if message.center_id is None else Message.center_id == message.center_id,
        *_unread(),
    )
    _note_read(session, actor, session.scalars(earlier.with_for_update()).all(), now)


def _unread() -> tuple[ColumnElement[bool], ...]:
    return Message.read_at.is_(None), ~Message.internal


def mark_read(session: Session, actor: Actor, referral_id: UUID, message_id: UUID, now: datetime) -> Message:
    """Somebody of the addressed side has read it; said twice, it stays as it was."""
    message = find_message(session, actor, referral_id, message_id, lock=True)
    if message.internal or _side_that_writes(actor) != message.addressee:
        raise Forbidden("not_addressed", "A message is marked as read by those for whom it is.")
    if message.read_at is None:
        _note_read(session, actor, [message], now)
        session.flush()
    return message


def _note_read(session: Session, actor: Actor, messages: Iterable[Message], now: datetime) -> None:
    for message in messages:
        message.read_at, message.read_by, message.version = now, actor.name, message.version + 1
        if kind := OVERDUE.get(Side(message.addressee)):
            close_task(session, kind, message.referral_id, str(message.id), now)


def is_to(actor: Actor, message: Message) -> bool:
    """Whether it waits to be read by this person."""
    mine = bool(actor.parties & WRITERS) and SIDE_OF[actor.kind] == message.addressee
    return mine and message.read_at is None and not message.internal


def unread_messages(session: Session, actor: Actor) -> Sequence[Row[Message, str]]:
    """What nobody of the reader's side has read yet, the most urgent first, each with the reference of its referral."""
    if not actor.parties & WRITERS:
        raise Forbidden("not_this_actor", "Messages wait for those who work on referrals.")
    query = (
        select(Message, Referral.reference)
        .join(Referral, Referral.id == Message.referral_id)
        .where(visible(actor), readable(actor), Message.addressee == SIDE_OF[actor.kind], *_unread())
        .order_by(func.coalesce(Message.reply_due_at, Message.sent_at), Message.id)
        .limit(SHOWN)
    )
    return session.execute(query).all()
