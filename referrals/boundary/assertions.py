"""Reads what a partner system signed to say who it is (RFC 7523), and believes it only by a key that is registered."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from referrals.boundary.strict_json import read_object
from referrals.domain.errors import Refusal
from referrals.domain.partner_systems import LONGEST_ASSERTION, LONGEST_JTI, SKEW, Doubt, Proof
from referrals.pathway.client_proof import InvalidClient, Known, Proven
from referrals.pathway.key_sets import KIND_OF, key_for

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# A header that names anything else wants to choose by which key it is judged.
HEADERS = frozenset({"alg", "kid", "typ", "jku"})


@dataclass(frozen=True, slots=True)
class Assertion:
    """A signed text in its parts. Nothing of it is believed yet."""

    text: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def client_id(self) -> str:
        return str(self.claims.get("iss", ""))

    @property
    def kid(self) -> str:
        return str(self.header.get("kid", ""))


def read_assertion(text: str) -> Assertion:
    """Whose it claims to be has to be known before it can be judged."""
    parts = text.split(".")
    if len(parts) != 3 or not text.isascii():
        raise InvalidClient
    try:
        header, claims = (read_object(_decoded(part)) for part in parts[:2])
    except (binascii.Error, Refusal):
        raise InvalidClient from None
    return Assertion(text, header, claims)


def _decoded(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def refuse_header(assertion: Assertion, known: Known) -> None:
    """Before any key is looked for: what the header may not choose."""
    header, client = assertion.header, known.client
    if not known.is_active:
        raise known.doubted(Doubt.SWITCHED_OFF)
    if client.jwks is None and client.jwks_url is None:
        raise known.doubted(Doubt.SECRET_EXPECTED)
    if header.get("alg") not in tuple(KIND_OF):
        raise known.doubted(Doubt.WRONG_ALGORITHM)
    if header.keys() - HEADERS or header.get("jku", client.jwks_url) != client.jwks_url:
        raise known.doubted(Doubt.FOREIGN_HEADER)


def prove(assertion: Assertion, known: Known, jwks: Mapping[str, Any], audience: str, now: datetime) -> Proven:
    """The client that has signed this, for us, a moment ago."""
    algorithm = str(assertion.header["alg"])
    key = key_for(jwks, assertion.kid, algorithm)
    if key is None:
        raise known.doubted(Doubt.UNKNOWN_KEY)
    try:
        jws.deserialize_compact(assertion.text, key, algorithms=[algorithm])
    except (JoseError, ValueError):
        raise known.doubted(Doubt.BAD_SIGNATURE) from None
    if (doubt := _doubt(assertion.claims, known.client.client_id, audience, now.timestamp())) is not None:
        raise known.doubted(doubt)
    until = datetime.fromtimestamp(assertion.claims["exp"], UTC) + SKEW
    return Proven(known, Proof.KEY, assertion.claims["jti"], until)


def _doubt(claims: Mapping[str, Any], client_id: str, audience: str, now: float) -> Doubt | None:
    if not claims.get("iss") == claims.get("sub") == client_id:
        return Doubt.WRONG_SUBJECT
    if claims.get("aud") not in (audience, [audience]):
        return Doubt.WRONG_AUDIENCE
    if not _is_time(claims.get("exp")) or not _is_jti(claims.get("jti")):
        return Doubt.MISSING_CLAIM
    return _doubt_of_times(claims, now)


def _doubt_of_times(claims: Mapping[str, Any], now: float) -> Doubt | None:
    skew, ends = SKEW.total_seconds(), claims["exp"]
    if ends <= now - skew:
        return Doubt.EXPIRED
    if ends > now + LONGEST_ASSERTION.total_seconds() + skew:
        return Doubt.TOO_LONG
    begins = [claims[name] for name in ("iat", "nbf") if name in claims]
    if not all(_is_time(each) and each <= min(now + skew, ends) for each in begins):
        return Doubt.NOT_YET
    return None


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_jti(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= LONGEST_JTI
