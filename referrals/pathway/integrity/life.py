"""Invariants of a referral's life: whose turn it is, its events, its end, its owner."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from zoneinfo import ZoneInfo

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import aliased

from referrals.domain.history import BrokenHistory, Happened, fold
from referrals.domain.lifecycle import ENDED, OPEN, STATUSES, Status
from referrals.domain.people import Kind, Role
from referrals.domain.vocabulary import WaitingOn
from referrals.models.organization import Network, Organization
from referrals.models.referral import Referral
from referrals.models.trail import Event
from referrals.models.user import Membership, User
from referrals.pathway.integrity.finding import Break, Found, Invariant, Look


def without_a_turn(look: Look) -> Iterator[Break]:
    """Whose turn it is follows from the status; only a blocking question leaves a choice."""
    right = [
        and_(
            Referral.status == status,
            Referral.waiting_on.in_(_turns(status)) if facts.is_open else Referral.waiting_on.is_(None),
            Referral.next_action_due_at.is_not(None) if facts.is_open else Referral.next_action_due_at.is_(None),
            Referral.next_action.is_not(None) if facts.is_open else Referral.next_action.is_(None),
        )
        for status, facts in STATUSES.items()
    ]
    query = select(Referral.reference, Referral.status, Referral.waiting_on).where(~func.coalesce(or_(*right), false()))
    for row in look.rows(query):
        yield Break(
            row.reference, f"is {row.status}, waits on {row.waiting_on}, or its next action or due time is wrong"
        )


def _turns(status: Status) -> list[str]:
    if status is Status.INFORMATION_REQUESTED:
        return [WaitingOn.REFERRER, WaitingOn.THIRD_PARTY]
    return [str(STATUSES[status].waiting_on)]


def with_another_history(look: Look) -> Iterator[Break]:
    """The events of each referral, folded by the table of steps, must give its status and its version."""
    query = (
        select(
            Referral.id, Referral.reference, Referral.status, Referral.version,
            Event.version.label("number"), Event.step, Event.from_status, Event.to_status,
        )
        .join(Event, Event.referral_id == Referral.id, isouter=True)
        .order_by(Referral.id, Event.version)
    )  # fmt: skip
    for _, events in groupby(look.rows(query), key=attrgetter("id")):
        told = list(events)
        if why := _misfit(told):
            yield Break(told[0].reference, why)


def _misfit(events: list[Found]) -> str | None:
    last = events[-1]
    if last.number is None:
        return "has no event"
    if last.number != last.version:
        return f"is at version {last.version}, and its last event is number {last.number}"
    try:
        status = fold(_happened(event) for event in events)
    except BrokenHistory as broken:
        return str(broken)
    return None if status == last.status else f"is {last.status}, and its events add up to {status}"


def _happened(event: Found) -> Happened:
    before = Status(event.from_status) if event.from_status else None
    return Happened(event.number, event.step, before, Status(event.to_status))


def ended_halfway(look: Look) -> Iterator[Break]:
    """Every referral that was received is open or has ended, on one day each, as its events say."""
    submitted = select(Event.at).where(Event.referral_id == Referral.id, Event.step == "submit").order_by(Event.version)
    first = submitted.limit(1).correlate(Referral).scalar_subquery()
    wrong = or_(
        and_(Referral.submitted_at.is_not(None), first.is_(None)),
        and_(Referral.submitted_at.is_(None), first.is_not(None)),
        Referral.submitted_at != first,
        and_(Referral.status.in_(OPEN), Referral.ended_at.is_not(None)),
        and_(Referral.status.in_(ENDED), Referral.ended_at.is_(None)),
        and_(Referral.status.in_(OPEN), Referral.status != Status.DRAFT, Referral.submitted_at.is_(None)),
    )
    for row in look.rows(select(Referral.reference, Referral.status).where(wrong)):
        yield Break(row.reference, f"is {row.status}: received, open and ended do not add up for it")


def owned_by_nobody_here(look: Look) -> Iterator[Break]:
    """An owner is active, works for the network, and is here or covered by somebody who is."""
    owner, cover = aliased(User), aliased(User)
    role = (
        select(Membership.id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(
            Membership.user_id == owner.id,
            Membership.role.in_((Role.COORDINATOR, Role.CLINICAL_LEAD)),
            Organization.kind == Kind.NETWORK,
            Organization.network_id == Referral.network_id,
        )
        .exists()
    )
    query = (
        select(
            Referral.reference, Network.zone, role.label("works_here"), owner.active,
            owner.away_from, owner.away_to,
            cover.active.label("cover_active"), cover.away_from.label("cover_from"), cover.away_to.label("cover_to"),
        )
        .join(owner, owner.id == Referral.owner_id)
        .join(cover, cover.id == owner.covered_by_id, isouter=True)
        .join(Network, Network.id == Referral.network_id)
        .where(Referral.status.in_(OPEN))
    )  # fmt: skip
    for row in look.rows(query):
        if why := _absence(row, look.now):
            yield Break(row.reference, why)


def _absence(row: Found, now: datetime) -> str | None:
    today = now.astimezone(ZoneInfo(row.zone)).date()
    if not row.active or not row.works_here:
        return "is owned by somebody who is no longer active in the network"
    covered = row.cover_active and not _is_away(row.cover_from, row.cover_to, today)
    if _is_away(row.away_from, row.away_to, today) and not covered:
        return "is owned by somebody who is away, and nobody covers"
    return None


def _is_away(start: date | None, end: date | None, today: date) -> bool:
    return start is not None and start <= today and (end is None or today <= end)


LIFE = (
    Invariant(
        "1", "Every open referral waits on one party and has a due time; no ended one does", Referral, without_a_turn
    ),
    Invariant(
        "2", "One event for each version, no gap, and the events add up to the status", Event, with_another_history
    ),
    Invariant("7", "Received = open + ended, each on the day that its events say", Referral, ended_halfway),
    Invariant(
        "11", "No open referral is owned by somebody inactive, or away without cover", Referral, owned_by_nobody_here
    ),
)
