"""The pages of a center and of those who choose one: the inbox, the offer, who reviews."""

from typing import Any

from referrals.web.forms.center import offer_groups, reviewer_groups
from referrals.web.forms.fields import Group, Option
from referrals.web.presenters.inbox import inbox_page, undo_of
from tests.browser.gallery.frames import Shown, specialist
from tests.browser.gallery.people import ITEMS, MOMENT, TIERS, hours

WORKING = ("offered", "offered", "accepted", "in_review", "information_requested")
FITTING = (
    Option("1", "Harbor Cancer Center", "Expertise 0.8 in Liver, bile ducts, gallbladder, pancreas, open trials, 4 free places. Answer expected by 2 Dec, 10:41."),
    Option("2", "Summit Cancer Center", "Expertise 0.6 in Liver, bile ducts, gallbladder, pancreas, 1 free place. The answer would come after it is due."),
)  # fmt: skip
OTHERS = (Option("3", "Ridge Clinic", "A multidisciplinary team is needed, and the center has none."),)
SIGNERS = (Option("", "Choose"), Option("1", "Dr Priya Venkat"), Option("2", "Dr Hugo Lindgren"))


def groups_of(step: str) -> tuple[Group, ...] | None:
    """What the view puts into these forms from the database."""
    if step == "offer":
        return offer_groups(FITTING, OTHERS)
    return reviewer_groups(SIGNERS, SIGNERS[1:]) if step in ("start-review", "change-specialist") else None


def at_center() -> list[dict[str, Any]]:
    standing = {"waiting_on": "center", "center": {"id": "c", "code": "harbor", "name": "Harbor Cancer Center"}}
    return [{**item, **standing, "status": status} for item, status in zip(ITEMS[2:], WORKING, strict=False)]


def inbox(items: list[dict[str, Any]]) -> Shown:
    undos = [undo_of("SO-26-0004711-K", "x", 5, hours(-0.1), MOMENT)] if items else []
    return Shown("inbox.html", inbox_page(items, "", MOMENT, TIERS, undos=undos), specialist("/inbox"))
