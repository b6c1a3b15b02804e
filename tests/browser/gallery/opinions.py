"""The pages of an opinion: written, looked at once more, read, closed; and the calls about it."""

from dataclasses import replace
from typing import Any

from referrals.domain.errors import FieldError
from referrals.domain.lifecycle import STEPS
from referrals.web.forms.bind import fill, with_errors
from referrals.web.forms.fields import ErrorLink, Form
from referrals.web.forms.opinion import ACKNOWLEDGE, CONTACT, body_of, closing_groups, editor_groups
from referrals.web.presenters import form_page, opinion as opinions, referral
from referrals.web.presenters.facts import diagnosis_facts
from referrals.web.presenters.frame import SIGNED_OUT
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.outcome_link import OutcomeLinkPage
from tests.browser.gallery.asking import BANNER
from tests.browser.gallery.frames import Shown, clinician, coordinator, specialist
from tests.browser.gallery.looking import reader
from tests.browser.gallery.people import EVENTS, ILSE, MOMENT, REFERRAL, hours, name_of
from tests.opinions import OPINION, REVISED

BACK = Link(BANNER.reference, BANNER.href)
STAGE = {**OPINION["findings"][1], "result": "refined", "revised": {"system": "AJCC8", "group": "IIB", "t": "T2"}}
FINDINGS = [REVISED, STAGE, *OPINION["findings"][2:]]
QUESTIONS = REFERRAL["questions"]
ANSWERS = [{"question": number, "text": "Yes, after a scan."} for number in range(1, len(QUESTIONS) + 1)]
ADVICE = [{**each, "id": f"r{number}"} for number, each in enumerate(OPINION["recommendations"])]
SIGNED: dict[str, Any] = {
    **OPINION,
    "answers": ANSWERS,
    "findings": FINDINGS,
    "recommendations": ADVICE,
    "dissent": "One of us would operate first.",
    "version": 2,
    "amends": "The sequencing came back.",
    "sha256": "9f2c" * 16,
    "authors": [{"name": "Dr Lena Novák"}, {"name": "Dr Sam Oduya"}],
    "signed_at": hours(-30),
    "center": "Summit Cancer Center",
    "acknowledgement": None,
    "outcomes": {},
    "versions": [2, 1],
}
READ = {"by": "Dr Tomás Rey", "plan": "partly", "text": "We talk to her first.", "at": hours(-3)}
TOLD = {
    "r0": {"result": "followed", "reason": None, "by": "Dr Tomás Rey", "source": "closed"},
    "r1": {"result": "unknown", "reason": None, "by": "Nobody", "source": "no_response"},
}
DRAFT = {
    **OPINION,
    "answers": [{"text": each["text"]} for each in ANSWERS],
    "findings": [{name: value for name, value in each.items() if name != "axis"} for each in FINDINGS],
}


def panel(**changes: Any) -> opinions.OpinionPanel:
    return opinions.signed_panel(REFERRAL, SIGNED | changes, reader(False))


def answered() -> Shown:
    page = referral.referral_page({**REFERRAL, "status": "opinion_issued"}, EVENTS, reader(False))
    shown = replace(page, opinion=panel(), contacts_href=f"/referrals/{ILSE}/contacts")
    return Shown("referral.html", shown, clinician("/referrals"))


def version() -> Shown:
    page = opinions.OpinionPage(BANNER, panel(acknowledgement=READ, outcomes=TOLD), BACK)
    return Shown("opinion.html", page, clinician("/referrals"))


def editor(content: dict[str, Any], *errors: FieldError, amending: bool = False) -> Shown:
    form = Form(
        f"/referrals/{ILSE}/sign-opinion", "Check and sign", editor_groups(QUESTIONS, amending), 7, "Save draft"
    )
    diagnosis = REFERRAL["diagnosis"]
    page = opinions.EditorPage(
        "Amend the opinion" if amending else "Write the opinion",
        with_errors(fill(form, content), errors),
        BACK,
        BANNER,
        referral.question(REFERRAL, MOMENT),
        diagnosis_facts(diagnosis, None, name_of, name_of),
        (("KRAS", "G12D", "", ""),),
        tuple(opinions.treatment_words(0, each) for each in REFERRAL["treatments"]),
        "Draft saved at 10:41 today, by Dr Lena Novák" if content else "",
        () if not errors else (Notice("bad", "A colleague saved this draft while you were writing"),),
    )
    return Shown("opinion_editor.html", page, specialist("/inbox"))


def signing(*errors: ErrorLink) -> Shown:
    shown = opinions.panel(REFERRAL, body_of(DRAFT, QUESTIONS), reader(False), heading="As it will be signed", signed="Not signed yet")  # fmt: skip
    page = opinions.SigningPage(
        "Check and sign",
        BANNER,
        shown,
        opinions.identity(REFERRAL, BANNER),
        f"/referrals/{ILSE}/sign-opinion/check",
        "Sign the opinion",
        7,
        f"/referrals/{ILSE}/sign-opinion",
        BACK,
        errors,
    )
    return Shown("opinion_check.html", page, specialist("/inbox"))


def following(step: str) -> Shown:
    groups = ACKNOWLEDGE if step == "acknowledge" else closing_groups(ADVICE)
    form = fill(Form(f"/referrals/{ILSE}/{step}", STEPS[step].label, groups, 7, cancel_href=BANNER.href), {})
    page = form_page.FormPage(
        STEPS[step].label, form, BACK, explains=(STEPS[step].explains,), banner=BANNER, opinion=panel()
    )
    return Shown("form.html", page, clinician("/referrals"))


def contacts(writes: bool = True) -> Shown:
    form = fill(Form(f"/referrals/{ILSE}/contacts", "Write it down", CONTACT, cancel_href=BANNER.href), {})
    call = {"with": "referrer", "channel": "phone", "outcome": "told_and_read_back", "person": "Dr Rey", "at": hours(-2), "text": "The pathology was read out and repeated.", "author": "Nadia Kowal"}  # fmt: skip
    entries = (opinions.contact_entry(call, MOMENT),) if writes else ()
    page = opinions.ContactsPage(BANNER, entries, form if writes else None, BACK)
    return Shown("contacts.html", page, coordinator("/worklist"))


def link(page: OutcomeLinkPage) -> Shown:
    return Shown("outcome_link.html", page, SIGNED_OUT)


OPINION_PAGES = {
    "opinion-on-referral": answered,
    "opinion": version,
    "opinion-editor": lambda: editor({}),
    "opinion-editor-draft": lambda: editor(DRAFT),
    "opinion-editor-amend-errors": lambda: editor(DRAFT, FieldError("/text", "required", "Fill in: Why is the opinion amended?"), FieldError("/findings/0/revised", "axes_judged", "The diagnosis is changed: say to which."), amending=True),
    "opinion-check": signing,
    "opinion-check-errors": lambda: signing(ErrorLink("Confirm that the opinion is about this person.", "#identity")),
    "step-acknowledge": lambda: following("acknowledge"),
    "step-close": lambda: following("close"),
    "outcome-link": lambda: link(OutcomeLinkPage.asking("/outcome/x", "SO-26-0004714-R", 2, BANNER.href)),
    "outcome-link-used": lambda: link(OutcomeLinkPage.used_up()),
    "contacts": contacts,
    "contacts-empty": lambda: contacts(writes=False),
}  # fmt: skip
