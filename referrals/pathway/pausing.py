"""A center that is silent or has nobody is paused by the clock, a person is asked to phone it, and it goes on again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from referrals.domain.centers import LAPSES_UNTIL_PAUSED, OfferStatus, PauseReason
from referrals.domain.people import Role, clock_actor
from referrals.domain.tasks import TASKS, TaskKind
from referrals.models.center import Center
from referrals.models.offer import Offer
from referrals.models.organization import ApiClient, Organization
from referrals.models.task import Task
from referrals.models.user import Membership, User
from referrals.pathway.places import lock_places
from referrals.pathway.recipients import answer_for_network
from referrals.pathway.steps import Act
from referrals.pathway.tasks import NewTask, raise_for_network
from referrals.pathway.trail import record_audit

ANSWERING = (Role.CENTER_COORDINATOR, Role.SPECIALIST)
NEW_FOR = timedelta(days=1)
BATCH = 50

BECAUSE: Mapping[PauseReason, str] = MappingProxyType(
    {
        PauseReason.SILENT: "Two offers in a row lapsed without an answer.",
        PauseReason.NOBODY: "Nobody there can answer: no person with a role at the center is active.",
    }
)
TASK_OF: Mapping[PauseReason, TaskKind] = MappingProxyType(
    {PauseReason.SILENT: TaskKind.CENTER_SILENT, PauseReason.NOBODY: TaskKind.CENTER_EMPTY}
)


def pause_if_silent(act: Act, center_id: UUID) -> bool:
    """Whether the last offers that the center let pass were too many."""
    act.session.flush()
    query = (
        select(Offer.status)
        .where(Offer.center_id == center_id, Offer.answered_at.is_not(None) | (Offer.status == OfferStatus.LAPSED))
        .order_by(func.coalesce(Offer.ended_at, Offer.answered_at).desc(), Offer.id.desc())
        .limit(LAPSES_UNTIL_PAUSED)
    )
    last = list(act.session.scalars(query))
    center = lock_places(act.session, center_id)
    if center is None or center.paused_at or not center.in_network:
        return False  # outside the network nobody has seen the offer here
    if last != [OfferStatus.LAPSED] * LAPSES_UNTIL_PAUSED:
        return False
    _pause(center, PauseReason.SILENT, act.now)
    return True


def _pause(center: Center, reason: PauseReason, now: datetime) -> None:
    center.paused_at, center.paused_for, center.paused_because = now, reason, BECAUSE[reason]
    center.updated_at = now


def go_on(center: Center, now: datetime) -> None:
    """It is asked again; the task of its pause closes by itself."""
    center.paused_at = center.paused_for = center.paused_because = None
    center.updated_at = now


def look_after_pauses(session: Session, now: datetime) -> int:
    """Pause whom nobody answers for, let go on where somebody does again, and have a person phone the others."""
    return _let_go_on(session, now) + _pause_deserted(session, now) + _ask_to_phone(session, now)


def _let_go_on(session: Session, now: datetime) -> int:
    manned = select(Center).where(Center.paused_for == PauseReason.NOBODY, _has_somebody())
    found = _some(session, manned)
    for center in found:
        go_on(center, now)
        record_audit(session, clock_actor(center.network_id), "end-pause", "center", [center.organization_id], now)
    return len(found)


def _pause_deserted(session: Session, now: datetime) -> int:
    deserted = (
        select(Center)
        .join(Organization, Organization.id == Center.organization_id)
        .where(
            Center.paused_at.is_(None),
            Center.in_network,
            Organization.active,
            ~_has_somebody(),
            or_(_had_somebody(), _is_asked(now)),
        )
    )
    found = _some(session, deserted)
    for center in found:
        _pause(center, PauseReason.NOBODY, now)
        record_audit(session, clock_actor(center.network_id), "pause", "center", [center.organization_id], now)
    return len(found)


def _some(session: Session, query: Select[Center]) -> Sequence[Center]:
    """What somebody is working on is left for the next round."""
    ordered = query.order_by(Center.organization_id).limit(BATCH)
    return session.scalars(ordered.with_for_update(of=Center, skip_locked=True)).all()


def _members() -> Select[UUID]:
    own = Membership.organization_id == Center.organization_id
    return select(Membership.id).where(own, Membership.role.in_(ANSWERING)).correlate(Center)


def _clients() -> Select[UUID]:
    return select(ApiClient.id).where(ApiClient.organization_id == Center.organization_id).correlate(Center)


def _has_somebody() -> ColumnElement[bool]:
    person = _members().join(User, User.id == Membership.user_id).where(User.active)
    return or_(person.exists(), _clients().where(ApiClient.active).exists())


def _had_somebody() -> ColumnElement[bool]:
    return or_(_members().exists(), _clients().exists())


def _is_asked(now: datetime) -> ColumnElement[bool]:
    """A center that was never anybody's is left alone until an offer waits there in vain."""
    live = exists().where(Offer.center_id == Center.organization_id, Offer.status == OfferStatus.LIVE)
    return live & (Organization.created_at < now - NEW_FOR)


def _ask_to_phone(session: Session, now: datetime) -> int:
    """One task for each pause of the clock. Where the network has nobody it is tried again in the next round."""
    raised = exists().where(
        Task.center_id == Center.organization_id,
        Task.kind.in_(TASK_OF.values()),
        Task.created_at >= Center.paused_at,
    )
    query = (
        select(Center, Organization.name)
        .join(Organization, Organization.id == Center.organization_id)
        .where(Center.paused_for.is_not(None), ~raised)
        .order_by(Center.organization_id)
        .limit(BATCH)
    )
    return sum(_raise(session, center, name, now) for center, name in session.execute(query))


def _raise(session: Session, center: Center, name: str, now: datetime) -> int:
    found = answer_for_network(session, center.network_id, now.date())
    if not found or center.paused_for is None or center.paused_at is None:
        return 0
    kind = TASK_OF[PauseReason(center.paused_for)]
    about = f"{center.organization_id.hex}:{center.paused_at.timestamp():.0f}"
    words = f"{name}: {TASKS[kind].words}"
    new = NewTask(kind, found[0], about, words, center_id=center.organization_id)
    return raise_for_network(session, center.network_id, new, now)
