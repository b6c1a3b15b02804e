"""Passwords that are tried first, because so many people have chosen them."""

from referrals.knowledge.once import once
from referrals.knowledge.tables import read_packed

FILE = "common_passwords.txt.gz"


@once
def common_passwords() -> frozenset[str]:
    """All in lower case."""
    return frozenset(read_packed(FILE).splitlines())
