"""Pages of lists: a sealed cursor that holds the place and the filters, so that no address shows what was asked."""

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app, request

from referrals.boundary.problems import bad_parameter

NONCE = 12
LONGEST_CURSOR = 6000
DEFAULT_LIMIT, HIGHEST_LIMIT = 50, 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on, and under which filters it was begun."""

    after: tuple[Any, ...]
    filters: Mapping[str, Any]


def seal(place: Place, resource: str, reader: UUID | None) -> str:
    """A cursor for this list and this organization only; what it holds cannot be read or changed outside."""
    plain = orjson.dumps({"after": [_pack(each) for each in place.after], "filters": dict(place.filters)})
    nonce = os.urandom(NONCE)
    sealed = nonce + _cipher().encrypt(nonce, plain, _bound_to(resource, reader))
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def unseal(cursor: str, resource: str, reader: UUID | None) -> Place:
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        plain = orjson.loads(_cipher().decrypt(sealed[:NONCE], sealed[NONCE:], _bound_to(resource, reader)))
    except (ValueError, InvalidTag):
        raise bad_parameter("cursor", "invalid_cursor", "This cursor does not belong to this list.") from None
    return Place(tuple(_unpack(each) for each in plain["after"]), plain["filters"])


def _cipher() -> AESGCM:
    secret = current_app.config["SETTINGS"].secret_key
    return AESGCM(hashlib.sha256(b"cursor:" + secret.encode()).digest())


def _bound_to(resource: str, reader: UUID | None) -> bytes:
    return f"{resource}:{reader}".encode()


def _pack(value: Any) -> Any:
    """JSON has no times and no ids of its own: they come back as what they were."""
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, UUID):
        return {"u": str(value)}
    return value


def _unpack(value: Any) -> Any:
    if isinstance(value, dict):
        kind, text = next(iter(value.items()))
        return datetime.fromisoformat(text) if kind == "t" else UUID(text)
    return value


def address_of(path: str) -> str:
    """An absolute address of ours: what the settings say we are called, else what the caller called us."""
    base = current_app.config["SETTINGS"].base_url or request.host_url.rstrip("/")
    return f"{base}{path}"
