"""Texts that would change a statement of SQL, in pairs of which one is true and one is not, and who can tell them apart."""

import re
from collections.abc import Callable, Iterable

from werkzeug.test import TestResponse

# `{}` is what was asked honestly. The first of a pair would let everything pass, the second nothing.
PAIRS = (
    ("{}' OR '1'='1", "{}' AND '1'='2"),
    ("{}' OR 1=1 -- ", "{}' AND 1=2 -- "),
    ('{}" OR "1"="1', '{}" AND "1"="2'),
    ("{}) OR (1=1", "{}) AND (1=2"),
    ("{} OR 1=1", "{} AND 1=2"),
    ("{}%' OR '%'='", "{}%' AND '%'='x"),
)
# A stacked statement, a union, a pause: none may be noticed.
SINGLE = (
    "'; DROP TABLE referral; --",
    "' UNION SELECT NULL,NULL,NULL -- ",
    "1; SELECT pg_sleep(9)--",
    "' || (SELECT pg_sleep(9)) || '",
    "' AND 1=randomblob(900000000) -- ",
)
SLOW = 5.0
_OF_THE_CALL = re.compile(r'"(?:instance|next)":"[^"]*"')
Tell = Callable[[str], tuple[int, str]]


def told_apart(tell: Tell, honest: str = "x", pairs: Iterable[tuple[str, str]] = PAIRS) -> list[tuple[str, str]]:
    """The pairs whose two answers differ: with one of them, a statement was changed."""
    return [pair for pair in pairs if steady(tell, pair[0].format(honest)) != steady(tell, pair[1].format(honest))]


def steady(tell: Tell, sent: str) -> tuple[int, str]:
    """An answer without what differs from call to call."""
    status, text = tell(sent)
    return status, _OF_THE_CALL.sub("", text)


def outcome(answer: TestResponse) -> tuple[int, str]:
    """What an answer to something sent says of it: the codes of what is wrong, or how much was found."""
    said = answer.get_json(silent=True) or {}
    found = said.get("items") if isinstance(said, dict) else said
    codes = (
        [(error.get("pointer"), error["code"]) for error in said.get("errors", ())] if isinstance(said, dict) else []
    )
    return answer.status_code, f"{len(found) if isinstance(found, list) else ''} {codes}"
