"""The one place where a status is written: a step is taken, and its event stands beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from referrals.domain import lifecycle
from referrals.domain.deadlines import CONFIRM_WITHDRAWAL_DAYS, SEGMENT_OF, next_action_due, within_promise
from referrals.domain.lifecycle import CREATE, EDIT, STEPS, Status, next_action, waiting_on
from referrals.domain.people import Actor, Party
from referrals.domain.vocabulary import Tier
from referrals.models.base import new_id
from referrals.models.referral import Referral
from referrals.models.trail import Event, Outbox
from referrals.pathway.rules import Rules, rules_of


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody acts now, under the rules in force, in a transaction that their door has opened."""

    session: Session
    actor: Actor
    now: datetime
    rules: Rules


def act_of(session: Session, actor: Actor, now: datetime) -> Act:
    return Act(session, actor, now, rules_of(session, actor.network_id))


def advance(
    act: Act, referral: Referral, step: str, *, note: str | None = None, data: Mapping[str, Any] | None = None
) -> Event:
    """Take a step of the table and write down who took it; refused by the table, nothing changes."""
    before = Status(referral.status)
    after = lifecycle.take(step, before, act.actor.parties, situation_of(referral))
    referral.status = after
    referral.version += 1
    _hand_over(act, referral, before)
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
    status = Status(referral.status)
    referral.waiting_on = waiting_on(status)
    flagged_at = referral.withdrawal_requested_at
    referral.next_action = next_action(status, withdrawal_requested=flagged_at is not None)
    due = _respond_by(referral) or next_action_due(
        status,
        referral.segment_started_at,
        rules.policy,
        rules.calendar,
        tier=_tier(referral.tier),
        soonest=_tier(referral.soonest_tier),
        promised=referral.due_at,
    )
    if due is not None and flagged_at is not None:
        due = min(due, rules.calendar.add_working_days(flagged_at, CONFIRM_WITHDRAWAL_DAYS))
    referral.next_action_due_at = due


def _respond_by(referral: Referral) -> datetime | None:
    """A live offer has a due time of its own, in the days of its center."""
    if referral.respond_by is None or Status(referral.status) is not Status.OFFERED:
        return None
    return within_promise(referral.respond_by, referral.due_at, referral.segment_started_at)


def _tier(word: str | None) -> Tier | None:
    return None if word is None else Tier(word)


def _hand_over(act: Act, referral: Referral, before: Status) -> None:
    after = Status(referral.status)
    referral.ended_at = act.now if after in lifecycle.ENDED else None
    if not lifecycle.center_is_working(after, situation_of(referral).resume):
        referral.withdrawal_requested_at = None
    if _clock_of(after) != _clock_of(before):
        referral.segment_started_at = act.now
    refresh_next_action(referral, act.rules)


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
        data=dict(data or {}),
    )
    act.session.add(event)
    if Status(referral.status) is not Status.DRAFT:
        _announce(act.session, event)
    return event


def _announce(session: Session, event: Event) -> None:
    """Leave the event for the worker. A draft is its author's own business and is announced to nobody."""
    waiting = Outbox(network_id=event.network_id, event=event, topic=f"referral.{event.step}", created_at=event.at)
    session.add(waiting)


def _party(step: str, actor: Actor, before: Status | None) -> Party:
    """As whom they acted: where a step is different parties' from different statuses, as one of this status."""
    lines = STEPS[step].lines if step in STEPS else ()
    allowed = frozenset().union(*(line.parties for line in lines if before in line.sources)) or frozenset(Party)
    acting = [party for party in Party if party in actor.parties and party in allowed]
    return acting[0] if acting else Party.R
