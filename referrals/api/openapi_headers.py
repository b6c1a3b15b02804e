"""The headers of answers, as the documentation tells of them: which of them an endpoint sends, and whether always."""

from collections.abc import Mapping
from typing import Any

from referrals.api.endpoint import Contract

CREATED = (201, 202)


def _header(words: str, example: str, *, always: bool = False) -> dict[str, Any]:
    return {"description": words, "required": always, "schema": {"type": "string"}, "example": example}


ANSWERED: Mapping[str, dict[str, Any]] = {
    "X-Request-ID": _header("The id of this request, as it stands in our log.", "4f1c0e2a9b7d4c55", always=True),
    "Cache-Control": _header("What may keep the answer.", "no-store", always=True),
    "ETag": _header("The version, to be sent back as `If-Match`.", '"3"', always=True),
    "Location": _header("Where what was made can be read.", "https://referrals.example/api/v1/…", always=True),
    "Link": _header("The next page, where there is one.", '<https://referrals.example/api/v1/…>; rel="next"'),
    "RateLimit": _header(
        "Calls that are left (`r`), and seconds until the next minute (`t`).", '"default";r=1187;t=42'
    ),
    "RateLimit-Policy": _header("Calls (`q`) in a window of so many seconds (`w`).", '"default";q=1200;w=60'),
    "Idempotency-Replayed": _header("`true`: the answer to the call that first had this key.", "true"),
    "Retry-After": _header("Try again after so many seconds.", "12", always=True),
    "WWW-Authenticate": _header("How to show who calls.", "Bearer", always=True),
    "Content-Disposition": _header("The name to save the file by.", 'attachment; filename="report.pdf"'),
}
EVERYWHERE = ("X-Request-ID", "Cache-Control")
COUNTED = ("RateLimit", "RateLimit-Policy")
# What a refusal carries beside what every answer does.
OF_PROBLEMS: Mapping[str, tuple[str, ...]] = {
    "unauthenticated": ("WWW-Authenticate",),
    "rate-limited": ("Retry-After", *COUNTED),
    "unavailable": ("Retry-After",),
    "conflict": ("Idempotency-Replayed", *COUNTED),
    "validation": ("Idempotency-Replayed", *COUNTED),
}


def referred(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def headers_of_success(contract: Contract, status: int) -> dict[str, Any]:
    sends = {
        "ETag": contract.versioned,
        "Location": status in CREATED,
        "Link": contract.listed,
        "Idempotency-Replayed": contract.repeatable,
        "Content-Disposition": bool(contract.hands_out or contract.also_as),
    }
    return referred((*EVERYWHERE, *COUNTED, *(name for name, is_sent in sends.items() if is_sent)))


def headers_of_problem(word: str) -> dict[str, Any]:
    return referred((*EVERYWHERE, *OF_PROBLEMS.get(word, COUNTED)))
