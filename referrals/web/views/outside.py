"""What a center outside the network says, recorded by people of the network: its answer, and its opinion by two of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.schemas.fields import LONG, load
from referrals.boundary.schemas.outside import AnswerHeard, OriginalNamed
from referrals.boundary.schemas.steps import STEP_BODIES
from referrals.domain.errors import Invalid, NotAllowedNow, Refusal, refuse
from referrals.domain.lifecycle import ANSWERED, STEPS, Status
from referrals.domain.outside import ORIGINAL_KINDS
from referrals.models.document import Document
from referrals.models.opinion import OpinionDraft
from referrals.models.outside import OutsideOpinion
from referrals.pathway.opinion_drafts import draft_of
from referrals.pathway.outside_answers import desk_at, papers_of, record_answer, refuse_others, undo_answer
from referrals.pathway.outside_opinions import (
    AMEND,
    SIGN,
    Compared,
    hand_in,
    handed_in,
    name_original,
    save_transcript,
    send_back,
    sign_off,
    told_of,
    transcript_of,
    writer_of,
    writers_of,
)
from referrals.pathway.record import Record, read_referral
from referrals.web import paths
from referrals.web.errors import not_open_words
from referrals.web.forms.bind import fill, packet_from
from referrals.web.forms.fields import ErrorLink, Form
from referrals.web.forms.opinion import body_of
from referrals.web.forms.outside import answer_form, original_form
from referrals.web.not_done import not_done
from referrals.web.pages import Seen, Shown, go
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.opinion import OpinionPanel, identity, panel
from referrals.web.presenters.outside import (
    GIVEN_BACK,
    RECORD_AMENDMENT,
    RECORD_ANSWER,
    RECORD_OPINION,
    ComparePage,
    original_notice,
    original_pairs,
)
from referrals.web.presenters.recorded import specialist_words
from referrals.web.presenters.referral import banner
from referrals.web.presenters.times import date_words
from referrals.web.reading import reader
from referrals.web.records import whole
from referrals.web.typed import shown_again, status_of, with_refusal, with_version
from referrals.web.views.editor import Road, draft_meant, hang, refuse_unsignable
from referrals.web.visit import Visit, act, page, version_meant

outside = Blueprint("outside", __name__)

OF_REFERRAL = f"{paths.MY_REFERRALS}/<referral_id>"
ANSWER = f"{OF_REFERRAL}/{paths.RECORD_ANSWER}"
OPINION = f"{OF_REFERRAL}/{paths.RECORD_OPINION}"
AMENDMENT = f"{OF_REFERRAL}/{paths.RECORD_AMENDMENT}"
COMPARE = f"{OF_REFERRAL}/{paths.COMPARE_OPINION}"
AT_WORK = frozenset({Status.ACCEPTED, Status.IN_REVIEW})
BOXES = (
    ("compared", "I have compared every sentence with the original."),
    ("identity_confirmed", "I have compared name, birth date and number: the original is about this person."),
)
ATTACH_FIRST = "The original has to be among the documents of the referral."


def opened(visit: Visit, referral_id: UUID, asked: Callable[[str], str]) -> Record:
    """The referral for somebody who may record there now what its status asks for: 403, 404, 409."""
    refuse_others(visit.actor)
    record = read_referral(visit.session, visit.actor, referral_id)
    desk_at(visit.session, visit.actor, referral_id, asked(record.referral.status), visit.now, lock=False)
    return record


def an_answer(status: str) -> str:
    return "return" if status in AT_WORK else "accept"


def an_original(status: str) -> str:
    if status in ANSWERED:
        return AMEND
    return "change-specialist" if status == Status.IN_REVIEW else "start-review"


def a_signature(status: str) -> str:
    return AMEND if status in ANSWERED else SIGN


def writing_of(record: Record) -> str:
    """Where the text is transcribed: that of the first opinion, or of one that amends it."""
    part = paths.RECORD_AMENDMENT if record.referral.status in ANSWERED else paths.RECORD_OPINION
    return paths.referral(record.referral.id, part)


@outside.get(ANSWER)
@page
def ask_answer(visit: Visit, referral_id: UUID) -> Shown:
    record = opened(visit, referral_id, an_answer)
    return answer_drawn(visit, record, fill(blank_answer(visit, record), {}))


def blank_answer(visit: Visit, record: Record) -> Form:
    own = record.referral
    return answer_form(own.id, own.version, at_work=own.status in AT_WORK, papers=papers_of(visit.session, own.id))


def answer_drawn(visit: Visit, record: Record, form: Form, status: int = 200, notices: tuple[Notice, ...] = ()) -> Shown:  # fmt: skip
    title = GIVEN_BACK if record.referral.status in AT_WORK else RECORD_ANSWER
    center = record.center.name if record.center else ""
    explains = (f"Nobody at {center} signs in here. Your name stands beside their answer.",)
    return form_drawn(visit, record, FormPage(title, form, back_to(record), explains=explains, notices=notices), status)


def back_to(record: Record) -> Link:
    return Link(record.referral.reference or "", paths.referral(record.referral.id))


def form_drawn(visit: Visit, record: Record, shown: FormPage, status: int) -> Shown:
    answer = whole(record, visit.now)
    with_banner = replace(shown, banner=banner(answer, visit.tiers, visit.moment))
    return Shown("form.html", with_banner, Seen("referral", [record.referral.id]), status)


def answer_again(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
    record = read_referral(visit.session, visit.actor, referral_id)
    form, said = mended(visit, blank_answer(visit, record), refusal)
    return answer_drawn(visit, record, form, status_of(refusal), said)


def mended(visit: Visit, blank: Form, refusal: Refusal) -> tuple[Form, tuple[Notice, ...]]:
    """What was typed, with what is wrong with it; or above it that somebody was first."""
    form = with_version(shown_again(visit.session, blank, request.form), version_meant())
    if isinstance(refusal, NotAllowedNow):
        return form, (Notice("bad", "This is not open now", not_open_words(refusal)),)
    return with_refusal(form, refusal), ()


@outside.post(ANSWER)
@act(again=answer_again)
def take_answer(visit: Visit, referral_id: UUID) -> Response:
    record = opened(visit, referral_id, an_answer)
    typed = packet_from(blank_answer(visit, record), request.form)
    sent = load(AnswerHeard(), typed, today=visit.moment.today)
    taken = record_answer(visit.session, visit.actor, referral_id, sent, visit.now, version_meant())
    visit.note(f"record-{sent['answer']}", [taken.id])
    return go(paths.referral(taken.id), f"Recorded: {STEPS[sent['answer']].happened}")


@outside.post(f"{ANSWER}/undo")
@act(again=not_done)
def undo(visit: Visit, referral_id: UUID) -> Response:
    taken = undo_answer(visit.session, visit.actor, referral_id, visit.now, version_meant())
    visit.note("record-undo", [taken.id])
    return go(paths.referral(taken.id), "Their answer is taken back")


@outside.get(f"{OPINION}/original")
@page
def ask_original(visit: Visit, referral_id: UUID) -> Shown:
    record = opened(visit, referral_id, an_original)
    row = transcript_of(visit.session, record.referral)
    return original_drawn(visit, record, fill(blank_original(visit, record), named_so_far(row)))


def named_so_far(row: OutsideOpinion | None) -> Mapping[str, Any]:
    if row is None or row.opinion_id is not None:
        return {}
    named = {"specialist": row.specialist, "title": row.title}
    return named | {"signed_on": row.signed_on.isoformat(), "document": str(row.document_id)}


def blank_original(visit: Visit, record: Record) -> Form:
    own = record.referral
    return original_form(own.id, own.version, papers_of(visit.session, own.id, ORIGINAL_KINDS))


def original_drawn(visit: Visit, record: Record, form: Form, status: int = 200, notices: tuple[Notice, ...] = ()) -> Shown:  # fmt: skip
    attach = Notice("info", "Attach it first", ATTACH_FIRST, "Documents", paths.documents(record.referral.id))
    explains = ("Say whose it is; then you transcribe it. It is signed once somebody else has compared the two.",)
    shown = FormPage(RECORD_OPINION, form, back_to(record), explains=explains, notices=(*notices, attach))
    return form_drawn(visit, record, shown, status)


def original_again(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
    record = read_referral(visit.session, visit.actor, referral_id)
    form, said = mended(visit, blank_original(visit, record), refusal)
    return original_drawn(visit, record, form, status_of(refusal), said)


@outside.post(f"{OPINION}/original")
@act(again=original_again)
def take_original(visit: Visit, referral_id: UUID) -> Response:
    record = opened(visit, referral_id, an_original)
    typed = packet_from(blank_original(visit, record), request.form)
    sent = load(OriginalNamed(), typed, today=visit.moment.today)
    name_original(visit.session, visit.actor, referral_id, sent, visit.now, version_meant())
    visit.note("record-original", [referral_id])
    return go(writing_of(record))


def as_the_center(visit: Visit, referral_id: UUID) -> Visit:
    return replace(visit, speaks_for=writer_of(visit.session, visit.actor, referral_id, visit.now))


def beside_the_text(visit: Visit, record: Record) -> tuple[Notice, ...]:
    row = transcript_of(visit.session, record.referral)
    if row is None:
        return ()
    sent_back = Notice("warn", f"Sent back by {row.sent_back_by}", f"“{row.note}”")
    original = original_notice(specialist_words(told_of(row)), record.referral.id, row.document_id)
    return (sent_back, original) if row.note else (original,)


def road(step: str, part: str, title: str) -> Road:
    return Road(step, part, title, "Check and hand in", as_the_center, beside_the_text, save_transcript)


hang(road(SIGN, paths.RECORD_OPINION, RECORD_OPINION), outside)
hang(road(AMEND, paths.RECORD_AMENDMENT, RECORD_AMENDMENT), outside)


def transcription(visit: Visit, referral_id: UUID) -> tuple[Record, OutsideOpinion, OpinionDraft]:
    """What was written so far, for whoever may record: 403, 404, 409."""
    record = opened(visit, referral_id, a_signature)
    row, draft = transcript_of(visit.session, record.referral), draft_of(visit.session, record.referral)
    if row is None or draft is None:
        raise NotAllowedNow(a_signature(record.referral.status), record.referral.status)
    return record, row, draft


def told_so_far(visit: Visit, record: Record, draft: OpinionDraft) -> dict[str, Any]:
    """The body that would be signed; `Invalid` where something is missing."""
    return refuse_unsignable(visit, a_signature(record.referral.status), record, draft.content)


@outside.get(f"{OPINION}/check")
@outside.get(f"{AMENDMENT}/check")
@page
def ask_to_hand_in(visit: Visit, referral_id: UUID) -> Shown | Response:
    record, row, draft = transcription(visit, referral_id)
    try:
        return handing_in(visit, record, row, draft)
    except Invalid:  # the draft was saved unfinished: the editor says what is missing
        return go(writing_of(record), "The draft is not complete yet", "warn")


def handing_in(
    visit: Visit, record: Record, row: OutsideOpinion, draft: OpinionDraft, errors: tuple[ErrorLink, ...] = ()
) -> Shown:
    home = writing_of(record)
    shown = replace(
        beside_original(visit, record, row, draft),
        title="Hand it in to be compared",
        explains="Somebody else of the network compares it with the original. Only then it is signed.",
        action=f"{home}/check",
        submit="Hand it in",
        change=Link("Go on writing", home),
        errors=errors,
    )
    return Shown("outside_check.html", shown, Seen("referral", [record.referral.id]), 422 if errors else 200)


def beside_original(visit: Visit, record: Record, row: OutsideOpinion, draft: OpinionDraft) -> ComparePage:
    answer = whole(record, visit.now)
    shown_banner = banner(answer, visit.tiers, visit.moment)
    own = record.referral
    return ComparePage(
        title="Compare the opinion with its original",
        banner=shown_banner,
        opinion=transcribed_panel(visit, record, answer, draft),
        original=original_pairs(told_of(row), name_of(visit, row), date_words(row.signed_on)),
        original_href=paths.document(own.id, row.document_id),
        identity=identity(answer, shown_banner),
        explains="Once it is signed nothing in it can be changed. It goes to the referrer at once, with the original.",
        action=paths.referral(own.id, paths.COMPARE_OPINION),
        submit="Sign it off",
        version=own.version,
        draft_version=draft.version,
        back=back_to(record),
    )


def transcribed_panel(visit: Visit, record: Record, answer: Mapping[str, Any], draft: OpinionDraft) -> OpinionPanel:
    body = told_so_far(visit, record, draft)
    return panel(answer, body, reader(visit, record), heading="As it was transcribed", signed="Not signed yet")


def name_of(visit: Visit, row: OutsideOpinion) -> str:
    return visit.session.get_one(Document, row.document_id).name


def hand_in_again(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
    if not isinstance(refusal, Invalid):
        return not_done(visit, refusal, referral_id)
    return handing_in(visit, *transcription(visit, referral_id), links_of(refusal))


def links_of(refusal: Invalid) -> tuple[ErrorLink, ...]:
    return tuple(ErrorLink(each.message, f"#{each.pointer[1:]}" if each.pointer else "") for each in refusal.errors)


@outside.post(f"{OPINION}/check")
@outside.post(f"{AMENDMENT}/check")
@act(again=hand_in_again)
def take_in(visit: Visit, referral_id: UUID) -> Response:
    record, _, draft = transcription(visit, referral_id)
    told_so_far(visit, record, draft)
    hand_in(visit.session, visit.actor, referral_id, draft_meant(), visit.now)
    visit.note("hand-in-opinion", [referral_id])
    return go(paths.referral(referral_id), "Handed in: somebody else compares it with the original")


@outside.get(COMPARE)
@page
def compare(visit: Visit, referral_id: UUID) -> Shown:
    return comparing(visit, referral_id)


def comparing(visit: Visit, referral_id: UUID, errors: tuple[ErrorLink, ...] = (), status: int = 200) -> Shown:
    record, row, draft = transcription(visit, referral_id)
    handed_in(visit.session, record.referral, draft.version)
    by_reader = str(visit.actor.user_id) in writers_of(row)
    own = Notice("info", "You have transcribed this opinion", "Somebody else has to compare it with the original.")
    shown = replace(
        beside_original(visit, record, row, draft),
        boxes=BOXES,
        send_back_href="" if by_reader else paths.referral(referral_id, f"{paths.COMPARE_OPINION}/send-back"),
        notices=(own,) if by_reader else (),
        errors=errors,
        note=request.form.get("note", ""),
    )
    return Shown("outside_check.html", shown, Seen("referral", [referral_id]), status)


def compare_again(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
    if not isinstance(refusal, Invalid):
        return not_done(visit, refusal, referral_id)
    return comparing(visit, referral_id, links_of(refusal), 422)


@outside.post(COMPARE)
@act(again=compare_again)
def sign(visit: Visit, referral_id: UUID) -> Response:
    record, _, draft = transcription(visit, referral_id)
    step = a_signature(record.referral.status)
    body = load(STEP_BODIES[step](), body_of(draft.content, record.referral.questions))
    told = {**body, "identity_confirmed": request.form.get("identity_confirmed") == "yes"}
    compared = Compared(draft_meant(), request.form.get("compared") == "yes", version_meant())
    taken = sign_off(visit.session, visit.actor, referral_id, told, compared, visit.now)
    visit.note("sign-off-opinion", [taken.id])
    return go(paths.referral(taken.id), f"{STEPS[step].happened}: {taken.reference}")


@outside.post(f"{COMPARE}/send-back")
@act(again=compare_again)
def give_back(visit: Visit, referral_id: UUID) -> Response:
    transcription(visit, referral_id)
    note = request.form.get("note", "").strip()
    if not note or len(note) > LONG:
        refuse("/note", "required", f"Say in up to {LONG:,} characters what is not as the original says.")
    send_back(visit.session, visit.actor, referral_id, note, draft_meant(), visit.now)
    visit.note("send-back-opinion", [referral_id])
    return go(paths.referral(referral_id), "Sent back to whoever transcribed it")
