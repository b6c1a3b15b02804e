"""The thread through a request: its id in every header, log line and problem, and one log line without patient data."""

import logging
import re
import sys
import time
import traceback
from typing import Any
from uuid import uuid4

import structlog
from flask import Flask, Response, g, has_request_context, request

from referrals.boundary.metrics import count_failure, count_request

HEADER = "X-Request-ID"
_ACCEPTED = re.compile(r"[A-Za-z0-9_-]{1,64}")
_UNROUTED = "(no such path)"

access_log = structlog.get_logger("referrals.access")
error_log = structlog.get_logger("referrals.error")


def begin_trace() -> None:
    sent = request.headers.get(HEADER, "")
    g.request_id = sent if _ACCEPTED.fullmatch(sent) else uuid4().hex
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def current_request_id() -> str:
    """The id of the request that is being answered; outside of one, a new one."""
    return g.get("request_id") or uuid4().hex if has_request_context() else uuid4().hex


def end_trace(response: Response) -> Response:
    response.headers[HEADER] = current_request_id()
    line = _access_line(response)
    access_log.info("request", **line)
    count_request(line["method"], line["route"], line["status"], line["ms"] / 1000)
    return response


def _access_line(response: Response) -> dict[str, Any]:
    """The route's template and never the path or the query: they may hold what somebody typed."""
    actor = g.get("actor")
    line: dict[str, Any] = {
        "method": request.method if request.url_rule else "-",
        "route": _route(),
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
    }
    if actor is not None:
        line |= {
            "organization": str(actor.organization_id),
            "client": str(actor.client_id) if actor.client_id else None,
            "user": str(actor.user_id) if actor.user_id else None,
        }
    return line


def log_failure(error: BaseException) -> None:
    """Where it went wrong and what kind of error it was. Its message stays out: it may quote a patient's data."""
    frames = traceback.extract_tb(error.__traceback__)
    error_log.error(
        "failure",
        kind=f"{type(error).__module__}.{type(error).__qualname__}",
        where=[
            f"{frame.filename.rpartition('/site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-20:]
        ],
        route=_route(),
    )
    count_failure(_route())


def _route() -> str:
    return request.url_rule.rule if has_request_context() and request.url_rule else _UNROUTED


def trace(app: Flask) -> None:
    """Give every request of the application its id and its log line."""
    app.before_request(begin_trace)
    app.after_request(end_trace)


class JsonLines(logging.Handler):
    """Writes to whatever standard error is at the moment of writing."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")
        sys.stderr.flush()


def configure_logs(level: str) -> None:
    """JSON lines on standard error, ours and those of the libraries, in one form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
    # Alembic announces its plugins and its dialect; what a migration did is told by whoever asked for it.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    root = logging.getLogger()
    handler = JsonLines()
    handler.setFormatter(formatter)
    root.handlers = [*(each for each in root.handlers if not isinstance(each, JsonLines)), handler]
    root.setLevel(level)
    # Flask's development server writes whole addresses, queries too.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
