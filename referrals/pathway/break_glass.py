"""Opening a record outside one's scope: with a reason, for an hour, told to others at once, and reviewed by one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, select, update
from sqlalchemy.orm import Session, aliased

from referrals.domain.break_glass import MARK, REVIEWED_WITHIN, Verdict, ends_at, may_break, may_review
from referrals.domain.errors import Conflict, Forbidden, NotFound
from referrals.domain.people import Actor, Kind, Role
from referrals.domain.tasks import TaskKind
from referrals.models.base import new_id
from referrals.models.break_glass import BreakGlass
from referrals.models.organization import Organization
from referrals.models.referral import Referral
from referrals.models.task import Task
from referrals.models.trail import AuditEntry
from referrals.models.user import Membership, User
from referrals.pathway.by_reference import received_referral
from referrals.pathway.recipients import colleagues, referrers
from referrals.pathway.rules import rules_of
from referrals.pathway.scope import visible
from referrals.pathway.tasks import NewTask, raise_task

SHOWN = 50
MOST_ENTRIES = 1000
# Those that are over, once a review is written.
OF_REVIEW = (TaskKind.BREAK_GLASS, TaskKind.BREAK_GLASS_WAITS)
# A working day may be followed by a week of holidays; before this, none can be late.
SOONEST_LATE = timedelta(days=3)


def refuse_other_breakers(actor: Actor) -> None:
    if not may_break(actor):
        raise Forbidden("not_this_actor", "Break-glass is for administrators, in their own name.")


def refuse_other_reviewers(actor: Actor) -> None:
    if not may_review(actor):
        raise Forbidden("not_this_actor", "Break-glass is reviewed by administrators and auditors of the network.")


def break_glass(session: Session, actor: Actor, sent: dict[str, Any], now: datetime) -> BreakGlass:
    """Open one referral of the network to this person alone. Once it is open, opening it again changes nothing."""
    refuse_other_breakers(actor)
    referral = received_referral(session, actor, sent["reference"])
    if session.scalar(select(exists().where(Referral.id == referral.id, visible(actor)))):
        raise Conflict("You may read this referral as it is. Nothing was opened.", fields=["/reference"])
    standing = session.scalars(
        select(BreakGlass).where(BreakGlass.referral_id == referral.id, *_open(actor, now))
    ).first()
    if standing is not None:
        return standing
    glass = BreakGlass(
        id=new_id(),
        network_id=actor.network_id,
        referral_id=referral.id,
        user_id=actor.user_id,
        organization_id=actor.organization_id,
        actor_name=actor.name,
        ground=sent["ground"],
        reason=sent["reason"],
        opened_at=now,
        until=ends_at(now),
    )
    session.add(glass)
    session.flush()
    _alert(session, referral, glass, now)
    return glass


def _open(actor: Actor, now: datetime) -> tuple[Any, ...]:
    return BreakGlass.user_id == actor.user_id, BreakGlass.network_id == actor.network_id, BreakGlass.until > now


@dataclass(frozen=True, slots=True)
class Opened:
    """What somebody has open now."""

    referral_id: UUID
    reference: str
    until: datetime


def opened_now(session: Session, actor: Actor, now: datetime) -> list[Opened]:
    if not may_break(actor):
        return []
    query = (
        select(BreakGlass.referral_id, Referral.reference, BreakGlass.until)
        .join(Referral, Referral.id == BreakGlass.referral_id)
        .where(*_open(actor, now), BreakGlass.organization_id == actor.organization_id)
        .order_by(BreakGlass.until)
    )
    return [Opened(*row) for row in session.execute(query)]


def _alert(session: Session, referral: Referral, glass: BreakGlass, now: datetime) -> None:
    """Everybody who may review it, and whoever answers for the referral; each has it on their page at once, and by mail."""
    for user in _reviewers(session, glass):
        raise_task(session, referral, NewTask(TaskKind.BREAK_GLASS, user, _about(glass, user)), now)
    for user in _answerable(session, referral):
        if user != glass.user_id:
            raise_task(session, referral, NewTask(TaskKind.BREAK_GLASS_TOLD, user, _about(glass, user)), now)


def _about(glass: BreakGlass, user: UUID) -> str:
    return f"{glass.id.hex}{user.hex}"


def _reviewers(session: Session, glass: BreakGlass) -> list[UUID]:
    query = _members(Membership.role.in_((Role.ADMINISTRATOR, Role.AUDITOR))).where(
        Organization.network_id == glass.network_id, Organization.kind == Kind.NETWORK, User.id != glass.user_id
    )
    return list(dict.fromkeys(session.scalars(query)))


def _answerable(session: Session, referral: Referral) -> list[UUID]:
    query = _members(Membership.role == Role.ADMINISTRATOR).where(Organization.id == referral.organization_id)
    return list(dict.fromkeys(session.scalars(query))) or referrers(session, referral)


def _members(role: Any) -> Any:
    return (
        select(User.id)
        .join(Membership, Membership.user_id == User.id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(role, User.active, Organization.active)
        .order_by(Membership.id)
    )


_Reviewer = aliased(User)


def listed(session: Session, actor: Actor, after: UUID | None = None, limit: int = SHOWN) -> Sequence[Row[Any]]:
    """The newest first, each with the reference, the organization and the name of who reviewed it."""
    query = _whole(actor).order_by(BreakGlass.id.desc()).limit(limit)
    return session.execute(query.where(BreakGlass.id < after) if after else query).all()


def one(session: Session, actor: Actor, glass_id: UUID) -> Row[Any]:
    row = session.execute(_whole(actor).where(BreakGlass.id == glass_id)).one_or_none()
    if row is None:
        raise NotFound
    return row


def _whole(actor: Actor) -> Any:
    refuse_other_reviewers(actor)
    return (
        select(BreakGlass, Referral.reference, Organization.name.label("home"), _Reviewer.name.label("reviewer"))
        .join(Referral, Referral.id == BreakGlass.referral_id)
        .join(Organization, Organization.id == BreakGlass.organization_id)
        .outerjoin(_Reviewer, _Reviewer.id == BreakGlass.reviewed_by_id)
        .where(BreakGlass.network_id == actor.network_id)
    )


def done_meanwhile(session: Session, glass: BreakGlass) -> list[Row[Any]]:
    """What the person opened of the record, as the audit has it."""
    query = (
        select(AuditEntry.at, AuditEntry.action, AuditEntry.entity, AuditEntry.ids, AuditEntry.detail)
        .where(AuditEntry.user_id == glass.user_id, AuditEntry.at >= glass.opened_at, AuditEntry.at < glass.until)
        .order_by(AuditEntry.at, AuditEntry.id)
        .limit(MOST_ENTRIES)
    )
    return [row for row in session.execute(query) if row.detail.get(MARK) == str(glass.referral_id)]


def review(session: Session, actor: Actor, glass_id: UUID, sent: dict[str, Any], now: datetime) -> BreakGlass:
    """Say whether it was justified; once, and by somebody else."""
    refuse_other_reviewers(actor)
    query = select(BreakGlass).where(BreakGlass.id == glass_id, BreakGlass.network_id == actor.network_id)
    glass = session.scalars(query.with_for_update()).one_or_none()
    if glass is None:
        raise NotFound
    if glass.user_id == actor.user_id:
        raise Forbidden("own_break_glass", "Somebody else reviews what you have opened.")
    if glass.reviewed_at is not None:
        raise Conflict("This was reviewed already. Nothing was changed.")
    glass.reviewed_by_id, glass.reviewed_at = actor.user_id, now
    glass.verdict, glass.note = Verdict(sent["verdict"]), sent.get("note")
    over = (Task.referral_id == glass.referral_id, Task.kind.in_(OF_REVIEW), Task.key.contains(glass.id.hex))
    session.execute(update(Task).where(*over, Task.done_at.is_(None)).values(done_at=now))
    return glass


def watch_reviews(session: Session, now: datetime, limit: int = 100) -> int:
    """What nobody has reviewed within three working days becomes a task for a lead, or a coordinator."""
    raised = exists().where(
        Task.referral_id == BreakGlass.referral_id,
        Task.kind == TaskKind.BREAK_GLASS_WAITS,
        Task.created_at > BreakGlass.opened_at,
    )
    query = (
        select(BreakGlass, Referral)
        .join(Referral, Referral.id == BreakGlass.referral_id)
        .where(BreakGlass.reviewed_at.is_(None), BreakGlass.opened_at <= now - SOONEST_LATE, ~raised)
        .order_by(BreakGlass.opened_at)
        .limit(limit)
    )
    return sum(_remind(session, glass, referral, now) for glass, referral in session.execute(query).all())


def _remind(session: Session, glass: BreakGlass, referral: Referral, now: datetime) -> int:
    calendar = rules_of(session, glass.network_id).calendar
    late = calendar.add_working_days(glass.opened_at, REVIEWED_WITHIN) <= now
    found = colleagues(session, glass.network_id, now.date())[:1] if late else []
    return sum(
        raise_task(session, referral, NewTask(TaskKind.BREAK_GLASS_WAITS, user, _about(glass, user)), now)
        for user in found
    )
