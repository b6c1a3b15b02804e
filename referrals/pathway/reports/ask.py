"""What a report is asked for: by whom, about which days, under which rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import InstrumentedAttribute, Session

from referrals.domain.people import Actor
from referrals.domain.reports.parts import Labels, Part, Period, tier_labels
from referrals.domain.vocabulary import Tier
from referrals.models.referral import Referral
from referrals.pathway.reports.scope import reported
from referrals.pathway.rules import Rules

# So many rows of a long answer are in memory at a time.
AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Told:
    """What a reading found. Where nothing is said of the whole, its first part speaks for it."""

    parts: Sequence[Part]
    headline: str = ""
    alarm: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """`p1_ceiling` is the share of P1, in percent, that the network means not to pass; None where it has set none."""

    session: Session
    actor: Actor
    period: Period
    rules: Rules
    now: datetime
    p1_ceiling: int | None = None

    @property
    def tiers(self) -> Labels:
        return tier_labels(lambda tier: self.rules.policy.label(Tier(tier)), [tier.value for tier in Tier])

    def within(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        return and_(column >= self.period.since, column < self.period.before)

    @property
    def received(self) -> ColumnElement[bool]:
        """Referrals of the reader that were submitted within the period."""
        return and_(reported(self.actor), self.within(Referral.submitted_at))
