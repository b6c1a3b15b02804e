"""What happened since somebody left, in the words of the steps; and everything that they were told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from referrals.pathway.mail import topic_words
from referrals.pathway.notifications import COUNTED_UP_TO
from referrals.web import paths
from referrals.web.presenters.notices import Notice
from referrals.web.presenters.times import Moment, Stamp
from referrals.web.words import counted

IN_THE_BOX = 10
SINCE = "Since you left"


@dataclass(frozen=True)
class News:
    """One thing that happened. `href` is "" where the reader no longer reads the referral."""

    words: str
    reference: str
    href: str
    stamp: Stamp
    is_new: bool


@dataclass(frozen=True)
class SinceYouLeft:
    """`newest` is what "mark all as read" reaches up to, `back` where it leads back to."""

    news: tuple[News, ...]
    newest: str
    back: str
    has_more: bool

    @property
    def title(self) -> str:
        number = len(self.news)
        return f"{SINCE}: {f'more than {number} things' if self.has_more else counted(number, 'thing')} happened"


@dataclass(frozen=True)
class NotificationsPage:
    news: tuple[News, ...]
    newest: str
    home: str
    notices: tuple[Notice, ...] = ()

    @property
    def summary(self) -> str:
        new = sum(one.is_new for one in self.news)
        return f"{new} new" if new else "Nothing new"

    @property
    def has_new(self) -> bool:
        return any(one.is_new for one in self.news)


def news_of(row: Any, moment: Moment) -> News:
    return News(
        words=topic_words(_topic(row)),
        reference=row.reference if row.submitted_at else "Draft",
        href=paths.referral(row.referral_id) if row.may_open else "",
        stamp=moment.stamp(row.created_at),
        is_new=row.read_at is None,
    )


def _topic(row: Any) -> str:
    """As the letter about the same thing calls it."""
    if row.step is not None:
        return f"event {row.step}"
    return f"reminder {row.kind} {row.status}" if row.kind is not None else "message new"


def since_you_left(rows: Sequence[Any], moment: Moment, back: str) -> SinceYouLeft | None:
    """From one row more than is shown; None where nothing is new."""
    if not rows:
        return None
    shown = tuple(news_of(row, moment) for row in rows[:IN_THE_BOX])
    return SinceYouLeft(shown, str(rows[0].id), back, len(rows) > IN_THE_BOX)


def since_notice(unread: int) -> tuple[Notice, ...]:
    """Where there is no room for the things themselves: how many, and where they stand."""
    if not unread:
        return ()
    number = f"more than {COUNTED_UP_TO} things" if unread > COUNTED_UP_TO else counted(unread, "thing")
    return (Notice("info", f"{SINCE}: {number} happened", action="See what happened", href=paths.NOTIFICATIONS),)


def notifications_page(
    rows: Iterable[Any], moment: Moment, home: str, notices: tuple[Notice, ...] = ()
) -> NotificationsPage:
    found = tuple(rows)
    newest = str(found[0].id) if found else ""
    return NotificationsPage(tuple(news_of(row, moment) for row in found), newest, home, notices)
