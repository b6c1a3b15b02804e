"""Judges a case that is no referral: the question "what if", which stores nothing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referrals.domain.assessment import Assessment, assess
from referrals.domain.case import case_from
from referrals.domain.errors import FieldError, refuse_unless_clean
from referrals.domain.packet import faults
from referrals.domain.policy import Policy
from referrals.pathway.chart import undescribed
from referrals.pathway.rules import policy_version, rules_of


def judge_case(session: Session, network_id: UUID, facts: Mapping[str, Any], now: datetime) -> Assessment:
    """Judge these facts by the named version of the network's policy, else by the one in force."""
    rules = rules_of(session, network_id)
    today = rules.calendar.local_date(now)
    named, unknown = policy_named(session, network_id, facts.get("policy"))
    found = faults(facts, today, submitting=False, by_client=False)
    refuse_unless_clean([*found, *undescribed(facts.get("diagnosis") or {}, found), *unknown])
    return assess(case_from(facts, today), named or rules.policy, site_histology=rules.site_histology)


def policy_named(session: Session, network_id: UUID, version: str | None) -> tuple[Policy | None, list[FieldError]]:
    """The version that was asked for, if one was, or what is wrong with its name."""
    if version is None:
        return None, []
    named = policy_version(session, network_id, version)
    if named is None:
        return None, [FieldError("/policy", "unknown", "The network has no policy of this version.")]
    return named, []
