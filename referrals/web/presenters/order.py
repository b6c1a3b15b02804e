"""Why this order: the one rule of the queue, its figures, and the arithmetic of one referral's place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from referrals.web import paths
from referrals.web.presenters.tags import TierTag, full_name, tier_tag
from referrals.web.presenters.times import Moment, date_words, parse_date, parse_time, span_words
from referrals.web.words import RULES_SENTENCE, UNSIGNED_SENTENCE, counted


@dataclass(frozen=True)
class TierRow:
    tier: TierTag | None
    promise: str
    margin: str
    place: str


@dataclass(frozen=True)
class Sum:
    """One line of the arithmetic."""

    words: str
    value: str


@dataclass(frozen=True)
class Place:
    reference: str
    name: str
    href: str
    tier: TierTag | None
    lines: tuple[Sum, ...]
    result: str


@dataclass(frozen=True)
class OrderPage:
    tiers: tuple[TierRow, ...]
    starve: str
    place: Place | None
    policy_version: str
    policy_href: str
    rules: str = RULES_SENTENCE
    unsigned: str = UNSIGNED_SENTENCE


def day_count(days: int) -> str:
    return "none" if days == 0 else counted(days, "day")


def tier_row(tier: str, labels: Mapping[str, str], target: int, margin: int) -> TierRow:
    after = target - margin
    place = f"{counted(after, 'day')} after it was sent" if after > 0 else (
        f"{counted(-after, 'day')} before it was sent" if after else "the moment it was sent"
    )  # fmt: skip
    return TierRow(tier_tag(tier, labels), f"within {counted(target, 'day')}", day_count(margin), place)


def starve_words(days: int) -> str:
    return f"Nobody is passed for ever: once a referral has waited {days} days, no new one can come before it."


def place_of(
    referral: Mapping[str, Any],
    labels: Mapping[str, str],
    targets: Mapping[str, int],
    margins: Mapping[str, int],
    moment: Moment,
) -> Place:
    """`referral`: id, reference, patient, tier, submitted_at, due_at, order_at, needed_by."""
    tier = referral["tier"]
    lines = [
        Sum("Sent", moment.stamp(referral["submitted_at"]).words),
        Sum(f"Promise of {tier} {labels[tier]}", f"plus {counted(targets[tier], 'day')}"),
        Sum(f"Head start of {tier}", f"minus {counted(margins[tier], 'day')}" if margins[tier] else "none"),
    ]
    if needed := referral.get("needed_by"):
        lines.append(Sum("Needed by", f"{date_words(parse_date(needed['date']))}: at the latest 14 days before that"))
    order_at = parse_time(referral["order_at"])
    ahead = order_at - moment.now
    reached = f"reached {span_words(-ahead)} ago" if ahead <= timedelta(0) else f"in {span_words(ahead)}"
    return Place(
        reference=referral["reference"],
        name=full_name(referral["patient"]),
        href=paths.referral(referral["id"]),
        tier=tier_tag(tier, labels),
        lines=tuple(lines),
        result=f"{moment.stamp(order_at).words} ({reached})",
    )


def order_page(
    policy_version: str,
    labels: Mapping[str, str],
    targets: Mapping[str, int],
    margins: Mapping[str, int],
    place: Place | None = None,
) -> OrderPage:
    """Targets and margins in days, by tier, from the active policy."""
    longest = max(targets[tier] - margins[tier] for tier in targets)
    soonest = min(targets[tier] - margins[tier] for tier in targets)
    return OrderPage(
        tiers=tuple(tier_row(tier, labels, targets[tier], margins[tier]) for tier in labels),
        starve=starve_words(longest - soonest),
        place=place,
        policy_version=policy_version,
        policy_href=paths.policy(policy_version),
    )
