"""Advice before the opinion: delivered at once, acknowledged by itself, and followed by a call."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.errors import Forbidden, NotFound
from referrals.domain.people import Actor, Party
from referrals.domain.reminders import Whom
from referrals.domain.tasks import TaskKind
from referrals.models.offer import Advice
from referrals.models.referral import Referral
from referrals.pathway.recipients import people
from referrals.pathway.scope import find_referral
from referrals.pathway.steps import Act
from referrals.pathway.tasks import NewTask, close_task, raise_task


def ask_for_a_call(act: Act, referral: Referral, advice: Advice) -> None:
    """Somebody of the network makes sure that the referrer has it: a screen may be looked at tomorrow."""
    today = act.rules.calendar.local_date(act.now)
    for user in people(act.session, Whom.OWNER, referral, today):
        raise_task(act.session, referral, NewTask(TaskKind.PHONE_ADVICE, user, about=str(advice.id)), act.now)


def unread_advice(session: Session, referral_id: UUID) -> Sequence[Advice]:
    query = select(Advice).where(Advice.referral_id == referral_id, Advice.read_at.is_(None)).order_by(Advice.given_at)
    return session.scalars(query).all()


def acknowledge_advice(session: Session, actor: Actor, referral_id: UUID, advice_id: UUID, now: datetime) -> Advice:
    """A clinician of the referring organization has read it; the call is no longer needed."""
    if Party.R not in actor.parties:
        raise Forbidden("not_this_actor", "Advice is acknowledged by a clinician of the referring organization.")
    referral = find_referral(session, actor, referral_id)
    row = session.scalars(
        select(Advice).where(Advice.id == advice_id, Advice.referral_id == referral.id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound
    if row.read_at is None:
        row.read_at, row.read_by = now, actor.name
        close_task(session, TaskKind.PHONE_ADVICE, referral.id, str(row.id), now)
    return row
