"""The network's priority policies: every version, and the document of each."""

from typing import Any

from flask import Blueprint

from referrals.api import shapes
from referrals.api.call import Answer, Call
from referrals.api.endpoint import endpoint
from referrals.api.lists import listing, page, split
from referrals.boundary.schemas.queries import Page
from referrals.domain.people import Scope
from referrals.models.assessment import Policy
from referrals.pathway.directory import find_policy, policies_of

policies = Blueprint("policies", __name__, url_prefix="/policies")


@policies.get("")
@endpoint(gives=shapes.PolicyItem, asks=Page, scope=Scope.POLICIES_READ, listed=True)
def versions(call: Call) -> Answer:
    """Every version of the network's policy, newest first."""
    asked = listing(call, "policies", Page)
    found, more = split(policies_of(call.session, call.actor.network_id, asked.after, asked.limit + 1), asked.limit)
    return page(call, asked, "/policies", [_item(each) for each in found], (found[-1].id,) if more else None)


@policies.get("/<version>")
@endpoint(gives=shapes.PolicyOut, scope=Scope.POLICIES_READ, versioned=True)
def policy(call: Call, version: str) -> Answer:
    """One version with its document: lists, thresholds, rules, tiers, targets, citations."""
    found = find_policy(call.session, call.actor.network_id, version)
    return Answer({**_item(found), "document": found.document}, version=found.version)


def _item(policy: Policy) -> dict[str, Any]:
    return {
        "version": policy.version,
        "status": policy.status,
        "author": policy.author,
        "approver": policy.approver,
        "created_at": policy.created_at,
        "activated_at": policy.activated_at,
    }
