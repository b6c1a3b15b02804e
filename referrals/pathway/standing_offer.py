"""The offer that stands, live or accepted, and what its center must confirm once the facts behind it have moved."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.centers import HOLDING
from referrals.domain.matching import FITS, Weight, judge_center
from referrals.models.offer import Offer
from referrals.models.referral import Referral
from referrals.pathway.matching import Ask, candidates, needs_of
from referrals.pathway.steps import Act


def held_offer(session: Session, referral_id: UUID) -> Offer | None:
    """The offer that lives or was accepted: never more than one."""
    query = select(Offer).where(Offer.referral_id == referral_id, Offer.status.in_(HOLDING))
    return session.scalars(query).one_or_none()


def confirm(row: Offer, referral: Referral) -> None:
    """The center has seen the facts as they are now and stays with its answer."""
    row.facts_version, row.reconfirm = referral.facts_version, None


@dataclass(frozen=True, slots=True)
class Stood:
    """What of a referral a center relies on: its tier, its family and what sets a hard constraint."""

    tier: str | None
    family: str | None
    rare: bool
    complex: bool


def stood(referral: Referral) -> Stood:
    return Stood(referral.tier, referral.tumor_family, referral.rare, referral.complex)


_MOVED: tuple[tuple[str, Callable[[Stood], object]], ...] = (
    ("The priority has changed", lambda now: now.tier),
    ("The tumor family has changed", lambda now: now.family),
    ("Whether it is rare has changed", lambda now: now.rare),
    ("Whether it is complex has changed", lambda now: now.complex),
)


def ask_to_confirm(act: Act, referral: Referral, before: Stood) -> list[str]:
    """After the facts moved: what the asked or working center must confirm, in words. A center's own news needs none."""
    row = held_offer(act.session, referral.id)
    if row is None:
        return []
    if row.center_id == act.actor.organization_id:
        confirm(row, referral)
        return []
    after = stood(referral)
    moved = [words for words, of in _MOVED if of(before) != of(after)]
    if not moved:
        return []
    row.reconfirm = [*(row.reconfirm or ()), *moved, *_no_longer_fits(act, referral, row)]
    return moved


def _no_longer_fits(act: Act, referral: Referral, row: Offer) -> list[str]:
    ask = Ask(act.session, referral, act.rules, act.now)
    needs = needs_of(ask)
    found = judge_center(candidates(ask, needs, only=row.center_id)[0], needs).of(Weight.EXCLUDES)
    return [finding.because for finding in found if finding.code in FITS]
