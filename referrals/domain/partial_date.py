"""Clinical dates that may be a year, a month or a day, and what can be said about their order."""

import re
from datetime import date

# Days are compared as text: 2019-02-31 is a fine bound, though no day.
_FIRST, _LAST = "-01-01", "-12-31"
_SHAPE = re.compile(r"\d{4}(-\d{2}){0,2}", re.ASCII)


def is_partial_date(text: str) -> bool:
    return _SHAPE.fullmatch(text) is not None


def first_day(text: str) -> str:
    """The earliest day that it may mean."""
    return text + _FIRST[len(text) - 4 :]


def last_day(text: str) -> str:
    return text + _LAST[len(text) - 4 :]


def is_under_18(born: str, on: date) -> bool | None:
    """None where only a part of the birth date is known and the day of majority may lie on either side."""
    today = on.isoformat()
    earliest, latest = today < _majority(first_day(born)), today < _majority(last_day(born))
    return latest if earliest == latest else None


def _majority(born: str) -> str:
    return f"{int(born[:4]) + 18:04d}{born[4:]}"
