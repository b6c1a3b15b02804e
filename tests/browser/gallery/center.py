"""The pages of a center and of those who choose one: the inbox, the offer, who reviews."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from referrals.domain.centers import Designation, Service
from referrals.domain.matching import Candidate, Needs, rank
from referrals.domain.vocabulary import Tier, VerdictWord
from referrals.models.fallback import Fallback
from referrals.models.organization import Organization
from referrals.pathway.fallbacks import Link
from referrals.web.forms.center import offer_groups, reviewer_groups
from referrals.web.forms.fields import Group, Option
from referrals.web.presenters import fitting, notices
from referrals.web.presenters.inbox import inbox_page, undo_of
from referrals.web.presenters.referral import banner
from referrals.web.presenters.times import parse_time
from tests.browser.gallery.frames import Shown, coordinator, specialist
from tests.browser.gallery.people import ITEMS, MOMENT, REFERRAL, TIERS, hours

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


NEEDS = Needs(
    tier=Tier.P2, family="pancreas", family_label="Pancreas", rare=VerdictWord.UNKNOWN, complex=VerdictWord.MET,
    resistant=VerdictWord.MET, under_18=False, due_at=parse_time(hours(7 * 24)), language="de", within_km=400,
)  # fmt: skip
TEAM = frozenset({Service.ADULTS, Service.MULTIDISCIPLINARY_TEAM, Service.REMOTE})
HARBOR = Candidate(
    id=UUID(int=1), code="harbor", name="Harbor Cancer Center", is_active=True, is_paused=False,
    designation=Designation.COMPREHENSIVE, services=TEAM, languages=frozenset({"de"}), expertise=0.8, free_places=4,
    free_week=date(2026, 11, 23), expected_at=parse_time(hours(5 * 24)), km=316.0, open_trials=2,
)  # fmt: skip
SUMMIT = replace(HARBOR, id=UUID(int=2), code="summit", name="Summit Cancer Center", expertise=0.5, km=41.0, open_trials=0, free_places=1, expected_at=parse_time(hours(9 * 24)))  # fmt: skip
RIDGE = replace(HARBOR, id=UUID(int=3), code="ridge", name="Ridge Clinic", services=frozenset({Service.ADULTS}), km=900.0)  # fmt: skip
MORE = tuple(replace(SUMMIT, id=UUID(int=10 + each), code=f"more-{each}", name=f"Center number {each}") for each in range(5))  # fmt: skip


def _fitting(asked: UUID | None = None) -> fitting.Fitting:
    about = fitting.About(UUID(int=4), NEEDS.due_at, NEEDS.family_label, asked)
    return fitting.fitting(*rank((HARBOR, SUMMIT, RIDGE, *MORE), NEEDS), about, MOMENT)


def _chain() -> fitting.Chain:
    approved = {"approved_by": "Nadia Kowal", "approved_at": parse_time(hours(-2)), "place": 1}
    rows = (
        Fallback(**approved, skipped_because="No free place before the answer is due.", ended_at=parse_time(hours(-1))),
        Fallback(**approved),
        Fallback(**approved),
    )
    links = [Link(row, Organization(name=name)) for row, name in zip(rows, ("North Hospital", "Summit Cancer Center", "Center number 1"), strict=True)]  # fmt: skip
    shown = fitting.chain(links, parse_time(hours(20)), "/referrals/x/ask-nobody-next", MOMENT)
    assert shown is not None
    return shown


def with_centers(referral: Shown) -> Shown:
    return referral._replace(page=replace(referral.page, fitting=_fitting(HARBOR.id), chain=_chain()))


def centers_that_fit() -> Shown:
    page = fitting.CentersPage(
        banner(REFERRAL, TIERS, MOMENT), notices.Link("SO-26-0004711-K", "/referrals/x"), _fitting()
    )
    return Shown("centers_that_fit.html", page, coordinator("/worklist"))
