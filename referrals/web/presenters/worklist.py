"""The coordinator's worklist: rows in bands of their place in the queue, each with its times, turn and reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from referrals.domain.lifecycle import ANSWERED as ANSWERED_STATUSES, OPEN, Status
from referrals.domain.vocabulary import WaitingOn
from referrals.web import paths
from referrals.web.presenters.codes import NameOfCode, diagnosis_words, no_names
from referrals.web.presenters.filters import Filter
from referrals.web.presenters.notices import Notice
from referrals.web.presenters.tags import Person, TierTag, person_of, status_tag, tier_tag
from referrals.web.presenters.times import ANSWERED, DAY, NOTHING_DUE, Due, Moment, parse_time
from referrals.web.words import RULES_SENTENCE, Look, counted, turn_words

START_NOW = ("Start now", "Their time to be looked at has come.")
THIS_WEEK = ("This week", "Their time comes within 7 days.")
LATER = ("Later", "Their time comes after that.")
LATE = ("Late", "The promised time has passed.")
TODAY = ("Promised for today", "")
NO_PROMISE = ("Nothing promised", "The answer is out, or there is nothing to answer.")
CONTESTED = Look("Contested", "bad", "ask")
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Row:
    """One referral in a list. `take` is where "Take" posts, or "" where "Open" stands instead.

    `mark` is what else must be seen beside the status.
    """

    href: str
    reference: str
    version: int
    person: Person
    diagnosis: str
    code: str
    reasons: tuple[str, ...]
    tier: TierTag | None
    action_due: Due
    promise: Due
    status: Look
    mark: Look | None
    turn: str
    is_our_turn: bool
    owner: str
    take: str


@dataclass(frozen=True)
class Band:
    title: str
    note: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class View:
    """A saved view. `count` is as printed ("1,000+"), "" where nothing was counted."""

    label: str
    href: str
    count: str
    is_current: bool
    is_alarming: bool = False


@dataclass(frozen=True)
class Empty:
    title: str
    text: str
    action: str
    href: str


@dataclass(frozen=True)
class WorklistPage:
    """`bands` is empty exactly when `empty` is set. An href is "" where there is nowhere to go."""

    view_label: str
    action: str
    views: tuple[View, ...]
    filters: tuple[Filter, ...]
    filters_set: int
    bands: tuple[Band, ...]
    empty: Empty | None
    shown: str
    sorted_by: str
    clear_href: str
    first_href: str
    next_href: str
    open_next_href: str
    here: str
    today: str
    notices: tuple[Notice, ...] = ()
    rules: str = RULES_SENTENCE

    @property
    def narrowed_by(self) -> str:
        """What is chosen in the filters, for paper, where they do not stand."""
        chosen = [option.words for each in self.filters if each.is_set for option in each.options if option.is_chosen]
        return ", ".join(chosen) or "no filters"


@dataclass(frozen=True)
class ViewRule:
    """`asks` are filters of the API's list, so that a count and its rows come from one query."""

    slug: str
    label: str
    asks: Mapping[str, str | tuple[str, ...]]
    empty: str
    is_alarming: bool = False


VIEW_RULES: tuple[ViewRule, ...] = (
    ViewRule(
        "",
        "Team queue",
        {"waiting_on": "coordinator"},
        "It is nobody’s turn here. New referrals appear when they arrive.",
    ),
    ViewRule("mine", "Mine", {"owner": "me"}, "You own no open referral. Take one from the team queue."),
    ViewRule("unassigned", "Not taken", {"owner": "none", "waiting_on": "coordinator"}, "Every referral has an owner."),
    ViewRule("late", "Late", {"overdue": "true"}, "No promised time has passed.", is_alarming=True),
    ViewRule(
        "waiting",
        "Waiting for the referrer",
        {"status": "information_requested", "waiting_on": "referrer"},
        "No question to a referrer is open.",
    ),
    ViewRule(
        "centers",
        "With centers",
        {"status": ("offered", "accepted", "in_review")},
        "No center is working on a referral.",
    ),
    ViewRule("unread", "Answers not yet read", {"status": "opinion_issued"}, "Every answer has been read."),
    ViewRule("open", "All open", {}, "There is no open referral."),
)
VIEWS: Mapping[str, ViewRule] = {rule.slug: rule for rule in VIEW_RULES}
SORTS: Mapping[str, str] = {
    "": "place in the queue",
    "due_at": "promised time",
    "submitted_at": "time received",
    "-updated_at": "last change",
}


def worklist_row(
    item: Mapping[str, Any],
    moment: Moment,
    tiers: Mapping[str, str],
    name_of: NameOfCode = no_names,
    may_take: bool = True,
) -> Row:
    """From one item of the API's list. `tiers` are the labels of the active policy."""
    diagnosis = diagnosis_words(item.get("diagnosis"), name_of)
    owner, turn = _name(item.get("owner")), item.get("waiting_on")
    take = may_take and item["status"] == Status.SUBMITTED
    return Row(
        href=paths.referral(item["id"]),
        reference=item["reference"] or "",
        version=item["version"],
        person=person_of(item["patient"], moment),
        diagnosis=diagnosis.words,
        code=diagnosis.code,
        reasons=tuple(item.get("reasons") or ())[:2],
        tier=tier_tag(item.get("tier"), tiers, bool(item.get("provisional")), override=bool(item.get("is_overridden"))),
        action_due=moment.due(item.get("next_action_due_at"), is_brief=True),
        promise=promise_due(item, moment),
        status=status_tag(item["status"]),
        mark=CONTESTED if item.get("is_contested") else None,
        turn=turn_words(turn, item.get("next_action"), _name(item.get("center"))),
        is_our_turn=turn == WaitingOn.COORDINATOR,
        owner=owner,
        take=paths.referral(item["id"], "claim") if take else "",
    )


def _name(thing: Mapping[str, Any] | None) -> str:
    return (thing or {}).get("name") or ""


def promise_due(item: Mapping[str, Any], moment: Moment) -> Due:
    """The promise is kept when the opinion goes out: from then on there is nothing to be late with."""
    if _is_answered(item):
        return ANSWERED
    return moment.due(item.get("due_at"), soon=DAY, is_brief=True) if item["status"] in OPEN else NOTHING_DUE


def _is_answered(item: Mapping[str, Any]) -> bool:
    return item["status"] in ANSWERED_STATUSES


def place_band(order_at: Any, moment: Moment) -> tuple[str, str]:
    if order_at is None:
        return LATER
    ahead = parse_time(order_at) - moment.now
    if ahead <= timedelta(0):
        return START_NOW
    return THIS_WEEK if ahead <= WEEK else LATER


def promise_band(due_at: Any, moment: Moment) -> tuple[str, str]:
    if due_at is None:
        return NO_PROMISE
    ahead = parse_time(due_at) - moment.now
    if ahead < timedelta(0):
        return LATE
    if moment.near(due_at) == "today":
        return TODAY
    return ("Promised this week", "Within 7 days.") if ahead <= WEEK else ("Promised later", "")


def _heading(item: Mapping[str, Any], sort: str, moment: Moment) -> tuple[str, str]:
    if sort == "":
        return place_band(item.get("order_at"), moment)
    return promise_band(None if _is_answered(item) else item.get("due_at"), moment) if sort == "due_at" else ("", "")


def bands(items: Sequence[Mapping[str, Any]], rows: Sequence[Row], sort: str, moment: Moment) -> tuple[Band, ...]:
    """Neighbors under one heading; the order of the rows is the database's and is never touched here."""
    found: list[tuple[tuple[str, str], list[Row]]] = []
    for item, row in zip(items, rows, strict=True):
        heading = _heading(item, sort, moment)
        if not found or found[-1][0] != heading:
            found.append((heading, []))
        found[-1][1].append(row)
    return tuple(Band(title, note, tuple(members)) for (title, note), members in found)


def count_words(count: Mapping[str, Any] | int | None) -> str:
    """A capped count says so: "1,000+"."""
    if count is None:
        return ""
    number, more = (count, False) if isinstance(count, int) else (count["count"], count["more"])
    return f"{number:,}{'+' if more else ''}"


def view_tabs(current: str, counts: Mapping[str, Any], refused: Any = None) -> tuple[View, ...]:
    """`counts` by slug. Refused at the door is a view with a count too, on a page of its own, for whom it is work."""
    tabs = [
        View(
            rule.label,
            paths.worklist(rule.slug),
            count_words(counts.get(rule.slug)),
            rule.slug == current,
            rule.is_alarming and count_words(counts.get(rule.slug)) not in ("", "0"),
        )
        for rule in VIEW_RULES
    ]
    if refused is not None:
        tabs.append(View("Refused at the door", paths.REFUSED, count_words(refused), current == "refused"))
    return tuple(tabs)


def empty_words(view: str, filters_set: int, clear_href: str) -> Empty:
    if filters_set:
        return Empty(
            "Nothing fits these filters", "Other referrals may be here without them.", "Clear filters", clear_href
        )
    rule = VIEWS[view]
    other = VIEWS["open"] if view != "open" else VIEWS[""]
    return Empty("Nothing is waiting here", rule.empty, f"See {other.label.lower()}", paths.worklist(other.slug))


def shown_words(rows: int, count: str) -> str:
    """ "50 of 56 referrals on this page"; `count` is "" where nobody has counted."""
    of = f"{rows} of {count} referrals" if count and count != str(rows) else counted(rows, "referral")
    return f"{of} on this page"


def next_for(items: Iterable[Mapping[str, Any]], me: object) -> str:
    """The one to open next: the first whose turn it is here and that nobody else has taken."""
    return next((paths.referral(item["id"]) for item in items if _is_mine_to_do(item, me)), "")


def _is_mine_to_do(item: Mapping[str, Any], me: object) -> bool:
    owner = item.get("owner")
    return item.get("waiting_on") == WaitingOn.COORDINATOR and (owner is None or owner["id"] == me)


@dataclass(frozen=True)
class Asked:
    """What the address asked for. `me` is the id of a person who takes referrals: only they have one to open next."""

    view: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    cursor: str = ""
    me: object = None

    @property
    def query(self) -> dict[str, str]:
        return {**{name: value for name, value in self.filters.items() if value}, "sort": self.sort}


def worklist_page(
    items: Sequence[Mapping[str, Any]],
    asked: Asked,
    rows: Sequence[Row],
    tabs: tuple[View, ...],
    filters: tuple[Filter, ...],
    next_cursor: str | None,
    moment: Moment,
) -> WorklistPage:
    filters_set = sum(1 for value in asked.filters.values() if value)
    clear = paths.worklist(asked.view)
    return WorklistPage(
        view_label=VIEWS[asked.view].label,
        action=clear,
        views=tabs,
        filters=filters,
        filters_set=filters_set,
        bands=bands(items, rows, asked.sort, moment),
        empty=None if rows else empty_words(asked.view, filters_set, clear),
        shown=shown_words(len(rows), "" if filters_set else next(tab.count for tab in tabs if tab.is_current)),
        sorted_by=SORTS[asked.sort],
        clear_href=clear,
        first_href=paths.worklist(asked.view, asked.query) if asked.cursor else "",
        next_href=paths.worklist(asked.view, {**asked.query, "cursor": next_cursor}) if next_cursor else "",
        open_next_href=next_for(items, asked.me) if asked.me else "",
        here=paths.worklist(asked.view, {**asked.query, "cursor": asked.cursor}),
        today=moment.full,
    )
