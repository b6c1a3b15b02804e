"""Reminds whose turn is about to run out or has, and hands what was missed twice to a named person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, exists, insert, select
from sqlalchemy.orm import Session

from referrals.domain.lifecycle import OPEN_RECEIVED, Status
from referrals.domain.reminders import ESCALATED, REMINDED, ReminderKind, Timed, Whom, timetable
from referrals.domain.tasks import TaskKind
from referrals.domain.vocabulary import WaitingOn
from referrals.models.add_once import add_once
from referrals.models.base import new_id
from referrals.models.delivery import Reminder
from referrals.models.patient import Patient
from referrals.models.referral import OPEN_ROWS, Referral
from referrals.models.task import Task
from referrals.models.trail import Notification
from referrals.pathway.mail import Occasion, Stationery, queue_letters
from referrals.pathway.recipients import people
from referrals.pathway.tasks import NewTask, raise_task


@dataclass(frozen=True, slots=True)
class _Desk:
    session: Session
    now: datetime
    mail: Stationery | None


def remind(session: Session, now: datetime, mail: Stationery | None = None, limit: int = 500) -> int:
    """Every reminder whose time has come, each once for each due time."""
    desk = _Desk(session, now, mail)
    return sum(
        _remind_of(desk, referral, has_died, timed.kind)
        for statuses, timed in timetable()
        for referral, has_died in _due(desk, statuses, timed, limit)
        if _has_had_time(referral, timed, now)
    )


def _has_had_time(referral: Referral, timed: Timed, now: datetime) -> bool:
    """Nobody is reminded beforehand of what has only just come to them: half of a short turn is theirs in peace."""
    due = referral.next_action_due_at
    return timed.until is None or due is None or now - referral.segment_started_at >= due - now


def due_query(timed: Timed, statuses: frozenset[Status], now: datetime) -> Select[Referral, bool]:
    """The open referrals for which the time of this reminder has come, and whether the patient has died."""
    reminded = exists().where(
        Reminder.referral_id == Referral.id,
        Reminder.kind == timed.kind,
        Reminder.due_at == Referral.next_action_due_at,
    )
    has_come = [Referral.next_action_due_at <= now - timed.after]
    if timed.until is not None:
        has_come.append(Referral.next_action_due_at > now - timed.until)
    return (
        select(Referral, Patient.deceased_on.is_not(None))
        .join(Patient, Patient.id == Referral.patient_id)
        .where(OPEN_ROWS, Referral.status.in_(statuses), *has_come, ~reminded)
        .order_by(Referral.next_action_due_at, Referral.id)
    )


def _due(desk: _Desk, statuses: frozenset[Status], timed: Timed, limit: int) -> Iterable[tuple[Referral, bool]]:
    """As every step does: what somebody is working on is left for the next time."""
    query = due_query(timed, statuses, desk.now).limit(limit).with_for_update(of=Referral, skip_locked=True)
    return [(row[0], row[1]) for row in desk.session.execute(query)]


def _remind_of(desk: _Desk, referral: Referral, has_died: bool, kind: ReminderKind) -> int:
    reminder = _note(desk.session, referral, kind, desk.now)
    turn = WaitingOn(str(referral.waiting_on))
    if reminder is None:
        return 0
    if has_died and turn is WaitingOn.REFERRER:
        return 1  # noted, so that it is not looked at again; nobody is asked for anything
    if kind is ReminderKind.MISSED_TWICE:
        _escalate(desk, referral, turn, reminder)
    _tell(desk, referral, reminder, kind, people(desk.session, REMINDED[turn], referral, desk.now.date()))
    return 1


def _note(session: Session, referral: Referral, kind: ReminderKind, now: datetime) -> UUID | None:
    """That this was said. None where another worker has said it meanwhile."""
    row = {
        "id": new_id(),
        "network_id": referral.network_id,
        "referral_id": referral.id,
        "kind": kind,
        "status": referral.status,
        "due_at": referral.next_action_due_at,
        "created_at": now,
    }
    return next(iter(add_once(session, Reminder, [row])), None)


def _escalate(desk: _Desk, referral: Referral, turn: WaitingOn, reminder: UUID) -> None:
    for escalation in ESCALATED[turn]:
        for user in people(desk.session, escalation.whom, referral, desk.now.date()):
            raise_task(desk.session, referral, NewTask(escalation.task, user, about=str(reminder)), desk.now)


def _tell(desk: _Desk, referral: Referral, reminder: UUID, kind: ReminderKind, users: list[UUID]) -> None:
    """In the dashboard and by mail, whatever they prefer: it is their own action that is due."""
    if not users:
        return
    shared = {
        "network_id": referral.network_id,
        "reminder_id": reminder,
        "referral_id": referral.id,
        "created_at": desk.now,
    }
    desk.session.execute(insert(Notification), [{**shared, "id": new_id(), "user_id": user} for user in users])
    topic = f"reminder {kind} {referral.status}"
    occasion = Occasion(f"reminder:{reminder}", topic, referral.network_id, referral.id, desk.now)
    queue_letters(desk.session, desk.mail, occasion, users)


def notice_deaths(session: Session, now: datetime, limit: int = 100) -> int:
    """A date of death, whoever entered it, raises one task: what becomes of the referral is for people to decide."""
    raised = exists().where(Task.referral_id == Referral.id, Task.kind == TaskKind.PATIENT_DIED)
    query = (
        select(Referral)
        .join(Patient, Patient.id == Referral.patient_id)
        .where(Patient.deceased_on.is_not(None), Referral.status.in_(OPEN_RECEIVED), ~raised)
        .order_by(Referral.id)
        .limit(limit)
        .with_for_update(of=Referral, skip_locked=True)
    )
    found = session.scalars(query).all()
    return sum(_hand_to_owner(session, referral, now) for referral in found)


def _hand_to_owner(session: Session, referral: Referral, now: datetime) -> int:
    """Zero where the network has nobody: then it is looked at again in the next round."""
    return sum(
        raise_task(session, referral, NewTask(TaskKind.PATIENT_DIED, user), now)
        for user in people(session, Whom.OWNER, referral, now.date())
    )


def announce_tasks(session: Session, now: datetime, mail: Stationery | None = None, limit: int = 100) -> int:
    """Whoever has a new task hears of it by mail; on their page it stands from the beginning."""
    query = select(Task).where(Task.told_at.is_(None), Task.done_at.is_(None)).order_by(Task.id).limit(limit)
    tasks = session.scalars(query.with_for_update(skip_locked=True)).all()
    for task in tasks:
        occasion = Occasion(f"task:{task.id}", f"task {task.kind}", task.network_id, task.referral_id, now)
        queue_letters(session, mail, occasion, [task.user_id])
        task.told_at = now
    return len(tasks)
