"""What the documentation says beside the endpoints: introduction, headers, refusals, and the paths without a contract."""

from collections.abc import Mapping
from typing import Any

INTRODUCTION = (
    "Coordinates second opinions in cancer care. Bodies are JSON in snake_case; what is not named here is refused. "
    "Times are RFC 3339 in UTC with `Z`, clinical dates may be `YYYY` or `YYYY-MM`. Every single resource answers "
    "with a strong ETag; changes and steps need `If-Match`. Errors are problem documents (RFC 9457) that name every "
    "field at once and never repeat a value. The clinical content of the default policy is demonstration content "
    "that no clinician has signed."
)

TAGS: Mapping[str, str] = {
    "worklist": "Who waits, in the order of the queue.",
    "referrals": "One referral: received, read, rewritten.",
    "steps": "The steps of a referral's life.",
    "timeline": "What became of a referral.",
    "feed": "What happened to all of them, in order, and whether two systems believe the same.",
    "opinions": "The opinion as it was signed.",
    "contacts": "Calls, letters and visits about a referral.",
    "centers": "Specialist centers, their expertise and places, and which of them can answer.",
    "offers": "A center's inbox.",
    "assignments": "The whole queue placed at once, for a person to approve.",
    "reports": "What happened, and what the network lacks.",
    "documents": "Files that travel with a referral.",
    "messages": "The conversation between referrer, network and center.",
    "imports": "Many referrals in one file, each with its own receipt.",
    "exports": "All referrals of the caller in one answer.",
    "judgement": "The priority of a case that nobody has referred.",
    "patients": "Patients' records.",
    "diagnoses": "Diagnoses and treatments of a patient's record.",
    "codes": "Code look-up.",
    "directory": "The caller, its people, the organizations of the network.",
    "policies": "The rules by which priority is judged.",
    "webhooks": "Subscriptions to what happens, signed messages, and what was delivered.",
    "service": "Tokens, health, this documentation.",
}


def _header(words: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    return {"description": words, "required": required, "schema": {"type": "string", **schema}}


HEADERS: Mapping[str, dict[str, Any]] = {
    "If-Match": _header('The version that you read, such as `"3"`, or `*`.', required=True),
    "Idempotency-Key": _header("Repeat the call with the same key to get the same answer.", maxLength=257),
    "On-Behalf-Of": _header("The email address of the person of your organization who answers for the call."),
    "X-Request-ID": _header("Echoed, and in our log.", pattern="^[A-Za-z0-9_-]{1,64}$"),
}

# Which refusals an endpoint may answer, and what makes it able to.
PROBLEMS: Mapping[str, str] = {
    "malformed": "body",
    "unauthenticated": "always",
    "forbidden": "always",
    "not-found": "path",
    "conflict": "conflict",
    "stale": "version",
    "too-large": "body",
    "unsupported-media-type": "body",
    "validation": "always",
    "precondition-required": "version",
    "rate-limited": "always",
    "unavailable": "always",
}


def _json(description: str, schema: dict[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": schema}}}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


_TEXT: dict[str, Any] = {"type": "string"}


def _form(needed: str, *more: str) -> dict[str, Any]:
    """A form of texts, of which the first is needed."""
    shape = {**_object(**dict.fromkeys((needed, *more), _TEXT)), "required": [needed]}
    return {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": shape}}}


_OAUTH_ERROR = _json("An error of RFC 6749.", _object(error=_TEXT, error_description=_TEXT))
_STATUS = _object(status=_TEXT)
_OAUTH_REFUSALS: dict[str, Any] = {
    **dict.fromkeys(("400", "401", "413", "429"), _OAUTH_ERROR),
    "503": "unavailable",
}
_CLIENT = ("client_id", "client_secret", "client_assertion_type", "client_assertion")
_OPEN: dict[str, Any] = {"tags": ["service"], "security": []}

FIXED_PATHS: Mapping[str, dict[str, Any]] = {
    "/oauth/token": {
        "post": {
            **_OPEN,
            "operationId": "oauth-token",
            "summary": "Trade what proves a client for a bearer token.",
            "description": "The secret by HTTP Basic or in the body, or an assertion signed with a registered key "
            "(`private_key_jwt`, RFC 7523): RS384 or ES384, `iss` and `sub` the client id, `aud` the address of this "
            "endpoint, `exp` at most five minutes ahead, `jti` used once.",
            "requestBody": _form("grant_type", "scope", *_CLIENT),
            "responses": {
                "200": _json(
                    "The token. It lives for five minutes.",
                    _object(access_token=_TEXT, token_type=_TEXT, expires_in={"type": "integer"}, scope=_TEXT),
                ),
                **_OAUTH_REFUSALS,
            },
        }
    },
    "/oauth/revoke": {
        "post": {
            **_OPEN,
            "operationId": "oauth-revoke",
            "summary": "Give a token back: it opens nothing from now on.",
            "description": "RFC 7009. The client proves itself as at `/oauth/token` (an assertion names that address "
            "as `aud` here, too). A token that is unknown, or another client's, is no error.",
            "requestBody": _form("token", "token_type_hint", *_CLIENT),
            "responses": {"200": {"description": "The token is over."}, **_OAUTH_REFUSALS},
        }
    },
    "/health/live": {
        "get": {
            **_OPEN,
            "operationId": "health-live",
            "summary": "Whether the process answers.",
            "responses": {"200": _json("It does.", _STATUS)},
        }
    },
    "/health/ready": {
        "get": {
            **_OPEN,
            "operationId": "health-ready",
            "summary": "Whether the database can be reached and has the schema of this version.",
            "responses": {"200": _json("Ready.", _STATUS), "503": _json("Not ready.", _STATUS)},
        }
    },
    "/api/v1/openapi.json": {
        "get": {
            **_OPEN,
            "operationId": "openapi",
            "summary": "This document.",
            "responses": {"200": _json("OpenAPI 3.1.", {"type": "object"})},
        }
    },
    "/api/v1/docs": {
        "get": {
            **_OPEN,
            "operationId": "docs",
            "summary": "This document as a page.",
            "responses": {"200": _json("A page.", _TEXT, "text/html")},
        }
    },
}
