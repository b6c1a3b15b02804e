"""The invariant of being told: who asked for a second opinion hears of its answer and of its end."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from referrals.domain.tasks import TaskKind
from referrals.domain.telling import TOLD_IN_ANY_CASE
from referrals.models.referral import Referral
from referrals.models.task import Task
from referrals.models.trail import Event, Notification, Outbox
from referrals.models.user import Membership, User
from referrals.pathway.integrity.finding import Break, Found, Invariant, Look
from referrals.pathway.tasks import task_key


def untold(look: Look) -> Iterator[Break]:
    """What ends or answers a referral waits to be told, was told to its referrer, or somebody was to find out whom."""
    query = (
        select(Referral.id, Referral.reference, Event.id.label("event_id"), Event.step, Event.version)
        .join(Event, Event.referral_id == Referral.id)
        .where(
            Event.step.in_(TOLD_IN_ANY_CASE),
            ~_waits(),
            ~_has_notice(Notification.user_id == Referral.clinician_id),
            ~and_(_clinician_is_not_there(), _has_notice(Notification.user_id.in_(_colleagues()))),
        )
    )
    for row in look.rows(query):
        if not _is_escalated(look, row):
            yield Break(row.reference, f"{row.step} (version {row.version}) was not told to its referrer")


def _waits() -> ColumnElement[bool]:
    """What is held back, because it can still be undone, waits as well."""
    return select(Outbox.id).where(Outbox.event_id == Event.id, Outbox.done_at.is_(None)).exists()


def _has_notice(of: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(Notification.id).where(Notification.event_id == Event.id, of).correlate(Event, Referral).exists()


def _colleagues() -> Any:
    here = Membership.organization_id == Referral.organization_id
    return select(Membership.user_id).where(here).correlate(Referral).scalar_subquery()


def _clinician_is_not_there() -> ColumnElement[bool]:
    """Nobody is named, that person has left, or somebody else was named when it happened."""
    later = aliased(Event)
    renamed = select(later.id).where(
        later.referral_id == Referral.id, later.step == "change-clinician", later.version > Event.version
    )
    there = select(User.id).where(User.id == Referral.clinician_id, User.active)
    return or_(~there.exists(), renamed.exists())


def _is_escalated(look: Look, row: Found) -> bool:
    key = task_key(TaskKind.TELL_REFERRER, row.id, str(row.event_id))
    return look.session.scalar(select(Task.id).where(Task.referral_id == row.id, Task.key == key)) is not None


TOLD = (
    Invariant(
        "3",
        "Every end and every answer was told to the referrer or passed on to somebody, or waits to be told",
        Event,
        untold,
    ),
)
