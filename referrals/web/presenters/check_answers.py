"""Check your answers: everything that was typed, topic by topic, before it is sent; and what is seen after."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from referrals.domain.errors import FieldError
from referrals.web import paths
from referrals.web.forms.bind import field_at, find
from referrals.web.forms.fields import ErrorLink, Field, Kind, Repeat
from referrals.web.forms.topics import CHECK, TOPICS, Topic, topic_form
from referrals.web.presenters.codes import NameOfCode, no_names
from referrals.web.presenters.facts import treatment_row
from referrals.web.presenters.form_page import TopicTab, topic_tabs
from referrals.web.presenters.notices import Link
from referrals.web.presenters.referral import Banner, Pair
from referrals.web.presenters.tags import TierTag
from referrals.web.presenters.times import partial_date_words
from referrals.web.words import RULES_SENTENCE


@dataclass(frozen=True)
class Section:
    title: str
    change_href: str
    rows: tuple[Pair, ...]
    nothing: str = ""


@dataclass(frozen=True)
class CheckPage:
    """`missing` links to what must be there before it can be sent; the button stands in any case and says so."""

    version: int
    banner: Banner
    sections: tuple[Section, ...]
    missing: tuple[ErrorLink, ...]
    topics: tuple[TopicTab, ...]
    submit_href: str
    later_href: str
    back: Link
    was_refused: bool = False


@dataclass(frozen=True)
class SentPage:
    """The status page after sending: the number to quote, and who does what by when."""

    reference: str
    name: str
    tier: TierTag | None
    reasons: tuple[str, ...]
    promised: str
    aloud: str
    href: str
    next_href: str = paths.MY_REFERRALS
    rules: str = RULES_SENTENCE


def answer_words(field: Field, value: Any, names: Mapping[str, NameOfCode]) -> str:
    if value in (None, "", []):
        return ""
    if field.kind is Kind.BOX:
        return "Yes" if value else "No"
    if field.kind in (Kind.DATE, Kind.PARTIAL_DATE):
        return partial_date_words(value)
    if field.kind is Kind.CODE:
        return f"{value} {names.get(field.name, no_names)(value) or ''}".strip()
    labels = {option.value: option.label for option in field.options}
    values = [str(item) for item in (value if isinstance(value, list) else [value])]
    return ", ".join(labels.get(item) or names.get(field.name, no_names)(item) or item for item in values)


def _rows(topic: Topic, packet: Mapping[str, Any], names: Mapping[str, NameOfCode]) -> Iterable[Pair]:
    for item in (item for group in topic.groups for item in group.items if item.pointer):
        if isinstance(item, Repeat):
            yield from _repeated(item, find(packet, item.pointer) or ())
        elif item.kind is not Kind.HIDDEN:
            yield Pair(item.label, answer_words(item, find(packet, item.pointer), names))


def _repeated(repeat: Repeat, sent: Iterable[Any]) -> Iterable[Pair]:
    for number, row in enumerate(sent, start=1):
        yield Pair(f"{repeat.label} {number}", row if isinstance(row, str) else _row_words(repeat, number - 1, row))


def _row_words(repeat: Repeat, index: int, row: Mapping[str, Any]) -> str:
    if repeat.name != "treatments":
        return ", ".join(str(value) for value in row.values() if value)
    shown = treatment_row(index, row)
    line = f"line {shown.line}" if shown.line else ""
    words = (shown.treatment, shown.regimen, line, shown.status, shown.dates, shown.response, shown.stop_reason)
    return ", ".join(word for word in words if word)


def _nothing(topic: Topic, packet: Mapping[str, Any]) -> str:
    """No treatment and unknown treatment must look different here of all places."""
    if topic.slug != "treatment" or packet.get("treatments"):
        return ""
    return "No treatment so far." if packet.get("treatments") == [] else "Treatment so far: not known."


def sections(packet: Mapping[str, Any], referral_id: object, names: Mapping[str, NameOfCode]) -> tuple[Section, ...]:
    return tuple(
        Section(
            title=topic.title,
            change_href=paths.referral(referral_id, topic.slug),
            rows=tuple(row for row in _rows(topic, packet, names) if row.words),
            nothing=_nothing(topic, packet),
        )
        for topic in TOPICS.values()
    )


def missing_links(errors: Iterable[FieldError], referral_id: object) -> tuple[ErrorLink, ...]:
    """Each thing that is missing leads to its field on its own page."""
    return tuple(ErrorLink(error.message, _place_of(error.pointer, referral_id)) for error in errors)


def _place_of(pointer: str, referral_id: object) -> str:
    for slug in TOPICS:
        fields = [
            field
            for group in topic_form(slug, referral_id, None).groups
            for item in group.items
            for field in ((item,) if isinstance(item, Field) else item.row(0))
        ]
        if found := field_at(fields, pointer):
            return f"{paths.referral(referral_id, slug)}#{found.focus_id}"
    return ""


def done_topics(missing: Iterable[ErrorLink], referral: Mapping[str, Any]) -> list[str]:
    """Where nothing that is needed is missing. Treatment needs nothing: it is done once something was said."""
    unfinished = {link.href.partition("#")[0] for link in missing}
    found = [slug for slug in TOPICS if paths.referral(referral["id"], slug) not in unfinished]
    return [slug for slug in found if slug != "treatment" or "treatments" in referral]


def check_page(
    referral: Mapping[str, Any],
    banner: Banner,
    errors: Iterable[FieldError],
    names: Mapping[str, NameOfCode],
    was_refused: bool = False,
) -> CheckPage:
    """`errors` are what stands against sending; `names` gives the titles of codes by field name."""
    referral_id = referral["id"]
    missing = missing_links(errors, referral_id)
    done = done_topics(missing, referral)
    return CheckPage(
        version=referral["version"],
        banner=banner,
        sections=sections(referral, referral_id, names),
        missing=missing,
        topics=topic_tabs(CHECK, done, referral_id),
        submit_href=paths.referral(referral_id, "submit"),
        later_href=paths.MY_REFERRALS,
        back=Link("My referrals", paths.MY_REFERRALS),
        was_refused=was_refused,
    )
