"""Reads what an identity provider signed about somebody, and believes it only if it is for us, for now, and for this question.

Signature and claims are checked by joserfc and authlib. What stands here is what they are to expect.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from authlib.oidc.core.claims import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, InvalidKeyIdError, JoseError, UnsupportedAlgorithmError
from joserfc.jwk import KeySet

from referrals.domain.single_sign_on import LONGEST_SUBJECT, SKEW, NotLetIn, Refused, Said

# Signed by a key of which we have the public half: neither "none", nor anything with a secret that both sides know.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
KINDS = frozenset({"RSA", "EC"})
PUBLIC = ("kty", "kid", "use", "alg", "n", "e", "crv", "x", "y")
LONGEST_TOKEN = 20_000


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say of itself. `second_factor` are the words that state one."""

    issuer: str
    client_id: str
    nonce: str
    second_factor: Iterable[str] = ()


def signing_keys(document: Any) -> dict[str, Any]:
    """Of a provider's set the public halves of keys that sign; what is meant for encryption or is no such key is left out."""
    keys = document.get("keys") if isinstance(document, Mapping) else None
    found = [key for key in keys if isinstance(key, Mapping)] if isinstance(keys, list) else []
    fit = [key for key in found if key.get("kty") in KINDS and key.get("use", "sig") == "sig"]
    return {"keys": [{"kid": "", **{name: key[name] for name in PUBLIC if name in key}} for key in fit]}


def kid_of(token: str) -> str:
    """By which key it claims to be signed. Nothing of it is believed yet."""
    try:
        return str(jws.extract_compact(token.encode()).headers().get("kid", ""))
    except (JoseError, ValueError):
        raise NotLetIn(Refused.BAD_SIGNATURE) from None


def read_id_token(token: str, keys: Mapping[str, Any], access_token: str, expected: Expected, now: datetime) -> Said:
    if len(token) > LONGEST_TOKEN:
        raise NotLetIn(Refused.BAD_SIGNATURE)
    signed = _signed(token, keys)
    params = {"nonce": expected.nonce, "client_id": expected.client_id, "access_token": access_token}
    options: dict[str, Any] = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
    }
    claims = CodeIDToken(signed.claims, signed.header, options, params)
    try:
        claims.validate(now=int(now.timestamp()), leeway=int(SKEW.total_seconds()))
    except ExpiredTokenError:
        raise NotLetIn(Refused.EXPIRED) from None
    except (JoseError, TypeError, ValueError, AttributeError):
        raise NotLetIn(Refused.WRONG_CLAIM) from None
    return _said(signed.claims, expected)


def _signed(token: str, keys: Mapping[str, Any]) -> jwt.Token:
    try:
        return jwt.decode(token, KeySet.import_key_set({"keys": list(keys["keys"])}), algorithms=ALGORITHMS)
    except UnsupportedAlgorithmError:
        raise NotLetIn(Refused.WRONG_ALGORITHM) from None
    except InvalidKeyIdError:
        raise NotLetIn(Refused.UNKNOWN_KEY) from None
    except (JoseError, ValueError, TypeError, KeyError):
        raise NotLetIn(Refused.BAD_SIGNATURE) from None


def _said(claims: Mapping[str, Any], expected: Expected) -> Said:
    subject, email, proven = claims["sub"], claims.get("email"), claims.get("auth_time")
    if not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise NotLetIn(Refused.WRONG_CLAIM)
    return Said(
        issuer=expected.issuer,
        subject=subject,
        email=email if isinstance(email, str) else "",
        # The text "true" is not the word of a provider that keeps to the standard: it is not taken.
        is_email_verified=claims.get("email_verified") is True,
        has_second_factor=bool(_methods(claims) & {*expected.second_factor}),
        proven_at=_time(proven),
    )


def _methods(claims: Mapping[str, Any]) -> set[str]:
    """What the provider says of how somebody proved themselves: one class (acr) and several methods (amr)."""
    said = [claims.get("acr"), *(claims.get("amr") or ())]
    return {word for word in said if isinstance(word, str)}


def _time(seconds: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
