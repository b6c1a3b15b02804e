"""Webhooks: when to try again, when to spare an endpoint, what an answer means, and how a message is signed."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType


class WebhookState(StrEnum):
    WAITING = "waiting"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"  # given up: a person looks at it


ENDED = (WebhookState.DONE, WebhookState.DEAD)


class Stopped(StrEnum):
    """Why nothing is sent to a subscription."""

    SWITCHED_OFF = "switched_off"
    GONE = "gone"
    CLIENT_REVOKED = "client_revoked"


# 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: given up after a little over three days.
PAUSES: tuple[timedelta, ...] = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
MOST_TRIES = len(PAUSES) + 1
SPREAD = 0.2
LONGEST_ASKED = timedelta(hours=24)
# A delivery that is still being sent after this time is taken by another worker.
LEASE = timedelta(minutes=2)
SECONDS_TO_ANSWER = 15.0
KEPT = timedelta(days=30)

# After so many failures in a row an endpoint is spared. One that says it is overloaded counts for several.
FAILURES_TO_OPEN = 10
WEIGHT_OF_OVERLOAD = 5
MOST_FAILURES = 1_000_000
FIRST_SPARING, LONGEST_SPARING = timedelta(seconds=2), timedelta(minutes=10)
AT_ONCE, AT_ONCE_AFTER_A_FAILURE = 4, 1

OVERLOADED = frozenset({429, 502, 504})
GONE = 410

FAULTS: Mapping[str, str] = MappingProxyType(
    {
        "status": "The endpoint answered with a failure",
        "redirect": "The endpoint sent it elsewhere, and redirects are not followed",
        "gone": "The endpoint said that it is gone for good",
        "bad_url": "The address cannot be called",
        "refused_scheme": "Only https:// is called",
        "refused_port": "The port is not called",
        "refused_address": "The host is not on the public internet",
        "no_such_host": "The host was not found",
        "timeout": "The endpoint did not answer in time",
        "tls": "The connection could not be secured",
        "too_large": "The answer was too large",
        "closed": "The connection was refused or broken off",
        "unreadable_secret": "The signing secret cannot be read with this instance's key",
        "never_finished": "Every worker that took it was stopped",
    }
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a try came to. `fault` is a code, "" where it arrived; what was answered is not kept."""

    status: int | None
    fault: str
    milliseconds: int
    asked_to_wait: timedelta | None = None

    @property
    def arrived(self) -> bool:
        return not self.fault

    @property
    def is_gone(self) -> bool:
        return self.fault == "gone"

    @property
    def weight(self) -> int:
        return WEIGHT_OF_OVERLOAD if self.status in OVERLOADED else 1


def fault_of(status: int) -> str:
    """What an answer's status means: only 2xx is a success."""
    if 200 <= status < 300:
        return ""
    if status == GONE:
        return "gone"
    return "redirect" if 300 <= status < 400 else "status"


def pause_after(tries: int, chance: float, asked: timedelta | None = None) -> timedelta:
    """How long a delivery waits after so many tries. `chance` in 0 … 1 spreads those that failed together."""
    usual = PAUSES[min(tries, len(PAUSES)) - 1] * (1 + SPREAD * (chance - 0.5))
    return max(usual, min(asked or timedelta(0), LONGEST_ASKED))


def is_given_up(tries: int, *, is_test: bool) -> bool:
    return is_test or tries >= MOST_TRIES


class Circuit(StrEnum):
    CLOSED = "closed"
    OPEN = "open"


def circuit_of(failures: int) -> Circuit:
    return Circuit.OPEN if is_open(failures) else Circuit.CLOSED


def is_open(failures: int) -> bool:
    """Whether the endpoint's circuit is open: one delivery at a time tries it, the others wait."""
    return failures >= FAILURES_TO_OPEN


def sparing_after(failures: int, asked: timedelta | None = None) -> timedelta | None:
    """How long nothing at all goes to an endpoint after so many failures in a row."""
    asked = min(asked, LONGEST_ASKED) if asked else None
    if not is_open(failures):
        return asked
    beyond = min(failures - FAILURES_TO_OPEN, 20)
    return max(min(FIRST_SPARING * (1 << beyond), LONGEST_SPARING), asked or timedelta(0))


def signed_headers(webhook_id: str, at: datetime, body: bytes, secrets: Iterable[bytes]) -> dict[str, str]:
    """The headers of Standard Webhooks 1.0: signed with every secret that is valid now."""
    second = str(int(at.timestamp()))
    content = b".".join((webhook_id.encode(), second.encode(), body))
    signatures = (hmac.new(secret, content, hashlib.sha256).digest() for secret in secrets)
    signed = " ".join(f"v1,{base64.b64encode(each).decode()}" for each in signatures)
    return {"webhook-id": webhook_id, "webhook-timestamp": second, "webhook-signature": signed}


SECRET_BYTES = 32


def spelled(secret: bytes) -> str:
    """A secret as receivers are given it."""
    return "whsec_" + base64.b64encode(secret).decode()
