"""An override runs out: the tier that the rules computed comes back, with its own promise and place."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.lifecycle import OPEN, Status
from referrals.domain.people import clock_actor
from referrals.models.assessment import Override
from referrals.models.referral import Referral
from referrals.pathway.assessment import end_override, live_override
from referrals.pathway.judging import reassess_because
from referrals.pathway.steps import act_of

EXPIRED = "override_expired"


def expire_overrides(session: Session, now: datetime, limit: int = 20) -> int:
    """End what has run out by now; what somebody else is working on is left for the next time."""
    run_out = (
        select(Referral)
        .join(Override, Override.referral_id == Referral.id)
        .where(Override.ended_at.is_(None), Override.expires_at <= now)
        .order_by(Override.expires_at, Referral.id)
        .limit(limit)
        # The referral is locked first, as every step does: two orders of locking would deadlock.
        .with_for_update(of=Referral, skip_locked=True)
    )
    return sum(_expire(session, referral, now) for referral in session.scalars(run_out).all())


def _expire(session: Session, referral: Referral, now: datetime) -> int:
    row = live_override(session, referral)
    if row is None or row.expires_at > now:
        return 0
    if Status(referral.status) in OPEN:
        reassess_because(act_of(session, clock_actor(referral.network_id), now), referral, EXPIRED)
    else:
        end_override(row, now, "expired")
    session.flush()
    return 1
