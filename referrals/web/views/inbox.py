"""The start page of a center: what it is asked, and what it is working on."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, request

from referrals.boundary.paging import DEFAULT_LIMIT, Place, seal, unseal
from referrals.domain.errors import Forbidden, NotFound
from referrals.domain.lifecycle import ANSWERED
from referrals.domain.people import Kind
from referrals.knowledge import icd10cm
from referrals.models.center import Center
from referrals.pathway import queue
from referrals.pathway.offered import declined_just_now
from referrals.pathway.queue import Filters
from referrals.pathway.record import status_since
from referrals.web import paths
from referrals.web.pages import Seen, Shown, notices
from referrals.web.presenters.capacity import pause_notice
from referrals.web.presenters.inbox import INBOX_VIEWS, Undo, inbox_page, undo_of
from referrals.web.presenters.notices import Notice
from referrals.web.records import listed
from referrals.web.views.notifications import since
from referrals.web.visit import Visit, page

inbox = Blueprint("inbox", __name__)

OPEN_VIEW, ANSWERED_VIEW = (slug for slug, _ in INBOX_VIEWS)
FILTERS = {
    OPEN_VIEW: Filters(statuses=queue.OPEN_ONLY - ANSWERED),
    ANSWERED_VIEW: Filters(statuses=ANSWERED, sort="-updated_at"),
}


@inbox.get(paths.INBOX)
@page
def show(visit: Visit) -> Shown:
    if visit.actor.kind is not Kind.CENTER:
        raise Forbidden("not_this_actor", "The inbox is for those who work at a center.")
    view = request.args.get("view", OPEN_VIEW)
    if view not in FILTERS:
        raise NotFound
    items, following = listed_for(visit, view, cursor := request.args.get("cursor", ""))
    shown = inbox_page(
        items,
        view,
        visit.moment,
        visit.tiers,
        icd10cm.display,
        undos(visit),
    )
    first_href, next_href = (paths.inbox(view) if cursor else ""), (paths.inbox(view, following) if following else "")
    seen = Seen("referral", [item["id"] for item in items], "list")
    shown = replace(shown, first_href=first_href, next_href=next_href, notices=(*paused(visit), *notices()))
    return Shown("inbox.html", replace(shown, since=since(visit, paths.INBOX)), seen)


def listed_for(visit: Visit, view: str, cursor: str) -> tuple[list[dict[str, Any]], str]:
    resource = f"inbox:{view}"
    after = unseal(cursor, resource, visit.actor.organization_id).after if cursor else None
    rows, key = queue.worklist(
        visit.session, visit.actor, FILTERS[view], after=after, limit=DEFAULT_LIMIT, now=visit.now
    )
    since = status_since(visit.session, [row.id for row in rows])
    items = [{**listed(row, visit.now), "status_since": since.get(row.id)} for row in rows]
    return items, seal(Place(key, {}), resource, visit.actor.organization_id) if key else ""


def paused(visit: Visit) -> tuple[Notice, ...]:
    """That nothing new comes, and why, where the center is paused."""
    own = visit.session.get(Center, visit.actor.organization_id)
    return pause_notice(own, visit.moment) if own else ()


def undos(visit: Visit) -> list[Undo]:
    """What this person has declined within the last minutes: it has left their sight, and can be taken back."""
    found = declined_just_now(visit.session, visit.actor, visit.now)
    return [undo_of(row.reference, row.id, row.version, row.at, visit.moment) for row in found]
