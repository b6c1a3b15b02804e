"""A person sets another tier than the rules did: who may, how far, until when, and what stands meanwhile."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.errors import FieldError
from referrals.domain.vocabulary import OverrideReason, Tier

LONGEST = timedelta(days=28)
LONGEST_TEXT = 4000
REASON_WORDS: Mapping[str, str] = {
    OverrideReason.CLINICAL_JUDGEMENT: "clinical judgement",
    OverrideReason.PATIENT_SAFETY: "safety of the patient",
    OverrideReason.DATA_ERROR: "the data are wrong",
    OverrideReason.TIME_CRITICAL: "time is critical",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a person asks for, as sent."""

    tier: str
    reason: str
    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Override:
    """An override that was signed. `computed` is what the rules said at that moment."""

    tier: Tier
    computed: Tier
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """`countersign_due`: it acts now, and a clinical lead must confirm it by then. With errors nothing acts."""

    errors: tuple[FieldError, ...] = ()
    countersign_due: datetime | None = None

    @property
    def acts_now(self) -> bool:
        return not self.errors

    @property
    def needs_countersign(self) -> bool:
        return self.countersign_due is not None


def judge_override(
    proposal: Proposal,
    *,
    computed: Tier,
    effective: Tier,
    by_lead: bool,
    now: datetime,
    calendar: WorkingCalendar,
) -> Decision:
    """May this person set this tier? Every objection at once, or when a lead must countersign."""
    errors = tuple(_objections(proposal, now))
    if errors:
        return Decision(errors)
    asked = Tier(proposal.tier)
    if by_lead:
        return Decision()
    if _leaves_the_urgent_tiers(asked, computed, effective):
        return Decision((_LEAD_FIRST,))
    if _jumps_the_queue(asked, computed):
        return Decision(countersign_due=calendar.add_working_days(now, 1))
    return Decision()


def effective_tier(computed: Tier, override: Override | None, now: datetime) -> Tier:
    """The override while it lives, else what the rules say.

    An override was signed against what the rules said then. Where they have since become more urgent, the facts
    have changed in a way that nobody has looked at: neither kind of override may then hold the patient back.
    """
    if override is None or not is_live(override, now):
        return computed
    if computed.rank < override.computed.rank:
        return min(computed, override.tier, key=lambda tier: tier.rank)
    return override.tier


def stands(override: Override | None, tier: Tier, now: datetime) -> bool:
    """Whether this tier is a person's and not the rules'."""
    return override is not None and is_live(override, now) and override.tier == tier


def reasons_of(author: str, reason: str, computed: Tier) -> list[str]:
    """The two short sentences for a row of a list whose tier a person has set."""
    return [f"Changed by {author}: {REASON_WORDS[reason]}.", f"The rules give {computed}."]


def is_live(override: Override, now: datetime) -> bool:
    return now < override.expires_at


_LEAD_FIRST = FieldError(
    "/tier", "lead_required", "Only a clinical lead may move a referral down out of P1 or P2. Ask one to do it."
)


def _objections(proposal: Proposal, now: datetime) -> Iterator[FieldError]:
    if proposal.tier not in set(Tier):
        yield FieldError("/tier", "unknown_value", "The tier is P1, P2, P3 or P4.")
    if proposal.reason not in set(OverrideReason):
        yield FieldError("/reason", "unknown_value", f"The reason is one of: {', '.join(OverrideReason)}.")
    if not 1 <= len(proposal.text.strip()) <= LONGEST_TEXT:
        yield FieldError("/text", "length", f"Say why in 1 to {LONGEST_TEXT:,} characters.")
    if proposal.expires_at <= now:
        yield FieldError("/expires_at", "in_the_past", "It must end in the future.")
    elif proposal.expires_at > now + LONGEST:
        yield FieldError("/expires_at", "too_late", f"It must end within {LONGEST.days} days.")


def _leaves_the_urgent_tiers(asked: Tier, computed: Tier, effective: Tier) -> bool:
    """Down out of P1 or P2, whether the rules or an earlier override had put it there."""
    most_urgent = min(computed, effective, key=lambda tier: tier.rank)
    return most_urgent in (Tier.P1, Tier.P2) and asked.rank > most_urgent.rank


def _jumps_the_queue(asked: Tier, computed: Tier) -> bool:
    """Up by more than one tier or into P1, measured from the rules, so that small moves do not add up unseen."""
    climbed = computed.rank - asked.rank
    return climbed > 1 or (climbed > 0 and asked == Tier.P1)
