"""Who can see what, for administrators and auditors: a page, and a table to keep; both are exports."""

from flask import Blueprint, Response, request

from referrals.boundary import sheets
from referrals.boundary.paging import DEFAULT_LIMIT, Place, seal, unseal
from referrals.domain.errors import Forbidden
from referrals.domain.people import Actor, Role
from referrals.pathway.people_list import PersonSeen, Wanted, people_seen, systems_seen
from referrals.web import paths
from referrals.web.pages import Seen, Shown
from referrals.web.presenters.access import SHEET_HEAD, access_page, sheet_rows
from referrals.web.visit import Visit, page, write_down

access = Blueprint("access", __name__)

RESOURCE = "access"
READERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
MOST_SYSTEMS = 500
EVERYBODY = Wanted()


def refuse_other_readers(actor: Actor) -> None:
    if not actor.roles & READERS:
        raise Forbidden("not_this_actor", "This is for administrators and auditors.")


@access.get(paths.ACCESS)
@page
def show(visit: Visit) -> Shown:
    refuse_other_readers(visit.actor)
    cursor = request.args.get("cursor", "")
    after = unseal(cursor, RESOURCE, visit.actor.organization_id).after if cursor else None
    found = people_seen(visit.session, visit.actor, EVERYBODY, after, DEFAULT_LIMIT + 1)
    rows, following = found[:DEFAULT_LIMIT], ""
    if len(found) > DEFAULT_LIMIT:
        key = Place((rows[-1].user.name, rows[-1].user.id), {})
        following = paths.access(seal(key, RESOURCE, visit.actor.organization_id))
    systems = [] if cursor else systems_seen(visit.session, visit.actor, MOST_SYSTEMS)
    pages = (paths.ACCESS if cursor else "", following)
    shown = access_page(rows, systems, pages, Role.ADMINISTRATOR in visit.actor.roles, visit.moment)
    return Shown("access.html", shown, exported(rows))


def exported(rows: list[PersonSeen]) -> Seen:
    return Seen("user", [each.user.id for each in rows], "export")


@access.get(paths.ACCESS_CSV)
@page
def sheet(visit: Visit) -> Response:
    refuse_other_readers(visit.actor)
    found = people_seen(visit.session, visit.actor, EVERYBODY, None, None)
    rows = sheet_rows(found, systems_seen(visit.session, visit.actor, MOST_SYSTEMS), visit.moment)
    write_down(visit, [exported(found)])
    return sheets.sheet("who-can-see-what", SHEET_HEAD, rows)
