"""Single sign-on: how long one attempt lasts, what a provider says of somebody, and why it lets nobody in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# The door through which a session was opened, as the audit and the session's row name it.
DOOR = "oidc"
LASTS = timedelta(minutes=10)
# By how much the provider's clock may differ from ours.
SKEW = timedelta(seconds=60)
LONGEST_SUBJECT = 255
LONGEST_ISSUER = 500


class Purpose(StrEnum):
    """What an attempt was begun for."""

    SIGN_IN = "sign_in"
    PROOF = "proof"


class Refused(StrEnum):
    """Why nobody was let in: the only thing that is written down of it."""

    LOST = "lost"
    MIXED_UP = "mixed_up"
    DENIED = "denied"
    UNREACHABLE = "unreachable"
    NO_TOKEN = "no_token"  # noqa: S105 - a reason
    UNKNOWN_KEY = "unknown_key"
    WRONG_ALGORITHM = "wrong_algorithm"
    BAD_SIGNATURE = "bad_signature"
    WRONG_CLAIM = "wrong_claim"
    EXPIRED = "expired"
    NOT_FRESH = "not_fresh"
    UNKNOWN_PERSON = "unknown_person"
    UNVERIFIED = "unverified"
    SWITCHED_OFF = "switched_off"
    OTHER_IDENTITY = "other_identity"
    OTHER_PERSON = "other_person"


class NotLetIn(Exception):
    """Holds the reason, and never what was said or sent."""

    def __init__(self, reason: Refused) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Said:
    """What the provider signed about somebody. `email` counts for nothing unless the provider has verified it."""

    issuer: str
    subject: str
    email: str
    is_email_verified: bool
    has_second_factor: bool
    proven_at: datetime | None


def is_fresh(said: Said, asked_at: datetime) -> bool:
    """Whether somebody has shown the provider who they are since we asked for it."""
    return said.proven_at is not None and said.proven_at >= asked_at - SKEW
