"""The rules that everybody may read: the priority policy, and why the list stands in this order."""

from uuid import UUID

from flask import Blueprint, request

from referrals.boundary.schemas.fields import uuid_of
from referrals.domain.errors import NotFound
from referrals.domain.vocabulary import Tier
from referrals.pathway.directory import find_policy
from referrals.pathway.record import read_referral
from referrals.pathway.rules import policy_version
from referrals.web import paths
from referrals.web.pages import Seen, Shown
from referrals.web.presenters.order import Place, order_page, place_of
from referrals.web.presenters.policy import PolicyPage
from referrals.web.presenters.policy_tables import policy_tables
from referrals.web.records import whole
from referrals.web.visit import Visit, page
from referrals.web.words import sentence_list

rules = Blueprint("rules", __name__)


@rules.get(paths.KEYBOARD)
@page
def keyboard(visit: Visit) -> Shown:
    return Shown("keyboard.html", None)


@rules.get(paths.CURRENT_POLICY)
@page
def current(visit: Visit) -> Shown:
    return policy_shown(visit, visit.rules.policy.version)


@rules.get("/policies/<version>")
@page
def policy(visit: Visit, version: str) -> Shown:
    return policy_shown(visit, version)


def policy_shown(visit: Visit, version: str) -> Shown:
    row = find_policy(visit.session, visit.actor.network_id, version)
    document = policy_version(visit.session, visit.actor.network_id, version)
    if document is None:
        raise NotFound
    never = [each["label"][:1].lower() + each["label"][1:] for each in document.document["must_not_read"]]
    began = f" since {visit.moment.at(row.activated_at)}" if row.activated_at else ""
    shown = PolicyPage(
        version,
        f"{row.status.capitalize()}{began}",
        policy_tables(document),
        f"Written by {row.author}" + (f", approved by {row.approver}" if row.approver else ""),
        never_used=f"{sentence_list(never).capitalize()}.",
    )
    return Shown("policy.html", shown)


@rules.get(paths.ORDER)
@page
def order(visit: Visit) -> Shown:
    """The one rule of the queue; with a referral named, the arithmetic of its place."""
    named = request.args.get("referral")
    if named is None:
        return Shown("why_this_order.html", drawn(visit, None))
    referral_id = uuid_of(named)
    if referral_id is None:
        raise NotFound
    return Shown("why_this_order.html", drawn(visit, place(visit, referral_id)), Seen("referral", [referral_id]))


def place(visit: Visit, referral_id: UUID) -> Place:
    record = read_referral(visit.session, visit.actor, referral_id)
    if record.referral.tier is None:
        raise NotFound
    answer = whole(record, visit.now) | {"tier": record.referral.tier}
    return place_of(answer, visit.tiers, targets(visit), margins(visit), visit.moment)


def drawn(visit: Visit, one: Place | None) -> object:
    return order_page(visit.rules.policy.version, visit.tiers, targets(visit), margins(visit), one)


def targets(visit: Visit) -> dict[str, int]:
    return {tier.value: visit.rules.policy.target(tier).days for tier in Tier}


def margins(visit: Visit) -> dict[str, int]:
    return {tier.value: visit.rules.policy.margin(tier).days for tier in Tier}
