"""Letters: what became of each, why one did not arrive, when to try again, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType


class Channel(StrEnum):
    MAIL = "mail"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"  # given up: a person looks at it
    DROPPED = "dropped"  # nobody needs it any more


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a letter did not arrive. `is_final`: no other try would help. `is_ours`: no letter would arrive now."""

    words: str
    is_final: bool = False
    is_ours: bool = False


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "unreachable": Fault("The mail server could not be reached", is_ours=True),
        "timed_out": Fault("The mail server did not answer in time", is_ours=True),
        "broke_off": Fault("The mail server broke off"),
        "put_off": Fault("The mail server asked to try later"),
        "no_encryption": Fault("The mail server offered no encryption", is_ours=True),
        "sign_in_refused": Fault("The mail server did not accept the user or the password", is_ours=True),
        "sender_refused": Fault("The mail server did not accept the sender", is_ours=True),
        "recipient_refused": Fault("The address does not exist, or takes no mail", is_final=True),
        "letter_refused": Fault("The mail server did not accept the letter", is_final=True),
        "address_unusable": Fault("The address cannot be written to", is_final=True),
        "recipient_left": Fault("The person is no longer active here", is_final=True),
        "never_finished": Fault("Every worker that took it was stopped", is_final=True),
    }
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a try came to: a proof, or a fault, with the wait that the other side asked for."""

    proof: str = ""
    fault: str = ""
    asked_to_wait: timedelta | None = None


# 1, 2, 4 … 128 minutes, then every four hours: given up after about a day and a half.
MOST_TRIES = 15
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
# A letter that is still being sent after this time is taken by another worker.
LEASE = timedelta(minutes=2)


def pause_after(tries: int, chance: float, asked: timedelta | None = None) -> timedelta:
    """How long to wait after so many tries. `chance` in 0 … 1 spreads those that failed together."""
    usual: timedelta = min(FIRST_PAUSE * (1 << min(tries - 1, 20)), LONGEST_PAUSE)
    pause = usual * (0.75 + chance / 2)
    return max(pause, min(asked or timedelta(0), LONGEST_PAUSE))


def is_given_up(fault: str, tries: int) -> bool:
    return FAULTS[fault].is_final or tries >= MOST_TRIES


SAYS_NOTHING = "This message says nothing about any patient. Sign in to read more."
ANSWER = "Say what became of the advice, without signing in"
ANSWER_LASTS = "That link works once, for 14 days."


@dataclass(frozen=True, slots=True)
class Letter:
    """`about` is the reference of the referral, the only thing in it that points to anybody.

    `more` is a sentence under the subject. `answer_link` is there where an outcome is asked for: it answers once,
    without signing in.
    """

    about: str
    said: str
    link: str
    settings_link: str
    answer_link: str = ""
    more: str = ""

    @property
    def subject(self) -> str:
        return f"{self.about}: {self.said}" if self.about else self.said

    @property
    def text(self) -> str:
        return "\n".join(
            (
                f"{self.subject}.",
                *([self.more] if self.more else []),
                "",
                f"Open it: {self.link}",
                *([f"{ANSWER}: {self.answer_link}", ANSWER_LASTS] if self.answer_link else []),
                "",
                SAYS_NOTHING,
                f"Which mail you get: {self.settings_link}",
                "",
            )
        )
