"""A file of referrals arrives: streamed to the disk, measured, and looked through before anybody says that it is taken."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from flask import Response, after_this_request, request
from werkzeug.datastructures import FileStorage

from referrals.boundary.bodies import refuse_other_form
from referrals.boundary.importing.lines import BEGINNING, BYTE_ORDER_MARK, lines_of
from referrals.boundary.importing.rows import read_sheet, rows_of
from referrals.boundary.sheets import CSV
from referrals.boundary.streams import NDJSON
from referrals.domain.errors import refuse
from referrals.domain.imports import MOST_LINES, ImportForm
from referrals.models.storage import CHUNK, chunks
from referrals.pathway.imports import Arrived

FORMS: Mapping[str, ImportForm] = {NDJSON: ImportForm.NDJSON, CSV: ImportForm.CSV}
Own = Mapping[str, str | None]


def body_sent(limit: int, own: Own) -> Arrived:
    """The body of this request, of which this process never holds more than a piece."""
    request.max_content_length = limit
    refuse_other_form(frozenset(FORMS))
    file = _spool()
    size, digest = _spooled(_pieces(request.stream), file)
    return _looked_through(FORMS[request.mimetype], file, size, digest, own)


def _spool() -> BinaryIO:
    """A file for as long as this request lasts."""
    file = cast(BinaryIO, SpooledTemporaryFile(CHUNK))  # noqa: SIM115 - closed when the answer is there

    @after_this_request
    def close(answer: Response) -> Response:
        file.close()
        return answer

    return file


def _pieces(stream: Any) -> Iterator[bytes]:
    while piece := stream.read(CHUNK):
        yield piece


def _spooled(pieces: Iterable[bytes], file: BinaryIO) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
        file.write(piece)
    return size, digest.hexdigest()


def file_chosen(part: FileStorage, own: Own) -> Arrived:
    """The file of a form, which lies on the disk already. What it is, its first letter says."""
    source, digest, size = cast(BinaryIO, part.stream), hashlib.sha256(), 0
    source.seek(0)
    for chunk in chunks(source):
        digest.update(chunk)
        size += len(chunk)
    source.seek(0)
    first = source.read(CHUNK).removeprefix(BYTE_ORDER_MARK).lstrip()[:1]
    form = ImportForm.NDJSON if first in (b"{", b"[") else ImportForm.CSV
    return _looked_through(form, source, size, digest.hexdigest(), own)


def _looked_through(form: ImportForm, file: BinaryIO, size: int, digest: str, own: Own) -> Arrived:
    file.seek(0)
    sheet, begun = read_sheet(file, own) if form is ImportForm.CSV else (None, BEGINNING)
    file.seek(begun.byte)
    found: Iterator[Any] = rows_of(file, sheet.delimiter, begun) if sheet else lines_of(file)
    lines = sum(1 for _ in islice(found, MOST_LINES + 1))
    if not lines:
        refuse("", "empty", "The file says nothing.")
    if lines > MOST_LINES:
        refuse("", "too_many_lines", f"A file may have at most {MOST_LINES:,} lines. Send it in several.")
    file.seek(0)
    return Arrived(form, file, size, digest, lines, sheet.to_json() if sheet else None, begun)
