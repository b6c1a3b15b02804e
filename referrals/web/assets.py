"""Our own static files: each has the fingerprint of its bytes in its address, and text travels compressed."""

import gzip
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Response, request

STATIC = Path(__file__).parent / "static"
STATIC_PATH = "/static"


@cache
def asset_url(name: str) -> str:
    return f"{STATIC_PATH}/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


TEXTS = frozenset({"text/css", "text/javascript"})


def compressed(answer: Response) -> Response:
    """A stylesheet or a script, packed where the browser can unpack it. It holds no secret that its size could tell."""
    if answer.mimetype not in TEXTS or answer.status_code != 200:
        return answer
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip"):
        answer.direct_passthrough = False
        text = answer.get_data()
        answer.close()  # the file that it was read from
        answer.set_data(_packed(text))
        answer.content_encoding = "gzip"
    return answer


@lru_cache(maxsize=16)
def _packed(text: bytes) -> bytes:
    return gzip.compress(text, mtime=0)
