"""Who must prove themselves twice, what a sign-in can still lack, and what may be written down about proofs."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from referrals.domain.people import Role

# Whoever sees or steers the most: production asks them for a second factor, whatever else it is told.
MINIMUM = frozenset({Role.ADMINISTRATOR, Role.CLINICAL_LEAD})

HALF_IN = timedelta(minutes=10)
FRESH = timedelta(minutes=10)
CHALLENGE_LASTS = timedelta(minutes=5)
TRIES_AN_HOUR = 20
MOST_PASSKEYS = 10
RECOVERY_CODES = 10


class Lacks(StrEnum):
    """What keeps somebody whose password was right from being signed in."""

    SECOND_FACTOR = "second_factor"
    SET_UP = "set_up"


class Happening(StrEnum):
    """What the audit calls the events of proving who one is."""

    SIGNED_IN = "sign-in"
    SIGN_IN_FAILED = "sign-in-failed"
    SIGNED_OUT = "sign-out"
    CODE_FAILED = "second-factor-failed"
    RECOVERY_USED = "recovery-code-used"
    CODES_MADE = "recovery-codes-made"
    APP_SET_UP = "app-set-up"
    APP_REMOVED = "app-removed"
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    PASSKEY_FAILED = "passkey-failed"
    PROVEN = "proof"
    PROOF_FAILED = "proof-failed"
    SESSIONS_ENDED = "sessions-ended"
    RESET = "second-factor-reset"
    POLICY_CHANGED = "second-factor-policy"
    SIGN_ON_REFUSED = "single-sign-on-refused"
    IDENTITY_LINKED = "single-sign-on-linked"
    IDENTITY_REMOVED = "single-sign-on-removed"


HAPPENED: Mapping[Happening, str] = MappingProxyType(
    {
        Happening.SIGNED_IN: "Signed in",
        Happening.SIGN_IN_FAILED: "Sign-in failed: wrong password, or no active account",
        Happening.SIGNED_OUT: "Signed out",
        Happening.CODE_FAILED: "Second factor failed",
        Happening.RECOVERY_USED: "A recovery code was used",
        Happening.CODES_MADE: "New recovery codes were made",
        Happening.APP_SET_UP: "An authenticator app was set up",
        Happening.APP_REMOVED: "The authenticator app was removed",
        Happening.PASSKEY_ADDED: "A passkey was added",
        Happening.PASSKEY_REMOVED: "A passkey was removed",
        Happening.PASSKEY_FAILED: "A passkey was not accepted",
        Happening.PROVEN: "Proved again who they are",
        Happening.PROOF_FAILED: "Did not prove again who they are",
        Happening.SESSIONS_ENDED: "Sessions were ended",
        Happening.RESET: "The second factor was taken off",
        Happening.POLICY_CHANGED: "Who must have a second factor was changed",
        Happening.SIGN_ON_REFUSED: "Single sign-on let nobody in",
        Happening.IDENTITY_LINKED: "Single sign-on was linked",
        Happening.IDENTITY_REMOVED: "Single sign-on was removed",
    }
)
# Of these the person is told by letter: it may not have been them.
TOLD_BY_LETTER = frozenset(
    {
        Happening.RECOVERY_USED,
        Happening.CODES_MADE,
        Happening.APP_SET_UP,
        Happening.APP_REMOVED,
        Happening.PASSKEY_ADDED,
        Happening.PASSKEY_REMOVED,
        Happening.RESET,
        Happening.IDENTITY_LINKED,
        Happening.IDENTITY_REMOVED,
    }
)
NOT_YOU = "If it was not you, tell an administrator of your network at once."

# Coded, so that no free text gets into the audit.
RESET_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "lost": "The device is lost or stolen",
        "replaced": "A new device, and the old one is gone",
        "broken": "The device is broken",
        "no_codes": "No recovery code is left",
        "suspicion": "Somebody else may have it",
    }
)


def must_have(held: Iterable[Role], by_setting: Iterable[str], by_network: Iterable[str]) -> bool:
    """Whether one of these roles needs a second factor, here or in this network."""
    return bool({str(role) for role in held} & {*by_setting, *by_network})


BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "a Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_words(user_agent: str) -> str:
    """The family of a browser and the kind of its device: enough to know one's own again, and no more is kept."""
    browser = next((words for mark, words in BROWSERS if mark in user_agent), "A browser")
    system = next((words for mark, words in SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


def neighborhood(address: str) -> str:
    """An address without its last part: one's own place is recognized by it, nobody's device is."""
    if ":" in address:
        return f"{':'.join(address.split(':')[:3])}:x"
    return f"{address.rpartition('.')[0]}.x" if "." in address else ""
