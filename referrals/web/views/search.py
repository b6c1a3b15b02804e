"""Search by name, reference or number: what was asked is posted, and stands sealed in the address of what was found."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.paging import DEFAULT_LIMIT, Place, seal, unseal
from referrals.boundary.problems import Problem
from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.worklist import WorklistAsked, filters_of
from referrals.domain.errors import FieldError, Invalid
from referrals.domain.reference import looks_like_reference
from referrals.knowledge import icd10cm
from referrals.pathway import queue
from referrals.web import paths
from referrals.web.forms.account import search_form
from referrals.web.forms.bind import with_errors
from referrals.web.forms.faults import in_words
from referrals.web.pages import Seen, Shown, go
from referrals.web.presenters.lists import SearchPage, found_words
from referrals.web.presenters.worklist import worklist_row
from referrals.web.records import listed
from referrals.web.views.worklist import refuse_other_readers
from referrals.web.visit import Visit, page

search = Blueprint("search", __name__)

RESOURCE = "searched-for"


@search.post(paths.SEARCH)
@page
def find(visit: Visit) -> Shown | Response:
    """A reference that is known opens at once; else on to a page that the browser can come back to."""
    refuse_other_readers(visit)
    words = request.form.get("q", "").strip()
    try:
        filters = asked_for(visit, words)
    except (Invalid, Problem) as refusal:
        return refused(words, refusal)
    if looks_like_reference(words):
        rows, _ = queue.worklist(visit.session, visit.actor, filters, after=None, limit=1, now=visit.now)
        if rows:
            return go(paths.referral(rows[0].id))
    return go(paths.search(sealed(visit, words)))


@search.get(paths.SEARCH)
@page
def found(visit: Visit) -> Shown:
    """What was found for the sealed words; where they cannot be read, the question is asked anew."""
    refuse_other_readers(visit)
    try:
        place = unseal(request.args.get("s", ""), RESOURCE, visit.actor.organization_id)
    except Problem:
        return Shown("search.html", SearchPage(search_form(), "", ()))
    words = place.filters["q"]
    rows, key = queue.worklist(
        visit.session,
        visit.actor,
        asked_for(visit, words),
        after=place.after or None,
        limit=DEFAULT_LIMIT,
        now=visit.now,
    )
    following = paths.search(sealed(visit, words, key)) if key else ""
    seen = Seen("referral", [row.id for row in rows], "list")
    return Shown("search.html", drawn(visit, words, [listed(row, visit.now) for row in rows], following), seen)


def asked_for(visit: Visit, words: str) -> queue.Filters:
    return filters_of(load(WorklistAsked(), {"q": words, "status": ["all"]}), visit.actor)


def sealed(visit: Visit, words: str, after: queue.After = ()) -> str:
    return seal(Place(after, {"q": words}), RESOURCE, visit.actor.organization_id)


def drawn(visit: Visit, words: str, items: list[Mapping[str, Any]], following: str) -> SearchPage:
    rows = tuple(worklist_row(item, visit.moment, visit.tiers, icd10cm.display, may_take=False) for item in items)
    return SearchPage(search_form(words), found_words(rows, bool(following)), rows, following)


def refused(words: str, refusal: Invalid | Problem) -> Shown:
    form = search_form(words)
    found = refusal.errors if isinstance(refusal, Invalid) else tuple(_at_field(each) for each in refusal.errors)
    return Shown("search.html", SearchPage(with_errors(form, in_words(form, found)), "", ()), status=422)


def _at_field(error: Any) -> FieldError:
    return FieldError("/q", error.code, error.message)
