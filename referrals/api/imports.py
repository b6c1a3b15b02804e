"""Many referrals in one file: taken on disk at once, read by the worker, each line with its own receipt."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, request

from referrals.api import shapes_of_imports as shapes
from referrals.api.call import Answer, Call, FileAnswer, Seen
from referrals.api.endpoint import Streamed, endpoint
from referrals.api.lists import listing, page, split
from referrals.boundary import sheets
from referrals.boundary.answers import BASE
from referrals.boundary.files import archive
from referrals.boundary.import_answers import import_answer, receipt_answer, receipts_whole
from referrals.boundary.importing.arrival import body_sent
from referrals.boundary.importing.columns import template
from referrals.boundary.paging import address_of
from referrals.boundary.schemas.imports import CallOff, NewImport, ReceiptsAsked
from referrals.boundary.schemas.queries import Page
from referrals.boundary.sheets import CSV
from referrals.boundary.streams import NDJSON
from referrals.domain.people import Kind, Scope
from referrals.models.import_run import ImportRun
from referrals.pathway.imports import (
    ask_for_import,
    call_off,
    find_import,
    imports_of,
    put_away,
    receipts_of,
)

imports = Blueprint("imports", __name__, url_prefix="/imports")

ENTITY = "import"
OURS: Mapping[str, Any] = {"scope": Scope.REFERRALS_WRITE, "kinds": frozenset({Kind.PROVIDER})}


def arrive(call: Call) -> tuple[Any, Any]:
    arrived = body_sent(current_app.config["SETTINGS"].import_limit, call.query.get("columns") or {})
    return {"form": arrived.form, "sha256": arrived.sha256, "columns": call.asked.get("columns")}, arrived


def keep_file(call: Call) -> None:
    call.filed = put_away(call.actor, call.file, archive().store)


@imports.post("")
@endpoint(
    gives=shapes.ImportOut,
    asks=NewImport,
    streamed=Streamed((NDJSON, CSV), arrive),
    carries=keep_file,
    status=202,
    writes=True,
    repeatable=True,
    versioned=True,
    **OURS,
)
def begin(call: Call) -> Answer:
    """Take a file of referrals: one JSON object a line in the shape of `POST /referrals`, or a CSV table."""
    run = ask_for_import(call.session, call.actor, call.filed, call.now)
    where = {"Location": address_of(f"{BASE}/imports/{run.id}")}
    return _shown(run, "import", 202, where)


def _shown(run: ImportRun, action: str = "read", status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(import_answer(run), Seen(ENTITY, [run.id], action), run.version, status, headers or {})


@imports.get("")
@endpoint(gives=shapes.ImportOut, asks=Page, listed=True, **OURS)
def all_of_us(call: Call) -> Answer:
    """The imports of the caller's organization, the newest first."""
    asked = listing(call, "imports", Page)
    after = asked.after[0] if asked.after else None
    shown, has_more = split(imports_of(call.session, call.actor, after, asked.limit), asked.limit)
    seen = Seen(ENTITY, [run.id for run in shown], "list")
    key = (shown[-1].id,) if has_more else None
    return page(call, asked, "/imports", [import_answer(run) for run in shown], key, seen)


@imports.get("/template.csv")
@endpoint(gives=None, hands_out=(CSV,), **OURS)
def empty_table(call: Call) -> Answer:
    """The first line of a CSV file: the usual columns, to be filled in."""
    return FileAnswer(sheets.sheet("referrals", template(), ()))


@imports.get("/<import_id>")
@endpoint(gives=shapes.ImportOut, versioned=True, **OURS)
def one(call: Call, import_id: UUID) -> Answer:
    """How far it is, and how many lines were accepted, refused, or here already."""
    return _shown(find_import(call.session, call.actor, import_id))


@imports.post("/<import_id>/cancel")
@endpoint(
    gives=shapes.ImportOut, takes=CallOff, may_be_empty=True, writes=True, repeatable=True, versioned=True, **OURS
)
def cancel(call: Call, import_id: UUID) -> Answer:
    """Call it off: what is in stays, nothing more comes in."""
    run = find_import(call.session, call.actor, import_id, lock=True)
    return _shown(call_off(run, call.now, call.body.get("note")), "cancel")


@imports.get("/<import_id>/receipts")
@endpoint(gives=shapes.LineReceiptOut, asks=ReceiptsAsked, listed=True, also_as=(NDJSON, CSV), **OURS)
def receipts(call: Call, import_id: UUID) -> Answer:
    """The receipt of each line so far, in their order. As NDJSON or CSV: all of them at once."""
    run = find_import(call.session, call.actor, import_id)
    seen, path = Seen(ENTITY, [run.id], "read-receipts"), f"/imports/{import_id}/receipts"
    asked = listing(call, path, ReceiptsAsked)
    outcome = asked.filters.get("outcome")
    form = request.accept_mimetypes.best_match(["application/json", NDJSON, CSV])
    if form in (NDJSON, CSV):
        return FileAnswer(receipts_whole(run, outcome, form), seen)
    after = asked.after[0] if asked.after else 0
    shown, has_more = split(receipts_of(call.session, run, outcome, after, asked.limit + 1), asked.limit)
    key = (shown[-1].line,) if has_more else None
    return page(call, asked, path, [receipt_answer(row) for row in shown], key, seen)
