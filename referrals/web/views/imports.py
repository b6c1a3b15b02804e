"""Files of many referrals: sent, followed while the worker reads them, called off; what was refused, and why."""

from dataclasses import replace
from uuid import UUID

from flask import Blueprint, current_app, request
from werkzeug.wrappers import Response

from referrals.boundary.files import archive
from referrals.boundary.import_answers import receipts_whole
from referrals.boundary.importing import guide
from referrals.boundary.importing.arrival import file_chosen
from referrals.boundary.importing.columns import template
from referrals.boundary.paging import DEFAULT_LIMIT, Place, seal, unseal
from referrals.boundary.sheets import CSV, sheet
from referrals.domain.errors import FieldError, Invalid, NotFound, Refusal, refuse
from referrals.domain.imports import LineOutcome
from referrals.domain.people import Party
from referrals.pathway.imports import (
    Kept,
    ask_for_import,
    call_off,
    find_import,
    imports_of,
    put_away,
    receipts_of,
    refuse_other_than_referrer,
)
from referrals.web import paths
from referrals.web.forms.fields import Form
from referrals.web.forms.imports import FILE_FIELD, import_form
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters.imports import import_page, imports_page
from referrals.web.presenters.notices import Notice
from referrals.web.typed import status_of, with_refusal
from referrals.web.visit import Visit, act, page, write_down

imports = Blueprint("imports", __name__, url_prefix=paths.IMPORTS)

ENTITY, RESOURCE = "import", "imports-page"
NOT_YOURS = "Files of referrals are for those who refer."


def largest() -> int:
    limit: int = current_app.config["SETTINGS"].import_limit
    return limit


@imports.get("")
@page
def listed(visit: Visit) -> Shown:
    return _list(visit, import_form(largest()), notices())


def _list(visit: Visit, form: Form, told: tuple[Notice, ...] = (), status: int = 200) -> Shown:
    visit.need({Party.R}, NOT_YOURS)
    cursor = request.args.get("cursor", "")
    after = unseal(cursor, RESOURCE, visit.actor.organization_id).after[0] if cursor else None
    found = imports_of(visit.session, visit.actor, after, DEFAULT_LIMIT)
    shown, more = found[:DEFAULT_LIMIT], len(found) > DEFAULT_LIMIT
    following = seal(Place((shown[-1].id,), {}), RESOURCE, visit.actor.organization_id) if more else ""
    hrefs = (paths.IMPORTS if cursor else "", paths.imports(following) if following else "")
    columns = [(name, form) for name, _, form in guide.rows()]
    drawn = imports_page(shown, form, columns, visit.moment, hrefs, told)
    return Shown("imports.html", drawn, Seen(ENTITY, [run.id for run in shown], "list"), status)


def keep_file(visit: Visit) -> Kept:
    """The whole of it is on the disk before anything is written."""
    refuse_other_than_referrer(visit.actor)
    parts = [part for part in request.files.getlist(FILE_FIELD) if part.filename]
    if len(parts) != 1:
        refuse(f"/{FILE_FIELD}", "required", "Choose a file.")
    try:
        arrived = file_chosen(parts[0], {})
    except Invalid as refusal:
        raise Invalid(_at_the_file(each) for each in refusal.errors) from refusal
    return put_away(visit.actor, arrived, archive().store)


def _at_the_file(error: FieldError) -> FieldError:
    column = error.pointer.removeprefix("/").replace("~1", "/").replace("~0", "~")
    return replace(error, pointer=f"/{FILE_FIELD}", message=f"{column}: {error.message}" if column else error.message)


def chosen_again(visit: Visit, refusal: Refusal) -> Shown:
    return _list(visit, with_refusal(import_form(largest()), refusal), status=status_of(refusal))


@imports.post("")
@act(again=chosen_again, first=keep_file)
def begin(visit: Visit) -> Response:
    run = ask_for_import(visit.session, visit.actor, visit.brought, visit.now)
    visit.note("import", [run.id], ENTITY)
    return go(paths.an_import(run.id), "The file is here. The worker begins within seconds")


@imports.get("/template.csv")
@page
def empty_table(visit: Visit) -> Response:
    visit.need({Party.R}, NOT_YOURS)
    return sheet("referrals", template(), ())


@imports.get("/<import_id>")
@page
def one(visit: Visit, import_id: UUID) -> Shown:
    return _drawn(visit, import_id, notices())


def _drawn(visit: Visit, import_id: UUID, told: tuple[Notice, ...] = (), status: int = 200) -> Shown:
    run = find_import(visit.session, visit.actor, import_id)
    resource, cursor = f"{RESOURCE}:{run.id}", request.args.get("cursor", "")
    after = unseal(cursor, resource, visit.actor.organization_id).after[0] if cursor else 0
    rows = receipts_of(visit.session, run, LineOutcome.REFUSED, after, DEFAULT_LIMIT + 1)
    shown, more = rows[:DEFAULT_LIMIT], len(rows) > DEFAULT_LIMIT
    following = seal(Place((shown[-1].line,), {}), resource, visit.actor.organization_id) if more else ""
    next_href = paths.an_import(run.id, cursor=following) if following else ""
    drawn = import_page(run, shown, next_href, visit.moment, told)
    return Shown("import.html", drawn, Seen(ENTITY, [run.id], "read-receipts"), status)


@imports.get("/<import_id>/receipts.csv")
@page
def receipts(visit: Visit, import_id: UUID) -> Response:
    run = find_import(visit.session, visit.actor, import_id)
    outcome = request.args.get("outcome")
    if outcome not in (None, *LineOutcome):
        raise NotFound
    write_down(visit, [Seen(ENTITY, [run.id], "read-receipts")])
    return receipts_whole(run, outcome, CSV)


def told_again(visit: Visit, refusal: Refusal, import_id: UUID) -> Shown:
    told = Notice("bad", "Nothing was called off", refusal.message)
    return _drawn(visit, import_id, (told,), status_of(refusal))


@imports.post("/<import_id>/cancel")
@act(again=told_again)
def cancel(visit: Visit, import_id: UUID) -> Response:
    run = call_off(find_import(visit.session, visit.actor, import_id, lock=True), visit.now)
    visit.note("cancel", [run.id], ENTITY)
    return go(paths.an_import(run.id), "Called off")
