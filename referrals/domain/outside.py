"""What a center outside the network has said: who heard it and how, and who may sign off what was transcribed."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from referrals.domain.errors import FieldError
from referrals.domain.vocabulary import DocumentKind


class HeardBy(StrEnum):
    PHONE = "phone"
    LETTER = "letter"
    EMAIL = "email"
    PORTAL = "portal"


# What is recorded on one page; an opinion takes a second person and a page of its own.
ANSWERS = ("accept", "decline-offer", "return")
# As what the original of an opinion is attached.
ORIGINAL_KINDS = frozenset({DocumentKind.LETTER, DocumentKind.OTHER})

LONGEST_NAME = 200


def name_for(person: str, center: str) -> str:
    """Who took a step: the person who recorded it, and for whom."""
    return f"{person} for {center}"[:LONGEST_NAME]


def answer_faults(sent: Mapping[str, Any], today: date) -> Iterator[FieldError]:
    """What is wrong with an answer whose form is sound."""
    if _is_to_come(sent.get("said_on"), today):
        yield FieldError("/said_on", "in_the_future", "They have said it on a day that has passed, or today.")
    if sent.get("answer") in ("decline-offer", "return") and not sent.get("reason"):
        yield FieldError("/reason", "required", "Choose the reason that they gave.")


def original_faults(sent: Mapping[str, Any], today: date) -> Iterator[FieldError]:
    if _is_to_come(sent.get("signed_on"), today):
        yield FieldError("/signed_on", "in_the_future", "The original was signed on a day that has passed, or today.")


def _is_to_come(day: str | None, today: date) -> bool:
    return day is not None and date.fromisoformat(day) > today


def against_signing_off(writers: Collection[str], checker: str, *, compared: bool) -> Iterator[FieldError]:
    """Two pairs of eyes: whoever wrote any of it does not check it, and the check is said in so many words."""
    if checker in writers:
        yield FieldError(
            "/compared", "second_person", "You have transcribed this opinion. Somebody else has to compare it."
        )
    elif not compared:
        yield FieldError("/compared", "compared", "Say that you have compared every sentence with the original.")
