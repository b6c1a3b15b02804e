"""Reads what people write as a stage: an M category, and a stage group IV with its letter."""

import re
from collections.abc import Collection
from typing import NamedTuple

# cM1, pM1a, ypM0, M0(i+), or the digit alone.
_M = re.compile(r"[cpyra]{0,3}m?([01])([^0-9].*)?", re.ASCII)
_M_NOT_ASSESSED = re.compile(r"[cpyra]{0,3}m?x", re.ASCII)
_GROUP_IV = re.compile(r"(?:stage)?[cpyra]{0,2}(?:iv|4)([a-z]?)[0-9]?", re.ASCII)
_BLANKS = re.compile(r"[\s_-]+")


class GroupIV(NamedTuple):
    """`letter` is empty for a bare IV."""

    letter: str


def metastasis_category(m: str | None) -> str | None:
    """`M0` or `M1`; None where M was not sent, not assessed (MX) or cannot be read."""
    match = _M.fullmatch(_plain(m or ""))
    return f"M{match[1]}" if match else None


def is_readable_m(m: str | None) -> bool:
    return m is None or metastasis_category(m) is not None or bool(_M_NOT_ASSESSED.fullmatch(_plain(m)))


def group_iv(group: str) -> GroupIV | None:
    """Stage IV with its letter; None for every other group."""
    match = _GROUP_IV.fullmatch(_plain(group))
    return GroupIV(match[1].upper()) if match else None


def is_staged(group: str | None, words_for_unstaged: Collection[str]) -> bool:
    return group is not None and " ".join(group.lower().split()) not in words_for_unstaged


def _plain(text: str) -> str:
    return _BLANKS.sub("", text.lower())
