"""Whether this process lives, and whether it can do its work: for those who run the service."""

from flask import Blueprint, Response, current_app
from sqlalchemy import select

from referrals.api.call import to_json
from referrals.boundary.problems import RETRY_SECONDS
from referrals.models.engine import Database, is_shut_to_writers, is_unavailable
from referrals.models.schema_version import is_usable
from referrals.models.trail import Beat

health = Blueprint("health", __name__, url_prefix="/health")

WORKER = "worker"


@health.get("/live")
def live() -> Response:
    """This process answers."""
    return _answer({"status": "up"}, 200)


@health.get("/ready")
def ready() -> Response:
    """The database can be reached, takes changes and has the schema of this version; how long ago a worker lived."""
    database: Database = current_app.extensions["database"]
    try:
        with database.reading() as session:
            has_schema, is_shut = is_usable(session), is_shut_to_writers(session)
            beat = session.scalar(select(Beat.at).where(Beat.process == WORKER)) if has_schema else None
    except Exception as error:
        if not is_unavailable(error):
            raise
        return _answer({"status": "unavailable", "database": "unreachable", "schema": None, "worker": None}, 503)
    is_ready = has_schema and not is_shut
    return _answer(
        {
            "status": "ready" if is_ready else "unavailable",
            "database": "read-only" if is_shut else "reachable",
            "schema": "current" if has_schema else "behind",
            "worker": {"last_beat_at": beat},
        },
        200 if is_ready else 503,
    )


def _answer(body: object, status: int) -> Response:
    answer = Response(to_json(body), status=status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    if status == 503:
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer
