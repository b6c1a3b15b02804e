"""Reads JSON from strangers: whatever is unclear, or would break something later, is refused with one typed error."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from referrals.domain.errors import FieldError, Invalid, Refusal

DEEPEST = 50
SMALLEST, LARGEST = -(2**63), 2**64 - 1
LONGEST_INTEGER = len(str(SMALLEST))

# An unfinished string runs to the end, and nothing is tried twice: one pass, whatever is sent.
TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)


class Malformed(Refusal):
    """What was sent is not JSON as we read it. The message never repeats what was sent."""

    code = "malformed"


def read_object(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`. Anything that is not JSON is `Malformed`; any other JSON is `Invalid`."""
    value = read(data)
    if not isinstance(value, dict):
        raise Invalid([FieldError("", "not_an_object", "The body must be a JSON object.")])
    return value


def read(data: bytes) -> Any:
    """The JSON value in `data`."""
    text = _decoded(data)
    _refuse_depth(text)
    try:
        value = _DECODER.decode(text)
    except (json.JSONDecodeError, RecursionError):
        raise Malformed("The body is not JSON.") from None
    if "\\u" in text:
        _refuse_odd_characters(value)
    return value


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8.") from None


def _refuse_depth(text: str) -> None:
    """Counts brackets outside strings, before the parser recurses into them."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    depth = 0
    for token in TOKENS.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth > DEEPEST:
                raise Malformed(f"The body is nested more than {DEEPEST} deep.")
        elif token[0] in "]}":
            depth -= 1


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("The body names a member twice in one object.")
    return members


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_INTEGER or not SMALLEST <= (number := int(digits)) <= LARGEST:
        raise Malformed("The body holds a number of more than 64 bits.")
    return number


def _fraction(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise Malformed("The body holds a number of more than 64 bits.")
    return number


def _no_number(word: str) -> Any:
    raise Malformed("The body holds NaN or an infinity, which JSON does not have.")


def _refuse_odd_characters(value: Any) -> None:
    """Only an escape can bring in a NUL or half a character: neither can be stored."""
    for text in _texts(value):
        if "\0" in text:
            raise Malformed("The body holds a NUL character.")
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise Malformed("The body holds half of a surrogate pair.")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_integer, parse_float=_fraction, parse_constant=_no_number
)
