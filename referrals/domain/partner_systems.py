"""What holds for partner systems: how they prove who they are, how long what they show counts, why they are refused."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum, auto
from types import MappingProxyType

DEFAULT_OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=30)
# RFC 7523 as SMART Backend Services reads it.
LONGEST_ASSERTION = timedelta(minutes=5)
SKEW = timedelta(seconds=30)
LONGEST_JTI = 500
REFUSALS_KEPT_FOR = timedelta(days=14)
REFUSALS_KEPT = 1000
MOST_CALLS = 10_000_000
LONGEST_NAME = 200


class Proof(StrEnum):
    """What a client showed, and was believed."""

    SECRET = auto()
    OLD_SECRET = auto()
    KEY = auto()


class Doubt(StrEnum):
    """Why a client was not believed. The caller is not told; whoever looks after the network is."""

    SWITCHED_OFF = auto()
    WRONG_SECRET = auto()
    OLD_SECRET_ENDED = auto()
    KEY_EXPECTED = auto()
    SECRET_EXPECTED = auto()
    UNREADABLE_ASSERTION = auto()
    WRONG_ALGORITHM = auto()
    FOREIGN_HEADER = auto()
    UNKNOWN_KEY = auto()
    BAD_SIGNATURE = auto()
    WRONG_SUBJECT = auto()
    WRONG_AUDIENCE = auto()
    EXPIRED = auto()
    TOO_LONG = auto()
    NOT_YET = auto()
    MISSING_CLAIM = auto()
    REPLAYED = auto()
    KEYS_UNREACHABLE = auto()


DOUBTS: Mapping[str, str] = MappingProxyType(
    {
        Doubt.SWITCHED_OFF: "The system, or its organization, is switched off",
        Doubt.WRONG_SECRET: "Wrong secret",
        Doubt.OLD_SECRET_ENDED: "The old secret was shown after its end",
        Doubt.KEY_EXPECTED: "A secret was shown, and the system has keys",
        Doubt.SECRET_EXPECTED: "An assertion was shown, and the system has a secret",
        Doubt.UNREADABLE_ASSERTION: "The assertion is not a signed JWT of JSON",
        Doubt.WRONG_ALGORITHM: "Signed with an algorithm other than RS384 and ES384",
        Doubt.FOREIGN_HEADER: "The header of the assertion names a key, or an address of keys, that is not registered",
        Doubt.UNKNOWN_KEY: "No registered key has this kid and algorithm",
        Doubt.BAD_SIGNATURE: "The signature does not fit the key",
        Doubt.WRONG_SUBJECT: "The claims iss and sub are not both the client id",
        Doubt.WRONG_AUDIENCE: "The claim aud is not the address of the token endpoint",
        Doubt.EXPIRED: "The claim exp is in the past",
        Doubt.TOO_LONG: "The claim exp is more than five minutes ahead",
        Doubt.NOT_YET: "The claim iat or nbf is in the future, or after exp",
        Doubt.MISSING_CLAIM: "The claim exp or jti is missing or has a wrong form",
        Doubt.REPLAYED: "The jti was used before",
        Doubt.KEYS_UNREACHABLE: "The keys could not be fetched from the registered address",
    }
)
