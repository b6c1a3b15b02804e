"""Judging again, and setting another tier than the rules did."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from referrals.domain.errors import FieldError, refuse_unless_clean
from referrals.domain.override import Proposal, judge_override
from referrals.domain.people import Party
from referrals.domain.vocabulary import Tier
from referrals.models.assessment import Assessment, Override
from referrals.models.base import new_id
from referrals.models.referral import Referral
from referrals.pathway.assessment import end_override, judge, live_override, settle
from referrals.pathway.guards import not_interested
from referrals.pathway.packets import current_facts
from referrals.pathway.steps import Act, advance

Body = Mapping[str, Any]


def reassess(act: Act, referral: Referral, body: Body) -> Referral:
    """Judge the same facts by the policy now in force. An override that has run out ends here."""
    reassess_because(act, referral, "reassess", note=body.get("note"))
    return referral


def reassess_because(act: Act, referral: Referral, reason: str, note: str | None = None) -> Assessment:
    _refuse_draft(referral)
    standing = live_override(act.session, referral)
    if standing is not None and standing.expires_at <= act.now:
        end_override(standing, act.now, "expired")
    row = judge(act, referral, current_facts(act.session, referral).content, reason)
    advance(act, referral, "reassess", note=note, data={"reason": reason, "tier": referral.tier})
    return row


def override(act: Act, referral: Referral, body: Body) -> Referral:
    """A person sets another tier, with a reason and an end. What the rules computed stays visible.

    A lead who sets what a coordinator has set signs it: nothing is owed any more.
    """
    _refuse_draft(referral)
    refuse_unless_clean(not_interested(act, referral))
    proposal = Proposal(body["tier"], body["reason"], body["text"], _instant(body["expires_at"]))
    decision = judge_override(
        proposal,
        computed=Tier(referral.computed_tier or Tier.P4),
        effective=Tier(referral.tier or Tier.P4),
        by_lead=Party.L in act.actor.parties,
        now=act.now,
        calendar=act.rules.calendar,
    )
    refuse_unless_clean(decision.errors)
    before = referral.tier
    _replace_override(act, referral, proposal, decision.countersign_due)
    settle(act, referral)
    data = {"tier": referral.tier, "from": before, "computed": referral.computed_tier, "reason": proposal.reason}
    said = {"text": proposal.text.strip()}
    advance(act, referral, "override", note=body.get("note"), data=data | said)
    return referral


def _replace_override(act: Act, referral: Referral, proposal: Proposal, countersign_due: datetime | None) -> None:
    standing = live_override(act.session, referral)
    if standing is not None:
        end_override(standing, act.now, "replaced")
        act.session.flush()
    row = Override(
        id=new_id(),
        network_id=referral.network_id,
        referral_id=referral.id,
        tier=proposal.tier,
        from_tier=referral.computed_tier,
        reason=proposal.reason,
        text=proposal.text.strip(),
        author_id=act.actor.user_id,
        author_name=act.actor.name,
        created_at=act.now,
        expires_at=proposal.expires_at,
        countersign_due_at=countersign_due,
    )
    act.session.add(row)
    act.session.flush()


def assessment_is_current(act: Act, referral: Referral) -> list[FieldError]:
    """The judgement that stands was made by the policy in force, on the facts as they are."""
    row = standing_assessment(act, referral)
    if row is None or row.facts_version != referral.facts_version:
        return [FieldError("", "assessment_is_current", "The facts have changed. Judge the referral again first.")]
    if row.policy_version != act.rules.policy.version:
        return [FieldError("", "assessment_is_current", "The policy has changed. Judge the referral again first.")]
    return []


def standing_assessment(act: Act, referral: Referral) -> Assessment | None:
    query = select(Assessment).where(
        Assessment.referral_id == referral.id, Assessment.number == referral.assessment_number
    )
    return act.session.scalars(query).one_or_none()


def overrides_allowed(act: Act, referral: Referral) -> list[FieldError]:
    """An override that has run out no longer counts, whether or not the clock has said so.

    A signature that a lead still owes holds nobody back: the move was up, and waiting would harm the patient.
    """
    standing = live_override(act.session, referral)
    if standing is not None and standing.expires_at <= act.now:
        return [
            FieldError("", "overrides_allowed", "The changed priority has run out. Judge the referral again first.")
        ]
    return []


def _refuse_draft(referral: Referral) -> None:
    if referral.submitted_at is None:
        refuse_unless_clean([FieldError("", "not_submitted", "A draft has no priority yet.")])


def _instant(text: Any) -> datetime:
    return text if isinstance(text, datetime) else datetime.fromisoformat(str(text))
