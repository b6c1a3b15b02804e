"""The directory of centers as a list that can be narrowed, and one center with everything that it states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from referrals.domain.known_center import is_in_force, is_open
from referrals.domain.matching import COMPETENT
from referrals.web import paths
from referrals.web.center_words import DESIGNATION, SERVICE, TREATS, level_words
from referrals.web.presenters.center_record import RecordPanel
from referrals.web.presenters.filters import Choices, Filter, one_filter
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.referral import Pair
from referrals.web.presenters.times import Moment, date_words, parse_date
from referrals.web.words import LANGUAGE, Look, counted, language_words, sentence_list, words_for

FAMILIES_SHOWN = 4
STANDING: Choices = (("active", "takes referrals"), ("inactive", "takes none"), ("outside", "outside the network"))
CHOSEN = ("family", "service", "treats", "designation", "language", "standing")
TYPED = ("q", "region")
PAUSED, INACTIVE, OUTSIDE = (
    Look("Paused", "wait", "clock"),
    Look("Takes no referrals", "", "x"),
    Look("Outside the network", "", "send"),
)
NEVER_CHECKED = "Nobody has checked this entry yet"
EDITORS = "The center’s own coordinator changes this, and the network’s coordinators, leads and administrators."
KEPT_BY_NETWORK = "Nobody there signs in: the network’s coordinators, leads and administrators change this."
Edits = tuple[tuple[str, str], ...]
EDITS: Edits = (
    ("profile", "Change the profile"),
    ("expertise", "Change the expertise"),
    ("trials", "Change the trials"),
    ("conflicts", "Change the conflicts"),
    ("trials-file", "Add trials from a file"),
)


@dataclass(frozen=True)
class CenterRow:
    href: str
    name: str
    facts: tuple[str, ...]
    families: str
    services: str
    places: str
    marks: tuple[Look, ...]
    checked: str


@dataclass(frozen=True)
class CentersPage:
    """`q` and `region` are typed, the rest is chosen. An href is "" where there is nowhere to go."""

    rows: tuple[CenterRow, ...]
    filters: tuple[Filter, ...]
    q: str
    region: str
    filters_set: int
    first_href: str
    next_href: str
    notices: tuple[Notice, ...] = ()
    action: str = paths.CENTERS
    clear_href: str = paths.CENTERS
    capacity_href: str = ""

    @property
    def shown(self) -> str:
        return f"{counted(len(self.rows), 'center')}{' on this page' if self.first_href or self.next_href else ''}"


@dataclass(frozen=True)
class Table:
    """`empty` stands where there are no rows."""

    id: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str
    note: str = ""


@dataclass(frozen=True)
class CenterPage:
    """`edits` is empty for those who only read, `check_href` posts that the entry is right as it stands."""

    name: str
    code: str
    marks: tuple[Look, ...]
    paused_because: str
    meta: tuple[Pair, ...]
    url: str
    facts: tuple[Pair, ...]
    tables: tuple[Table, ...]
    edits: tuple[Link, ...]
    check_href: str
    version: int
    back: Link
    notices: tuple[Notice, ...] = ()
    editors: str = EDITORS
    record: RecordPanel | None = None


def center_filters(chosen: Mapping[str, str], families: Mapping[str, str]) -> tuple[Filter, ...]:
    services = tuple((str(name), words.lower()) for name, words in SERVICE.items() if name not in TREATS)
    table: tuple[tuple[str, str, str, Choices], ...] = (
        ("family", "Tumor", "any", tuple(families.items())),
        ("service", "Service", "any", services),
        ("treats", "Treats", "anybody", tuple((str(name), SERVICE[name].lower()) for name in TREATS)),
        ("designation", "Designation", "any", tuple((str(name), str(name)) for name in DESIGNATION)),
        ("language", "Language", "any", tuple(LANGUAGE.items())),
        ("standing", "Standing", "all", STANDING),
    )
    return tuple(one_filter(name, label, unset, choices, chosen.get(name, "")) for name, label, unset, choices in table)


def marks_of(center: Mapping[str, Any]) -> tuple[Look, ...]:
    standing = ((not center["active"], INACTIVE), (center["paused"], PAUSED), (not center["in_network"], OUTSIDE))
    return tuple(look for holds, look in standing if holds)


def center_row(center: Mapping[str, Any], families: Mapping[str, str], moment: Moment) -> CenterRow:
    facts = (words_for(DESIGNATION, center["designation"], ""), place_words(center), languages_words(center))
    return CenterRow(
        href=paths.center(center["id"]),
        name=center["name"],
        facts=tuple(fact for fact in facts if fact),
        families=top_families(center, families),
        services=sentence_list([SERVICE[name] for name in SERVICE if name in center["services"]])
        or "No service stated",
        places=places_words(center),
        marks=marks_of(center),
        checked=checked_words(center, moment),
    )


def top_families(center: Mapping[str, Any], families: Mapping[str, str]) -> str:
    """The families in which it is most expert, and how many more."""
    able = [each for each in center["expertise"] if each["level"] >= COMPETENT]
    first = sorted(able, key=lambda each: (-each["level"], list(families).index(each["family"])))[:FAMILIES_SHOWN]
    more = len(able) - len(first)
    named = [families[each["family"]] for each in first]
    return "; ".join([*named, *([f"{more} more"] if more else [])]) or "States no expertise"


def places_words(center: Mapping[str, Any]) -> str:
    return f"{counted(center['places'], 'place')} in a usual week" if center["places"] else "No place stated"


def place_words(place: Mapping[str, Any]) -> str:
    return ", ".join(str(place[name]) for name in ("city", "region", "country") if place.get(name))


def languages_words(center: Mapping[str, Any]) -> str:
    return sentence_list([language_words(code) for code in center["languages"]])


def checked_words(center: Mapping[str, Any], moment: Moment) -> str:
    if center["checked_on"] is None:
        return NEVER_CHECKED
    by = f" by {center['checked_by']}" if center["checked_by"] else ""
    return f"Last checked {moment.by_day(center['checked_on'])}{by}"


def center_page(
    center: Mapping[str, Any], families: Mapping[str, str], moment: Moment, may_change: bool, sees: Mapping[str, bool]
) -> CenterPage:
    """`sees` says whether this reader sees contacts and conflicts."""
    hidden = {name for name, is_seen in sees.items() if not is_seen}
    tables = (
        expertise_table(center, families),
        trials_table(center, families, moment.today),
        contacts_table(center),
        sites_table(center),
        conflicts_table(center, moment.today),
    )
    return CenterPage(
        editors=EDITORS if center["in_network"] else KEPT_BY_NETWORK,
        name=center["name"],
        code=center["code"],
        marks=marks_of(center),
        paused_because=center["paused_because"] or "",
        meta=meta_of(center, moment),
        url=center["url"] or "",
        facts=facts_of(center),
        tables=tuple(table for table in tables if table.id not in hidden),
        edits=tuple(Link(words, paths.center(center["id"], part)) for part, words in EDITS) if may_change else (),
        check_href=paths.center(center["id"], "checked") if may_change else "",
        version=center["version"],
        back=Link("Centers", paths.CENTERS),
    )


def meta_of(center: Mapping[str, Any], moment: Moment) -> tuple[Pair, ...]:
    told = (
        ("Designation", words_for(DESIGNATION, center["designation"], "")),
        ("City", place_words(center)),
        ("Entry", checked_words(center, moment)),
    )
    return tuple(Pair(term, words) for term, words in told if words)


def facts_of(center: Mapping[str, Any]) -> tuple[Pair, ...]:
    treats = [SERVICE[name] for name in TREATS if name in center["services"]]
    does = [words for name, words in SERVICE.items() if name in center["services"] and name not in TREATS]
    told = (
        ("Treats", sentence_list(treats)),
        ("Services", "; ".join(does)),
        ("Languages", languages_words(center)),
        ("Places", places_words(center)),
        ("Position", degrees_words(center)),
        ("Time zone", center["zone"] or "That of the network"),
        ("Source", center["source"] or ""),
    )
    return tuple(Pair(term, words or "Not stated") for term, words in told)


def degrees_words(place: Mapping[str, Any]) -> str:
    return "" if None in (place["lat"], place["lon"]) else f"{place['lat']:.4f}, {place['lon']:.4f}"


def expertise_table(center: Mapping[str, Any], families: Mapping[str, str]) -> Table:
    stated = {each["family"]: each for each in center["expertise"]}
    rows = tuple(
        (
            words,
            level_words(each["level"]),
            "" if each["yearly_volume"] is None else f"{each['yearly_volume']:,}",
            each["evidence"] or "",
        )
        for family, words in families.items()
        if (each := stated.get(family))
    )
    note = "Levels run from 0 to 1: an expert has 0.6 or more, 0.3 is needed to be asked at all."
    head = ("Tumor family", "Level", "Patients a year", "What speaks for it")
    return Table("expertise", "Expertise", head, rows, "It states no expertise, so it is asked nothing.", note)


def trials_table(center: Mapping[str, Any], families: Mapping[str, str], today: date) -> Table:
    rows = tuple(
        (
            f"{each['registry_id']} {each['title']}",
            "; ".join(families[family] for family in each["families"]),
            each["phase"] or "",
            trial_standing(each, today),
            "; ".join(words for words in (each["contact"], each["source"]) if words),
        )
        for each in center["trials"]
    )
    return Table(
        "trials", "Trials", ("Trial", "For", "Phase", "Open", "Contact and source"), rows, "No trial is stated."
    )


def trial_standing(trial: Mapping[str, Any], today: date) -> str:
    opened, closed = (trial[name] and parse_date(trial[name]) for name in ("opened_on", "closed_on"))
    if is_open(opened, closed, today):
        return f"Open since {date_words(opened)}" + (f", closes {date_words(closed)}" if closed else "")
    return f"Opens {date_words(opened)}" if today < opened else f"Closed {date_words(closed)}"


def contacts_table(center: Mapping[str, Any]) -> Table:
    rows = tuple(
        (
            f"{each['role']}{', for urgent matters' if each['urgent'] else ''}",
            each["name"] or "",
            each["phone"] or "",
            each["email"] or "",
            each["hours"] or "",
        )
        for each in center["contacts"]
    )
    head = ("Whom to ask", "Name", "Phone", "Email", "Hours")
    return Table("contacts", "Contacts", head, rows, "No contact is stated.")


def sites_table(center: Mapping[str, Any]) -> Table:
    rows = tuple(
        (each["name"], place_words(each), each["postal_code"] or "", degrees_words(each)) for each in center["sites"]
    )
    return Table("sites", "Sites", ("Site", "Where", "Postal code", "Position"), rows, "No site is stated.")


def conflicts_table(center: Mapping[str, Any], today: date) -> Table:
    rows = tuple(
        (each["organization"]["name"], each["reason"], conflict_days(each), conflict_standing(each, today))
        for each in center["conflicts"]
    )
    head = ("Must not judge for", "Because", "From and until", "Now")
    note = "Only the network and the center itself see these."
    return Table("conflicts", "Conflicts", head, rows, "No conflict is stated.", note)


def conflict_days(conflict: Mapping[str, Any]) -> str:
    until = conflict["until_day"]
    return f"{date_words(parse_date(conflict['from_day']))} – {date_words(parse_date(until)) if until else 'open end'}"


def conflict_standing(conflict: Mapping[str, Any], today: date) -> str:
    first, last = (conflict[name] and parse_date(conflict[name]) for name in ("from_day", "until_day"))
    if is_in_force(first, last, today):
        return "In force"
    return "Not yet" if today < first else "Over"


def filters_set(chosen: Mapping[str, str]) -> int:
    return sum(1 for name in (*CHOSEN, *TYPED) if chosen.get(name))


def centers_page(
    centers: Sequence[Mapping[str, Any]],
    chosen: Mapping[str, str],
    families: Mapping[str, str],
    moment: Moment,
    links: tuple[str, str] = ("", ""),
) -> CentersPage:
    """`links` lead to the first page and to the next, or are ""."""
    return CentersPage(
        rows=tuple(center_row(center, families, moment) for center in centers),
        filters=center_filters(chosen, families),
        q=chosen.get("q", ""),
        region=chosen.get("region", ""),
        filters_set=filters_set(chosen),
        first_href=links[0],
        next_href=links[1],
    )
