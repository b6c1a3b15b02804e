"""The paths of the documentation that have no contract: tokens, health, and the documentation itself."""

from collections.abc import Mapping
from typing import Any

from referrals.api.openapi_headers import referred
from referrals.boundary.assertions import TYPE

FORM = "application/x-www-form-urlencoded"
BARE = ("X-Request-ID", "Cache-Control")


def _json(
    description: str, schema: dict[str, Any], media_type: str = "application/json", *headers: str
) -> dict[str, Any]:
    content = {media_type: {"schema": schema}}
    return {"description": description, "headers": referred((*BARE, *headers)), "content": content}


def _text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": words, **more}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _form(needed: str, **fields: Any) -> dict[str, Any]:
    """A form of texts, of which one is needed."""
    shape = {"type": "object", "properties": {**fields, **_CLIENT}, "required": [needed], **_ONE_WAY}
    return {"required": True, "content": {FORM: {"schema": shape}}}


_CLIENT: Mapping[str, Any] = {
    "client_id": _text("Who asks, where HTTP Basic does not say it."),
    "client_secret": _text("The secret, where HTTP Basic does not show it."),
    "client_assertion_type": _text("Beside an assertion.", const=TYPE),
    "client_assertion": _text("Instead of a secret: a signed assertion (`private_key_jwt`)."),
}
_ONE_WAY: Mapping[str, Any] = {
    "dependentRequired": {"client_assertion": ["client_assertion_type"]},
    "not": {"required": ["client_secret", "client_assertion"]},
}
_OAUTH_ERROR = _object(
    error=_text("`invalid_client`, `invalid_scope`, `unsupported_grant_type`, `invalid_request` …"),
    error_description=_text("The same in a sentence."),
)


def _refusal(words: str, *headers: str) -> dict[str, Any]:
    return _json(words, _OAUTH_ERROR, "application/json", *headers)


_OAUTH_REFUSALS: Mapping[str, Any] = {
    "400": _refusal("The form does not hold (RFC 6749)."),
    "401": _refusal("Who asks is not known, or has not proved it.", "WWW-Authenticate"),
    "413": _refusal("The form is too large."),
    "429": _refusal("Too many tries from this address.", "Retry-After", "RateLimit", "RateLimit-Policy"),
    "503": "unavailable",
}
_TOKEN = _object(
    access_token=_text("To be sent as `Authorization: Bearer TOKEN`."),
    token_type=_text("Always `Bearer`."),
    expires_in={"type": "integer", "description": "Seconds that it lives."},
    scope=_text("What it may do, separated by blanks."),
)
_WORKER = {
    "type": ["object", "null"],
    "description": "The worker's last sign of life.",
    "properties": {"last_beat_at": {"type": ["string", "null"], "format": "date-time"}},
}
_READY = _object(
    status=_text("`ready` or `unavailable`."),
    database=_text("`reachable`, `unreachable`, or `read-only`: it takes no changes."),
    schema={"type": ["string", "null"], "description": "`current`, `behind`, or null where nobody can tell."},
    worker=_WORKER,
)
_OPEN: Mapping[str, Any] = {"tags": ["service"], "security": []}
_ANYBODY = "Needs no token."

FIXED_PATHS: Mapping[str, dict[str, Any]] = {
    "/oauth/token": {
        "post": {
            **_OPEN,
            "operationId": "oauth-token",
            "summary": "Trade what proves a client for a bearer token.",
            "description": "The secret by HTTP Basic or in the body, or an assertion signed with a registered key "
            "(`private_key_jwt`, RFC 7523): RS384 or ES384, `iss` and `sub` the client id, `aud` the address of this "
            "endpoint, `exp` at most five minutes ahead, `jti` used once.",
            "requestBody": _form(
                "grant_type",
                grant_type=_text("How a system asks for itself.", const="client_credentials"),
                scope=_text("The scopes that are wanted, separated by blanks; all of the client's where not said."),
            ),
            "responses": {"200": _json("The token. It lives for five minutes.", _TOKEN), **_OAUTH_REFUSALS},
        }
    },
    "/oauth/revoke": {
        "post": {
            **_OPEN,
            "operationId": "oauth-revoke",
            "summary": "Give a token back: it opens nothing from now on.",
            "description": "RFC 7009. The client proves itself as at `/oauth/token` (an assertion names that address "
            "as `aud` here, too). A token that is unknown, or another client's, is no error.",
            "requestBody": _form(
                "token",
                token=_text("The token to give back.", minLength=1),
                token_type_hint=_text("Taken, and not needed."),
            ),
            "responses": {"200": {"description": "The token is over.", "headers": referred(BARE)}, **_OAUTH_REFUSALS},
        }
    },
    "/health/live": {
        "get": {
            **_OPEN,
            "operationId": "health-live",
            "summary": "Whether the process answers.",
            "description": _ANYBODY,
            "responses": {"200": _json("It does.", _object(status=_text("`up`.")))},
        }
    },
    "/health/ready": {
        "get": {
            **_OPEN,
            "operationId": "health-ready",
            "summary": "Whether the database can be reached and has the schema of this version.",
            "description": _ANYBODY,
            "responses": {
                "200": _json("Ready.", _READY),
                "503": _json("Not ready.", _READY, "application/json", "Retry-After"),
            },
        }
    },
    "/api/v1/openapi.json": {
        "get": {
            **_OPEN,
            "operationId": "openapi",
            "summary": "This document.",
            "description": _ANYBODY,
            "responses": {"200": _json("OpenAPI 3.1.", {"type": "object"})},
        }
    },
    "/api/v1/docs": {
        "get": {
            **_OPEN,
            "operationId": "docs",
            "summary": "This document as a page.",
            "description": _ANYBODY,
            "responses": {"200": _json("A page.", {"type": "string"}, "text/html")},
        }
    },
}
