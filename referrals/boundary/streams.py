"""Answers too long to be held: made piece by piece while they are sent, each piece from a short look of its own."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Response, current_app
from sqlalchemy.orm import Session

from referrals.boundary.files import DOWNLOAD_POLICY
from referrals.models.engine import Database

NDJSON = "application/x-ndjson"


def streamed(pieces: Iterable[bytes], form: str, name: str) -> Response:
    """A file to save."""
    answer = Response(pieces, content_type=f"{form}; charset=utf-8", direct_passthrough=True)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def looks(look: Callable[[Session, Any], tuple[bytes, Any]], after: Any = None) -> Iterator[bytes]:
    """Look after look, each in a session of its own, until one says that nothing comes after it."""
    database: Database = current_app.extensions["database"]
    return _looks(database, look, after)


def _looks(database: Database, look: Callable[[Session, Any], tuple[bytes, Any]], after: Any) -> Iterator[bytes]:
    while True:
        with database.reading() as session:
            piece, after = look(session, after)
        yield piece
        if after is None:
            return
