"""The audit on a page and as a sheet: for administrators and auditors, each as far as they answer for those who acted."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from referrals.boundary.audit_answers import sheet_pieces
from referrals.boundary.paging import DEFAULT_LIMIT, Place, seal, unseal
from referrals.boundary.problems import Problem, bad_parameter, problem_of
from referrals.boundary.schemas.audit import FILTERS, FROM, UNTIL, AuditAsked, asked_for, days_of
from referrals.boundary.schemas.fields import load, ready
from referrals.boundary.sheets import CSV
from referrals.boundary.streams import streamed
from referrals.boundary.trace import current_request_id
from referrals.domain.audit import AUDIT, EXPORT, LIST
from referrals.domain.errors import Invalid
from referrals.pathway.audit import Asked, doers, entries, references, refuse_other_readers, sees_network
from referrals.pathway.trail import record_audit
from referrals.web import paths
from referrals.web.pages import Seen, Shown
from referrals.web.presenters.audit import audit_filters, audit_page, audit_row
from referrals.web.session import database
from referrals.web.visit import Visit, page

audit = Blueprint("audit", __name__)

ODD = 422


@audit.get(paths.AUDIT)
@page
def listed(visit: Visit) -> Shown:
    refuse_other_readers(visit.actor)
    words = chosen()
    try:
        return drawn(visit, words, asked_by(visit, words))
    except (Invalid, Problem) as refusal:
        told = next(iter(problem_of(refusal).errors)).message
        return drawn(visit, {}, asked_by(visit, {}), told)


def chosen() -> dict[str, str]:
    return {name: request.args[name].strip() for name in FILTERS if request.args.get(name, "").strip()}


def asked_by(visit: Visit, words: Mapping[str, str]) -> Asked:
    checked = load(ready(AuditAsked), dict(words))
    return asked_for(visit.session, visit.actor, visit.rules, visit.now, checked)


def drawn(visit: Visit, words: Mapping[str, str], asked: Asked, error: str = "") -> Shown:
    here = "" if error else request.args.get("cursor", "")
    days = days_of(visit.rules, visit.now, words)
    whole = {**words, FROM: days[0].isoformat(), UNTIL: days[1].isoformat()}
    found = entries(visit.session, visit.actor, asked, place_of(visit, here, whole), DEFAULT_LIMIT + 1)
    rows, more = found[:DEFAULT_LIMIT], len(found) > DEFAULT_LIMIT
    following = Place((rows[-1].at, rows[-1].id), whole) if more else None
    who = doers(visit.session, visit.actor)
    known = references(visit.session, visit.actor.network_id, rows) | who.names
    shown = audit_page(
        [audit_row(row, known, visit.moment) for row in rows],
        whole,
        audit_filters(words, who),
        (here, seal(following, AUDIT, visit.actor.organization_id) if following else ""),
        is_network=sees_network(visit.actor),
        error=error,
    )
    return Shown("audit.html", shown, Seen(AUDIT, tuple(asked.subjects or ()), LIST), ODD if error else 200)


def place_of(visit: Visit, cursor: str, whole: Mapping[str, str]) -> Any:
    if not cursor:
        return None
    place = unseal(cursor, AUDIT, visit.actor.organization_id)
    if place.filters != whole:
        raise bad_parameter("cursor", "contradicts_cursor", "This page belongs to another list. Begin again.")
    return place.after


@audit.get(paths.AUDIT_CSV)
@page
def sheet(visit: Visit) -> Response:
    """The filtered list as a file: how many days and which filters is written down before the first line is sent."""
    refuse_other_readers(visit.actor)
    words = chosen()
    asked = asked_by(visit, words)
    first, last = days_of(visit.rules, visit.now, words)
    told = {FROM: first.isoformat(), UNTIL: last.isoformat(), "filters": sorted(words.keys() - {FROM, UNTIL})}
    with database().writing() as session:
        subjects = tuple(asked.subjects or ())
        record_audit(session, visit.actor, EXPORT, AUDIT, subjects, visit.now, current_request_id(), **told)
    return streamed(sheet_pieces(visit.actor, asked), CSV, f"audit-{first}-{last}.csv")
