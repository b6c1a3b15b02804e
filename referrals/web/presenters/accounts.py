"""People as an administrator sees them: the list, one account with all that can be done to it, a link shown once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from referrals.models.user import User
from referrals.pathway.people_list import PersonSeen, RoleHeld, State
from referrals.web import paths
from referrals.web.forms.accounts import STATES
from referrals.web.presenters.filters import Choices, Filter, one_filter
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.referral import Pair
from referrals.web.presenters.report import Tab
from referrals.web.presenters.times import Moment, date_words
from referrals.web.words import ROLE, Look, counted

BACK = Link("People", paths.USERS)
LOOKS: Mapping[State, Look] = {
    State.INVITED: Look(STATES[State.INVITED], "warn", "send"),
    State.OFF: Look(STATES[State.OFF], "bad", "x"),
}
AWAY = "Away"
FILTER_NAMES = ("organization", "role", "state")


def account_tabs(current: str) -> tuple[Tab, ...]:
    sides = (("People", paths.USERS), ("Who can see what", paths.ACCESS))
    return tuple(Tab(label, href, href == current) for label, href in sides)


@dataclass(frozen=True)
class PersonRow:
    name: str
    href: str
    email: str
    roles: tuple[str, ...]
    marks: tuple[Look, ...]
    seen: str


@dataclass(frozen=True)
class PeoplePage:
    rows: tuple[PersonRow, ...]
    shown: str
    filters: tuple[Filter, ...]
    filters_set: int
    first_href: str
    next_href: str
    notices: tuple[Notice, ...] = ()
    tabs: tuple[Tab, ...] = account_tabs(paths.USERS)
    action: str = paths.USERS
    new_href: str = paths.NEW_USER


@dataclass(frozen=True)
class RoleLine:
    words: str
    take_href: str


@dataclass(frozen=True)
class PersonPage:
    """`parts` are links to what can be done to the account; none where the account reaches further than the reader."""

    name: str
    marks: tuple[Look, ...]
    facts: tuple[Pair, ...]
    roles: tuple[RoleLine, ...]
    parts: tuple[Link, ...]
    give_href: str
    note: str
    back: Link = BACK
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class LinkPage:
    """The one time that a link is shown, where the service sends no mail."""

    title: str
    name: str
    link: str
    lasts: str
    onward: str
    back: Link = BACK


def people_page(
    found: Sequence[PersonSeen],
    chosen: Mapping[str, str],
    homes: Choices,
    pages: tuple[str, str],
    moment: Moment,
    notices: tuple[Notice, ...] = (),
) -> PeoplePage:
    """`pages` are the addresses of the first page, where this is another, and of the next."""
    rows = tuple(_row(each, moment) for each in found)
    return PeoplePage(
        rows=rows,
        shown=counted(len(rows), "person", "people"),
        filters=_filters(chosen, homes),
        filters_set=sum(bool(chosen.get(name)) for name in FILTER_NAMES),
        first_href=pages[0],
        next_href=pages[1],
        notices=notices,
    )


def _filters(chosen: Mapping[str, str], homes: Choices) -> tuple[Filter, ...]:
    table: tuple[tuple[str, str, Choices], ...] = (
        ("organization", "Organization", homes),
        ("role", "Role", tuple(ROLE.items())),
        ("state", "State", tuple(STATES.items())),
    )
    return tuple(one_filter(name, label, "any", choices, chosen.get(name, "")) for name, label, choices in table)


def _row(person: PersonSeen, moment: Moment) -> PersonRow:
    return PersonRow(
        name=person.user.name,
        href=paths.user(person.user.id),
        email=person.user.email,
        roles=tuple(role_words(each) for each in person.roles) or ("No role",),
        marks=_marks(person, moment.today),
        seen=seen_words(person, moment),
    )


def role_words(held: RoleHeld) -> str:
    return f"{ROLE[held.role]}, {held.organization}"


def seen_words(person: PersonSeen, moment: Moment) -> str:
    return f"Last seen {moment.on(person.last_seen)}" if person.last_seen else "Not seen lately"


def _marks(person: PersonSeen, today: date) -> tuple[Look, ...]:
    state = (LOOKS[person.state],) if person.state in LOOKS else ()
    return (*state, Look(AWAY, "", "clock")) if is_away_now(person.user, today) else state


def is_away_now(user: User, today: date) -> bool:
    return user.away_from is not None and user.away_from <= today and (user.away_to is None or user.away_to >= today)


def away_words(user: User, cover: str, today: date) -> str:
    """ "Away until 3 Dec 2026, covered by Nadia Kowal"; "" for who is here and stays."""
    if user.away_from is None or (user.away_to is not None and user.away_to < today):
        return ""
    begins = "" if user.away_from <= today else f" from {date_words(user.away_from)}"
    ends = f" until {date_words(user.away_to)}" if user.away_to else ""
    return f"Away{begins}{ends}, {f'covered by {cover}' if cover else 'and nobody covers'}"


def away_of(user: User, cover: str, today: date) -> str:
    """ "Nadia Kowal: Away until 3 Dec 2026, covered by Jonas Lind"."""
    return f"{user.name}: {away_words(user, cover, today)}"


def person_page(
    person: PersonSeen,
    roles: Iterable[tuple[str, str]],
    parts: Iterable[tuple[str, str]],
    cover: str,
    note: str,
    moment: Moment,
    notices: tuple[Notice, ...] = (),
) -> PersonPage:
    """`roles` are words and the id of what can be taken away; `parts` what can be done, by name and title."""
    user = person.user
    return PersonPage(
        name=user.name,
        marks=_marks(person, moment.today),
        facts=(
            Pair("Email", user.email),
            Pair("State", STATES[person.state]),
            Pair("Last seen", moment.at(person.last_seen) if person.last_seen else "Not lately"),
            Pair("Known since", moment.at(user.created_at)),
            Pair("Away", away_words(user, cover, moment.today) or "No"),
        ),
        roles=tuple(RoleLine(words, paths.user(user.id, f"roles/{key}")) for words, key in roles),
        parts=tuple(Link(title, paths.user(user.id, part)) for part, title in parts),
        give_href=paths.user(user.id, "give-role") if user.active else "",
        note=note,
        notices=notices,
    )
