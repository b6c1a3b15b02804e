"""The page of one referral: who it is about, where it stands, what is asked, the facts, the times and the steps."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from referrals.domain.lifecycle import ANSWERED, OPEN, StepRule
from referrals.domain.vocabulary import WaitingOn
from referrals.web import paths
from referrals.web.presenters.codes import NameOfCode, no_names
from referrals.web.presenters.facts import (
    BiomarkerRow,
    Fact,
    TreatmentRow,
    biomarker_rows,
    diagnosis_facts,
    shown_pointers,
    treatment_rows,
)
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.offers import OfferRow
from referrals.web.presenters.pointers import anchor
from referrals.web.presenters.priority import PriorityPanel, priority_panel
from referrals.web.presenters.questions import Inquiry, Names, inquiries
from referrals.web.presenters.steps import StepButton, end_href, step_buttons
from referrals.web.presenters.tags import TierTag, full_name, status_tag, tier_tag
from referrals.web.presenters.timeline import Entry, timeline
from referrals.web.presenters.times import DAY, Due, Moment, age_words, date_words, parse_date, partial_date_words
from referrals.web.presenters.turn import Standing, read_aloud
from referrals.web.words import (
    ECOG,
    GIVEN_BY,
    NEEDED_BY,
    PURPOSE,
    SEX,
    Look,
    language_words,
    turn_words,
    words_for,
)

if TYPE_CHECKING:
    from referrals.web.presenters.conversation import ConversationSection
    from referrals.web.presenters.documents import DocumentsSection
    from referrals.web.presenters.elapsed import WhereDaysWent
    from referrals.web.presenters.fitting import Chain, Fitting
    from referrals.web.presenters.opinion import OpinionPanel

ELSEWHERE = "somebody else’s answer"
DONE = Look("Done", "ok", "check")
MISSING = Look("Missing", "wait", "ask")


@dataclass(frozen=True)
class Pair:
    term: str
    words: str
    id: str = ""


@dataclass(frozen=True)
class Banner:
    """Who it is about. Stands on every page of a referral, so that nobody works on the wrong person."""

    name: str
    reference: str
    href: str
    tier: TierTag | None
    status: Look
    meta: tuple[Pair, ...]


@dataclass(frozen=True)
class Question:
    questions: tuple[str, ...]
    summary: str
    rows: tuple[Pair, ...]
    sent: str


@dataclass(frozen=True)
class Check:
    """One thing that a complete packet has; `hint` says what it would change, `href` is where to add it."""

    words: str
    look: Look
    hint: str
    href: str


@dataclass(frozen=True)
class Clock:
    name: str
    due: Due
    detail: str


@dataclass(frozen=True)
class ReferralPage:
    """`panel` is None for a draft. `what_if_href` and `end_href` are "" where this person may not go there."""

    id: str
    version: int
    banner: Banner
    aloud: str
    turn: str
    notices: tuple[Notice, ...]
    question: Question
    facts: tuple[Fact, ...]
    biomarkers: tuple[BiomarkerRow, ...]
    treatments: tuple[TreatmentRow, ...]
    no_treatments: str
    health: tuple[Pair, ...]
    checks: tuple[Check, ...]
    checks_done: str
    timeline: tuple[Entry, ...]
    panel: PriorityPanel | None
    clocks: tuple[Clock, ...]
    steps: tuple[StepButton, ...]
    end_href: str
    what_if_href: str
    duplicates: tuple[Link, ...]
    back: Link
    aloud_label: str
    aloud_icon: str
    question_href: str = ""
    contacts_href: str = ""
    letter_href: str = ""
    seen_by_href: str = ""
    hold_href: str = ""
    opinion: "OpinionPanel | None" = None
    offers: tuple[OfferRow, ...] = ()
    fitting: "Fitting | None" = None
    chain: "Chain | None" = None
    documents: "DocumentsSection | None" = None
    inquiries: tuple[Inquiry, ...] = ()
    conversation: "ConversationSection | None" = None
    went: "WhereDaysWent | None" = None

    @property
    def override_href(self) -> str:
        return next((step.href for step in self.steps if step.step == "override"), "")

    @property
    def biomarker_cells(self) -> tuple[tuple[str, ...], ...]:
        return tuple((row.name, row.value, row.method, row.date) for row in self.biomarkers)


@dataclass(frozen=True)
class Reader:
    """What the page needs to know beside the referral itself."""

    moment: Moment
    tiers: Mapping[str, str]
    back: Link
    steps: Sequence[StepRule] = ()
    is_coordination: bool = False
    name_of: NameOfCode = no_names
    name_of_morphology: NameOfCode = no_names


def consent_words(consent: Mapping[str, Any] | None) -> str:
    if not consent or not consent.get("given"):
        return "Not given"
    given_on = consent.get("given_on")
    words = f"Given {date_words(parse_date(given_on))}" if given_on else "Given"
    by = words_for(GIVEN_BY, consent.get("given_by"), "").lower()
    return f"{words} by {by}" if by else words


def from_words(referral: Mapping[str, Any]) -> str:
    clinician = (referral.get("referring_clinician") or {}).get("name")
    organization = (referral.get("organization") or {}).get("name")
    return ", ".join(part for part in (clinician, organization) if part) or "Not known"


def _born(patient: Mapping[str, Any], moment: Moment) -> str:
    born = patient.get("birth_date")
    return f"{partial_date_words(born)} ({age_words(born, moment.today)})" if born else "Not sent"


def banner(referral: Mapping[str, Any], tiers: Mapping[str, str], moment: Moment) -> Banner:
    patient, priority = referral["patient"], referral.get("priority") or {}
    language = language_words(patient.get("language"))
    numbers = ", ".join(number["value"] for number in patient.get("identifiers") or ())
    meta = (
        Pair("Born", _born(patient, moment), "fact-patient-birth_date"),
        Pair("Sex", words_for(SEX, patient.get("sex")).capitalize()),
        Pair("Record", numbers or "No number"),
        Pair("Language", f"{language}, needs an interpreter" if patient.get("interpreter_needed") else language),
        Pair("From", from_words(referral)),
        Pair("Consent", consent_words(referral.get("consent")), "fact-consent"),
    )
    tier = tier_tag(
        priority.get("tier"), tiers, bool(priority.get("provisional")), override=bool(priority.get("override"))
    )
    return Banner(
        name=full_name(patient),
        reference=referral.get("reference") or "Draft",
        href=paths.referral(referral["id"]),
        tier=tier,
        status=status_tag(referral["status"]),
        meta=meta,
    )


def needed_by_words(needed_by: Mapping[str, Any] | None, moment: Moment) -> str:
    if not needed_by:
        return ""
    return f"{moment.by_day(needed_by['date'])}: {words_for(NEEDED_BY, needed_by.get('kind'), '').lower()}"


def preference_words(preferences: Mapping[str, Any] | None) -> str:
    wishes = preferences or {}
    distance, center, language = (wishes.get(name) for name in ("max_distance_km", "center", "language"))
    named = center.get("name") if isinstance(center, Mapping) else center
    words = [
        "A written answer from afar is welcome" if wishes.get("remote") else "",
        f"within {distance} km" if distance else "",
        f"from {named}" if named else "",
        f"in {language_words(language)}" if language else "",
    ]
    return ", ".join(word for word in words if word)


def question(referral: Mapping[str, Any], moment: Moment) -> Question:
    purposes = ", ".join(words_for(PURPOSE, purpose) for purpose in referral.get("purposes") or ())
    rows = (
        Pair("What it is for", purposes),
        Pair("Needed by", needed_by_words(referral.get("needed_by"), moment)),
        Pair("How to answer", preference_words(referral.get("preferences"))),
    )
    sent = referral.get("submitted_at")
    return Question(
        questions=tuple(referral.get("questions") or ()),
        summary=referral.get("summary") or "",
        rows=tuple(row for row in rows if row.words),
        sent=f"Sent {moment.at(sent)}" if sent else "Not sent yet",
    )


def health(referral: Mapping[str, Any]) -> tuple[Pair, ...]:
    status = referral.get("performance_status") or {}
    ecog = status.get("ecog")
    activity = "" if ecog is None else f"ECOG {words_for(ECOG, str(ecog))}"
    noted = f" ({partial_date_words(status.get('date'))})" if activity and status.get("date") else ""
    rows = (
        Pair("Daily activity", f"{activity}{noted}"),
        Pair("Other conditions", ", ".join(referral.get("other_conditions") or ())),
    )
    return tuple(row for row in rows if row.words)


# What a complete packet has: its words, and where it stands in the packet.
WANTED: tuple[tuple[str, Callable[[Mapping[str, Any]], Any], str], ...] = (
    ("Consent of the patient", lambda sent: (sent.get("consent") or {}).get("given"), "/consent"),
    ("A code for the diagnosis", lambda sent: sent["diagnosis"].get("icd10cm"), "/diagnosis"),
    ("Cell type (morphology)", lambda sent: sent["diagnosis"].get("morphology"), "/diagnosis/morphology"),
    ("Stage", lambda sent: any((sent["diagnosis"].get("stage") or {}).values()), "/diagnosis/stage"),
    ("How certain the diagnosis is", lambda sent: sent["diagnosis"].get("certainty"), "/diagnosis/certainty"),
    ("How the disease behaves now", lambda sent: sent["diagnosis"].get("disease_status"), "/diagnosis/disease_status"),
    ("Treatments, or that there were none", lambda sent: sent.get("treatments") is not None, "/treatments"),
    ("Daily activity (ECOG)", lambda sent: sent.get("performance_status"), "/performance_status"),
)


# What the facts form asks for.
FACTS_FORM = ("/diagnosis", "/treatments")


def checks(referral: Mapping[str, Any], panel: PriorityPanel | None, facts_href: str = "") -> tuple[Check, ...]:
    """What is missing never stops a referral; where it could change the priority, that is said."""
    could = {missing.href: missing.could for missing in (panel.missing if panel else ()) if missing.href}
    found = []
    for words, present, pointer in WANTED:
        if present(referral):
            found.append(Check(words, DONE, "", ""))
        else:
            hint = could.get(f"#{anchor(pointer)}", "")
            found.append(Check(words, MISSING, hint, facts_href if pointer.startswith(FACTS_FORM) else ""))
    return tuple(found)


def clocks(referral: Mapping[str, Any], moment: Moment) -> tuple[Clock, ...]:
    """What is still due: nothing, once it has ended. An opinion that is there keeps the promise, late or not."""
    if referral["status"] not in OPEN:
        return ()
    turn = turn_words(referral.get("waiting_on"), referral.get("next_action"))
    rows = [Clock("Next action by", moment.due(referral.get("next_action_due_at")), turn)]
    if referral["status"] not in ANSWERED:
        promised = moment.due(referral.get("due_at"), soon=DAY)
        rows.append(Clock("Promised by", promised, "The opinion reaches the referrer."))
    if needed := referral.get("needed_by"):
        due = Due("ok", moment.by_day(needed["date"]), words_for(NEEDED_BY, needed.get("kind"), ""))
        rows.append(Clock("Needed by", due, "The promise is at least a day before that."))
    return tuple(row for row in rows if row.due.kind != "none")


def standing(referral: Mapping[str, Any]) -> Standing:
    """`since` is the time of the last change of status; the views hand it in as `status_since`."""

    def name(key: str) -> str:
        return (referral.get(key) or {}).get("name") or ""

    return Standing(
        status=referral["status"],
        since=referral.get("status_since"),
        due=referral.get("next_action_due_at"),
        owner=name("owner"),
        center=name("center"),
        specialist=name("specialist"),
        asked=referral.get("asked_words") or (ELSEWHERE if referral.get("waiting_on") == WaitingOn.THIRD_PARTY else ""),
    )


def referral_page(
    referral: Mapping[str, Any],
    events: Iterable[Mapping[str, Any]],
    reader: Reader,
    notices: tuple[Notice, ...] = (),
    is_stale: bool = False,
) -> ReferralPage:
    """From the API's referral, with `status_since`, `assessed_at` and names beside the ids."""
    facts = diagnosis_facts(
        referral["diagnosis"], referral["patient"].get("pregnant"), reader.name_of, reader.name_of_morphology
    )
    rows = treatment_rows(referral.get("treatments"))
    panel = _panel(referral, facts, rows, reader, is_stale)
    steps = step_buttons(reader.steps, referral["id"], referral.get("next_action"))
    found = checks(referral, panel, next((step.href for step in steps if step.step == "update-facts"), ""))
    return ReferralPage(
        id=str(referral["id"]),
        version=referral["version"],
        banner=banner(referral, reader.tiers, reader.moment),
        aloud=read_aloud(standing(referral), reader.moment),
        turn=turn_words(referral.get("waiting_on"), None),
        notices=notices,
        question=question(referral, reader.moment),
        facts=facts,
        biomarkers=biomarker_rows(referral["diagnosis"]),
        treatments=rows,
        no_treatments=_no_treatments(referral),
        health=health(referral),
        checks=found,
        checks_done=f"{sum(check.look is DONE for check in found)} of {len(found)}",
        timeline=timeline(events, reader.moment),
        panel=panel,
        clocks=clocks(referral, reader.moment),
        steps=steps,
        end_href=end_href(reader.steps, referral["id"]),
        what_if_href=paths.referral(referral["id"], "what-if") if panel and reader.is_coordination else "",
        duplicates=tuple(Link(double["reference"], paths.referral(double["id"])) for double in referral.get("duplicates") or ()),
        back=reader.back,
        aloud_label="To read aloud on the phone" if reader.is_coordination else "Where it is now",
        aloud_icon="phone" if reader.is_coordination else "info",
        inquiries=_inquiries(referral, reader),
    )  # fmt: skip


def _inquiries(referral: Mapping[str, Any], reader: Reader) -> tuple[Inquiry, ...]:
    names = Names(reader.name_of, reader.name_of_morphology)
    may_answer = any(step.name == "answer-information" for step in reader.steps)
    return inquiries(referral["information_requests"], referral["id"], reader.moment, names, may_answer)


def _panel(
    referral: Mapping[str, Any], facts: Iterable[Fact], rows: Iterable[TreatmentRow], reader: Reader, is_stale: bool
) -> PriorityPanel | None:
    if not referral.get("priority"):
        return None
    return priority_panel(
        referral["priority"],
        reader.tiers,
        shown_pointers(facts, rows),
        reader.moment,
        worked_out_at=referral.get("assessed_at"),
        order_href=paths.order(referral["id"]) if reader.is_coordination else "",
        is_stale=is_stale,
    )


def _no_treatments(referral: Mapping[str, Any]) -> str:
    sent = referral.get("treatments")
    if sent is None:
        return "Not sent: what was given is not known."
    return "" if sent else "No treatment so far."
