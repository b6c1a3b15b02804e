"""The clock goes on to the next approved center where the one that was asked has not taken the referral."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from referrals.domain.centers import UNDO_WITHIN
from referrals.domain.errors import Invalid
from referrals.domain.lifecycle import Status
from referrals.domain.people import Kind, Party, Role, clock_actor
from referrals.domain.reminders import Whom
from referrals.domain.tasks import TaskKind
from referrals.models.fallback import Fallback
from referrals.models.offer import Offer
from referrals.models.organization import Organization
from referrals.models.referral import Referral
from referrals.models.user import Membership, User
from referrals.pathway.fallbacks import CARRIED, end_fallbacks, goes_on_by_hand
from referrals.pathway.guards import not_interested, organizations_of
from referrals.pathway.offers import offer
from referrals.pathway.recipients import people
from referrals.pathway.steps import Act, act_of
from referrals.pathway.tasks import NewTask, raise_task

HAS_MOVED = "The facts or the priority have changed since it was approved."
MAY_NOT = "Whoever approved it may not decide this any more."


def offer_next(session: Session, now: datetime) -> int:
    """One referral, in a transaction of its own; one that somebody is working on is left for the next round."""
    referral = session.scalars(_whose_offer_is_over(now)).one_or_none()
    if referral is None:
        return 0
    _go_on(session, referral, now)
    session.flush()
    return 1


def _whose_offer_is_over(now: datetime) -> Select[Referral]:
    """An answer that can still be undone is none yet."""
    approved = select(Fallback.referral_id).where(Fallback.ended_at.is_(None))
    undoable = exists().where(Offer.referral_id == Referral.id, Offer.answered_at >= now - UNDO_WITHIN)
    return (
        select(Referral)
        .where(
            Referral.id.in_(approved),
            Referral.status.not_in((Status.OFFERED, Status.INFORMATION_REQUESTED)),
            ~undoable,
        )
        .order_by(Referral.order_at, Referral.id)
        .limit(1)
        .with_for_update(of=Referral, skip_locked=True)
    )


def _go_on(session: Session, referral: Referral, now: datetime) -> None:
    if referral.status != Status.READY or goes_on_by_hand(session, referral.id):
        end_fallbacks(session, referral.id, now)
        return
    waiting = _waiting(session, referral, now)
    if why := _why_not(session, referral, waiting, now):
        _stop(session, referral, waiting, why, now)
    elif not any(_asked(session, referral, link, now) for link in waiting):
        _hand_back(session, referral, TaskKind.CHAIN_USED_UP, now)


def _waiting(session: Session, referral: Referral, now: datetime) -> list[Fallback]:
    """Those that were not asked yet. What was asked is over: nothing follows from it."""
    query = select(Fallback).where(Fallback.referral_id == referral.id, Fallback.ended_at.is_(None))
    links = session.scalars(query.order_by(Fallback.approved_at, Fallback.place)).all()
    for link in links:
        if link.used_at is not None:
            link.ended_at = now
    return [link for link in links if link.used_at is None]


def _why_not(session: Session, referral: Referral, waiting: Sequence[Fallback], now: datetime) -> str:
    """Nothing is done in somebody's name that they did not have before them, or may no longer decide."""
    if any((link.facts_version, link.tier) != (referral.facts_version, referral.tier) for link in waiting):
        return HAS_MOVED
    if any(not _may_decide(session, referral, link, now) for link in waiting):
        return MAY_NOT
    return ""


def _may_decide(session: Session, referral: Referral, link: Fallback, now: datetime) -> bool:
    """A partner system that approved it for the network stays what it was."""
    if link.approved_by_id is None:
        return True
    still = (
        exists(User.id)
        .where(User.id == link.approved_by_id, User.active)
        .where(Membership.user_id == User.id, Membership.role == Role.COORDINATOR)
        .where(Organization.id == Membership.organization_id, Organization.kind == Kind.NETWORK)
    )
    return bool(session.scalar(select(still))) and not not_interested(_in_their_name(session, link, now), referral)


def _in_their_name(session: Session, link: Fallback, now: datetime) -> Act:
    """The clock, for whoever approved it: bound by what binds them."""
    theirs = organizations_of(session, link.approved_by_id) if link.approved_by_id else ()
    actor = clock_actor(link.network_id, link.approved_by, frozenset({Party.C}), frozenset(theirs))
    return act_of(session, actor, now)


def _asked(session: Session, referral: Referral, link: Fallback, now: datetime) -> bool:
    """Every guard of an offer holds today as it would for a person; where one does not, the center is passed over."""
    body = {"center": link.center_id} | {name: getattr(link, name) for name in CARRIED}
    try:
        offer(_in_their_name(session, link, now), referral, body)
    except Invalid as refused:
        link.skipped_because, link.ended_at = " ".join(fault.message for fault in refused.errors), now
        return False
    link.used_at = now
    return True


def _stop(session: Session, referral: Referral, waiting: Sequence[Fallback], why: str, now: datetime) -> None:
    for link in waiting:
        link.skipped_because, link.ended_at = why, now
    _hand_back(session, referral, TaskKind.CHAIN_STOPPED, now)


def _hand_back(session: Session, referral: Referral, kind: TaskKind, now: datetime) -> None:
    """A person chooses, and is told that it is their turn again."""
    for user in _coordinator(session, referral, now):
        raise_task(session, referral, NewTask(kind, user, about=str(referral.version)), now)


def _coordinator(session: Session, referral: Referral, now: datetime) -> list[UUID]:
    return people(session, Whom.OWNER, referral, now.date())
