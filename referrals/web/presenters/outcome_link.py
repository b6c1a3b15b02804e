"""The page behind a link in a mail: the reference and four answers, and nothing about a patient."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from referrals.domain.vocabulary import OutcomeResult
from referrals.web import paths
from referrals.web.words import counted

CHOICES: Mapping[OutcomeResult, str] = {
    OutcomeResult.FOLLOWED: "We follow it",
    OutcomeResult.PARTLY: "We follow it in part",
    OutcomeResult.NOT: "We do not follow it",
    OutcomeResult.UNKNOWN: "We do not know yet",
}


@dataclass(frozen=True)
class OutcomeLinkPage:
    """`action` is "" where there is nothing to answer; `onward` is where one signs in to say more."""

    title: str
    text: str
    onward: str
    action: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    @classmethod
    def asking(cls, action: str, reference: str, count: int, onward: str) -> Self:
        text = f"The opinion on {reference} has {counted(count, 'recommendation')}. One answer counts for all of them."
        choices = tuple((result.value, words) for result, words in CHOICES.items())
        return cls("What became of the advice?", text, onward, action, choices)

    @classmethod
    def thanks(cls, reference: str, words: str, onward: str) -> Self:
        return cls("Thank you", f"Noted for {reference}: {words}. Sign in to say more, or to close it.", onward)

    @classmethod
    def used_up(cls) -> Self:
        return cls("This link is used up", "It works once, for 14 days. Sign in to say what became of it.", paths.HOME)
