"""Files through a door: read from a form in bounded memory, handed out as something to save and never to show."""

import hashlib
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, cast
from urllib.parse import quote

import structlog
from flask import Response, current_app, request
from werkzeug.datastructures import FileStorage

from config import LOCAL, Settings
from referrals.boundary.key_files import keys_of
from referrals.boundary.problems import Problem
from referrals.boundary.schemas.fields import escape
from referrals.boundary.trace import current_request_id
from referrals.domain.documents import name_to_save
from referrals.domain.errors import FieldError, Invalid
from referrals.domain.people import Actor
from referrals.models.document import Document
from referrals.models.engine import Database
from referrals.models.storage import Store, chunks
from referrals.models.storage.local import LocalStore
from referrals.models.storage.locked import LockedStore
from referrals.pathway.documents import Archive, Damaged, Sent, mark_damaged, unharmed
from referrals.pathway.trail import record_audit

FORM = "multipart/form-data"
# What a form may have around its file: the other fields and the lines between the parts.
AROUND = 64 << 10
FILE = "file"
FOLDER = "documents"
# A browser that shows it all the same runs nothing in it and loads nothing for it.
DOWNLOAD_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"

log = structlog.get_logger("referrals.documents")


def open_archive(settings: Settings) -> Archive:
    return Archive(
        LockedStore(_store(settings), keys_of(settings)),
        settings.document_limit,
        settings.document_quota,
        bool(settings.clamd),
    )


def _store(settings: Settings) -> Store:
    if settings.document_store == LOCAL:
        return LocalStore(settings.data_dir / FOLDER)
    # Only who keeps documents there needs the library: requirements-s3.txt.
    from referrals.models.storage.s3 import Place, S3Store

    bucket, _, prefix = settings.document_store.removeprefix("s3://").partition("/")
    return S3Store(
        Place(
            bucket,
            f"{prefix.strip('/')}/".removeprefix("/"),
            settings.s3_endpoint,
            settings.s3_region,
            settings.s3_access_key,
            settings.s3_secret_key,
        )
    )


def archive() -> Archive:
    found: Archive = current_app.extensions["archive"]
    return found


def expect_file(largest: int | None = None) -> None:
    """This one form may be as large as a document, or as said; it has to be said before anybody reads it."""
    request.max_content_length = (largest or archive().largest) + AROUND


def form_sent() -> tuple[dict[str, str], Sent | None]:
    """The fields of a form and the one file in it, which stands among them as its fingerprint and name."""
    if request.mimetype != FORM:
        raise Problem("unsupported-media-type", f"Send {FORM}.", headers={"Accept-Post": FORM})
    repeated = [name for name, values in request.form.lists() if len(values) > 1]
    if repeated:
        raise Invalid(FieldError(f"/{escape(name)}", "repeated", "This may be given once.") for name in repeated)
    fields = {name: text for name, text in request.form.items() if name != FILE}
    file = file_sent()
    named = {FILE: f"{file.sha256} {file.name}"} if file else {}
    return {**fields, **dict.fromkeys(set(request.files) - {FILE}, ""), **named}, file


def file_sent() -> Sent | None:
    """The one file of the form, measured and fingerprinted in one pass; none, where nobody chose one."""
    parts = [part for part in request.files.getlist(FILE) if part.filename]
    if len(parts) > 1:
        raise Invalid([FieldError(f"/{FILE}", "repeated", "Send one file at a time.")])
    return _measured(parts[0]) if parts else None


def _measured(part: FileStorage) -> Sent:
    source, digest, size = cast(BinaryIO, part.stream), hashlib.sha256(), 0
    source.seek(0)
    for chunk in chunks(source):
        digest.update(chunk)
        size += len(chunk)
    return Sent(part.filename or "", source, size, digest.hexdigest())


def download(actor: Actor, document: Document, now: datetime) -> Response:
    """The file, if it is what came in; else `Damaged`: it is never handed out, and the network is told."""
    try:
        found = unharmed(archive(), document)
    except Damaged:
        _report(actor, document, now)
        raise
    answer = Response(_pieces(found), mimetype=document.media_type, direct_passthrough=True)
    answer.call_on_close(found.close)
    answer.content_length = document.size
    answer.headers["Content-Disposition"] = _as_attachment(name_to_save(document.name, document.media_type))
    answer.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def is_download(answer: Response) -> bool:
    return answer.headers.get("Content-Disposition", "").startswith("attachment")


def _pieces(found: BinaryIO) -> Iterator[bytes]:
    with found:
        yield from chunks(found)


def _report(actor: Actor, document: Document, now: datetime) -> None:
    log.error("document damaged", document=str(document.id))
    database: Database = current_app.extensions["database"]
    with database.writing() as session:
        mark_damaged(session, document.id, now)
        record_audit(session, actor, "damaged", "document", [document.id], now, current_request_id())


def _as_attachment(name: str) -> str:
    """The name twice: for those who read plain letters only, and whole."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().replace('"', "").replace("\\", "")
    return f"attachment; filename=\"{plain.strip() or 'document'}\"; filename*=UTF-8''{quote(name, safe='')}"
