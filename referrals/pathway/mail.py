"""Letters to people outside the dashboard: queued once for each occasion, written when they are sent."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from referrals.domain.accounts import ACCOUNT_NEWS, TICKETS, TicketKind
from referrals.domain.advice import Tally
from referrals.domain.conversation import MESSAGE_WORDS
from referrals.domain.mail import Channel, DeliveryState, Letter
from referrals.domain.reminders import ReminderKind, reminder_words
from referrals.domain.second_factor import HAPPENED, NOT_YOU
from referrals.domain.statuses import Status
from referrals.domain.step_words import STEP_WORDS
from referrals.domain.tasks import TASKS, TaskKind
from referrals.models.add_once import add_once
from referrals.models.base import new_id
from referrals.models.delivery import Delivery
from referrals.models.user import User

MAIL = "mail"
ADVICE = "advice"
TICKET = "ticket"
ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Stationery:
    """What every letter of this service has in common. Without it the service sends no mail.

    `secret_key` signs the links that answer without signing in.
    """

    sender: str
    base_url: str
    secret_key: str = field(repr=False)

    def message_id(self, delivery: UUID) -> str:
        """The same over all tries, so that a letter that arrives twice is seen to be one."""
        return f"<{delivery}@{parseaddr(self.sender)[1].rpartition('@')[2]}>"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What happened: `name` makes it one, `topic` says it in words, `at` is when it was noticed."""

    name: str
    topic: str
    network_id: UUID
    referral_id: UUID | None
    at: datetime


def queue_letters(session: Session, mail: Stationery | None, occasion: Occasion, users: Iterable[UUID]) -> int:
    """One letter to each of them, unless it was queued before; how many. None where the service sends no mail."""
    rows = [] if mail is None else [_waiting(mail, occasion, user) for user in dict.fromkeys(users)]
    return len(add_once(session, Delivery, rows))


def _waiting(mail: Stationery, occasion: Occasion, user: UUID) -> dict[str, Any]:
    key = new_id()
    return {
        "id": key,
        "network_id": occasion.network_id,
        "referral_id": occasion.referral_id,
        "user_id": user,
        "channel": Channel.MAIL,
        "occasion": occasion.name,
        "topic": occasion.topic,
        "message_id": mail.message_id(key),
        "state": DeliveryState.WAITING,
        "attempts": 0,
        "created_at": occasion.at,
        "next_at": occasion.at,
    }


def wants_mail(session: Session, users: Iterable[UUID]) -> set[UUID]:
    """Those who have not turned it off."""
    rows = session.execute(select(User.id, User.preferences).where(User.id.in_(set(users))))
    return {row.id for row in rows if row.preferences.get(MAIL, True)}


def topic_words(topic: str) -> str:
    """ "event sign-opinion" is "Opinion signed": what stands in a letter, and nothing about anybody."""
    family, _, rest = topic.partition(" ")
    return _WORDS[family](rest)


def _reminder(rest: str) -> str:
    kind, _, status = rest.partition(" ")
    return reminder_words(ReminderKind(kind), Status(status))


def _event(step: str) -> str:
    return STEP_WORDS[step].happened if step in STEP_WORDS else "Rewritten in part"


def _task(kind: str) -> str:
    return TASKS[TaskKind(kind)].words


def _message(which: str) -> str:
    return MESSAGE_WORDS[which]


def _advice(rest: str) -> str:
    return Tally.written(rest).title


def _ticket(kind: str) -> str:
    return TICKETS[TicketKind(kind)].said


def _account(news: str) -> str:
    return _NEWS[news][0]


# What people are told of their own account.
_NEWS: Mapping[str, tuple[str, str]] = {
    **{happening.value: (words, NOT_YOU) for happening, words in HAPPENED.items()},
    **ACCOUNT_NEWS,
}


_WORDS: Mapping[str, Callable[[str], str]] = {
    "event": _event,
    "reminder": _reminder,
    "task": _task,
    "message": _message,
    ADVICE: _advice,
    TICKET: _ticket,
    ACCOUNT: _account,
}


# The sentence under the subject, where a family of letters has one.
_MORE: Mapping[str, Callable[[str], str]] = {
    ADVICE: lambda rest: Tally.written(rest).sentence,
    TICKET: lambda kind: TICKETS[TicketKind(kind)].sentence,
    ACCOUNT: lambda news: _NEWS[news][1],
}


# Where to read on, of what is about no single referral.
_PAGES: Mapping[str, str] = {ADVICE: "/advice", ACCOUNT: "/me/security"}


def letter(mail: Stationery, delivery: Row[Any], outcome_link: str = "", ticket: str = "") -> Letter:
    family, _, rest = delivery.topic.partition(" ")
    page = f"/password/{ticket}" if ticket else _page(delivery, family)
    return Letter(
        about=delivery.reference or "",
        said=topic_words(delivery.topic),
        link=f"{mail.base_url}{page}",
        settings_link=f"{mail.base_url}/me/preferences",
        more=_MORE[family](rest) if family in _MORE else "",
        answer_link=f"{mail.base_url}/outcome/{outcome_link}" if outcome_link else "",
    )


def _page(delivery: Row[Any], family: str) -> str:
    return f"/referrals/{delivery.referral_id}" if delivery.referral_id else _PAGES.get(family, "/")
