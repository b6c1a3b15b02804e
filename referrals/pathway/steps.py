"""The one place where a status is written: a step is taken, and its event stands beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referrals.domain import lifecycle
from referrals.domain.deadlines import CONFIRM_WITHDRAWAL_DAYS, SEGMENT_OF, next_action_due, within_promise
from referrals.domain.lifecycle import CREATE, EDIT, STEPS, Status, next_action, waiting_on
from referrals.domain.people import Actor, Party
from referrals.domain.vocabulary import AskedParty, Tier
from referrals.models.base import new_id
from referrals.models.referral import Referral
from referrals.models.trail import Event, Outbox
from referrals.pathway.question_ends import close_questions
from referrals.pathway.rules import Rules, rules_of


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody acts now, under the rules in force, in a transaction that their door has opened."""

    session: Session
    actor: Actor
    now: datetime
    rules: Rules


@dataclass(frozen=True, slots=True)
class Blocking:
    """The question that a step puts, moves or settles: who was asked, when it is due, since when all else waits."""

    asked: AskedParty
    due_at: datetime
    since: datetime


def act_of(session: Session, actor: Actor, now: datetime) -> Act:
    return Act(session, actor, now, rules_of(session, actor.network_id))


def advance(
    act: Act,
    referral: Referral,
    step: str,
    *,
    note: str | None = None,
    data: Mapping[str, Any] | None = None,
    blocking: Blocking | None = None,
) -> Event:
    """Take a step of the table and write down who took it; refused by the table, nothing changes.

    `blocking` is the blocking question that the step is about, where it is about one.
    """
    before = Status(referral.status)
    situation = situation_of(referral)
    after = lifecycle.take(step, before, act.actor.parties, situation, blocking=blocking is not None)
    referral.status = after
    referral.version += 1
    _hand_over(act, referral, before, blocking)
    return _write(act, referral, step, before, note=note, data=data)


def begin(act: Act, referral: Referral, data: Mapping[str, Any]) -> Event:
    """The first event of a referral: somebody began to write it."""
    referral.status = Status.DRAFT
    referral.version = 1
    referral.segment_started_at = act.now
    refresh_next_action(referral, act.rules)
    return _write(act, referral, CREATE, None, data=data)


def note_edit(act: Act, referral: Referral, fields: list[str]) -> Event:
    """What is not clinical was rewritten, or a draft was: the names of the fields, never what they hold."""
    referral.version += 1
    return _write(act, referral, EDIT, Status(referral.status), data={"fields": fields})


def situation_of(referral: Referral) -> lifecycle.Situation:
    resume = Status(referral.resume_status) if referral.resume_status else None
    return lifecycle.Situation(resume=resume, withdrawal_requested=referral.withdrawal_requested_at is not None)


def refresh_next_action(referral: Referral, rules: Rules) -> None:
    """Whose turn it is and until when, after the status, the tier or what could become of it has moved."""
    status, flagged_at = Status(referral.status), referral.withdrawal_requested_at
    referral.next_action = next_action(status, withdrawal_requested=flagged_at is not None)
    if status is not Status.INFORMATION_REQUESTED:  # there the question has said both, and no judgement moves them
        referral.waiting_on = waiting_on(status)
        referral.next_action_due_at = _due(referral, status, rules)
    if referral.next_action_due_at is not None and flagged_at is not None:
        confirmed_by = rules.calendar.add_working_days(flagged_at, CONFIRM_WITHDRAWAL_DAYS)
        referral.next_action_due_at = min(referral.next_action_due_at, confirmed_by)


def _due(referral: Referral, status: Status, rules: Rules) -> datetime | None:
    return _respond_by(referral) or next_action_due(
        status,
        referral.segment_started_at,
        rules.policy,
        rules.calendar,
        tier=_tier(referral.tier),
        soonest=_tier(referral.soonest_tier),
        promised=referral.due_at,
    )


def _respond_by(referral: Referral) -> datetime | None:
    """A live offer has a due time of its own, in the days of its center."""
    if referral.respond_by is None or Status(referral.status) is not Status.OFFERED:
        return None
    return within_promise(referral.respond_by, referral.due_at, referral.segment_started_at)


def _tier(word: str | None) -> Tier | None:
    return None if word is None else Tier(word)


def _hand_over(act: Act, referral: Referral, before: Status, blocking: Blocking | None) -> None:
    after = Status(referral.status)
    referral.ended_at = act.now if after in lifecycle.ENDED else None
    _remember(referral, before, after)
    if not lifecycle.center_is_working(after, situation_of(referral).resume):
        referral.withdrawal_requested_at = None
    if after is Status.INFORMATION_REQUESTED:
        _wait(referral, blocking)
    elif before is Status.INFORMATION_REQUESTED and blocking is not None:
        _go_on(referral, act.now - blocking.since)
    else:
        if _clock_of(after) != _clock_of(before):
            referral.segment_started_at = act.now
        close_questions(act.session, referral, before, act.now)
    refresh_next_action(referral, act.rules)


def _remember(referral: Referral, before: Status, after: Status) -> None:
    """A blocking question knows where the referral returns to; nothing else has to."""
    if after is not Status.INFORMATION_REQUESTED:
        referral.resume_status = None
    elif before is not after:
        referral.resume_status = before


def _wait(referral: Referral, blocking: Blocking | None) -> None:
    """The segment that was running stands still until the question is settled; the promise does not."""
    if blocking is not None:
        referral.waiting_on = waiting_on(Status.INFORMATION_REQUESTED, blocking.asked)
        referral.next_action_due_at = blocking.due_at


def _go_on(referral: Referral, pause: timedelta) -> None:
    """Whoever had to wait has the time left that they had before; so does a center that was to answer an offer."""
    referral.segment_started_at += pause
    if referral.respond_by is not None and Status(referral.status) is Status.OFFERED:
        referral.respond_by += pause


def _clock_of(status: Status) -> str:
    """What runs on while a status changes inside it: the segment, or the status itself where it belongs to none."""
    return SEGMENT_OF.get(status, status)


def _write(
    act: Act,
    referral: Referral,
    step: str,
    before: Status | None,
    *,
    note: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> Event:
    referral.updated_at = act.now
    event = Event(
        id=new_id(),
        network_id=referral.network_id,
        referral=referral,
        version=referral.version,
        step=step,
        from_status=before,
        to_status=referral.status,
        at=act.now,
        user_id=act.actor.user_id,
        client_id=act.actor.client_id,
        organization_id=act.actor.organization_id,
        actor_name=act.actor.name,
        party=_party(step, act.actor, before),
        note=note,
        data=dict(data or {}) | ({"recorded": dict(act.actor.recorded)} if act.actor.recorded else {}),
    )
    act.session.add(event)
    act.session.add(_announcement(referral, event))
    return event


def _announcement(referral: Referral, event: Event) -> Outbox:
    """Leaves the event for the worker. A draft is its author's own business: nobody is told."""
    return Outbox(
        network_id=event.network_id,
        event=event,
        topic=f"referral.{event.step}",
        created_at=event.at,
        done_at=event.at if Status(referral.status) is Status.DRAFT else None,
        referrer_id=referral.organization_id,
        center_id=_center(referral, event.data),
    )


def _center(referral: Referral, data: Mapping[str, Any]) -> UUID | None:
    """Who has it now, or who has just been let go: what ends an offer names its center."""
    if referral.center_id is not None:
        return referral.center_id
    return UUID(data["center"]) if data.get("center") else None


def _party(step: str, actor: Actor, before: Status | None) -> Party:
    """As whom they acted: where a step is different parties' from different statuses, as one of this status."""
    if actor.clock:
        return Party.T
    lines = STEPS[step].lines if step in STEPS else ()
    allowed = frozenset().union(*(line.parties for line in lines if before in line.sources)) or frozenset(Party)
    acting = [party for party in Party if party in actor.parties and party in allowed]
    return acting[0] if acting else Party.R
