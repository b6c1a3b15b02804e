"""Plans as they are kept: asked for, worked out by a worker under a lease, and approved by a person or not at all."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Refusal, refuse_unless_clean
from referrals.domain.lifecycle import Status
from referrals.domain.people import Actor, Kind
from referrals.domain.plans import Outcome, PlanCause, PlanStatus, Unplaced
from referrals.domain.reminders import Whom
from referrals.domain.rooms import UNPACED
from referrals.domain.tasks import TaskKind
from referrals.models.add_once import add_once
from referrals.models.base import new_id
from referrals.models.center import Center
from referrals.models.organization import Network, Organization
from referrals.models.plan import Plan, PlannedOffer
from referrals.models.referral import Referral
from referrals.pathway.actions import refuse_actor, take_step
from referrals.pathway.places import GIVEN_AWAY, board
from referrals.pathway.queue_plan import Worked
from referrals.pathway.recipients import people
from referrals.pathway.rules import rules_of
from referrals.pathway.standing_offer import held_offer
from referrals.pathway.tasks import NewTask, is_raised, raise_task, task_key

LEASED_FOR = timedelta(minutes=10)
TRIES = 3
# Plans of the morning are made before the first coordinator opens the worklist.
MORNING = time(6)
CLOCK = "The clock"
SHOWN = 20


def ask_for_plan(session: Session, actor: Actor, now: datetime, note: str | None = None) -> Plan:
    """Somebody who may make offers wants to see the whole queue placed."""
    refuse_actor("offer", actor)
    plan_id = new_id()
    asked = _asked(plan_id, actor.network_id, PlanCause.ASKED, str(plan_id), actor.name, now)
    session.execute(insert(Plan).values(asked | {"note": note}))
    return session.get_one(Plan, plan_id)


def _asked(plan_id: UUID, network_id: UUID, cause: PlanCause, key: str, by: str, now: datetime) -> dict[str, Any]:
    return {
        "id": plan_id,
        "network_id": network_id,
        "status": PlanStatus.WAITING,
        "cause": cause,
        "key": key,
        "asked_at": now,
        "asked_by": by,
        "progress": 0,
        "tries": 0,
        "scarce": [],
        "version": 1,
    }


def ask_by_the_clock(session: Session, now: datetime) -> int:
    """Every working morning, and as soon as one is ready that may not wait until then."""
    last = select(Plan.network_id, func.max(Plan.asked_at).label("at")).group_by(Plan.network_id).subquery()
    ready = (
        select(Referral.network_id, func.max(Referral.updated_at).filter(Referral.tier.in_(UNPACED)).label("urgent_at"))
        .where(Referral.status == Status.READY)
        .group_by(Referral.network_id)
        .subquery()
    )
    query = (
        select(Network.id, Network.zone, ready.c.urgent_at, last.c.at)
        .join(ready, ready.c.network_id == Network.id)
        .outerjoin(last, last.c.network_id == Network.id)
    )
    asked = [_occasion(session, row, now) for row in session.execute(query).all()]
    return sum(len(add_once(session, Plan, [each])) for each in asked if each)


def _occasion(session: Session, row: Row[Any], now: datetime) -> dict[str, Any] | None:
    if row.urgent_at is not None and (row.at is None or row.urgent_at > row.at):
        return _asked(new_id(), row.id, PlanCause.URGENT, f"urgent:{row.urgent_at.isoformat()}", CLOCK, now)
    calendar = rules_of(session, row.id).calendar
    morning = _morning(calendar, now)
    if morning is None or now < morning or (row.at is not None and row.at >= morning):
        return None
    return _asked(new_id(), row.id, PlanCause.DAILY, f"daily:{morning.date().isoformat()}", CLOCK, now)


def _morning(calendar: WorkingCalendar, now: datetime) -> datetime | None:
    today = calendar.local_date(now)
    if not calendar.is_working_day(today):
        return None
    return calendar.start_of(today) + timedelta(hours=MORNING.hour)


@dataclass(frozen=True, slots=True)
class Lease:
    """A plan that this worker works out. `tries` tells it from an earlier try whose lease has run out."""

    plan_id: UUID
    network_id: UUID
    tries: int


def claim(session: Session, now: datetime) -> Lease | None:
    """The oldest plan that nobody works on. One that was begun too often without an end is given up."""
    free = or_(Plan.status == PlanStatus.WAITING, (Plan.status == PlanStatus.RUNNING) & (Plan.lease_until <= now))
    query = select(Plan).where(free).order_by(Plan.asked_at, Plan.id).limit(1).with_for_update(skip_locked=True)
    plan = session.scalars(query).one_or_none()
    if plan is None:
        return None
    if plan.tries >= TRIES:
        plan.status, plan.finished_at = PlanStatus.FAILED, now
        return None
    plan.status, plan.tries, plan.progress = PlanStatus.RUNNING, plan.tries + 1, 0
    plan.started_at, plan.lease_until = plan.started_at or now, now + LEASED_FOR
    return Lease(plan.id, plan.network_id, plan.tries)


def note_progress(session: Session, lease: Lease, percent: int, now: datetime) -> None:
    """How far it is, for whoever waits; and that the worker lives."""
    mine = [Plan.id == lease.plan_id, Plan.tries == lease.tries, Plan.status == PlanStatus.RUNNING]
    session.execute(update(Plan).where(*mine).values(progress=percent, lease_until=now + LEASED_FOR))


def keep(session: Session, lease: Lease, worked: Worked, now: datetime) -> bool:
    """The plan is ready, and those before it no longer stand. False where another worker has taken it over."""
    mine = [Plan.id == lease.plan_id, Plan.tries == lease.tries, Plan.status == PlanStatus.RUNNING]
    plan = session.scalars(select(Plan).where(*mine).with_for_update()).one_or_none()
    if plan is None:
        return False
    before = [Plan.network_id == plan.network_id, Plan.status == PlanStatus.READY]
    session.execute(update(Plan).where(*before).values(status=PlanStatus.SUPERSEDED, version=Plan.version + 1))
    session.execute(delete(PlannedOffer).where(PlannedOffer.plan_id == plan.id))
    rows = list(_rows(plan, worked))
    if rows:
        session.execute(insert(PlannedOffer), rows)
    plan.status, plan.progress, plan.finished_at, plan.lease_until = PlanStatus.READY, 100, now, None
    plan.queue_length, plan.scarce = len(rows), [asdict(each) for each in worked.scarce]
    _tell_of_those_without(session, worked, now)
    return True


def _rows(plan: Plan, worked: Worked) -> Iterator[dict[str, Any]]:
    for number, (waiting, said) in enumerate(zip(worked.queue, worked.proposals, strict=True), 1):
        way, row = said.way, waiting.referral
        yield {
            "id": new_id(),
            "network_id": plan.network_id,
            "plan_id": plan.id,
            "number": number,
            "referral_id": row.id,
            "facts_version": row.facts_version,
            "tier": row.tier,
            "center_id": way.center if way else None,
            "week": way.week if way else None,
            "score": way.score if way else None,
            "rank_of_choice": said.rank,
            "runner_up_id": said.runner_up.center if said.runner_up else None,
            "because": said.because,
            "acknowledge": list(way.acknowledge) if way else [],
            "is_late": way.is_late if way else False,
            "is_unknown": way.is_unknown if way else False,
            "code": said.code,
        }


def _tell_of_those_without(session: Session, worked: Worked, now: datetime) -> None:
    """Where no center can be asked, a person has to look at once; told again only when the referral has changed."""
    without = [
        waiting.referral.id
        for waiting, said in zip(worked.queue, worked.proposals, strict=True)
        if said.code is Unplaced.NO_ELIGIBLE_CENTER
    ]
    kind = TaskKind.NO_ELIGIBLE_CENTER
    query = select(Referral).where(Referral.id.in_(without), Referral.status == Status.READY)
    for referral in session.scalars(query).all():
        about = str(referral.version)
        if is_raised(session, referral.network_id, task_key(kind, referral.id, about)):
            continue
        for user in people(session, Whom.OWNER, referral, now.date()):
            raise_task(session, referral, NewTask(kind, user, about=about), now)


def find_plan(session: Session, actor: Actor, plan_id: UUID, *, lock: bool = False) -> Plan:
    query = select(Plan).where(Plan.id == plan_id, Plan.network_id == actor.network_id)
    plan = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if plan is None or actor.kind is not Kind.NETWORK:
        raise NotFound
    return plan


def plans_of(session: Session, actor: Actor) -> Sequence[Plan]:
    """The last plans of the network, newest first."""
    query = select(Plan).where(Plan.network_id == actor.network_id).order_by(Plan.asked_at.desc(), Plan.id.desc())
    return session.scalars(query.limit(SHOWN)).all()


def count_ready(session: Session, actor: Actor) -> int:
    """How many of the network wait for a center."""
    query = select(func.count()).select_from(Referral)
    return session.scalar(query.where(Referral.network_id == actor.network_id, Referral.status == Status.READY)) or 0


def planned_offers(session: Session, plan: Plan) -> Sequence[Row[Any]]:
    """What it says of each referral, in the order of the queue: offer, referral, center and runner-up."""
    center, runner_up = aliased(Organization), aliased(Organization)
    query: Select[*tuple[Any, ...]] = (
        select(
            PlannedOffer, Referral.reference, Referral.tumor_family, Referral.due_at,
            Referral.patient_given_name, Referral.patient_family_name,
            center.code.label("center_code"), center.name.label("center_name"),
            runner_up.code.label("runner_up_code"), runner_up.name.label("runner_up_name"),
        )
        .join(Referral, Referral.id == PlannedOffer.referral_id)
        .outerjoin(center, center.id == PlannedOffer.center_id)
        .outerjoin(runner_up, runner_up.id == PlannedOffer.runner_up_id)
        .where(PlannedOffer.plan_id == plan.id)
        .order_by(PlannedOffer.number)
    )  # fmt: skip
    return session.execute(query).all()


def approve(session: Session, actor: Actor, plan: Plan, only: Collection[UUID] | None, now: datetime) -> Plan:
    """Make the offers, all in this transaction. Whatever has changed since is told, not forced.

    `only` are the referrals that were left ticked; None takes all that have a center. Approving acknowledges what the
    proposals say: that an answer may come late, and what of the case is not known yet.
    """
    refuse_actor("offer", actor)
    if plan.status != PlanStatus.READY:
        raise Conflict(f"Only a plan that is ready can be approved; this one is {plan.status}.")
    query = select(PlannedOffer).where(PlannedOffer.plan_id == plan.id, PlannedOffer.center_id.is_not(None))
    planned = session.scalars(query.order_by(PlannedOffer.number)).all()
    refuse_unless_clean(_not_planned(planned, only))
    ticked = {each.referral_id for each in planned} if only is None else frozenset(only)
    _hold(session, ticked)
    outcomes = [_offered(session, actor, each, now) if each.referral_id in ticked else _LEFT_OUT for each in planned]
    # All at the end, so that they are written together.
    for each, (outcome, because) in zip(planned, outcomes, strict=True):
        each.outcome, each.outcome_because = outcome, because
    plan.status, plan.approved_at, plan.approved_by = PlanStatus.APPROVED, now, actor.name
    session.flush()
    return plan


_LEFT_OUT = Outcome.LEFT_OUT, None


def _hold(session: Session, referrals: Collection[UUID]) -> None:
    """All of them before the first center, as each step does: else two who offer could wait for each other."""
    query = select(Referral.id).where(Referral.id.in_(referrals)).order_by(Referral.id)
    session.execute(query.with_for_update(key_share=True))


def _not_planned(planned: Sequence[PlannedOffer], only: Collection[UUID] | None) -> Iterator[FieldError]:
    there = {each.referral_id for each in planned}
    for place, referral_id in enumerate(only or ()):
        if referral_id not in there:
            yield FieldError(f"/referrals/{place}", "unknown", "The plan has no center for this referral.")


def _offered(session: Session, actor: Actor, planned: PlannedOffer, now: datetime) -> tuple[Outcome, str | None]:
    try:
        with session.begin_nested():
            offered = take_step(session, actor, planned.referral_id, "offer", _body(planned), now)
            _refuse_if_moved(offered, planned)
            _refuse_another_week(session, offered, planned)
    except Refusal as refusal:
        return Outcome.CHANGED, _said(session, planned, refusal)
    return Outcome.OFFERED, None


def _said(session: Session, planned: PlannedOffer, refusal: Refusal) -> str:
    """A place that is gone explains whatever else stands against another week."""
    if isinstance(refusal, Invalid) and not _is_free(session, planned):
        return GIVEN_AWAY
    if isinstance(refusal, Invalid):
        return " ".join(dict.fromkeys(error.message for error in refusal.errors))
    return refusal.message


def _body(planned: PlannedOffer) -> dict[str, Any]:
    return {
        "center": planned.center_id,
        "late_acknowledged": planned.is_late,
        "unknown_acknowledged": planned.is_unknown,
    }


def _is_free(session: Session, planned: PlannedOffer) -> bool:
    center = session.get_one(Center, planned.center_id)
    weeks = [planned.week] if planned.week else []
    found = board(session, {center.organization_id: center.places}, weeks)
    return any(week.free for week in found[center.organization_id])


def _refuse_another_week(session: Session, offered: Referral, planned: PlannedOffer) -> None:
    made = held_offer(session, offered.id)
    if made is None or made.week != planned.week:
        raise Forbidden("changed", GIVEN_AWAY)


def _refuse_if_moved(offered: Referral, planned: PlannedOffer) -> None:
    """Asked of the row that the step holds, so that nothing moves between the look and the offer."""
    if (offered.facts_version, offered.tier) != (planned.facts_version, planned.tier):
        raise Forbidden("changed", "What is known of it has changed since the plan was made.")
