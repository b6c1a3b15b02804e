"""Looks for the patients of our tests where no patient may be: logs, metrics, addresses, letters, webhooks."""

import re
from collections import Counter
from collections.abc import Iterator
from threading import Lock
from typing import Any
from urllib.parse import unquote_plus

from flask import request
from werkzeug.wrappers import Response

from tests.factories import person
from tests.over_http import OF_A_SOCKET
from tests.small_network import PACKET

# The patients whom the factories make, and those whom tests of logs and letters make up.
_PEOPLE = (person(1), PACKET["patient"], {"given_name": "Canaria", "family_name": "Canarian"})
_NAMES = {each[name] for each in _PEOPLE for name in ("given_name", "family_name", "birth_date") if name in each}
# A patient's number, whichever patient of the factory it is.
_NUMBERS = {known["value"].rstrip("0123456789") for each in _PEOPLE for known in each.get("identifiers", ())}
WORDS = tuple(sorted(_NAMES | _NUMBERS))
CANARY = re.compile(
    rf"\b(?:(?:{'|'.join(map(re.escape, sorted(_NAMES)))})(?![A-Za-z0-9])|(?:{'|'.join(map(re.escape, _NUMBERS))})[0-9])"
)
ADDRESSES = (b"href", b"action", b"formaction", b"src")
LOOKED_THROUGH = ("log lines", "metrics pages", "addresses", "letters", "webhook bodies")


class Watch:
    """What was looked through, and the places where a patient stood."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.looked: Counter[str] = Counter()
        self.hits: list[str] = []
        self.answers = 0
        self.at_hand = 0

    def look(self, kind: str, text: str, pieces: int = 1) -> None:
        found = CANARY.search(text)
        with self.lock:
            self.looked[kind] += pieces
            if found:
                around = text[max(0, found.start() - 60) : found.end() + 20]
                self.hits.append(f"{kind}: {around!r}")

    def log(self, written: str) -> None:
        if written:
            self.look("log lines", written, len(written.splitlines()))

    def answer(self, sender: Any, response: Response, **_: Any) -> None:
        """One that the application gives: where it sends the reader, and every address on its page."""
        self.answers += 1
        self.at_hand += not OF_A_SOCKET & request.environ.keys()
        told = [response.headers[name] for name in ("Location", "Content-Location", "Link") if name in response.headers]
        if told:
            self.look("addresses", unquote_plus("\n".join(told)), len(told))
        if request.path == "/metrics":
            self.look("metrics pages", response.get_data(as_text=True))
        elif response.mimetype == "text/html" and response.is_sequence:
            self.page(response.get_data())

    def page(self, page: bytes) -> None:
        suspect = {unquote_plus(each.decode(errors="replace")) for each in around_canaries(page)}
        self.look("addresses", "\n".join(suspect), sum(page.count(name + b'="') for name in ADDRESSES))


def around_canaries(page: bytes) -> Iterator[bytes]:
    """The addresses of a page that hold one of the words: a look at all of them would cost every test its time."""
    for word in map(str.encode, WORDS):
        at = page.find(word)
        while at >= 0:
            before, inside, value = page[max(0, at - 2000) : at].rpartition(b'="')
            if inside and b'"' not in value and before.endswith(ADDRESSES):
                yield value + page[at : page.find(b'"', at)]
            at = page.find(word, at + 1)


WATCH = Watch()
