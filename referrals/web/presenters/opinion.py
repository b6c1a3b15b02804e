"""A signed opinion as people read it: in short first, the new diagnosis beside the old, and what became of the advice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from referrals.domain.opinion import is_weighty
from referrals.domain.opinion_words import (
    ADVICE_KIND,
    AXIS,
    CHANNEL,
    CONTACT_OUTCOME,
    CONTACT_WITH,
    IMPACT,
    OUTCOME,
    PLAN,
    RESULT,
    STRENGTH,
    URGENCY,
)
from referrals.domain.vocabulary import Axis
from referrals.web import paths
from referrals.web.forms.fields import ErrorLink, Form
from referrals.web.presenters.facts import Fact, biomarker_row, diagnosis_facts, treatment_row
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.recorded import recorded_words
from referrals.web.presenters.referral import Banner, Pair, Question, Reader
from referrals.web.presenters.times import Moment, Stamp, date_words, parse_date
from referrals.web.words import initials, words_for

FINDINGS_HEAD = ("Axis", "Result", "For the patient", "Why")
BESIDE_HEAD = ("What", "Before", "Now")
ADVICE_HEAD = ("No.", "Advice", "Kind", "Strength", "When")
OUTCOMES_HEAD = ("No.", "What became of it", "Why", "Told by")
READ_IT_YOURSELF = "It changes the diagnosis, or much for the patient: a clinician has to read it."
SOURCES: Mapping[str, str] = {"link": "by the link in a mail", "no_response": "nobody answered"}


@dataclass(frozen=True)
class OpinionPanel:
    """`beside` is empty where the diagnosis stays; `revised` are sentences on the other axes that were said anew."""

    heading: str
    signed: str
    amends: str
    short_answer: str
    answers: tuple[Pair, ...]
    findings: tuple[tuple[str, ...], ...]
    beside: tuple[tuple[str, ...], ...]
    revised: tuple[Pair, ...]
    advice: tuple[tuple[str, ...], ...]
    plain_summary: str
    dissent: str
    seal: str = ""
    pdf_href: str = ""
    recorded: str = ""
    original_href: str = ""
    read: tuple[str, ...] = ()
    outcomes: tuple[tuple[str, ...], ...] = ()
    versions: tuple[Link, ...] = ()
    findings_head: tuple[str, ...] = FINDINGS_HEAD
    beside_head: tuple[str, ...] = BESIDE_HEAD
    advice_head: tuple[str, ...] = ADVICE_HEAD
    outcomes_head: tuple[str, ...] = OUTCOMES_HEAD


@dataclass(frozen=True)
class OpinionPage:
    """One version by itself."""

    banner: Banner
    opinion: OpinionPanel
    back: Link


@dataclass(frozen=True)
class EditorPage:
    """`facts` and `question` stand beside the form, so that nobody writes from memory."""

    title: str
    form: Form
    back: Link
    banner: Banner
    question: Question
    facts: tuple[Fact, ...]
    biomarkers: tuple[tuple[str, ...], ...]
    treatments: tuple[str, ...]
    saved: str
    notices: tuple[Notice, ...] = ()

    @property
    def has_errors(self) -> bool:
        return bool(self.form.errors)


@dataclass(frozen=True)
class SigningPage:
    """The last look: who it is about, what it says, and one box to say that it is about this person."""

    title: str
    banner: Banner
    opinion: OpinionPanel
    identity: tuple[Pair, ...]
    action: str
    submit: str
    version: int
    change_href: str
    back: Link
    errors: tuple[ErrorLink, ...] = ()


@dataclass(frozen=True)
class ContactEntry:
    stamp: Stamp
    initials: str
    who: str
    what: str
    text: str
    by: str


@dataclass(frozen=True)
class ContactsPage:
    """`form` is None for whoever only reads."""

    banner: Banner
    entries: tuple[ContactEntry, ...]
    form: Form | None
    back: Link
    notices: tuple[Notice, ...] = ()

    @property
    def has_errors(self) -> bool:
        return self.form is not None and bool(self.form.errors)


def signed_panel(referral: Mapping[str, Any], opinion: Mapping[str, Any], reader: Reader) -> OpinionPanel:
    """From the API's opinion, with `center`, `acknowledgement`, `outcomes` and `versions` beside it."""
    who = ", ".join(author["name"] for author in opinion["authors"])
    number = opinion["version"]
    page = paths.referral(referral["id"], "opinion")
    recorded = opinion.get("recorded")
    return panel(
        referral,
        opinion,
        reader,
        heading="Second opinion" if number == 1 else f"Second opinion, version {number}",
        signed=_signed(who, opinion, reader.moment),
        seal=opinion["sha256"],
        pdf_href=f"{page}.pdf?version={number}",
        recorded=recorded_words(recorded),
        original_href=paths.document(referral["id"], recorded["original"]["document"]) if recorded else "",
        read=_read(opinion["acknowledgement"], opinion["findings"], reader.moment),
        outcomes=tuple(_became(opinion["recommendations"], opinion["outcomes"])),
        versions=tuple(
            Link(f"Version {each}", f"{page}?version={each}") for each in opinion["versions"] if each != number
        ),
    )


def _signed(who: str, opinion: Mapping[str, Any], moment: Moment) -> str:
    """On paper it was signed earlier than here."""
    at = moment.on(opinion["signed_at"])
    if recorded := opinion.get("recorded"):
        day = date_words(parse_date(recorded["signed_on"]))
        return f"Signed by {who}, {opinion['center']}, {day}. Recorded {at}"
    return f"Signed by {who}, {opinion['center']}, {at}"


def panel(referral: Mapping[str, Any], opinion: Mapping[str, Any], reader: Reader, **known: Any) -> OpinionPanel:
    """What it says, signed or not yet."""
    asked = referral["questions"]
    return OpinionPanel(
        amends=opinion.get("amends") or opinion.get("text") or "",
        short_answer=opinion["short_answer"],
        answers=tuple(
            Pair(each.get("asked") or asked[each["question"] - 1], each["text"]) for each in opinion["answers"]
        ),
        findings=tuple(_finding(each) for each in opinion["findings"]),
        beside=tuple(_beside(referral["diagnosis"], opinion["findings"], reader)),
        revised=tuple(_revised(opinion["findings"])),
        advice=tuple(_advice(number, each) for number, each in enumerate(opinion["recommendations"], start=1)),
        plain_summary=opinion["plain_summary"],
        dissent=opinion.get("dissent") or "",
        **known,
    )


def _finding(finding: Mapping[str, Any]) -> tuple[str, ...]:
    return (AXIS[finding["axis"]], RESULT[finding["result"]], IMPACT[finding["impact"]], finding["rationale"])


def _beside(
    diagnosis: Mapping[str, Any], findings: Iterable[Mapping[str, Any]], reader: Reader
) -> Iterable[tuple[str, ...]]:
    """Every line of the diagnosis that is not as it was."""
    revised = next((each.get("revised") for each in findings if each["axis"] == Axis.DIAGNOSIS), None)
    if not revised:
        return
    before, now = (_lines(each, reader) for each in (diagnosis, {**diagnosis, **revised}))
    for term in dict.fromkeys([*before, *now]):
        if before.get(term) != now.get(term):
            yield term, before.get(term, "Not sent"), now.get(term, "Nothing")


def _lines(diagnosis: Mapping[str, Any], reader: Reader) -> dict[str, str]:
    facts = diagnosis_facts(diagnosis, None, reader.name_of, reader.name_of_morphology)
    return {fact.term: "; ".join(f"{part.code} {part.words}".strip() for part in fact.parts) for fact in facts}


def _revised(findings: Iterable[Mapping[str, Any]]) -> Iterable[Pair]:
    for finding in findings:
        revised = finding.get("revised")
        if revised and finding["axis"] != Axis.DIAGNOSIS:
            yield Pair(f"{AXIS[finding['axis']]} now", "; ".join(_said_anew(finding["axis"], revised)))


def _said_anew(axis: str, revised: Mapping[str, Any]) -> Iterable[str]:
    if axis == Axis.STAGE:
        facts = diagnosis_facts({"stage": revised}, None, lambda code: None, lambda code: None)
        stage = next(fact for fact in facts if fact.pointer == "/diagnosis/stage")
        return [" ".join(part.words for part in stage.parts)]
    if axis == Axis.BIOMARKERS:
        rows = [biomarker_row(each) for each in revised["biomarkers"]]
        return [" ".join(word for word in (row.name, row.value, row.method, row.date) if word) for row in rows]
    return [treatment_words(place, each) for place, each in enumerate(revised["treatments"])]


def treatment_words(place: int, treatment: Mapping[str, Any]) -> str:
    row = treatment_row(place, treatment)
    return ", ".join(word for word in (row.treatment, row.regimen, row.status, row.dates, row.response) if word)


def _advice(number: int, advice: Mapping[str, Any]) -> tuple[str, ...]:
    marks = (ADVICE_KIND[advice["kind"]], STRENGTH[advice["strength"]], URGENCY[advice["urgency"]])
    return (str(number), advice["text"], *marks)


def _read(
    acknowledgement: Mapping[str, Any] | None, findings: Sequence[Mapping[str, Any]], moment: Moment
) -> tuple[str, ...]:
    if acknowledgement is None:
        return ("Not read yet.", *((READ_IT_YOURSELF,) if is_weighty(findings) else ()))
    plan = f"Read by {acknowledgement['by']} {moment.on(acknowledgement['at'])}. {PLAN[acknowledgement['plan']]}."
    return tuple(words for words in (plan, acknowledgement["text"]) if words)


def _became(
    recommendations: Iterable[Mapping[str, Any]], outcomes: Mapping[str, Mapping[str, Any]]
) -> Iterable[tuple[str, ...]]:
    for number, advice in enumerate(recommendations, start=1):
        if told := outcomes.get(str(advice["id"])):
            by = SOURCES.get(told["source"], "")
            who = ", ".join(word for word in (told["by"], by) if word)
            yield str(number), OUTCOME[told["result"]], told["reason"] or "", who


def identity(referral: Mapping[str, Any], banner: Banner) -> tuple[Pair, ...]:
    """By what somebody knows that it is the right person: name, birth date and number."""
    named = {pair.term: pair.words for pair in banner.meta}
    return (Pair("Name", banner.name), Pair("Born", named["Born"]), Pair("Record", named["Record"]))


def contact_entry(contact: Mapping[str, Any], moment: Moment) -> ContactEntry:
    """From the API's contact."""
    who = words_for(CONTACT_WITH, contact["with"])
    return ContactEntry(
        stamp=moment.stamp(contact["at"]),
        initials=initials(contact["author"]) or "–",
        who=f"{who}, {contact['person']}" if contact["person"] else who,
        what=f"{words_for(CHANNEL, contact['channel'])}: {words_for(CONTACT_OUTCOME, contact['outcome']).lower()}",
        text=contact["text"] or "",
        by=contact["author"],
    )
