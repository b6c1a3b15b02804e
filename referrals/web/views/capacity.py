"""The board of centers and weeks: the network sees every center, a center its own row, and its keeper writes it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.paging import DEFAULT_LIMIT, Place, seal, unseal
from referrals.boundary.problems import bad_parameter
from referrals.boundary.schemas.centers import Capacity
from referrals.boundary.schemas.fields import load
from referrals.domain.centers import WEEK, monday_of, weeks_from
from referrals.domain.errors import Forbidden, NotFound, Refusal, Stale
from referrals.domain.people import Kind, Party
from referrals.domain.tumor_family import family_labels
from referrals.pathway.capacity import WEEKS_SHOWN, capacities, state_capacity, this_week
from referrals.pathway.capacity_board import BoardRow, Narrowed, board_rows
from referrals.pathway.centers import Profile, change_center, find_center
from referrals.web import paths
from referrals.web.forms.bind import packet_from
from referrals.web.forms.capacity import body_of, capacity_form
from referrals.web.forms.fields import Form
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters.capacity import CapacityPage, board_filters, center_row, week_heads
from referrals.web.presenters.form_page import Conflict, conflict_with
from referrals.web.presenters.notices import Link
from referrals.web.typed import differences, shown_again, status_of, with_refusal
from referrals.web.visit import Visit, act, page, version_meant
from referrals.web.words import counted, sentence_list, short_day

capacity = Blueprint("capacity", __name__, url_prefix=paths.CAPACITY)

BOARD = "Places by week"
RESOURCE = "capacity"
KEEPERS = frozenset({Party.C, Party.L, Party.K})
COORDINATORS = frozenset({Party.C, Party.L})
FURTHEST = timedelta(weeks=104)


@dataclass(frozen=True, slots=True)
class Window:
    """The weeks that are shown."""

    this_week: date
    first: date

    @property
    def weeks(self) -> tuple[date, ...]:
        return weeks_from(self.first, WEEKS_SHOWN)

    @property
    def is_to_come(self) -> bool:
        return self.first >= self.this_week

    @property
    def asked(self) -> str:
        """For an address: nothing where it begins with this week."""
        return "" if self.first == self.this_week else self.first.isoformat()


@capacity.get("")
@page
def show(visit: Visit) -> Shown:
    window = window_of(visit)
    if is_network(visit):
        return whole_board(visit, window)
    own = visit.actor.organization_id
    if visit.actor.kind is not Kind.CENTER or own is None:
        raise Forbidden("not_this_actor", "The capacity board is for the network and its centers.")
    return one_center(visit, own, window)


@capacity.get("/<center_id>")
@page
def one(visit: Visit, center_id: UUID) -> Shown:
    refuse_stranger(visit, center_id)
    return one_center(visit, center_id, window_of(visit))


def is_network(visit: Visit) -> bool:
    return visit.actor.kind is Kind.NETWORK


def refuse_stranger(visit: Visit, center_id: UUID) -> None:
    """To a center no other one exists here."""
    if visit.actor.kind is Kind.PROVIDER:
        raise Forbidden("not_this_actor", "The capacity board is for the network and its centers.")
    if not is_network(visit) and visit.actor.organization_id != center_id:
        raise NotFound


def window_of(visit: Visit) -> Window:
    now = this_week(visit.session, visit.actor.network_id, visit.now)
    asked = request.args.get("from", "")
    first = now
    with suppress(ValueError):
        first = date.fromisoformat(asked) if asked else now
    if abs(first - now) > FURTHEST:
        raise bad_parameter("from", "out_of_range", "The board reaches two years back and two years ahead.")
    return Window(now, monday_of(first))


def whole_board(visit: Visit, window: Window) -> Shown:
    family, only_free = request.args.get("family", ""), request.args.get("free") == "true"
    cursor = request.args.get("cursor", "")
    if family and family not in family_labels():
        raise bad_parameter("family", "invalid_choice", "There is no tumor family of this name.")
    reader = visit.actor.organization_id
    after = unseal(cursor, RESOURCE, reader).after if cursor else None
    narrowed = Narrowed(family, only_free)
    rows, following = board_rows(visit.session, visit.actor.network_id, window.weeks, narrowed, after, DEFAULT_LIMIT)
    query = {"from": window.asked, "family": family, "free": "true" if only_free else ""}
    next_cursor = seal(Place(following, {}), RESOURCE, reader) if following else ""
    shown = replace(
        drawn(visit, rows, window, query),
        filters=board_filters(family, only_free, family_labels()),
        back=Link("Centers", paths.CENTERS),
        first_href=paths.capacity(**query) if cursor else "",
        next_href=paths.capacity(**query, cursor=next_cursor) if following else "",
    )
    return Shown("capacity.html", shown, seen_of(rows))


def seen_of(rows: Sequence[BoardRow]) -> Seen:
    return Seen("center", [row.organization.id for row in rows], "list")


def drawn(
    visit: Visit, rows: Sequence[BoardRow], window: Window, query: dict[str, str], center: Any = ""
) -> CapacityPage:
    def begun(first: date) -> str:
        inside = abs(first - window.this_week) <= FURTHEST
        return paths.capacity(center, **query | {"from": first.isoformat()}) if inside else ""

    may_end = bool(visit.actor.parties & COORDINATORS)
    return CapacityPage(
        title=BOARD,
        weeks=week_heads(window.weeks, window.this_week),
        rows=tuple(center_row(row, visit.moment, is_network=is_network(visit), may_end=may_end) for row in rows),
        first=window.asked,
        earlier_href=begun(window.first - WEEKS_SHOWN * WEEK),
        later_href=begun(window.first + WEEKS_SHOWN * WEEK),
        now_href=paths.capacity(center, **query | {"from": ""}) if window.asked else "",
        notices=notices(),
    )


def one_center(visit: Visit, center_id: UUID, window: Window, form: Form | None = None) -> Shown:
    """One row, with the form for whoever may write it; the past is not rewritten."""
    narrowed = Narrowed(only=center_id)
    rows, _ = board_rows(visit.session, visit.actor.network_id, window.weeks, narrowed, None, 1)
    if not rows:
        raise NotFound
    if form is None and visit.actor.parties & KEEPERS and window.is_to_come:
        form = blank(visit, center_id, window)
    # The center's own address names nobody.
    named = center_id if is_network(visit) else ""
    shown = replace(
        drawn(visit, rows, window, {"from": window.asked}, named),
        title=f"{BOARD}: {rows[0].organization.name}",
        back=Link(BOARD, paths.capacity()) if is_network(visit) else None,
        form=form,
        unchanged=unchanged_words(visit, window) if form is None else "",
    )
    return Shown("capacity.html", shown, seen_of(rows))


def unchanged_words(visit: Visit, window: Window) -> str:
    """Why there is no form."""
    if visit.actor.parties & KEEPERS:
        return "" if window.is_to_come else "Weeks that are over are not changed."
    return "The center's coordinator changes these places, and the network's."


def blank(visit: Visit, center_id: UUID, window: Window) -> Form:
    found = find_center(visit.session, visit.actor.network_id, center_id)
    stated = capacities(visit.session, found, visit.now, first=window.first)
    return capacity_form(stated, paths.capacity(center_id, **{"from": window.first.isoformat()}), "Save these weeks")


def again(visit: Visit, refusal: Refusal, center_id: UUID) -> Shown:
    window = window_of(visit)
    standing = blank(visit, center_id, window)
    typed = shown_again(visit.session, standing, request.form)
    if isinstance(refusal, Stale):
        shown = one_center(visit, center_id, window, typed)
        return replace(shown, page=replace(shown.page, conflict=clash(visit, center_id, standing, typed)), status=409)
    mended = replace(with_refusal(typed, refusal), version=version_meant())
    return replace(one_center(visit, center_id, window, mended), status=status_of(refusal))


def clash(visit: Visit, center_id: UUID, standing: Form, typed: Form) -> Conflict:
    changed_at = find_center(visit.session, visit.actor.network_id, center_id).center.updated_at
    said = tuple(differences(standing, typed))
    return conflict_with("", visit.moment.on(changed_at), said, "this center")


@capacity.post("/<center_id>")
@act(again=again)
def save(visit: Visit, center_id: UUID) -> Response:
    found, window = held(visit, center_id), window_of(visit)
    visit.need(KEEPERS, "The coordinators of a center and of the network write its places.")
    if found.center.version != version_meant():
        raise Stale
    packet = packet_from(blank(visit, center_id, window), request.form, keep_blank=True)
    sent = load(Capacity(), body_of(packet, window.weeks))
    state_capacity(visit.session, visit.actor, found, sent, visit.now)
    visit.note("capacity", [center_id], "center")
    where = paths.capacity(center_id if is_network(visit) else "", **{"from": window.asked})
    return go(where, said_of(visit, found, window))


def held(visit: Visit, center_id: UUID) -> Profile:
    refuse_stranger(visit, center_id)
    return find_center(visit.session, visit.actor.network_id, center_id, lock=True)


def said_of(visit: Visit, found: Profile, window: Window) -> str:
    """That it is saved, and which closed weeks hold referrals all the same."""
    weeks = capacities(visit.session, found, visit.now, first=window.first).weeks
    kept = [
        f"{short_day(week.week)} ({counted(week.held, 'referral')})" for week in weeks if week.is_closed and week.held
    ]
    return f"Saved. Closed, and what they hold stays: {sentence_list(kept)}" if kept else "Saved"


@capacity.post("/<center_id>/end-pause")
@act()
def end_pause(visit: Visit, center_id: UUID) -> Response:
    found = held(visit, center_id)
    visit.need(COORDINATORS, "The network ends a pause.")
    change_center(visit.session, visit.actor, found, {"paused": False}, visit.now)
    visit.note("end-pause", [center_id], "center")
    return go(paths.capacity(), f"{found.organization.name} is asked again")
