"""Which passwords are taken: long ones that are not among the first to be guessed. Nothing is asked of their characters."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from referrals.domain.errors import FieldError
from referrals.knowledge.common_passwords import common_passwords

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024
# The product, and what it is about: the first that anybody would try here.
OWN_WORDS = ("referrals", "referral", "second", "opinion", "password", "cancer", "welcome")
SHORTEST_WORD = 3
# What must be left of a password without the words that everybody knows of its owner, and without what adorns it.
LEFT = 5
_WORD = re.compile(r"[^\W\d_]+")
_PLAIN = re.compile(r"[\W\d_]+")

TOO_SHORT = FieldError("/password", "too_short", f"Use at least {SHORTEST_PASSWORD} characters. A few words in a row are easy to keep.")  # fmt: skip
TOO_LONG = FieldError("/password", "too_long", f"Use at most {LONGEST_PASSWORD:,} characters.")
COMMON = FieldError("/password", "common", "This is among the first passwords that are tried. Choose another one.")
ABOUT_YOU = FieldError("/password", "guessable", "This is little more than a name, the email address or what this service is called. Choose another one.")  # fmt: skip


def faults_of_password(password: str, about: Iterable[str] = ()) -> list[FieldError]:
    """What is wrong with it, one thing at a time. `about` is what everybody knows of its owner: names and addresses."""
    if len(password) < SHORTEST_PASSWORD:
        return [TOO_SHORT]
    if len(password) > LONGEST_PASSWORD:
        return [TOO_LONG]
    plain = password.lower()
    if is_common(plain):
        return [COMMON]
    return [ABOUT_YOU] if says_little_beside(plain, about) else []


def is_common(plain: str) -> bool:
    """Listed; or listed and stretched to the length that is asked for: repeated, or adorned with figures and signs."""
    known = common_passwords()
    return any(form in known or is_a_run(form) for form in _without_stretching(plain))


def _without_stretching(plain: str) -> Iterator[str]:
    yield plain
    yield _unit(plain)
    bare = _adorned(plain)
    if len(bare) >= LEFT:
        yield bare
        yield _unit(bare)


def _adorned(plain: str) -> str:
    """Without figures and signs at both ends: "password-2026!" is "password". Empty where there is nothing else."""
    words = list(_WORD.finditer(plain))
    return plain[words[0].start() : words[-1].end()] if words else ""


def _unit(plain: str) -> str:
    """What is repeated: "qwertyqwerty" is "qwerty"."""
    return plain[: (plain + plain).index(plain, 1)]


def is_a_run(plain: str) -> bool:
    """Each character follows on the one before, or is the same: "abcdefghijkl", "1234567890", "aaaa"."""
    steps = {(ord(second) - ord(first)) % 10 for first, second in pairwise(plain)}
    return len(steps) <= 1 and steps <= {0, 1, 9}


def says_little_beside(plain: str, about: Iterable[str]) -> bool:
    left = plain
    for word in sorted(_words([*OWN_WORDS, *about]), key=len, reverse=True):
        left = left.replace(word, "")
    return left != plain and len(_PLAIN.sub("", left)) < LEFT


def _words(about: Iterable[str]) -> set[str]:
    found = {word for each in about for word in _WORD.findall(each.lower())}
    return {word for word in found if len(word) >= SHORTEST_WORD}
