"""The directory of centers, the profile of one, and its own page for the people of a center."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.center_answers import center_answer
from referrals.boundary.paging import DEFAULT_LIMIT, Place, seal, unseal
from referrals.boundary.problems import bad_parameter
from referrals.boundary.schemas.centers import CentersAsked, wanted_of
from referrals.boundary.schemas.fields import load
from referrals.domain.errors import NotFound, Refusal, Stale
from referrals.domain.people import Kind
from referrals.domain.tumor_family import family_labels
from referrals.pathway.center_record import last_year, may_read_record, records_of
from referrals.pathway.centers import (
    Profile,
    centers_in,
    change_center,
    find_center,
    may_call,
    may_change,
    may_know_conflicts,
    refuse_stranger,
)
from referrals.web import paths
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters.center_record import record_panel
from referrals.web.presenters.centers import CHOSEN, TYPED, center_page, centers_page
from referrals.web.presenters.notices import Notice
from referrals.web.visit import Visit, act, page, version_meant

centers = Blueprint("centers", __name__)

ENTITY = "center"
STANDING: Mapping[str, Mapping[str, Any]] = {
    "active": {"active": True},
    "inactive": {"active": False},
    "outside": {"in_network": False},
}
CHANGED_MEANWHILE = Notice("warn", "Somebody else changed this entry first", "Look at it as it stands now.")


@centers.get(paths.CENTERS)
@page
def directory(visit: Visit) -> Shown:
    """The centers of the network, by code, narrowed by what the address asks."""
    chosen = {name: text for name in (*CHOSEN, *TYPED) if (text := request.args.get(name, "").strip())}
    wanted, cursor = wanted_of(asked(chosen)), request.args.get("cursor", "")
    rows = centers_in(visit.session, visit.actor.network_id, place(visit, chosen, cursor), DEFAULT_LIMIT + 1, wanted)
    shown, more = rows[:DEFAULT_LIMIT], len(rows) > DEFAULT_LIMIT
    links = (paths.centers(chosen) if cursor else "", following(visit, chosen, shown[-1]) if more else "")
    answers = [center_answer(each, visit.actor) for each in shown]
    drawn_page = centers_page(answers, chosen, family_labels(), visit.moment, links)
    seen = Seen(ENTITY, [each.organization.id for each in shown], "list")
    return Shown("centers.html", replace(drawn_page, notices=notices(), capacity_href=capacity_for(visit)), seen)


def capacity_for(visit: Visit) -> str:
    """Referrers are shown no center's weeks."""
    return "" if visit.actor.kind is Kind.PROVIDER else paths.capacity()


def asked(chosen: Mapping[str, str]) -> dict[str, Any]:
    """The same filters as the API's, read by the same words."""
    words: dict[str, Any] = {name: text for name, text in chosen.items() if name not in ("treats", "standing")}
    words["service"] = [chosen[name] for name in ("service", "treats") if name in chosen]
    standing = chosen.get("standing", "")
    if standing and standing not in STANDING:
        raise bad_parameter("standing", "invalid_choice", "The list cannot be narrowed by that.")
    return load(CentersAsked(), {**words, **STANDING.get(standing, {})})


def place(visit: Visit, chosen: Mapping[str, str], cursor: str) -> tuple[Any, ...] | None:
    if not cursor:
        return None
    found = unseal(cursor, ENTITY, visit.actor.organization_id)
    if found.filters != chosen:
        raise bad_parameter("cursor", "contradicts_cursor", "This page belongs to another list. Begin again.")
    return found.after


def following(visit: Visit, chosen: Mapping[str, str], last: Profile) -> str:
    after = Place((last.organization.code, last.organization.id), chosen)
    return paths.centers({**chosen, "cursor": seal(after, ENTITY, visit.actor.organization_id)})


@centers.get(paths.OUR_CENTER)
@page
def ours(visit: Visit) -> Shown:
    if visit.actor.kind is not Kind.CENTER or visit.actor.organization_id is None:
        raise NotFound
    return drawn(visit, visit.actor.organization_id, notices())


@centers.get(f"{paths.CENTERS}/<center_id>")
@page
def show(visit: Visit, center_id: UUID) -> Shown:
    return drawn(visit, center_id, notices())


def drawn(visit: Visit, center_id: UUID, said: tuple[Notice, ...], status: int = 200) -> Shown:
    profile, actor = find_center(visit.session, visit.actor.network_id, center_id), visit.actor
    sees = {"contacts": may_call(actor), "conflicts": may_know_conflicts(actor, center_id)}
    answer = center_answer(profile, actor)
    shown = center_page(answer, family_labels(), visit.moment, may_change(actor, center_id), sees)
    record = None
    if may_read_record(actor, center_id):
        record = record_panel(records_of(visit.session, [center_id], last_year(visit.now))[center_id], visit.moment)
    return Shown("center.html", replace(shown, notices=said, record=record), Seen(ENTITY, [center_id]), status)


def as_it_stands(visit: Visit, refusal: Refusal, center_id: UUID) -> Shown:
    return drawn(visit, center_id, (CHANGED_MEANWHILE,), 409)


@centers.post(f"{paths.CENTERS}/<center_id>/checked")
@act(again=as_it_stands)
def check(visit: Visit, center_id: UUID) -> Response:
    profile = to_change(visit, center_id)
    change_center(visit.session, visit.actor, profile, {"checked_on": visit.moment.today.isoformat()}, visit.now)
    visit.note("check", [center_id], ENTITY)
    return go(paths.center(center_id), "Noted: checked today")


def to_change(visit: Visit, center_id: UUID) -> Profile:
    """Locked, by somebody who may, and as they have seen it."""
    profile = find_center(visit.session, visit.actor.network_id, center_id, lock=True)
    refuse_stranger(visit.actor, center_id)
    if profile.center.version != version_meant():
        raise Stale
    return profile
