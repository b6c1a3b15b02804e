"""Imports and their receipts as partners and pages are answered."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from flask import Response
from sqlalchemy.orm import Session

from referrals.boundary.answers import BASE
from referrals.boundary.sheets import CSV, sheet_line
from referrals.boundary.streams import looks, streamed
from referrals.domain.imports import UNFINISHED, ImportStatus, LineOutcome
from referrals.models.import_run import ImportLine, ImportRun
from referrals.pathway.imports import RECEIPTS_AT_ONCE, receipts_of

RECEIPTS_HEAD = ("line", "outcome", "external_reference", "reference", "status", "tier", "reasons")


def import_answer(run: ImportRun) -> dict[str, Any]:
    return {
        "id": run.id,
        "version": run.version,
        "status": run.status,
        "form": run.form,
        "size": run.size,
        "sha256": run.sha256,
        "lines": run.lines,
        "progress": {"line": run.line, "byte": run.byte, "percent": percent_read(run)},
        "counts": {"lines": lines_done(run), **{outcome.value: getattr(run, outcome) for outcome in LineOutcome}},
        "fault": run.fault,
        "note": run.note,
        "asked_at": run.asked_at,
        "asked_by": {"name": run.actor_name, "user": run.user_id, "client": run.client_id},
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "receipts": f"{BASE}/imports/{run.id}/receipts",
    }


def lines_done(run: ImportRun) -> int:
    return sum(int(getattr(run, outcome)) for outcome in LineOutcome)


def percent_read(run: ImportRun) -> int:
    """By bytes. Only one that is done has read all of them."""
    if run.status == ImportStatus.DONE:
        return 100
    return min(run.byte * 100 // run.size, 99 if run.status in UNFINISHED else 100) if run.size else 0


def receipt_answer(row: ImportLine) -> dict[str, Any]:
    return {
        "line": row.line,
        "outcome": row.outcome,
        "external_reference": row.external_reference,
        "referral": row.referral_id,
        "reference": row.reference,
        "status": row.status,
        "tier": row.tier,
        "reasons": row.reasons,
    }


def receipts_whole(run: ImportRun, outcome: str | None, form: str) -> Response:
    """All of them as a file to save, a thousand in memory at a time."""
    is_table = form == CSV
    written = _as_rows if is_table else _as_lines

    def look(session: Session, after: int) -> tuple[bytes, int | None]:
        rows = receipts_of(session, run, outcome, after)
        piece = (sheet_line(RECEIPTS_HEAD) if is_table and not after else b"") + written(rows)
        return piece, rows[-1].line if len(rows) == RECEIPTS_AT_ONCE else None

    return streamed(looks(look, 0), form, f"receipts-{run.id}.{'csv' if is_table else 'ndjson'}")


def _as_lines(rows: Sequence[ImportLine]) -> bytes:
    return b"".join(orjson.dumps(receipt_answer(row)) + b"\n" for row in rows)


def _as_rows(rows: Sequence[ImportLine]) -> bytes:
    return b"".join(sheet_line(list(_cells(receipt_answer(row)))) for row in rows)


def _cells(answer: Mapping[str, Any]) -> Iterator[Any]:
    for name in RECEIPTS_HEAD[:-1]:
        yield answer[name]
    yield " ".join(f"{each['pointer'] or '/'}: {each['message']}" for each in answer["reasons"])
