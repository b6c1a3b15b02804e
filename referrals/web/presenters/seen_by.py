"""Everyone who saw a patient, as a page that prints."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from referrals.domain.audit import action_words, entity_words
from referrals.web.presenters.audit import doer
from referrals.web.presenters.notices import Link
from referrals.web.presenters.referral import Banner
from referrals.web.presenters.times import Moment
from referrals.web.words import counted

HEAD = ("Who", "Organization", "First", "Last", "Times", "What")


@dataclass(frozen=True)
class SeenByPage:
    banner: Banner
    rows: tuple[tuple[str, ...], ...]
    back: Link
    printed: str
    head: tuple[str, ...] = HEAD

    @property
    def summary(self) -> str:
        return counted(len(self.rows), "person or system", "people and systems")


def seen_by_page(lines: Iterable[Any], banner: Banner, back: Link, moment: Moment) -> SeenByPage:
    whose: dict[tuple[Any, ...], list[Any]] = {}
    for line in lines:
        whose.setdefault((line.user_id, line.client_id, line.organization_name), []).append(line)
    return SeenByPage(banner, tuple(_row(each, moment) for each in whose.values()), back, moment.at(moment.now))


def _row(lines: list[Any], moment: Moment) -> tuple[str, ...]:
    """What one of them did, the first thing first."""
    first, last = min(line.first for line in lines), max(line.last for line in lines)
    did = "; ".join(_what(line) for line in lines)
    times = f"{sum(line.times for line in lines):,}"
    return doer(lines[0]), lines[0].organization_name or "", moment.at(first), moment.at(last), times, did


def _what(line: Any) -> str:
    return f"{action_words(line.action)}: {entity_words(line.entity).lower()} ({line.times:,})"
