"""Check your answers: everything that was typed, topic by topic, before it is sent; and what is seen after."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Any

from referrals.domain.completeness import Recommended, recommended
from referrals.domain.errors import FieldError
from referrals.web import paths
from referrals.web.forms.bind import field_at, find
from referrals.web.forms.fields import CODE_UNKNOWN, ErrorLink, Field, Kind, Repeat
from referrals.web.forms.topics import CHECK, TOPICS, Topic, filled_topic, topic_form
from referrals.web.presenters.codes import NameOfCode, no_names
from referrals.web.presenters.facts import biomarker_row, treatment_row
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
    """`missing` links to what must be there before it can be sent, `wanted` to what would help to judge it.

    The button stands in any case and says so.
    """

    version: int
    banner: Banner
    sections: tuple[Section, ...]
    missing: tuple[ErrorLink, ...]
    wanted: tuple[ErrorLink, ...]
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
    letter_href: str
    next_href: str = paths.MY_REFERRALS
    rules: str = RULES_SENTENCE


NOT_GIVEN = "Not given"
# Where the form asks for what the domain calls by the name of a part.
ASKED_AT: Mapping[str, str] = {"/treatments": "/treatments_known", "/diagnosis/stage": "/diagnosis/stage/group"}


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


@dataclass(frozen=True)
class Answers:
    """What was typed, the names of its codes by field, and the places whose blank would matter."""

    packet: Mapping[str, Any]
    names: Mapping[str, NameOfCode]
    matters: frozenset[str]

    def words(self, field: Field) -> str:
        if field.unknown_pointer and find(self.packet, field.unknown_pointer):
            return CODE_UNKNOWN
        words = answer_words(field, find(self.packet, field.pointer), self.names)
        return words or (NOT_GIVEN if field.pointer in self.matters else "")


def _rows(topic: Topic, answers: Answers) -> Iterable[Pair]:
    for item in (item for group in topic.groups for item in group.items if item.pointer):
        if isinstance(item, Repeat):
            yield from _repeated(item, answers)
        elif item.kind is not Kind.HIDDEN and item.pointer != ASKED_AT["/treatments"]:
            yield Pair(item.label, answers.words(item))


def _repeated(repeat: Repeat, answers: Answers) -> Iterable[Pair]:
    sent = find(answers.packet, repeat.pointer) or ()
    if not sent and repeat.pointer in answers.matters:
        yield Pair(repeat.label, NOT_GIVEN)
    for number, row in enumerate(sent, start=1):
        yield Pair(f"{repeat.label} {number}", row if isinstance(row, str) else _row_words(repeat, number - 1, row))


def _row_words(repeat: Repeat, index: int, row: Mapping[str, Any]) -> str:
    words = _treatment_words(index, row) if repeat.name == "treatments" else astuple(biomarker_row(row))
    return ", ".join(word for word in words if word)


def _treatment_words(index: int, row: Mapping[str, Any]) -> tuple[str, ...]:
    shown = treatment_row(index, row)
    line = f"line {shown.line}" if shown.line else ""
    return (shown.treatment, shown.regimen, line, shown.status, shown.dates, shown.response, shown.stop_reason)


def _nothing(topic: Topic, packet: Mapping[str, Any]) -> str:
    """No treatment and unknown treatment must look different here of all places."""
    if topic.slug != "treatment" or packet.get("treatments"):
        return ""
    if "treatments" not in packet:
        return "Treatment so far: not given."
    return "Treatment so far: not known." if packet["treatments"] is None else "No treatment so far."


def sections(answers: Answers) -> tuple[Section, ...]:
    return tuple(
        Section(
            title=topic.title,
            change_href=paths.referral(answers.packet["id"], topic.slug),
            rows=tuple(row for row in _rows(topic, answers) if row.words),
            nothing=_nothing(topic, answers.packet),
        )
        for topic in TOPICS.values()
    )


def missing_links(errors: Iterable[FieldError], packet: Mapping[str, Any]) -> tuple[ErrorLink, ...]:
    """Each thing that is missing leads to its field on its own page."""
    return tuple(ErrorLink(error.message, _place_of(error.pointer, packet)) for error in errors)


def wanted_links(wanted: Iterable[Recommended], packet: Mapping[str, Any]) -> tuple[ErrorLink, ...]:
    """What may be missing, where the form asks for it."""
    links = (ErrorLink(item.sentence, _place_of(item.pointer, packet)) for item in wanted)
    return tuple(link for link in links if link.href)


def _place_of(pointer: str, packet: Mapping[str, Any]) -> str:
    for slug in TOPICS:
        form = filled_topic(slug, topic_form(slug, packet["id"], None), packet)
        if found := field_at(form.fields, ASKED_AT.get(pointer, pointer)):
            return f"{form.action}#{found.focus_id}"
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
    referral_id, against = referral["id"], tuple(errors)
    needed = {error.pointer for error in against}
    wanted = [item for item in recommended(referral) if item.pointer not in needed]
    matters = needed | {ASKED_AT.get(item.pointer, item.pointer) for item in wanted}
    missing = missing_links(against, referral)
    done = done_topics(missing, referral)
    return CheckPage(
        version=referral["version"],
        banner=banner,
        sections=sections(Answers(referral, names, frozenset(matters))),
        missing=missing,
        wanted=wanted_links(wanted, referral),
        topics=topic_tabs(CHECK, done, referral_id),
        submit_href=paths.referral(referral_id, "submit"),
        later_href=paths.MY_REFERRALS,
        back=Link("My referrals", paths.MY_REFERRALS),
        was_refused=was_refused,
    )
