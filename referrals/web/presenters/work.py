"""What somebody has to do, and which letters were given up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from referrals.domain.mail import FAULTS
from referrals.domain.tasks import TaskKind
from referrals.models.user import User
from referrals.pathway.mail import topic_words
from referrals.web import paths
from referrals.web.presenters.accounts import away_of
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.times import Due, Moment, Stamp
from referrals.web.words import counted

ON_BOARD = "Places of the center"
# What tasks about no referral and no center are about, and where it stands.
ELSEWHERE: Mapping[str, Link] = {
    TaskKind.COVER_ENDED: Link("When you are away", paths.AWAY),
    TaskKind.UNCOVERED: Link("People", paths.USERS),
}


@dataclass(frozen=True)
class TaskRow:
    """`about` is what it is about, a referral or a center, as the words of a link. `owner` is who is away, if they are."""

    href: str
    words: str
    about: str
    about_href: str
    due: Due
    since: str
    owner: str = ""


@dataclass(frozen=True)
class TasksPage:
    tasks: tuple[TaskRow, ...]
    home: str
    notices: tuple[Notice, ...] = ()

    @property
    def summary(self) -> str:
        late = sum(task.due.is_late for task in self.tasks)
        return f"{counted(len(self.tasks), 'task')}{f', {late} late' if late else ''}" if self.tasks else ""


def tasks_page(rows: Iterable[Any], me: User, moment: Moment, home: str, notices: tuple[Notice, ...] = ()) -> TasksPage:
    """`rows`: each a task, the reference of its referral, or None, and whose it is: mine, or of who is away."""
    return TasksPage(tuple(_task(task, reference, owner, me, moment) for task, reference, owner in rows), home, notices)


def _task(task: Any, reference: str | None, owner: User, me: User, moment: Moment) -> TaskRow:
    about = _about(task, reference)
    return TaskRow(
        href=paths.task_done(task.id),
        words=task.words,
        about=about.words if about else "",
        about_href=about.href if about else "",
        due=moment.due(task.due_at),
        since=moment.since(task.created_at),
        owner="" if owner.id == me.id else away_of(owner, me.name, moment.today),
    )


def _about(task: Any, reference: str | None) -> Link | None:
    if reference and task.referral_id:
        return Link(reference, paths.referral(task.referral_id))
    return Link(ON_BOARD, paths.capacity(task.center_id)) if task.center_id else ELSEWHERE.get(task.kind)


@dataclass(frozen=True)
class DeadLetter:
    href: str
    said: str
    reference: str
    recipient: str
    why: str
    tries: str
    stamp: Stamp


@dataclass(frozen=True)
class DeadLettersPage:
    letters: tuple[DeadLetter, ...]
    all_href: str
    is_mail_on: bool
    notices: tuple[Notice, ...] = ()


def dead_letters_page(
    rows: Iterable[Any], moment: Moment, is_mail_on: bool, notices: tuple[Notice, ...] = ()
) -> DeadLettersPage:
    """`rows`: each a delivery with the recipient, their email and the reference of the referral."""
    letters = tuple(_letter(row, moment) for row in rows)
    return DeadLettersPage(letters, paths.send_again(), is_mail_on, notices)


def _letter(row: Any, moment: Moment) -> DeadLetter:
    sent = row.Delivery
    return DeadLetter(
        href=paths.send_again(sent.id),
        said=topic_words(sent.topic),
        reference=row.reference or "",
        recipient=f"{row.recipient}, {row.email}",
        why=FAULTS[sent.last_error].words if sent.last_error else "",
        tries=counted(sent.attempts, "try", "tries"),
        stamp=moment.stamp(sent.created_at),
    )
