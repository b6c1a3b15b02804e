"""Random words that open something: told once, kept as a digest, so that a stolen database opens nothing."""

import hashlib
import hmac
import secrets

BYTES = 32


def new_secret() -> str:
    """256 random bits, safe in a header and in a form."""
    return secrets.token_urlsafe(BYTES)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(kept: str, secret: str) -> bool:
    return hmac.compare_digest(kept, digest(secret))
