"""Addresses of our own static files, each with the fingerprint of its bytes, so that a browser may keep them for good."""

from functools import cache
from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).parent / "static"
STATIC_PATH = "/static"


@cache
def asset_url(name: str) -> str:
    return f"{STATIC_PATH}/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"
