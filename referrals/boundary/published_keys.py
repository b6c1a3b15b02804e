"""Keys that a partner system publishes at an address: fetched when they are needed, kept as long as it allows."""

import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from referrals.boundary.outgoing import Outgoing
from referrals.boundary.outgoing_places import Unreachable
from referrals.boundary.strict_json import read
from referrals.domain.errors import Refusal
from referrals.pathway.key_sets import usable

KEPT, LONGEST_KEPT = 300, 3600
# A stranger who invents names of keys must not make us ask the partner for each of them.
PAUSE = 30
SECONDS_FOR_KEYS = 5.0
MOST_REMEMBERED = 1000
KeysIn = Callable[[Any], Mapping[str, Any]]
_AGE = re.compile(r"max-age=\"?([0-9]{1,9})")
_NOT_KEPT = re.compile(r"no-store|no-cache")


@dataclass(frozen=True, slots=True)
class _Known:
    """A set of keys with how long it counts, and until when nobody is asked again."""

    jwks: Mapping[str, Any]
    until: float
    rest_until: float


_NOTHING = _Known({"keys": []}, 0, 0)


class PublishedKeys:
    """The sets of keys that this process has fetched. `clock` counts seconds and is never set back.

    `usable` takes from a document what may be used of it.
    """

    def __init__(
        self, outgoing: Outgoing, clock: Callable[[], float] = time.monotonic, usable: KeysIn = usable
    ) -> None:
        self.outgoing = outgoing
        self._clock = clock
        self._usable = usable
        self._known: dict[str, _Known] = {}
        self._asking: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def with_key(self, url: str, kid: str) -> Mapping[str, Any]:
        """The set at this address. It is fetched anew when it is too old, and once for a key that it does not have."""
        with self._asking[url]:
            now, known = self._clock(), self._known.get(url, _NOTHING)
            is_fresh = now < known.until
            if is_fresh and (now < known.rest_until or _has(known.jwks, kid)):
                return known.jwks
            if now < known.rest_until:
                raise Unreachable("closed")
            return self._fetch(url, known, now)

    def _fetch(self, url: str, known: _Known, now: float) -> Mapping[str, Any]:
        """An address that does not answer is left alone for a while: nobody waits for it in a row."""
        self._keep(url, _Known(known.jwks, known.until, now + PAUSE))
        reply = self.outgoing.send("GET", url, {"Accept": "application/json"})
        if reply.status != 200:
            raise Unreachable("closed")
        try:
            jwks = self._usable(read(reply.body))
        except Refusal:
            raise Unreachable("closed") from None
        age = seconds_kept(reply.headers)
        self._keep(url, _Known(jwks, now + age, now + min(age, PAUSE)))
        return jwks

    def _keep(self, url: str, known: _Known) -> None:
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[url] = known


def seconds_kept(headers: Mapping[str, str]) -> int:
    """What Cache-Control allows, up to an hour; five minutes where it says nothing."""
    said = headers.get("cache-control", "").lower()
    if _NOT_KEPT.search(said):
        return 0
    age = _AGE.search(said)
    return min(LONGEST_KEPT, int(age[1])) if age else KEPT


def _has(jwks: Mapping[str, Any], kid: str) -> bool:
    return any(key["kid"] == kid for key in jwks["keys"])
