"""Looks through everybody who waits for an offer for those whom no center can take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.lifecycle import Status
from referrals.domain.network_gap import Gap, Waits, gaps_in, headline, stands_against, waited_long
from referrals.models.organization import Organization
from referrals.models.plan import Plan
from referrals.pathway.ready_queue import Centers, Waiting, centers_for, needs_of_all
from referrals.pathway.rules import rules_of

WAITING_FOR_AN_OFFER = (Status.READY, Status.IN_TRIAGE)
# More than a network of this size has waiting; beyond it the report says that it has not looked further.
LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class Report:
    """The gaps of the network now. `prices` are those of scarce expertise, by family, as the last assignment found."""

    at: datetime
    headline: str
    looked_at: int
    is_whole: bool
    gaps: Sequence[Gap]
    long: Sequence[Waits]
    prices: Mapping[str, int]
    centers: Sequence[tuple[UUID, str]]

    @property
    def named(self) -> list[UUID]:
        """The referrals of which something is shown."""
        longest = (gap.longest.id for gap in self.gaps)
        return list(dict.fromkeys((*longest, *(each.id for each in self.long))))


def network_gaps(session: Session, network_id: UUID, now: datetime) -> Report:
    rules = rules_of(session, network_id)
    found = needs_of_all(session, network_id, rules, now, LOOKED_AT + 1, WAITING_FOR_AN_OFFER)
    queue = found[:LOOKED_AT]
    centers = centers_for(session, network_id, rules, now, queue)
    waiting = _judged(queue, centers, _regions(session, network_id))
    return Report(
        now,
        headline(waiting, now),
        len(queue),
        len(found) <= LOOKED_AT,
        gaps_in(waiting),
        waited_long(waiting, now),
        latest_prices(session, network_id),
        [(row.id, row.name) for row in centers.rows],
    )


def latest_prices(session: Session, network_id: UUID) -> Mapping[str, int]:
    """What one more place in each family was worth to the last plan of the whole queue; none, where none was made."""
    last = (
        select(Plan.scarce)
        .where(Plan.network_id == network_id, Plan.queue_length.is_not(None))
        .order_by(Plan.asked_at.desc(), Plan.id.desc())
        .limit(1)
    )
    return {each["family"]: each["price"] for each in session.scalar(last) or () if each["price"]}


def _regions(session: Session, network_id: UUID) -> Mapping[UUID, str | None]:
    query = select(Organization.id, Organization.region).where(Organization.network_id == network_id)
    return {row.id: row.region for row in session.execute(query)}


def _judged(queue: Sequence[Waiting], centers: Centers, regions: Mapping[UUID, str | None]) -> list[Waits]:
    """Referrals that ask alike find alike, unless something of the centers concerns one of them alone."""
    known: dict[Any, Mapping[str, int] | None] = {}
    found = []
    for each in queue:
        concern = centers.concern(each.referral)
        home = concern.home if each.needs.within_km is not None else None
        alone = each.referral.id if concern.earlier else None, home, concern.in_conflict
        alike = centers.alike(each), replace(each.needs, due_at=None), alone
        if alike not in known:
            known[alike] = stands_against(centers.candidates_for(each), each.needs)
        found.append(_waits(each, centers, regions.get(each.referral.organization_id), known[alike]))
    return found


def _waits(each: Waiting, centers: Centers, region: str | None, against: Mapping[str, int] | None) -> Waits:
    """Whoever was offered before waits since that offer ended, anybody else since submission."""
    referral, needs = each
    return Waits(
        id=referral.id,
        reference=referral.reference,
        status=referral.status,
        family=needs.family,
        label=needs.family_label,
        region=region,
        is_child=needs.under_18 is True,
        since=referral.segment_started_at if referral.id in centers.earlier else referral.submitted_at,
        against=against,
    )
