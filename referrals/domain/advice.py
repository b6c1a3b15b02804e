"""What became of a specialist's advice in one month: numbers, and the words that tell them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self

from referrals.domain.vocabulary import OutcomeResult


@dataclass(frozen=True, slots=True)
class Tally:
    """Each recommendation counts once, by what was told of it last in the month; `unknown` where nobody told."""

    month: date
    followed: int = 0
    partly: int = 0
    not_followed: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, month: date, results: Iterable[str]) -> Self:
        counts = Counter(results)
        return cls(month, *(counts[result] for result in OutcomeResult))

    @classmethod
    def written(cls, text: str) -> Self:
        """The reverse of `str`."""
        month, *counts = text.split()
        return cls(date.fromisoformat(f"{month}-01"), *map(int, counts))

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.followed} {self.partly} {self.not_followed} {self.unknown}"

    @property
    def total(self) -> int:
        return self.followed + self.partly + self.not_followed + self.unknown

    @property
    def title(self) -> str:
        return f"What became of your advice in {self.month:%B %Y}"

    @property
    def sentence(self) -> str:
        given = "1 recommendation" if self.total == 1 else f"{self.total} recommendations"
        was = "was" if self.followed == 1 else "were"
        return (
            f"Of {given} from your opinions, {self.followed} {was} followed, {self.partly} in part, "
            f"{self.not_followed} not, {self.unknown} unknown."
        )


def month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_before(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
