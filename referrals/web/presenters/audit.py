"""The audit as a list: who did what, to which rows, when; with what it was narrowed by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from referrals.boundary.audit_answers import detail_words
from referrals.boundary.schemas.audit import FROM, UNTIL
from referrals.domain.audit import ACTIONS, DENIED, ENTITIES, action_words, entity_words
from referrals.domain.step_words import STEP_WORDS
from referrals.pathway.audit import NAMED, Doers
from referrals.web import paths
from referrals.web.presenters.filters import Choices, Filter, FilterOption
from referrals.web.presenters.report import Tab
from referrals.web.presenters.times import Moment, Stamp, date_words, parse_date
from referrals.web.words import Look, counted

SERVICE = "The service itself"
DENIAL = Look("Denied", "bad", "x")
EXPLAINS = "Nobody can change it. Who looks at it is written down, too."


@dataclass(frozen=True)
class AuditRow:
    """`rows` are what the entry names, each with the address of its own list where there is one."""

    stamp: Stamp
    who: str
    home: str
    what: str
    rows: tuple[tuple[str, str], ...]
    more: str
    detail: str
    request_id: str
    is_denial: bool = False


@dataclass(frozen=True)
class AuditPage:
    of: str
    rows: tuple[AuditRow, ...]
    filters: tuple[Filter, ...]
    chosen: Mapping[str, str]
    first: str
    last: str
    csv_href: str
    first_href: str
    next_href: str
    tabs: tuple[Tab, ...]
    error: str = ""
    action: str = paths.AUDIT
    denial: Look = DENIAL
    explains: str = EXPLAINS

    @property
    def period(self) -> str:
        return f"from {date_words(parse_date(self.first))} until {date_words(parse_date(self.last))}"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.chosen)


def trust_tabs(current: str, *, is_network: bool) -> tuple[Tab, ...]:
    """What administrators and auditors look after."""
    places = (
        ("Proofs", paths.INTEGRITY),
        ("Audit", paths.AUDIT),
        ("Break-glass", paths.BREAK_GLASS_REVIEW),
        ("Legal holds", paths.LEGAL_HOLDS),
    )
    return tuple(Tab(label, href, href == current) for label, href in places) if is_network else ()


def audit_filters(chosen: Mapping[str, str], doers: Doers) -> tuple[Filter, ...]:
    steps = {name: words.happened for name, words in STEP_WORDS.items()}
    table: tuple[tuple[str, str, str, Choices], ...] = (
        ("user", "Person", "anybody", _named(doers.people)),
        ("client", "System", "any or none", _named(doers.systems)),
        ("action", "What", "anything", _sorted({**steps, **ACTIONS})),
        ("entity", "Of", "any row", _sorted(ENTITIES)),
    )
    return tuple(
        _filter(name, label, (("", unset), *choices), chosen.get(name, "")) for name, label, unset, choices in table
    )


def _filter(name: str, label: str, choices: Choices, chosen: str) -> Filter:
    return Filter(name, label, tuple(FilterOption(value, words, value == chosen) for value, words in choices))


def _named(rows: Iterable[Any]) -> Choices:
    return tuple((str(row.id), row.name) for row in rows)


def _sorted(words: Mapping[str, str]) -> Choices:
    return tuple(sorted(words.items(), key=lambda each: each[1]))


def audit_row(row: Any, references: Mapping[str, str], moment: Moment) -> AuditRow:
    named = [str(each) for each in row.ids]
    return AuditRow(
        stamp=moment.stamp(row.at),
        who=doer(row),
        home=row.organization_name or "",
        what=f"{action_words(row.action)}: {entity_words(row.entity).lower()}",
        rows=tuple((references.get(each, each), paths.audit(record=each)) for each in named[:NAMED]),
        more=f"and {counted(len(named) - NAMED, 'more row')}" if len(named) > NAMED else "",
        detail=detail_words(row.detail),
        request_id=row.request_id or "",
        is_denial=row.action == DENIED,
    )


def doer(row: Any) -> str:
    """A system that acted in the name of a person is told with the person."""
    if row.client_name and row.user_name:
        return f"{row.client_name}, for {row.user_name}"
    return row.client_name or row.user_name or SERVICE


def audit_page(
    rows: Sequence[AuditRow],
    asked: Mapping[str, str],
    filters: tuple[Filter, ...],
    cursors: tuple[str, str],
    *,
    is_network: bool,
    error: str = "",
) -> AuditPage:
    """`asked` holds the days, too. `cursors` are the one that led here and the one that leads on."""
    here, following = cursors
    return AuditPage(
        of="What people and systems of the network did" if is_network else "What your own people and systems did",
        rows=tuple(rows),
        filters=filters,
        chosen={name: word for name, word in asked.items() if name not in (FROM, UNTIL)},
        first=asked[FROM],
        last=asked[UNTIL],
        csv_href=f"{paths.AUDIT_CSV}?{urlencode(asked)}",
        first_href=paths.audit(**asked) if here else "",
        next_href=paths.audit(**asked, cursor=following) if following else "",
        tabs=trust_tabs(paths.AUDIT, is_network=is_network),
        error=error,
    )
