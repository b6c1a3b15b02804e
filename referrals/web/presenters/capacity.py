"""The board of centers and weeks in words and numbers: what is free, full, closed, overbooked, and who is paused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from referrals.domain.centers import PauseReason
from referrals.models.center import Center
from referrals.pathway.capacity_board import BoardRow
from referrals.pathway.places import Limited, Week
from referrals.web import paths
from referrals.web.forms.fields import Form
from referrals.web.presenters.filters import Filter, one_filter
from referrals.web.presenters.form_page import Conflict
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.times import Moment
from referrals.web.words import LINE, Look, counted, short_day

BY_ITSELF = "It goes on by itself as soon as somebody there is active."
TO_NETWORK = "Phone the center, then end the pause."
BY_PERSON = "It is asked again once the network ends the pause."
TO_CENTER = "New referrals come again once the network ends the pause: write or phone."


@dataclass(frozen=True)
class Cell:
    """One week of one center: a mark, or plain words, and what stands below."""

    words: str
    mark: Look | None = None
    below: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pause:
    """Since when and why, and how it goes on; `href` ends it, where this person may."""

    words: str
    how: str
    href: str = ""


@dataclass(frozen=True)
class CenterRow:
    name: str
    place: str
    href: str
    version: int
    cells: tuple[Cell, ...]
    pause: Pause | None = None


@dataclass(frozen=True)
class WeekHead:
    words: str
    note: str


@dataclass(frozen=True)
class CapacityPage:
    """`form` is that of the only row, where its reader may change it; else `unchanged` says why there is none."""

    title: str
    weeks: tuple[WeekHead, ...]
    rows: tuple[CenterRow, ...]
    first: str
    earlier_href: str
    later_href: str
    now_href: str = ""
    filters: tuple[Filter, ...] = ()
    next_href: str = ""
    first_href: str = ""
    back: Link | None = None
    form: Form | None = None
    unchanged: str = ""
    conflict: Conflict | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def filters_set(self) -> int:
        return sum(each.is_set for each in self.filters)

    @property
    def has_errors(self) -> bool:
        return self.form is not None and bool(self.form.errors)


def board_filters(family: str, only_free: bool, families: Mapping[str, str]) -> tuple[Filter, ...]:
    return (
        one_filter("family", "Tumor", "any", tuple(families.items()), family),
        one_filter("free", "Places", "any", (("true", "only centers with a free one"),), "true" if only_free else ""),
    )


def week_heads(weeks: Sequence[date], this_week: date) -> tuple[WeekHead, ...]:
    return tuple(WeekHead(short_day(week), "this week" if week == this_week else "") for week in weeks)


def center_row(row: BoardRow, moment: Moment, *, is_network: bool, may_end: bool) -> CenterRow:
    home = row.organization
    return CenterRow(
        name=home.name,
        place=", ".join(part for part in (row.center.city, row.center.region) if part),
        href=paths.capacity(home.id) if is_network else "",
        version=row.center.version,
        cells=tuple(cell(week, row.reasons.get(week.week, ())) for week in row.weeks),
        pause=pause_of(row.center, moment, is_network=is_network, may_end=may_end),
    )


def cell(week: Week, reasons: Sequence[str] = ()) -> Cell:
    below = [
        *(_limit_words(week, limit) for limit in week.limits if week.places),
        *(f"“{reason}”" for reason in reasons),
    ]
    if week.is_closed:
        held = [f"{counted(week.held, 'referral')} held"] if week.held else []
        return Cell(f"Closed: {week.reason}" if week.reason else "Closed", below=(*held, *below))
    if week.over:
        return Cell(
            "",
            Look(f"Overbooked by {week.over}", "bad", "late"),
            (f"{week.held} held, {counted(week.places, 'place')}", *below),
        )
    if not week.places:
        return Cell("No places", below=tuple(below))
    if not week.free:
        return Cell("", Look(f"Full ({week.places})", "bad", "x"), tuple(below))
    return Cell(f"{week.free} free of {week.places}", below=tuple(below))


def _limit_words(week: Week, limit: Limited) -> str:
    free, over = week.free_for(limit.service), limit.reserved + limit.used - limit.places
    left = (
        f"overbooked by {over}" if over > 0 else f"{free} free of {limit.places}" if free else f"full ({limit.places})"
    )
    return f"{LINE[limit.service]}: {left}"


def pause_of(center: Center, moment: Moment, *, is_network: bool, may_end: bool = False) -> Pause | None:
    if center.paused_at is None:
        return None
    why = f": {center.paused_because}" if center.paused_because else "."
    words = f"Paused {moment.since(center.paused_at)}{why}"
    if center.paused_for == PauseReason.NOBODY:
        return Pause(words, BY_ITSELF)
    to_network = TO_NETWORK if center.paused_for else BY_PERSON
    return Pause(
        words, to_network if is_network else TO_CENTER, paths.end_pause(center.organization_id) if may_end else ""
    )


def pause_notice(center: Center, moment: Moment) -> tuple[Notice, ...]:
    """For the people of a center that is paused: what they have been asked stays theirs to answer."""
    found = pause_of(center, moment, is_network=False)
    if found is None:
        return ()
    return (Notice("warn", f"Your center: {found.words}", f"{found.how} What you were asked before stays open below."),)
