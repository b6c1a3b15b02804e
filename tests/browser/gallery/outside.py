"""The pages for a center outside the network: its answer recorded, its opinion compared with the original, and read."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from referrals.domain.errors import FieldError
from referrals.web.forms.bind import fill, with_errors
from referrals.web.forms.fields import ErrorLink
from referrals.web.forms.opinion import body_of
from referrals.web.forms.outside import answer_form, original_form
from referrals.web.presenters import form_page, opinion as opinions, outside
from referrals.web.presenters.notices import Link
from referrals.web.presenters.steps import StepButton
from referrals.web.views.outside import BOXES
from tests.browser.gallery.asking import BANNER
from tests.browser.gallery.frames import Shown, clinician, coordinator
from tests.browser.gallery.looking import reader, referral_page
from tests.browser.gallery.opinions import BACK, DRAFT, QUESTIONS, panel
from tests.browser.gallery.people import ILSE, REFERRAL

RECORDED: dict[str, Any] = {
    "by": "Nadia Kowal",
    "checked_by": "Dr Amara Diallo",
    "original": {"document": "d1", "sha256": "ab" * 32},
    "specialist": {"name": "Prof. Ada Quill", "title": "Chief of medical oncology"},
    "signed_on": "2026-11-16",
}
PAPERS: Any = (SimpleNamespace(id="d1", name="Opinion of Prof. Quill, signed.pdf"),)


def answer(*errors: FieldError) -> Shown:
    form = fill(answer_form(ILSE, 7, at_work=False, papers=PAPERS), {})
    page = form_page.FormPage(
        outside.RECORD_ANSWER,
        with_errors(form, errors),
        BACK,
        explains=("Nobody at Summit Cancer Center signs in here. Your name stands beside their answer.",),
        banner=BANNER,
    )
    return Shown("form.html", page, coordinator("/worklist"))


def original() -> Shown:
    form = fill(original_form(ILSE, 7, PAPERS), {})
    explains = ("Then you transcribe it. It is signed once somebody else has compared the two.",)
    page = form_page.FormPage(outside.RECORD_OPINION, form, BACK, explains=explains, banner=BANNER)
    return Shown("form.html", page, coordinator("/worklist"))


def compare(*errors: ErrorLink) -> Shown:
    shown = opinions.panel(REFERRAL, body_of(DRAFT, QUESTIONS), reader(False), heading="As it was transcribed", signed="Not signed yet")  # fmt: skip
    page = outside.ComparePage(
        title="Compare the opinion with its original",
        banner=BANNER,
        opinion=shown,
        original=outside.original_pairs(RECORDED, PAPERS[0].name, "16 Nov 2026"),
        original_href=f"/referrals/{ILSE}/documents/d1",
        identity=opinions.identity(REFERRAL, BANNER),
        explains="Once it is signed nothing in it can be changed.",
        action=f"/referrals/{ILSE}/compare-opinion",
        submit="Sign it off",
        version=7,
        draft_version=3,
        back=BACK,
        boxes=BOXES,
        send_back_href=f"/referrals/{ILSE}/compare-opinion/send-back",
        errors=errors,
    )
    return Shown("outside_check.html", page, coordinator("/worklist"))


def hand_in() -> Shown:
    shown = compare()
    change = Link("Go on writing", f"/referrals/{ILSE}/record-opinion")
    page = replace(shown.page, title="Hand it in to be compared", boxes=(), send_back_href="", submit="Hand it in", change=change)  # fmt: skip
    return shown._replace(page=page)


def waiting() -> Shown:
    shown = referral_page()
    notice = outside.waiting_notice("Nadia Kowal", ILSE, may_compare=True)
    steps: tuple[StepButton, ...] = tuple(outside.record_buttons("in_review", ILSE, is_waiting=True, is_begun=True))
    return shown._replace(page=replace(shown.page, notices=(notice,), steps=steps))


def read() -> Shown:
    page = opinions.OpinionPage(BANNER, panel(recorded=RECORDED, authors=[{"name": "Prof. Ada Quill"}]), BACK)
    return Shown("opinion.html", page, clinician("/referrals"))


OUTSIDE_PAGES = {
    "outside-answer-errors": lambda: answer(FieldError("/reason", "required", "Choose the reason that they gave."), FieldError("/said_by", "required", "Fill in: Who says so")),
    "outside-original": original,
    "outside-compare": compare,
    "outside-compare-errors": lambda: compare(ErrorLink("Say that you have compared every sentence with the original.", "#compared"), ErrorLink("Say in up to 4,000 characters what is not as the original says.", "#note")),
    "outside-hand-in": hand_in,
    "outside-waiting": waiting,
    "outside-opinion": read,
}  # fmt: skip
