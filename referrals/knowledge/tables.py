"""Reads the files that the package carries, wherever it is installed."""

import csv
import gzip
import io
from importlib.resources import files

_FOLDER = files("referrals.knowledge") / "tables"


def read_rows(name: str) -> list[dict[str, str]]:
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read_packed(name: str) -> str:
    return gzip.decompress((_FOLDER / name).read_bytes()).decode("utf-8")
