"""Tables for spreadsheets: CSV that opens as text, whatever stands in a cell."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Request, Response

from referrals.boundary.files import DOWNLOAD_POLICY

CSV = "text/csv"
# A cell that begins so would be worked out as a formula by the program that opens it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def is_wanted(request: Request) -> bool:
    """Whether the caller asks for CSV and prefers it to JSON."""
    return request.accept_mimetypes.best_match(["application/json", CSV]) == CSV


def sheet(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The table as a file to save."""
    written = b"".join(sheet_line(row) for row in (head, *rows))
    answer = Response(written, content_type=f"{CSV}; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def sheet_line(cells: Sequence[object]) -> bytes:
    """One line of a table."""
    written = io.StringIO()
    csv.writer(written).writerow([safe(cell) for cell in cells])
    return written.getvalue().encode()


def safe(cell: object) -> object:
    """Text that looks like a formula gets an apostrophe before it; numbers stay numbers."""
    if cell is None:
        return ""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
