"""The directory of centers: profiles, expertise, trials, conflicts, places; and which of them can answer a referral."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint

from referrals.api import shapes_of_centers as shapes
from referrals.api.call import Answer, Call, Seen
from referrals.api.endpoint import endpoint
from referrals.api.lists import listing, page, split
from referrals.boundary.answers import BASE
from referrals.boundary.center_answers import (
    capacity_answer,
    center_answer,
    conflicts_answer,
    expertise_answer,
    match_answer,
    named,
    trials_answer,
)
from referrals.boundary.conditional import refuse_stale, versions_meant
from referrals.boundary.paging import address_of
from referrals.boundary.schemas import centers as sent
from referrals.domain.people import Kind, Scope
from referrals.domain.tumor_family import family_label
from referrals.pathway.capacity import WEEKS_SHOWN, capacities, state_capacity
from referrals.pathway.centers import (
    Profile,
    centers_in,
    change_center,
    create_center,
    find_center,
    state_expertise,
)
from referrals.pathway.centers_known import state_conflicts, state_trials
from referrals.pathway.fallbacks import newest_chain
from referrals.pathway.matching import Ask, matches
from referrals.pathway.rules import rules_of
from referrals.pathway.scope import find_referral

centers = Blueprint("centers", __name__)

READS: Mapping[str, Any] = {"scope": Scope.CENTERS_READ}
WRITES: Mapping[str, Any] = {"scope": Scope.CENTERS_WRITE, "writes": True, "versioned": True}
KEEPERS = frozenset({Kind.NETWORK, Kind.CENTER})
CHANGES: Mapping[str, Any] = {**WRITES, "kinds": KEEPERS, "needs_version": True}


@centers.get("/centers")
@endpoint(gives=shapes.CenterOut, asks=sent.CentersAsked, listed=True, **READS)
def directory(call: Call) -> Answer:
    """The centers of the network that are asked for, by code."""
    asked = listing(call, "centers", sent.CentersAsked)
    wanted = sent.wanted_of(asked.filters)
    found = centers_in(call.session, call.actor.network_id, asked.after, asked.limit + 1, wanted)
    rows, more = split(found, asked.limit)
    after = (rows[-1].organization.code, rows[-1].organization.id) if more else None
    items = [center_answer(each, call.actor) for each in rows]
    seen = Seen("center", [each.organization.id for each in rows], "list")
    return page(call, asked, "/centers", items, after, seen)


@centers.post("/centers")
@endpoint(
    takes=sent.NewCenter,
    gives=shapes.CenterOut,
    status=201,
    kinds=frozenset({Kind.NETWORK}),
    repeatable=True,
    **WRITES,
)
def add(call: Call) -> Answer:
    """Add a center to the network."""
    made = create_center(call.session, call.actor, call.body, call.now)
    where = {"Location": address_of(f"{BASE}/centers/{made.organization.id}")}
    return Answer(center_answer(made, call.actor), _seen(made, "create"), made.center.version, 201, where)


@centers.get("/centers/<center_id>")
@endpoint(gives=shapes.CenterOut, versioned=True, **READS)
def one(call: Call, center_id: UUID) -> Answer:
    """One center with its expertise, its trials and whom to ask."""
    found = find_center(call.session, call.actor.network_id, center_id)
    return Answer(center_answer(found, call.actor), _seen(found, "read"), found.center.version)


@centers.patch("/centers/<center_id>")
@endpoint(takes=sent.Center, gives=shapes.CenterOut, **CHANGES)
def rewrite(call: Call, center_id: UUID) -> Answer:
    """Lay a merge patch over a profile: a center its own, the network any."""
    found = _held(call, center_id)
    changed = change_center(call.session, call.actor, found, call.body, call.now)
    return Answer(center_answer(changed, call.actor), _seen(changed, "edit"), changed.center.version)


@centers.put("/centers/<center_id>/expertise")
@endpoint(takes=sent.Expertise, gives=shapes.ExpertiseListOut, **CHANGES)
def expertise(call: Call, center_id: UUID) -> Answer:
    """State the whole expertise anew, family by family."""
    found = _held(call, center_id)
    stated = state_expertise(call.session, call.actor, found, call.body["expertise"], call.now)
    return _stated(stated, "expertise", expertise_answer(stated))


@centers.put("/centers/<center_id>/trials")
@endpoint(takes=sent.Trials, gives=shapes.TrialListOut, **CHANGES)
def trials(call: Call, center_id: UUID) -> Answer:
    """State the whole list of trials anew."""
    stated = state_trials(call.session, call.actor, _held(call, center_id), call.body["trials"], call.now)
    return _stated(stated, "trials", trials_answer(stated, call.actor))


@centers.put("/centers/<center_id>/conflicts")
@endpoint(takes=sent.Conflicts, gives=shapes.ConflictListOut, **CHANGES)
def conflicts(call: Call, center_id: UUID) -> Answer:
    """State anew for which organizations of the network the center must not judge."""
    stated = state_conflicts(call.session, call.actor, _held(call, center_id), call.body["conflicts"], call.now)
    return _stated(stated, "conflicts", conflicts_answer(stated))


def _stated(profile: Profile, what: str, items: list[dict[str, Any]]) -> Answer:
    body = {"center": named(profile.organization), "version": profile.center.version, what: items}
    return Answer(body, _seen(profile, what), profile.center.version)


@centers.get("/centers/<center_id>/capacity")
@endpoint(gives=shapes.CapacityOut, asks=sent.WeeksAsked, versioned=True, **READS)
def capacity(call: Call, center_id: UUID) -> Answer:
    """The places of this week and those after it: reserved, used and free by count."""
    found = find_center(call.session, call.actor.network_id, center_id)
    count = call.query.get("weeks") or WEEKS_SHOWN
    return Answer(capacity_answer(capacities(call.session, found, call.now, count)), version=found.center.version)


@centers.put("/centers/<center_id>/capacity")
@endpoint(takes=sent.Capacity, gives=shapes.CapacityOut, **CHANGES)
def places(call: Call, center_id: UUID) -> Answer:
    """State the usual places a week, and the weeks that differ."""
    found = _held(call, center_id)
    state_capacity(call.session, call.actor, found, call.body, call.now)
    body = capacity_answer(capacities(call.session, found, call.now))
    return Answer(body, _seen(found, "capacity"), found.center.version)


def _held(call: Call, center_id: UUID) -> Profile:
    found = find_center(call.session, call.actor.network_id, center_id, lock=True)
    refuse_stale(versions_meant(), found.center.version)
    return found


def _seen(profile: Profile, action: str) -> Seen:
    return Seen("center", [profile.organization.id], action)


@centers.get("/referrals/<referral_id>/matches")
@endpoint(gives=shapes.MatchesOut, scope=Scope.REFERRALS_READ, kinds=frozenset({Kind.NETWORK}))
def ranked(call: Call, referral_id: UUID) -> Answer:
    """The centers that can answer it, best first, and those that cannot, each with every reason."""
    referral = find_referral(call.session, call.actor, referral_id)
    rules = rules_of(call.session, referral.network_id)
    able, unable = matches(Ask(call.session, referral, rules, call.now))
    chain = newest_chain(call.session, referral)
    body = match_answer(able, unable, family_label(referral.tumor_family), chain)
    return Answer(body, Seen("referral", [referral_id], "read-matches"))
