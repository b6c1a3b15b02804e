"""A center's inbox: what it was asked, what it has accepted, what it is working on, what it has answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from referrals.domain.lifecycle import ANSWERED, Status
from referrals.web import paths
from referrals.web.presenters.codes import NameOfCode, no_names
from referrals.web.presenters.mine import Card, card
from referrals.web.presenters.notices import Notice
from referrals.web.presenters.notifications import SinceYouLeft
from referrals.web.presenters.times import NOTHING_DUE, Moment
from referrals.web.presenters.worklist import View

INBOX_VIEWS: tuple[tuple[str, str], ...] = (("", "Open"), ("answered", "Answered"))


@dataclass(frozen=True)
class Part:
    title: str
    cards: tuple[Card, ...]
    look: str


@dataclass(frozen=True)
class Undo:
    """The last answer of this person, which they may still take back."""

    notice: Notice
    version: int


@dataclass(frozen=True)
class InboxPage:
    views: tuple[View, ...]
    parts: tuple[Part, ...]
    undos: tuple[Undo, ...]
    empty_title: str
    empty_text: str
    first_href: str = ""
    next_href: str = ""
    notices: tuple[Notice, ...] = ()
    since: SinceYouLeft | None = None


@dataclass(frozen=True)
class PartRule:
    """`step` is what is to be done next, "" where it is somebody else's turn; `needs` marks what waits for the center."""

    title: str
    statuses: frozenset[Status]
    must: str = ""
    action: str = ""
    step: str = ""
    needs: bool = False


PARTS: tuple[PartRule, ...] = (
    PartRule("To answer", frozenset({Status.OFFERED}), "You answer by {due}.", "Read and answer", needs=True),
    PartRule(
        "Accepted, not begun",
        frozenset({Status.ACCEPTED}),
        "You begin by {due}.",
        "Start the review",
        "start-review",
        needs=True,
    ),
    PartRule("In review", frozenset({Status.IN_REVIEW}), "You sign the opinion by {due}.", "Go on with it", needs=True),
    PartRule("Waiting for information", frozenset({Status.INFORMATION_REQUESTED}), "What was asked is due by {due}."),
    PartRule("Answered", ANSWERED),
)


def inbox_card(
    item: Mapping[str, Any], rule: PartRule, moment: Moment, tiers: Mapping[str, str], name_of: NameOfCode
) -> Card:
    """As the referrer's card, with what the center has to do in place of what the referrer has."""
    due_at = item.get("next_action_due_at")
    due = moment.due(due_at) if rule.needs else NOTHING_DUE
    return replace(
        card(item, moment, tiers, name_of),
        aloud=rule.must.format(due=moment.at(due_at)) if due_at else "",
        action=rule.action,
        action_href=paths.referral(item["id"], rule.step),
        action_due=due,
        discard_href="",
        condition_href="",
    )


def inbox_page(
    items: Sequence[Mapping[str, Any]],
    view: str,
    moment: Moment,
    tiers: Mapping[str, str],
    name_of: NameOfCode = no_names,
    undos: Iterable[Undo] = (),
) -> InboxPage:
    parts = tuple(
        Part(rule.title, cards, "needs" if rule.needs else "")
        for rule in PARTS
        if (
            cards := tuple(
                inbox_card(item, rule, moment, tiers, name_of) for item in items if item["status"] in rule.statuses
            )
        )
    )
    return InboxPage(
        views=tuple(View(label, paths.inbox(slug), "", slug == view) for slug, label in INBOX_VIEWS),
        parts=parts,
        undos=tuple(undos),
        empty_title="Nothing here",
        empty_text="When the network asks your center for an opinion, it stands here with the time to answer by.",
    )


def undo_of(reference: str, referral_id: object, version: int, declined_at: datetime, moment: Moment) -> Undo:
    title = f"You declined {reference} at {moment.local(declined_at):%H:%M}"
    text = "For 10 minutes nobody hears of it."
    return Undo(Notice("info", title, text, "Undo", paths.referral(referral_id, "undo"), posts=True), version)
