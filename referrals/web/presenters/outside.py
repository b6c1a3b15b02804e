"""What a coordinator sees of a center outside the network: that they record for it, and what waits to be compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from referrals.domain.lifecycle import ANSWERED, Status
from referrals.web import paths
from referrals.web.forms.fields import ErrorLink
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.opinion import OpinionPanel
from referrals.web.presenters.referral import Banner, Pair
from referrals.web.presenters.steps import StepButton

ASK_YOURSELF = "Outside the network: you ask them yourself and record their answer."
RECORD_ANSWER = "Record their answer"
GIVEN_BACK = "Record that they give it back"
RECORD_OPINION = "Record their opinion"
RECORD_AMENDMENT = "Record their amended opinion"


@dataclass(frozen=True)
class ComparePage:
    """A transcription beside its original: to be handed in, or to be signed off by somebody else.

    `boxes` are what has to be ticked; without them nothing is signed here. `send_back_href` is "" for the writer.
    """

    title: str
    banner: Banner
    opinion: OpinionPanel
    original: tuple[Pair, ...]
    original_href: str
    identity: tuple[Pair, ...]
    explains: str
    action: str
    submit: str
    version: int
    draft_version: int
    back: Link
    change: Link | None = None
    boxes: tuple[tuple[str, str], ...] = ()
    send_back_href: str = ""
    errors: tuple[ErrorLink, ...] = ()
    notices: tuple[Notice, ...] = ()
    note: str = ""

    def fault(self, field: str) -> str:
        return next((error.words for error in self.errors if error.href == f"#{field}"), "")


def record_buttons(status: str, referral_id: object, *, is_waiting: bool, is_begun: bool) -> Iterator[StepButton]:
    """What can be recorded now. While an opinion waits to be compared, a notice leads there.

    `is_begun`: the original of what is to be signed next has been named.
    """
    answer = paths.referral(referral_id, paths.RECORD_ANSWER)
    if status == Status.OFFERED:
        yield _button(paths.RECORD_ANSWER, RECORD_ANSWER, answer, is_primary=True)
    if status == Status.ACCEPTED:
        href = paths.referral(referral_id, f"{paths.RECORD_OPINION}/original")
        yield _button(paths.RECORD_OPINION, RECORD_OPINION, href, is_primary=True)
    if status == Status.IN_REVIEW:
        href = paths.referral(referral_id, paths.RECORD_OPINION)
        yield _button(paths.RECORD_OPINION, RECORD_OPINION, href, is_primary=not is_waiting)
    if status in ANSWERED:
        part = paths.RECORD_AMENDMENT if is_begun else f"{paths.RECORD_OPINION}/original"
        yield _button(paths.RECORD_AMENDMENT, RECORD_AMENDMENT, paths.referral(referral_id, part), is_primary=False)
    if status in (Status.ACCEPTED, Status.IN_REVIEW):
        yield _button("return", GIVEN_BACK, answer, is_primary=False)


def _button(step: str, label: str, href: str, *, is_primary: bool) -> StepButton:
    return StepButton(step, label, ASK_YOURSELF, href, False, is_primary)


def waiting_notice(recorder: str, referral_id: object, *, may_compare: bool) -> Notice:
    if not may_compare:
        return Notice("info", "The opinion waits to be compared", "You have transcribed it. Somebody else compares it with the original.")  # fmt: skip
    said = f"{recorder} has transcribed it. It is signed once somebody else has compared it with its original."
    href = paths.referral(referral_id, paths.COMPARE_OPINION)
    return Notice("info", "The opinion waits to be compared", said, "Compare it", href)


def sent_back_notice(by: str, note: str, href: str) -> Notice:
    return Notice("warn", f"The transcription was sent back by {by}", f"“{note}”", "Put it right", href)


def undo_notice(center: str, referral_id: object) -> Notice:
    href = paths.referral(referral_id, f"{paths.RECORD_ANSWER}/undo")
    said = "You can take it back for 10 minutes; until then nobody is told."
    return Notice("info", f"You have recorded the answer of {center}", said, "Take it back", href, posts=True)


def original_notice(words: str, referral_id: object, document_id: object) -> Notice:
    """Above the text that is transcribed."""
    href = paths.document(referral_id, document_id)
    return Notice("info", "Write what the original says, and nothing else", f"It is of {words}.", "Save the original", href)  # fmt: skip


def original_pairs(told: Mapping[str, Any], name: str, day: str) -> tuple[Pair, ...]:
    named = told["specialist"]
    rows = (
        Pair("Signed by", named["name"]),
        Pair("Office", named["title"] or ""),
        Pair("Signed on", day),
        Pair("Document", name),
    )
    return tuple(row for row in rows if row.words)
