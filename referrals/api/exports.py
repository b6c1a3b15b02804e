"""All referrals of the caller in one answer, line by line, however many there are."""

from collections.abc import Iterator, Sequence

from flask import Blueprint, current_app

from referrals.api.call import Answer, Call, FileAnswer
from referrals.api.endpoint import endpoint
from referrals.boundary.clock import now
from referrals.boundary.export_answers import exported
from referrals.boundary.schemas.imports import ExportAsked
from referrals.boundary.schemas.worklist import filters_of
from referrals.boundary.streams import NDJSON, streamed
from referrals.boundary.trace import current_request_id
from referrals.domain.people import Actor, Kind, Scope
from referrals.models.engine import Database
from referrals.pathway.filters import Condition, conditions
from referrals.pathway.record import Place, records_after
from referrals.pathway.trail import record_audit

exports = Blueprint("exports", __name__, url_prefix="/referrals")

AT_ONCE = 100


@exports.get("/export")
@endpoint(
    gives=None, asks=ExportAsked, scope=Scope.REFERRALS_READ, kinds=frozenset({Kind.PROVIDER}), hands_out=(NDJSON,)
)
def export(call: Call) -> Answer:
    """One referral a line, as `GET /referrals/{id}` answers, by their last change; or as `POST /referrals` takes them.

    A referral that changes meanwhile comes once more: its last line counts.
    """
    narrowed = conditions(call.actor, filters_of({"status": ["all"], **call.query}, call.actor), call.now)
    database, as_sent = current_app.extensions["database"], bool(call.query.get("as_sent"))
    pieces = _pieces(database, call.actor, narrowed, current_request_id(), as_sent=as_sent)
    return FileAnswer(streamed(pieces, NDJSON, "referrals.ndjson"))


def _pieces(
    database: Database, actor: Actor, narrowed: Sequence[Condition], request_id: str, *, as_sent: bool
) -> Iterator[bytes]:
    """A hundred at a time, each hundred in a look of its own; who reads them is written down before they are sent."""
    after: Place | None = None
    while True:
        with database.reading() as session:
            records = records_after(session, actor, narrowed, after, AT_ONCE)
            piece = b"".join(exported(record, now(), as_sent=as_sent) for record in records)
            last = [(record.referral.updated_at, record.referral.id) for record in records[-1:]]
            ids = [record.referral.id for record in records]
        if not ids:
            return
        with database.writing() as session:
            record_audit(session, actor, "export", "referral", ids, now(), request_id)
        yield piece
        after = last[0]
        if len(ids) < AT_ONCE:
            return
