"""Passwords: kept as argon2id, checked at the same cost whether or not the account exists."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's first choice for argon2id: 19 MiB, two passes, one lane. About 27 ms.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def password_matches(kept: str | None, password: str) -> bool:
    """Without a kept hash the work is done all the same: time must not tell who has an account."""
    try:
        return _hasher.verify(kept or _nobodys_hash(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(kept: str) -> bool:
    """Was this hash made at another cost than today's?"""
    return _hasher.check_needs_rehash(kept)


@cache
def _nobodys_hash() -> str:
    return hash_password("nobody has this password")
