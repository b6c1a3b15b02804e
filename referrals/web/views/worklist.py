"""The worklist: views with counts, filters in the address, pages by a sealed cursor, and who comes next."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, request

from referrals.boundary.paging import DEFAULT_LIMIT, Place, seal, unseal
from referrals.boundary.problems import bad_parameter
from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.worklist import WorklistAsked, filters_of
from referrals.domain.errors import Forbidden, NotFound
from referrals.domain.people import Party
from referrals.domain.permissions import Sees, sees
from referrals.domain.tumor_family import family_labels
from referrals.knowledge import icd10cm
from referrals.pathway import queue
from referrals.pathway.overview import overview
from referrals.web import paths
from referrals.web.pages import Seen, Shown, notices
from referrals.web.presenters.filters import FILTER_NAMES, worklist_filters
from referrals.web.presenters.notifications import since_notice
from referrals.web.presenters.worklist import SORTS, VIEWS, Asked, view_tabs, worklist_page, worklist_row
from referrals.web.records import listed
from referrals.web.visit import Visit, page

worklist = Blueprint("worklist", __name__)

RESOURCE = "worklist"
TAKERS = frozenset({Party.C, Party.L})
READERS = frozenset({Sees.RECEIVED_BY_NETWORK, Sees.EVERYTHING})


@worklist.get(paths.WORKLIST, defaults={"view": ""})
@worklist.get(f"{paths.WORKLIST}/<view>")
@page
def show(visit: Visit, view: str) -> Shown:
    """Three statements, however many rows: the page, what stands around it, and who looked."""
    refuse_other_readers(visit)
    if view not in VIEWS or request.path == f"{paths.WORKLIST}/":
        raise NotFound
    asked = asked_for(visit, view)
    filters = narrowed(visit, asked)
    rows, after = queue.worklist(
        visit.session, visit.actor, filters, after=place_of(visit, asked), limit=DEFAULT_LIMIT, now=visit.now
    )
    items = [listed(row, visit.now) for row in rows]
    seen = Seen("referral", [row.id for row in rows], "list")
    return Shown("worklist.html", drawn(visit, asked, items, cursor_of(visit, asked, after)), seen)


def refuse_other_readers(visit: Visit) -> None:
    if sees(visit.actor) not in READERS:
        raise Forbidden("not_this_actor", "The worklist is the network's.")


def asked_for(visit: Visit, view: str) -> Asked:
    chosen = {name: request.args[name] for name in FILTER_NAMES if request.args.get(name)}
    sort = request.args.get("sort", "")
    if sort not in SORTS:
        raise bad_parameter("sort", "invalid_choice", "The list cannot be sorted by that.")
    me = visit.actor.user_id if takes(visit) else None
    return Asked(view, chosen, sort, request.args.get("cursor", ""), me)


def narrowed(visit: Visit, asked: Asked) -> queue.Filters:
    """What the filters ask for, inside of what the view shows."""
    words = {**asked.filters, **({"sort": asked.sort} if asked.sort else {})}
    chosen = filters_of(checked(words), visit.actor)
    return replace(chosen, extra=tuple(queue.conditions(visit.actor, view_filters(visit, asked.view), visit.now)))


def view_filters(visit: Visit, view: str) -> queue.Filters:
    return filters_of(checked(VIEWS[view].asks), visit.actor)


def checked(words: Mapping[str, Any]) -> dict[str, Any]:
    """The same filters as the API's, read by the same words."""
    sent: dict[str, Any] = {name: list(word) if isinstance(word, tuple) else word for name, word in words.items()}
    if sent.get("overdue") == "true":
        sent["overdue"] = True
    return load(WorklistAsked(), sent)


def place_of(visit: Visit, asked: Asked) -> queue.After | None:
    if not asked.cursor:
        return None
    place = unseal(asked.cursor, RESOURCE, visit.actor.organization_id)
    if place.filters != _mark(asked):
        raise bad_parameter("cursor", "contradicts_cursor", "This page belongs to another list. Begin again.")
    return place.after


def cursor_of(visit: Visit, asked: Asked, after: queue.After | None) -> str | None:
    return None if after is None else seal(Place(after, _mark(asked)), RESOURCE, visit.actor.organization_id)


def _mark(asked: Asked) -> dict[str, str]:
    return {"view": asked.view, **asked.query}


def takes(visit: Visit) -> bool:
    return bool(visit.actor.parties & TAKERS)


def drawn(visit: Visit, asked: Asked, items: list[dict[str, Any]], cursor: str | None) -> Any:
    around = overview(visit.session, visit.actor, {view: view_filters(visit, view) for view in VIEWS}, visit.now)
    drawn_page = worklist_page(
        items,
        asked,
        [worklist_row(item, visit.moment, visit.tiers, icd10cm.display, takes(visit)) for item in items],
        view_tabs(asked.view, around.counts, around.refused if takes(visit) else None),
        worklist_filters({**asked.filters, "sort": asked.sort}, visit.tiers, family_labels(), around.team),
        cursor,
        visit.moment,
    )
    return replace(drawn_page, notices=(*notices(), *since_notice(around.unread)))
