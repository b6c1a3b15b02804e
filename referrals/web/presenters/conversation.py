"""The conversation about a referral on a page, and what somebody has yet to read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from referrals.domain.conversation import Side
from referrals.web import paths
from referrals.web.forms.fields import Form
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.referral import Banner
from referrals.web.presenters.times import NOTHING_DUE, Due, Moment, Stamp
from referrals.web.words import Look, counted, initials

SIDE: Mapping[str, str] = {
    Side.REFERRER: "referring clinician",
    Side.COORDINATOR: "network",
    Side.CENTER: "center",
}
INSIDE = Look("Inside the network only", "wait", "lock")
UNREAD = Look("Not read yet", "wait", "clock")
FOR_YOU = Look("Not read yet", "bad", "late")


@dataclass(frozen=True)
class Said:
    """One message. `read_href` is "" where it does not wait for this reader."""

    id: str
    who: str
    initials: str
    way: str
    text: str
    stamp: Stamp
    look: Look | None
    read: str
    due: Due
    read_href: str
    is_internal: bool


@dataclass(frozen=True)
class ConversationSection:
    """Newest last. `form` is None for who only reads."""

    messages: tuple[Said, ...]
    found: str
    form: Form | None
    empty: str


@dataclass(frozen=True)
class ConversationPage:
    banner: Banner
    back: Link
    section: ConversationSection
    notices: tuple[Notice, ...] = ()

    @property
    def has_errors(self) -> bool:
        return bool(self.section.form and self.section.form.errors)


def conversation_section(
    rows: Iterable[Any], waits: Callable[[Any], bool], moment: Moment, form: Form | None, is_draft: bool = False
) -> ConversationSection:
    """`waits` says of a row whether it is for this reader, and not read yet."""
    messages = tuple(_said(row, waits(row), moment) for row in rows)
    unread = sum(bool(message.read_href) for message in messages)
    found = f"{counted(len(messages), 'message')}{f', {unread} for you' if unread else ''}" if messages else ""
    empty = "Once the referral is sent, messages about it stand here." if is_draft else "Nothing has been said yet."
    return ConversationSection(messages, found, form, empty)


def _said(row: Any, is_for_reader: bool, moment: Moment) -> Said:
    is_open = row.read_at is None and not row.internal
    return Said(
        id=f"message-{row.id}",
        who=row.author_name,
        initials=initials(row.author_name) or "–",
        way="to colleagues" if row.internal else f"{SIDE[row.sender]} to {SIDE[row.addressee]}",
        text=row.text,
        stamp=moment.stamp(row.sent_at),
        look=INSIDE if row.internal else (FOR_YOU if is_for_reader else UNREAD) if is_open else None,
        read=f"Read by {row.read_by}, {moment.at(row.read_at)}" if row.read_at else "",
        due=moment.due(row.reply_due_at) if is_open and row.reply_due_at else NOTHING_DUE,
        read_href=paths.message_read(row.referral_id, row.id) if is_for_reader else "",
        is_internal=row.internal,
    )


@dataclass(frozen=True)
class Waiting:
    """One message that nobody of the reader's side has read; it is read on the page of its referral."""

    reference: str
    href: str
    who: str
    way: str
    stamp: Stamp
    due: Due


@dataclass(frozen=True)
class MessagesPage:
    waiting: tuple[Waiting, ...]
    home: str
    notices: tuple[Notice, ...] = ()

    @property
    def summary(self) -> str:
        late = sum(one.due.is_late for one in self.waiting)
        return f"{counted(len(self.waiting), 'message')} not read{f', {late} late' if late else ''}"


def messages_page(rows: Iterable[Any], moment: Moment, home: str, notices: tuple[Notice, ...] = ()) -> MessagesPage:
    """`rows`: each a message and the reference of its referral."""
    return MessagesPage(tuple(_waiting(row, reference, moment) for row, reference in rows), home, notices)


def _waiting(row: Any, reference: str, moment: Moment) -> Waiting:
    return Waiting(
        reference=reference,
        href=f"{paths.referral(row.referral_id)}#message-{row.id}",
        who=row.author_name,
        way=SIDE[row.sender],
        stamp=moment.stamp(row.sent_at),
        due=moment.due(row.reply_due_at) if row.reply_due_at else NOTHING_DUE,
    )
