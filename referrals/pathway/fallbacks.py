"""The centers to be asked next: approved by a coordinator with an offer, and how long that approval holds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError
from referrals.domain.lifecycle import STEPS, Status, not_this_actor
from referrals.domain.matching import Needs, judge_center
from referrals.domain.people import Actor, Party
from referrals.models.base import new_id
from referrals.models.fallback import Fallback
from referrals.models.offer import Offer
from referrals.models.organization import Organization
from referrals.models.referral import Referral
from referrals.models.trail import Event
from referrals.pathway.matching import Ask, candidates
from referrals.pathway.offer_guards import against
from referrals.pathway.scope import find_referral
from referrals.pathway.steps import Act

Body = Mapping[str, Any]

# What a coordinator acknowledged of the case holds for the next center, too; an exception is made for one alone.
CARRIED = ("late_acknowledged", "unknown_acknowledged")
# How an offer ends so that the next center may be asked.
UNTAKEN = ("lapse", "decline-offer")
# While the chain is of interest: somebody is asked, or might be next.
BEFORE_ACCEPTANCE = frozenset({Status.READY, Status.OFFERED, Status.INFORMATION_REQUESTED})


def against_fallbacks(ask: Ask, needs: Needs, body: Body) -> Iterator[FieldError]:
    """What stands against the centers named after the first, each under its own place."""
    named = {str(body["center"])}
    for place, center in enumerate(body.get("then") or ()):
        found = _repeated() if str(center) in named else _against_one(ask, needs, center, body)
        yield from (replace(fault, pointer=f"/then/{place}") for fault in found)
        named.add(str(center))


def _repeated() -> Iterator[FieldError]:
    yield FieldError("", "repeated", "It is named before. Choose another center.")


def _against_one(ask: Ask, needs: Needs, center: Any, body: Body) -> Iterator[FieldError]:
    found = candidates(ask, needs, only=UUID(str(center)))
    if not found:
        yield FieldError("", "unknown", "No center of the network has this id.")
    for each in found:
        yield from against(judge_center(each, needs), carried(body))


def carried(body: Body) -> dict[str, bool]:
    return {name: bool(body.get(name)) for name in CARRIED}


def fallbacks_of(act: Act, referral: Referral, offer: Offer, body: Body) -> list[Fallback]:
    """The chain that is approved with this offer."""
    return [
        Fallback(
            id=new_id(),
            network_id=referral.network_id,
            referral_id=referral.id,
            offer=offer,
            place=place,
            center_id=UUID(str(center)),
            approved_at=act.now,
            approved_by=act.actor.name,
            approved_by_id=act.actor.user_id,
            tier=referral.tier,
            facts_version=referral.facts_version,
            **carried(body),
        )
        for place, center in enumerate(body.get("then") or (), 1)
    ]


def names_of(session: Session, named: Iterable[Any]) -> list[str]:
    """What these centers are called, in the order in which they were named."""
    centers = [UUID(str(center)) for center in named]
    query = select(Organization.id, Organization.name).where(Organization.id.in_(centers))
    found = {row.id: row.name for row in session.execute(query)} if centers else {}
    return [found[center] for center in centers]


def end_fallbacks(session: Session, referral_id: UUID, now: datetime) -> int:
    """Nothing follows from what was approved any more."""
    open_ones = [Fallback.referral_id == referral_id, Fallback.ended_at.is_(None)]
    ended = update(Fallback).where(*open_ones).values(ended_at=now).returning(Fallback.id)
    return len(session.execute(ended.execution_options(synchronize_session="fetch")).all())


def end_chain(session: Session, actor: Actor, referral_id: UUID, now: datetime) -> int:
    """By a coordinator: whoever is asked stays asked, and nobody is asked after them. Said twice, it stays ended."""
    refuse_others(actor)
    return end_fallbacks(session, find_referral(session, actor, referral_id, lock=True).id, now)


def refuse_others(actor: Actor) -> None:
    """Whoever may offer may end what was approved with an offer."""
    if Party.C not in actor.parties:
        raise not_this_actor(STEPS["offer"])


def goes_on_by_hand(session: Session, referral_id: UUID) -> bool:
    """Whether a person has taken a step since the center said no or nothing. Writing something anew is no step."""
    query = select(Event.step, Event.user_id, Event.client_id).where(Event.referral_id == referral_id)
    for event in session.execute(query.order_by(Event.version.desc())):
        if event.step in UNTAKEN:
            return False
        if event.step in STEPS and (event.user_id or event.client_id):
            return True
    return True


@dataclass(frozen=True, slots=True)
class Link:
    """One center of a chain, with its name. `is_waiting`: it will be asked if those before it do not take it."""

    row: Fallback
    center: Organization

    @property
    def is_waiting(self) -> bool:
        return self.row.ended_at is None and self.row.used_at is None


def newest_chain(session: Session, referral: Referral) -> list[Link]:
    """The centers approved last, in their order; none once a center has taken the referral, or it has ended."""
    if Status(referral.status) not in BEFORE_ACCEPTANCE or referral.triaged_at is None:
        return []
    query = (
        select(Fallback, Organization)
        .join(Organization, Organization.id == Fallback.center_id)
        .join(Offer, Offer.id == Fallback.offer_id)
        .where(Fallback.referral_id == referral.id)
        .order_by(Offer.number.desc(), Fallback.place)
    )
    found = [Link(*row) for row in session.execute(query)]
    return [link for link in found if link.row.offer_id == found[0].row.offer_id]
