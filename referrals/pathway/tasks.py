"""Tasks: raised once for a named person, done by that person, and closed where nothing is left to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from referrals.domain.errors import NotFound
from referrals.domain.people import Actor
from referrals.domain.tasks import FOR_THEMSELVES, TASKS, Over, TaskKind
from referrals.models.add_once import add_once
from referrals.models.base import new_id
from referrals.models.center import Center
from referrals.models.referral import Referral
from referrals.models.task import Task
from referrals.models.user import User
from referrals.pathway.recipients import answer_for_network, away_on
from referrals.pathway.staying import stays

SHOWN = 100


@dataclass(frozen=True, slots=True)
class NewTask:
    """One person is to do this. `about` tells two of a kind on one referral apart, such as the id of a question.

    `words` replace those of the kind on the page, never in mail; without `due_at` the kind says how long it may take.
    """

    kind: TaskKind
    user_id: UUID
    about: str = ""
    words: str | None = None
    due_at: datetime | None = None
    center_id: UUID | None = None


def raise_task(session: Session, referral: Referral | Row[Any], new: NewTask, now: datetime) -> bool:
    """False where it was raised before. A row in place of the referral has its `id` and its `network_id`."""
    key = task_key(new.kind, referral.id, new.about)
    return _raised(session, new, {"key": key, "network_id": referral.network_id, "referral_id": referral.id}, now)


def raise_for_network(session: Session, network_id: UUID, new: NewTask, now: datetime) -> bool:
    """The same, of something that is about no single referral."""
    return _raised(session, new, {"key": task_key(new.kind, network_id, new.about), "network_id": network_id}, now)


def _raised(session: Session, new: NewTask, subject: dict[str, Any], now: datetime) -> bool:
    taker = _taker(session, new, subject["network_id"], now)
    if taker is None:
        return False
    row = {
        "id": new_id(),
        "user_id": taker,
        "center_id": new.center_id,
        "kind": new.kind,
        "words": new.words or TASKS[new.kind].words,
        "created_at": now,
        "due_at": new.due_at or now + TASKS[new.kind].within,
    }
    return bool(add_once(session, Task, [row | subject]))


def _taker(session: Session, new: NewTask, network_id: UUID, now: datetime) -> UUID | None:
    """Where they go at this moment, one who answers for the network and stays; nobody else does what is for themselves."""
    if stays(session, new.user_id):
        return new.user_id
    if new.kind in FOR_THEMSELVES:
        return None
    others = answer_for_network(session, network_id, now.date())
    return next((each for each in others if stays(session, each)), new.user_id)


def task_key(kind: TaskKind, subject_id: UUID, about: str = "") -> str:
    return ":".join(part for part in (kind, str(subject_id), about) if part)


def is_raised(session: Session, network_id: UUID, key: str) -> bool:
    """Whether this was ever raised, done or not."""
    return bool(session.scalar(select(exists().where(Task.network_id == network_id, Task.key == key))))


def close_task(session: Session, kind: TaskKind, referral_id: UUID, about: str, now: datetime) -> None:
    """What it was about is over. Where it was never raised, nothing happens."""
    open_one = [Task.key == task_key(kind, referral_id, about), Task.done_at.is_(None)]
    session.execute(update(Task).where(*open_one).values(done_at=now))


def close_kinds(session: Session, kinds: Sequence[TaskKind], referral_id: UUID, now: datetime) -> None:
    """Whatever of these kinds was raised of the referral is over."""
    open_ones = (Task.referral_id == referral_id, Task.kind.in_(kinds), Task.done_at.is_(None))
    session.execute(update(Task).where(*open_ones).values(done_at=now))


def finish_task(session: Session, actor: Actor, task_id: UUID, now: datetime, today: date) -> Task:
    """Done, by the person whose task it is, or who covers for them; said twice, it stays done as it was."""
    query = select(Task).where(Task.id == task_id, *_tasks_for(actor, today))
    task = session.scalars(query.with_for_update()).one_or_none()
    if task is None:
        raise NotFound
    if task.done_at is None:
        task.done_at, task.done_by_id = now, actor.user_id
    return task


def tasks_of(session: Session, actor: Actor, today: date) -> Sequence[Row[Task, str, User]]:
    """What this person has to do, for those they cover, too: the most urgent first.

    Each as a task with the reference of its referral and the person whose it is.
    """
    query: Select[Task, str, User] = (
        select(Task, Referral.reference, User)
        .join(User, User.id == Task.user_id)
        .outerjoin(Referral, Referral.id == Task.referral_id)
        .where(*_tasks_for(actor, today), Task.done_at.is_(None))
        .order_by(Task.due_at, Task.id)
        .limit(SHOWN)
    )
    return session.execute(query).all()


def _tasks_for(actor: Actor, today: date) -> tuple[ColumnElement[bool], ...]:
    """Those of the person, and of those who are away on this day while the person covers for them."""
    covered = select(User.id).where(User.covered_by_id == actor.user_id, away_on(User, today), User.active)
    others = and_(Task.user_id.in_(covered), Task.kind.not_in(FOR_THEMSELVES))
    return Task.network_id == actor.network_id, or_(Task.user_id == actor.user_id, others)


def close_pointless(session: Session, now: datetime) -> int:
    """Somebody has acted, the referral has ended or the center goes on: nobody need phone anybody any more."""
    over = {reason: [kind for kind, task in TASKS.items() if task.over is reason] for reason in Over}
    ended = exists().where(Referral.id == Task.referral_id, Referral.next_action_due_at.is_(None))
    moved = exists().where(Referral.id == Task.referral_id, Referral.segment_started_at > Task.created_at)
    goes_on = exists().where(
        Center.organization_id == Task.center_id,
        or_(Center.paused_at.is_(None), Center.paused_at > Task.created_at),
    )
    pointless = or_(
        Task.kind.in_(over[Over.TURN]) & (moved | ended),
        Task.kind.in_(over[Over.END]) & ended,
        Task.kind.in_(over[Over.PAUSE]) & goes_on,
    )
    closed = update(Task).where(Task.done_at.is_(None), pointless).values(done_at=now).returning(Task.id)
    return len(session.execute(closed).all())
