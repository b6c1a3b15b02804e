"""Reads what people write as a stage: an M category, and a stage group."""

import re
import unicodedata
from collections.abc import Collection
from typing import NamedTuple

# cM1, pM1a, ypM0, M0(i+), or the digit alone.
_M = re.compile(r"[cpyra]{0,3}m?([01])([^0-9].*)?", re.ASCII)
_M_NOT_ASSESSED = re.compile(r"[cpyra]{0,3}m?x", re.ASCII)
_BLANKS = re.compile(r"[\s_-]+")

# "Stage group", "AJCC 8th ed.", "FIGO 2018": whose group it is stands before it.
_NAMES = (
    "stage|group|ajcc|uicc|tnm|figo|r-?iss|iss|rai|bclc|inss|inrg|ann arbor|lugano|clinical|pathologic(?:al)?"
    "|prognostic|anatomic"
)
_EDITION = r"(?:[6-9](?:th)?|20[0-9]{2})(?:\s*ed(?:ition)?)?"
_LEAD = re.compile(rf"(?:(?:{_NAMES})[\s:_.,-]*(?:{_EDITION}[\s:_.,-]*)?)*")
_END = " .,;:"

_GROUP_IV = re.compile(r"[cpyra]{0,2}(?:iv|4)([a-z]?)[0-9]?", re.ASCII)
_BEGINS_WITH_IV = re.compile(r"[cpyra]{0,2}[\s_-]?(?:iv|4)(?:[\s_-]?([a-c])[1-3]?)?(?![a-z0-9])", re.ASCII)
_IN_DOUBT = re.compile(r"\?|\b(?:(?:iv|i{1,3}|[1-4])[a-d]?|[a-d])[1-3]?\b", re.ASCII)
# With what FIGO (IIIA1(ii), IIIC1, IAmPOLEmut, III:8) and Ann Arbor (IIES) write behind it.
_BELOW_IV = re.compile(
    r"[cpyra]{0,2}(?:i{1,3}(?:[1-3]|[a-d][1-3]\(?i{1,2}\)?|[ab]?[es]{1,2})?|(?:i{1,3}|[1-3])(?:[a-d][1-3]?)?)"
    r"(?:m(?:polemut|mmrd|nsmp|p53abn))?(?::[0-9]{1,2})?",
    re.ASCII,
)


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
    """Stage IV with its letter; None for every other group. Words may follow ("IV (liver)")."""
    written = _without_lead(group)
    match = _GROUP_IV.fullmatch(_plain(written))
    if match is not None:
        return GroupIV(match[1].upper())
    begun = _BEGINS_WITH_IV.match(written)
    if begun is None:
        return None
    # "IVA-IVC" and "IVA?" are some IV: which one is not said.
    in_doubt = _IN_DOUBT.search(written, begun.end())
    return GroupIV("" if in_doubt else (begun[1] or "").upper())


def is_below_iv(group: str, other_groups: Collection[str]) -> bool:
    """A group that exists and is not a IV: 0 to III, or one of the `other_groups` in words."""
    written = _without_lead(group)
    return " ".join(written.split()) in other_groups or bool(_BELOW_IV.fullmatch(_plain(written)))


def is_staged(group: str | None, words_for_unstaged: Collection[str]) -> bool:
    return group is not None and " ".join(group.lower().split()) not in words_for_unstaged


def _without_lead(group: str) -> str:
    """In small letters, a Roman numeral that is one character spelled out, without whose group it is."""
    written = unicodedata.normalize("NFKC", group).lower().strip()
    return _LEAD.sub("", written, count=1).rstrip(_END)


def _plain(text: str) -> str:
    return _BLANKS.sub("", text.lower())
