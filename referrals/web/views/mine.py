"""The referrals of a clinician's organization: what is not sent yet, what waits for them, and where the rest is."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, request
from sqlalchemy import or_

from referrals.boundary.paging import DEFAULT_LIMIT, Place, seal, unseal
from referrals.domain.errors import Forbidden, NotFound
from referrals.domain.lifecycle import CONTEST_WITHIN, Status
from referrals.domain.people import Kind, Party
from referrals.domain.vocabulary import WaitingOn
from referrals.knowledge import icd10cm
from referrals.models.referral import Referral
from referrals.pathway import queue
from referrals.pathway.overview import counts_of
from referrals.pathway.questions import asking_the_referrer
from referrals.pathway.queue import Condition, Filters
from referrals.pathway.record import status_since
from referrals.web import paths
from referrals.web.pages import Seen, Shown, notices
from referrals.web.presenters.mine import MY_VIEWS, Card, card, my_referrals_page
from referrals.web.presenters.worklist import count_words
from referrals.web.records import listed
from referrals.web.views.notifications import since
from referrals.web.visit import Visit, page

mine = Blueprint("mine", __name__)

OWN, ALL, ENDED = (slug for slug, _ in MY_VIEWS)
MOST_AT_ONCE = 100
DECLINED = frozenset({Status.DECLINED})
OTHERS = frozenset(WaitingOn) - {WaitingOn.REFERRER}


@mine.get(paths.MY_REFERRALS)
@page
def show(visit: Visit) -> Shown:
    if visit.actor.kind is not Kind.PROVIDER:
        raise Forbidden("not_this_actor", "This list is for those who refer.")
    view = request.args.get("view", OWN if writes(visit) else ALL)
    if view not in views(visit):
        raise NotFound
    cursor = request.args.get("cursor", "")
    items, following = listed_for(visit, view, cursor)
    seen = Seen("referral", [item["id"] for item in items], "list")
    return Shown("my_referrals.html", drawn(visit, view, cursor, items, following), seen)


def writes(visit: Visit) -> bool:
    return Party.R in visit.actor.parties


def views(visit: Visit) -> Mapping[str, Filters]:
    """A referral of which nobody is named as clinician is everybody's: it must not be nobody's."""
    own = or_(Referral.clinician_id == visit.actor.user_id, Referral.clinician_id.is_(None))
    return {OWN: Filters(extra=(own,)), ALL: Filters(), ENDED: Filters(statuses=queue.ENDED_ONLY, sort="-updated_at")}


def listed_for(visit: Visit, view: str, cursor: str) -> tuple[list[dict[str, Any]], str]:
    """On the first page of what is open, drafts and what waits for the clinician come before the rest.

    So does what was declined, as long as it can be contested.
    """
    filters = views(visit)[view]
    parts = [filters] if view == ENDED else _first_things(visit, filters, cursor)
    rows: list[Any] = []
    for part in parts[:-1]:
        rows += queue.worklist(visit.session, visit.actor, part, after=None, limit=MOST_AT_ONCE, now=visit.now)[0]
    after = unseal(cursor, _resource(view), visit.actor.organization_id).after if cursor else None
    rest, key = queue.worklist(visit.session, visit.actor, parts[-1], after=after, limit=DEFAULT_LIMIT, now=visit.now)
    rows += rest
    ids = [row.id for row in rows]
    since, asked = status_since(visit.session, ids), asking_the_referrer(visit.session, ids)
    items = [
        {**listed(row, visit.now), "status_since": since.get(row.id), "asked_until": asked.get(row.id)} for row in rows
    ]
    return items, seal(Place(key, {}), _resource(view), visit.actor.organization_id) if key else ""


def _first_things(visit: Visit, filters: Filters, cursor: str) -> list[Filters]:
    drafts = replace(filters, statuses=frozenset({Status.DRAFT}), sort="-updated_at")
    waiting = replace(filters, statuses=queue.OPEN_ONLY - {Status.DRAFT}, waiting_on=frozenset({WaitingOn.REFERRER}))
    rest = replace(filters, waiting_on=OTHERS)
    declined = replace(filters, statuses=DECLINED, extra=(*filters.extra, _still_contestable(visit)))
    return [rest] if cursor else [drafts, declined, waiting, rest]


def _still_contestable(visit: Visit) -> Condition:
    return Referral.ended_at >= visit.now - CONTEST_WITHIN


def counted(visit: Visit) -> dict[str, Filters]:
    """What each view lists: what may still be contested stands among the open ones."""
    unless_over = or_(Referral.status != Status.DECLINED, _still_contestable(visit))
    return {
        slug: filters
        if slug == ENDED
        else replace(filters, statuses=queue.OPEN_ONLY | DECLINED, extra=(*filters.extra, unless_over))
        for slug, filters in views(visit).items()
    }


def _resource(view: str) -> str:
    return f"my-referrals:{view}"


def drawn(visit: Visit, view: str, cursor: str, items: list[dict[str, Any]], following: str) -> Any:
    counts = counts_of(visit.session, visit.actor, counted(visit), visit.now)
    cards = [card(item, visit.moment, visit.tiers, icd10cm.display) for item in items]
    shown = my_referrals_page(
        items,
        cards if writes(visit) else [_only_read(one) for one in cards],
        view,
        {name: count_words(count) for name, count in counts.items()},
        paths.my_referrals(view) if cursor else "",
        paths.my_referrals(view, following) if following else "",
        notices(),
    )
    shown = replace(shown, since=since(visit, paths.MY_REFERRALS))
    return shown if writes(visit) else replace(shown, new_href="")


def _only_read(one: Card) -> Card:
    return replace(one, action="", discard_href="", condition_href="")
