"""Judging a referral: what the rules say, which override stands, and the times that follow."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain import override as overrides
from referrals.domain.assessment import Assessment as Judgement, assess, what_changed
from referrals.domain.case import case_from
from referrals.domain.deadlines import promise, queue_key
from referrals.domain.vocabulary import Criterion, Tier
from referrals.models.assessment import Assessment, Override
from referrals.models.base import new_id
from referrals.models.referral import Referral
from referrals.pathway.rules import Rules
from referrals.pathway.steps import Act, refresh_next_action


def judge(act: Act, referral: Referral, content: Mapping[str, Any], reason: str) -> Assessment:
    """Judge these facts by the policy in force, and let tier, promise, place and reasons follow.

    `reason` says why it was judged (`submitted`, `facts`, `policy`, `reassess`). Age is taken on the day of
    submission, so that the same facts always give the same verdict.
    """
    verdict = judgement_of(act.rules, referral.submitted_at or act.now, content)
    row = _record(act, referral, verdict, reason)
    _show(referral, verdict, content)
    settle(act, referral)
    return row


def judgement_of(rules: Rules, submitted_at: datetime, content: Mapping[str, Any]) -> Judgement:
    """What the policy in force says of these facts; nothing is written."""
    case = case_from(content, rules.calendar.local_date(submitted_at))
    return assess(case, rules.policy, site_histology=rules.site_histology)


def _record(act: Act, referral: Referral, verdict: Judgement, reason: str) -> Assessment:
    judgement = verdict.to_json()
    before = current_judgement(act.session, referral)
    number = (referral.assessment_number or 0) + 1
    row = Assessment(
        id=new_id(),
        network_id=referral.network_id,
        referral=referral,
        number=number,
        facts_version=referral.facts_version,
        policy_version=verdict.policy,
        tier=verdict.tier,
        provisional=verdict.provisional,
        judgement=judgement,
        changes=what_changed(before, judgement) if before else [],
        reason=reason,
        author_name=act.actor.name,
        created_at=act.now,
    )
    act.session.add(row)
    referral.assessment_number = number
    return row


def current_judgement(session: Session, referral: Referral) -> dict[str, Any] | None:
    """The `priority` object of the assessment that stands, as it was recorded."""
    if referral.assessment_number is None:
        return None
    query = select(Assessment.judgement).where(
        Assessment.referral_id == referral.id, Assessment.number == referral.assessment_number
    )
    judgement: dict[str, Any] = session.scalars(query).one()
    return judgement


def _show(referral: Referral, verdict: Judgement, content: Mapping[str, Any]) -> None:
    """What lists show of a judgement stands on the referral itself."""
    met = {each.criterion for each in verdict.criteria if each.verdict == "met"}
    for criterion in Criterion:
        setattr(referral, criterion.value, criterion in met)
    referral.computed_tier = verdict.tier
    referral.soonest_tier = verdict.range.soonest
    referral.provisional = verdict.provisional
    referral.reasons = list(verdict.reasons)
    referral.tumor_family = verdict.tumor_family
    show_diagnosis(referral, content)


def show_diagnosis(referral: Referral, content: Mapping[str, Any]) -> None:
    diagnosis = content.get("diagnosis") or {}
    referral.icd10cm = diagnosis.get("icd10cm")
    referral.description = diagnosis.get("description")
    referral.morphology = diagnosis.get("morphology")
    referral.pregnant = (content.get("patient") or {}).get("pregnant")


def settle(act: Act, referral: Referral) -> None:
    """Tier, promise, place in the queue and next action, from the judgement and the override that stand."""
    if referral.submitted_at is None or referral.computed_tier is None:
        return
    computed = Tier(referral.computed_tier)
    standing = live_override(act.session, referral)
    signed = _signed(standing)
    tier = overrides.effective_tier(computed, signed, act.now)
    soonest = min(tier, Tier(referral.soonest_tier or computed), key=lambda each: each.rank)
    referral.tier, referral.soonest_tier = tier, soonest
    if standing is not None and overrides.stands(signed, tier, act.now):
        referral.reasons = overrides.reasons_of(standing.author_name, standing.reason, computed)
    place(referral, act.rules)
    refresh_next_action(referral, act.rules)


def place(referral: Referral, rules: Rules) -> None:
    """The promise never moves away; the place follows the tier. Both are counted from the first submission."""
    if referral.submitted_at is None or referral.tier is None:
        return
    submitted_at, tier = referral.submitted_at, Tier(referral.tier)
    referral.due_at = promise(
        submitted_at,
        tier,
        rules.policy,
        announced=referral.due_at,
        needed_by=referral.needed_by,
        zone=rules.zone,
    )
    referral.order_at = queue_key(submitted_at, tier, rules.policy, needed_by=referral.needed_by, zone=rules.zone)
    referral.arrived_at = submitted_at


def live_override(session: Session, referral: Referral) -> Override | None:
    """The override that nobody has ended. A referral that was never judged has none, and is not asked."""
    if referral.assessment_number in (None, 1) and referral in session.new:
        return None
    query = select(Override).where(Override.referral_id == referral.id, Override.ended_at.is_(None))
    return session.scalars(query).one_or_none()


def _signed(row: Override | None) -> overrides.Override | None:
    if row is None:
        return None
    return overrides.Override(Tier(row.tier), Tier(row.from_tier), row.expires_at.astimezone(UTC))


def end_override(row: Override, now: datetime, because: str) -> None:
    row.ended_at = now
    row.ended_because = because
