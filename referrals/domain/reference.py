"""Reference numbers that can be read over the phone: `SO-26-0004711-K`, the last letter checks the rest."""

import re

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MODULUS = len(_ALPHABET)
_PREFIX = "SO"
_LARGEST = 9_999_999
_SHAPE = re.compile(r"SO([0-9]{2})([0-9]{7})([0-9A-Z])")
# In which a number without a year may have been given: few enough that each is looked up by itself.
_YEARS = range(25, 45)
_NUMBER = re.compile(r"(?:(?:SO)?(?P<year>[0-9]{2})(?=[0-9]{7}$))?(?P<number>[0-9]{1,7})", re.ASCII)
# What people type or paste between the groups: a hyphen, a typographic dash, a blank.
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—]+")


def make_reference(year: int, number: int) -> str:
    """The reference of the `number`-th referral of a year; the year counts by its last two digits."""
    if not 1 <= number <= _LARGEST:
        raise ValueError("a reference number has one to seven digits")
    digits = f"{year % 100:02d}{number:07d}"
    return _written(digits, check_character(_PREFIX + digits))


def parse_reference(text: str) -> str:
    """The reference as we write it, from whatever a person typed; a ValueError where it cannot be one."""
    typed = _SEPARATORS.sub("", text)
    match = _SHAPE.fullmatch(typed.upper()) if typed.isascii() else None
    if match is None:
        raise ValueError("A reference looks like SO-26-0004711-K.")
    digits, check = match[1] + match[2], match[3]
    if check != check_character(_PREFIX + digits):
        raise ValueError("The last character of the reference does not match the rest: read it again.")
    return _written(digits, check)


def references_with(text: str) -> tuple[str, ...]:
    """Every reference that somebody can mean who says its number alone, or with the year, but not its last character."""
    typed = _SEPARATORS.sub("", text)
    match = _NUMBER.fullmatch(typed.upper()) if typed.isascii() else None
    if match is None or not int(match["number"]):
        return ()
    years = [int(match["year"])] if match["year"] else _YEARS
    return tuple(make_reference(year, int(match["number"])) for year in years)


def looks_like_reference(text: str) -> bool:
    """Whether somebody meant a reference, right or wrong in its last character."""
    typed = _SEPARATORS.sub("", text)
    return typed.isascii() and _SHAPE.fullmatch(typed.upper()) is not None


def check_character(body: str) -> str:
    """ISO 7064 MOD 37,36 (the hybrid system, whose check is always one of the 36 characters)."""
    carried = _MODULUS
    for character in body:
        total = (carried + _ALPHABET.index(character)) % _MODULUS or _MODULUS
        carried = total * 2 % (_MODULUS + 1)
    return _ALPHABET[(_MODULUS + 1 - carried) % _MODULUS]


def _written(digits: str, check: str) -> str:
    return f"{_PREFIX}-{digits[:2]}-{digits[2:]}-{check}"
