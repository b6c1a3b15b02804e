"""The public keys of a partner system (JWKS): which ones may be registered, and which one an assertion means."""

from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from referrals.domain.errors import FieldError, Invalid, refuse_unless_clean

# The kind of key that each algorithm takes: what an assertion says of itself chooses among these and no others.
KIND_OF: Mapping[str, str] = {"RS384": "RSA", "ES384": "EC"}
ALGORITHM_OF = {kind: algorithm for algorithm, kind in KIND_OF.items()}
PUBLIC: Mapping[str, tuple[str, ...]] = {"RSA": ("n", "e"), "EC": ("crv", "x", "y")}
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
CURVE = "P-384"
SHORTEST_RSA, LONGEST_RSA = 2048, 8192
MOST_KEYS = 20
LONGEST_KID = 200
IS_PRIVATE = (
    "This holds a private key. Nothing was kept. Make a new pair, because this key has left your system, "
    "and send its public half only."
)

Jwk = Mapping[str, Any]


def registered(document: Any) -> dict[str, Any]:
    """The set as it is kept: public members alone. Every fault at once."""
    keys = _keys_in(document)
    refuse_unless_clean(FieldError(f"/keys/{place}{at}", code, words) for place, at, code, words in _faults(keys))
    return {"keys": [_public(key) for key in keys]}


def usable(document: Any) -> dict[str, Any]:
    """What can be used of a set that somebody else publishes. One that shows a private key is not trusted at all."""
    keys = _keys_in(document)
    if any(isinstance(key, Mapping) and PRIVATE & key.keys() for key in keys):
        return {"keys": []}
    return {"keys": [_public(key) for key in keys if not any(_faults_of(key))]}


def key_for(jwks: Mapping[str, Any], kid: str, algorithm: str) -> Any:
    """The key of this name that fits the algorithm; None where there is none."""
    for jwk in jwks["keys"]:
        if jwk["kid"] == kid and jwk["kty"] == KIND_OF[algorithm]:
            return _read(jwk)
    return None


def names_of(jwks: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"{jwk['kid']} ({ALGORITHM_OF[jwk['kty']]})" for jwk in jwks["keys"])


def _keys_in(document: Any) -> list[Any]:
    keys = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(keys, list) or not 1 <= len(keys) <= MOST_KEYS:
        raise Invalid([FieldError("/keys", "no_keys", f'Send {{"keys": […]}} with 1 to {MOST_KEYS} keys.')])
    return keys


def _faults(keys: list[Any]) -> Iterator[tuple[int, str, str, str]]:
    seen: set[Any] = set()
    for place, key in enumerate(keys):
        found = list(_faults_of(key))
        yield from ((place, *fault) for fault in found)
        if not found and key["kid"] in seen:
            yield place, "/kid", "repeated", "Two keys have the same kid."
        seen |= set() if found else {key["kid"]}


def _faults_of(key: Any) -> Iterator[tuple[str, str, str]]:
    """The first thing that is wrong with one key: where, and what to do about it."""
    if not isinstance(key, Mapping) or key.get("kty") not in PUBLIC:
        yield "/kty", "unknown_kind", "Use an RSA key (for RS384) or an EC key on P-384 (for ES384)."
    elif PRIVATE & key.keys():
        yield "", "private_key", IS_PRIVATE
    elif not _is_name(key.get("kid")):
        yield "/kid", "required", f"Each key needs a kid of 1 to {LONGEST_KID} characters."
    elif key.get("alg", ALGORITHM_OF[key["kty"]]) != ALGORITHM_OF[key["kty"]]:
        yield "/alg", "wrong_algorithm", "RSA keys are used with RS384, EC keys with ES384."
    elif key.get("use", "sig") != "sig" or not _may_verify(key.get("key_ops")):
        yield "/use", "wrong_use", "This key is not for signatures."
    else:
        yield from _faults_of_numbers(key)


def _is_name(kid: Any) -> bool:
    return isinstance(kid, str) and 1 <= len(kid) <= LONGEST_KID and kid.isprintable()


def _may_verify(operations: Any) -> bool:
    return operations is None or (isinstance(operations, list) and "verify" in operations)


def _faults_of_numbers(key: Jwk) -> Iterator[tuple[str, str, str]]:
    if key["kty"] == "EC" and key.get("crv") != CURVE:
        yield "/crv", "wrong_curve", f"Use the curve {CURVE}."
    elif key["kty"] == "RSA" and not SHORTEST_RSA <= _bits(key.get("n")) <= LONGEST_RSA:
        yield "/n", "wrong_size", f"An RSA key has {SHORTEST_RSA} to {LONGEST_RSA} bits."
    elif not _can_be_read(key):
        yield "", "unreadable", "The numbers of this key cannot be read."


def _bits(number: Any) -> int:
    """Of a number in base64; none where it is no such thing."""
    try:
        return int.from_bytes(urlsafe_b64decode(f"{number}==")).bit_length() if len(str(number)) < LONGEST_RSA else 0
    except ValueError:
        return 0


def _can_be_read(key: Jwk) -> bool:
    if any(not isinstance(key.get(name), str) or len(key[name]) > LONGEST_RSA for name in PUBLIC[key["kty"]]):
        return False
    try:
        return _read(key).public_key is not None
    except (JoseError, ValueError, OverflowError):
        return False


def _read(jwk: Jwk) -> Any:
    public = {"kty": jwk["kty"], **{name: jwk.get(name) for name in PUBLIC[jwk["kty"]]}}
    return RSAKey.import_key(public) if jwk["kty"] == "RSA" else ECKey.import_key(public)


def _public(key: Jwk) -> dict[str, Any]:
    return {name: key[name] for name in ("kty", "kid", *PUBLIC[key["kty"]])}
