"""What became of a specialist's advice, month by month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from referrals.domain.advice import Tally
from referrals.web.presenters.times import month_words

HEAD = ("Month", "In all", "Followed", "In part", "Not", "Unknown")


@dataclass(frozen=True)
class AdvicePage:
    months: tuple[tuple[str, ...], ...]
    head: tuple[str, ...] = HEAD


def advice_page(tallies: Iterable[Tally], today: date) -> AdvicePage:
    return AdvicePage(tuple(_month(tally, today) for tally in tallies))


def _month(tally: Tally, today: date) -> tuple[str, ...]:
    so_far = ", so far" if tally.month == today.replace(day=1) else ""
    counts = (tally.total, tally.followed, tally.partly, tally.not_followed, tally.unknown)
    return (f"{month_words(tally.month)}{so_far}", *map(str, counts))
