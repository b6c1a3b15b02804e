"""Search by name, reference or number: posted, so that no address and no history keeps what was asked."""

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

RESOURCE = "search"


@search.get(paths.SEARCH)
@page
def ask(visit: Visit) -> Shown:
    refuse_other_readers(visit)
    return Shown("search.html", SearchPage(search_form(), "", ()))


@search.post(paths.SEARCH)
@page
def find(visit: Visit) -> Shown | Response:
    """A reference that is known opens at once."""
    refuse_other_readers(visit)
    words, cursor = request.form.get("q", "").strip(), request.form.get("cursor", "")
    try:
        filters = filters_of(load(WorklistAsked(), {"q": words, "status": ["all"]}), visit.actor)
        after = unseal(cursor, RESOURCE, visit.actor.organization_id).after if cursor else None
    except (Invalid, Problem) as refusal:
        return refused(words, refusal)
    rows, key = queue.worklist(visit.session, visit.actor, filters, after=after, limit=DEFAULT_LIMIT, now=visit.now)
    if len(rows) == 1 and not cursor and looks_like_reference(words):
        return go(paths.referral(rows[0].id))
    following = seal(Place(key, {}), RESOURCE, visit.actor.organization_id) if key else ""
    seen = Seen("referral", [row.id for row in rows], "list")
    return Shown("search.html", drawn(visit, words, [listed(row, visit.now) for row in rows], following), seen)


def drawn(visit: Visit, words: str, items: list[Mapping[str, Any]], following: str) -> SearchPage:
    rows = tuple(worklist_row(item, visit.moment, visit.tiers, icd10cm.display, may_take=False) for item in items)
    return SearchPage(search_form(words), found_words(rows, bool(following)), rows, following, words)


def refused(words: str, refusal: Invalid | Problem) -> Shown:
    form = search_form(words)
    found = refusal.errors if isinstance(refusal, Invalid) else tuple(_at_field(each) for each in refusal.errors)
    return Shown("search.html", SearchPage(with_errors(form, in_words(form, found)), "", ()), status=422)


def _at_field(error: Any) -> FieldError:
    return FieldError("/q", error.code, error.message)
