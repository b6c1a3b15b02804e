"""Break-glass on pages: what is open now, what waits for a review, and what somebody did meanwhile."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from referrals.domain.audit import action_words, entity_words
from referrals.domain.break_glass import GROUND_WORDS, VERDICT_WORDS, Verdict
from referrals.web import paths
from referrals.web.forms.fields import Form
from referrals.web.presenters.audit import trust_tabs
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.referral import Pair
from referrals.web.presenters.report import Tab
from referrals.web.presenters.times import Moment, Stamp
from referrals.web.words import Look

BACK = Link("Break-glass", paths.BREAK_GLASS_REVIEW)
WAITS = Look("Waits for a review", "warn", "clock")
LOOKS = {
    Verdict.JUSTIFIED: Look("Justified", "ok", "check"),
    Verdict.NOT_JUSTIFIED: Look("Not justified", "bad", "x"),
}
EXPLAINS = (
    "You see the record for 60 minutes and can change nothing in it. Everything you open is written down.",
    "Auditors and administrators of the network are told at once, and so is the organization that asked. One of them reviews it.",
)
DONE_HEAD = ("When", "What", "Rows")


@dataclass(frozen=True)
class GlassRow:
    href: str
    who: str
    home: str
    stamp: Stamp
    told: str
    look: Look


@dataclass(frozen=True)
class GlassesPage:
    rows: tuple[GlassRow, ...]
    first_href: str = ""
    next_href: str = ""
    notices: tuple[Notice, ...] = ()
    tabs: tuple[Tab, ...] = trust_tabs(paths.BREAK_GLASS_REVIEW, is_network=True)


@dataclass(frozen=True)
class GlassPage:
    """`form` is None where it was reviewed, or where the reader is who opened it."""

    title: str
    look: Look
    facts: tuple[Pair, ...]
    done: tuple[tuple[str, ...], ...]
    form: Form | None
    referral: Link
    back: Link = BACK
    done_head: tuple[str, ...] = DONE_HEAD

    @property
    def has_errors(self) -> bool:
        return self.form is not None and bool(self.form.errors)


def glass_row(row: Any, moment: Moment) -> GlassRow:
    glass = row.BreakGlass
    return GlassRow(
        paths.break_glass_review(glass.id),
        glass.actor_name,
        row.home,
        moment.stamp(glass.opened_at),
        f"{row.reference}: {GROUND_WORDS[glass.ground].lower()}",
        look_of(glass),
    )


def look_of(glass: Any) -> Look:
    return LOOKS[Verdict(glass.verdict)] if glass.verdict else WAITS


def glass_page(row: Any, done: Iterable[Any], form: Form | None, moment: Moment) -> GlassPage:
    glass = row.BreakGlass
    return GlassPage(
        title=f"{row.reference}, opened by {glass.actor_name}",
        look=look_of(glass),
        facts=tuple(_facts(row, moment)),
        done=tuple(_done(each, moment) for each in done),
        form=form,
        referral=Link("Open the referral", paths.referral(glass.referral_id)),
    )


def _facts(row: Any, moment: Moment) -> Iterable[Pair]:
    glass = row.BreakGlass
    yield Pair("Who", f"{glass.actor_name}, {row.home}")
    yield Pair("Opened", f"{moment.at(glass.opened_at)}, until {moment.at(glass.until)}")
    yield Pair("Why", GROUND_WORDS[glass.ground])
    yield Pair("Reason", glass.reason)
    if glass.verdict:
        yield Pair("Reviewed", f"{VERDICT_WORDS[glass.verdict]}: {row.reviewer}, {moment.at(glass.reviewed_at)}")
    if glass.note:
        yield Pair("Note", glass.note)


def _done(row: Any, moment: Moment) -> tuple[str, ...]:
    what = f"{action_words(row.action)}: {entity_words(row.entity).lower()}"
    return moment.at(row.at), what, f"{len(row.ids):,}"


def open_notice(opened: Any, moment: Moment) -> Notice:
    """On every page, as long as it is open."""
    return Notice(
        "warn",
        f"You have opened {opened.reference} by break-glass, until {moment.at(opened.until)}",
        "You can read it and change nothing. Everything you open is written down, and somebody reviews it.",
        "Open it",
        paths.referral(opened.referral_id),
    )
