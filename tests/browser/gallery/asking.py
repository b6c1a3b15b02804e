"""The pages that ask: topics of the form, steps, what if, signing in."""

from typing import Any

from werkzeug.datastructures import MultiDict

from referrals.domain.errors import FieldError
from referrals.domain.lifecycle import STEPS, Status, open_steps
from referrals.domain.people import Party
from referrals.web.forms import account, stepping
from referrals.web.forms.bind import fill, with_errors, with_field
from referrals.web.forms.fields import Option
from referrals.web.forms.topics import filled_topic, topic_form
from referrals.web.presenters import check_answers, form_page, referral, what_if
from referrals.web.presenters.frame import SIGNED_OUT
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.steps import end_choices
from referrals.web.presenters.tags import tier_tag
from tests.browser.gallery.center import groups_of
from tests.browser.gallery.frames import BACK, COMPACT, PEOPLE, Shown, clinician, coordinator
from tests.browser.gallery.people import (
    ILSE,
    MOMENT,
    PRIORITY,
    REFERRAL,
    TIERS,
    hours,
    name_of,
)

OPTIONS = tuple(Option(*row) for row in (("C25.0", "Head of pancreas", "Malignant neoplasm"), ("C25.7", "Other parts of pancreas", "Malignant neoplasm"), ("D13.6", "Pancreas", "Benign neoplasm")))  # fmt: skip


BANNER = referral.banner(REFERRAL, TIERS, MOMENT)


def topic(slug: str, *errors: FieldError, add: str = "", words: str = "") -> Shown:
    form = filled_topic(slug, topic_form(slug, ILSE, 3), REFERRAL, add)
    form = with_field(form, "referring_clinician", options=(Option("clinician@lakeside.example", "Dr Tomás Rey"),))
    if words:
        form = with_field(form, "icd10cm", words=words, looked_up=words, options=OPTIONS)
    page = form_page.topic_page(
        slug, with_errors(form, errors), ["patient", "consent"], ILSE, BANNER, "Draft saved 10:41"
    )
    return Shown("form.html", page, clinician("/referrals/new"))


def new_referral() -> Shown:
    form = fill(topic_form("patient", None, None), {})
    return Shown("form.html", form_page.topic_page("patient", form, [], None), clinician("/referrals/new"))


def step(name: str, conflict: bool = False, *errors: FieldError) -> Shown:
    groups = (
        stepping.override_groups(
            stepping.tier_options("P2", TIERS, {"P1": "Acts at once; a clinical lead countersigns by 17:00 tomorrow."}),
            MOMENT.today,
        )
        if name == "override"
        else groups_of(name)
    )
    form = fill(stepping.step_form(name, ILSE, 4, STEPS[name].label, groups), REFERRAL)
    form = with_errors(with_field(form, "user", options=tuple(Option(*person) for person in PEOPLE)), errors)
    clash = form_page.conflict_with("Amara Osei", MOMENT.on(hours(-0.1)), (form_page.Difference("Priority", "P1 Immediate", "P2 Urgent"), form_page.Difference("Why", "Surgery was brought forward.", "The CT shows growth.")))  # fmt: skip
    page = form_page.FormPage(
        STEPS[name].label,
        form,
        Link(BANNER.reference, BANNER.href),
        explains=(STEPS[name].explains,),
        banner=BANNER,
        conflict=clash if conflict else None,
    )
    return Shown("form.html", page, coordinator("/worklist"))


NAMES = {"icd10cm": name_of, "morphology": name_of}
LACKING = [
    FieldError("/consent/given", "required", "Record the patient’s consent"),
    FieldError("/questions", "required", "Ask at least one question"),
]


def check(*errors: FieldError, refused: bool = False) -> Shown:
    return Shown(
        "check_answers.html",
        check_answers.check_page(REFERRAL, BANNER, errors, NAMES, refused),
        clinician("/referrals/new"),
    )


def sent() -> Shown:
    page = check_answers.SentPage("SO-26-0004714-R", "Ilse Brandt", tier_tag("P2", TIERS), ("Cancer of the exocrine pancreas: C25.0.",), "Promised by 1 Dec 2026, 03:42", "With us since 03:42 today, not yet taken by a coordinator; we must take it by 17:00 today; then we check it and look for a center.", f"/referrals/{ILSE}", f"/referrals/{ILSE}/letter")  # fmt: skip
    return Shown("sent.html", page, clinician("/referrals/new"))


def end() -> Shown:
    choices = end_choices(open_steps(Status.IN_TRIAGE, {Party.C, Party.L}), ILSE)
    return Shown(
        "end.html", form_page.EndPage(BANNER, Link(BANNER.reference, BANNER.href), choices), coordinator("/worklist")
    )


def what_if_page(asked: bool) -> Shown:
    after = {
        **PRIORITY,
        "tier": "P1",
        "criteria": [
            *PRIORITY["criteria"][:1],
            {**PRIORITY["criteria"][1], "verdict": "met", "because": "Progression in the latest line: PD."},
            *PRIORITY["criteria"][2:],
        ],
    }
    page = what_if.WhatIfPage(
        BANNER,
        fill(stepping.what_if_form(ILSE), REFERRAL),
        what_if.compare(PRIORITY, after, TIERS) if asked else None,
        Link(BANNER.reference, BANNER.href),
    )
    return Shown("what_if.html", page, coordinator("/worklist"))


def sign_in(*errors: FieldError, demo: bool = True) -> Shown:
    people = tuple(
        form_page.DemoPerson(*one)
        for one in (
            ("Coordinator", "coordinator@network.example"),
            ("Clinical lead", "lead@network.example"),
            ("Clinician", "clinician@lakeside.example"),
        )
    )
    page = form_page.SignInPage(
        with_errors(account.sign_in_form("nadia@network.example" if errors else ""), errors),
        demo=people if demo else (),
        demo_password="second-opinion-demo",
    )
    return Shown("sign_in.html", page, SIGNED_OUT)


def preferences() -> Shown:
    page = form_page.FormPage(
        "Preferences", account.preferences_form(COMPACT, is_mail_on=True), BACK, notices=(Notice("ok", "Saved"),)
    )
    return Shown("form.html", page, coordinator("/me/preferences"))


def go_on() -> Shown:
    typed = (("text", "The CT of 16 November shows growth."), ("tier", "P1"))
    return Shown(
        "go_on.html", form_page.GoOnPage(f"/referrals/{ILSE}/override", typed, "/worklist"), coordinator("/worklist")
    )


def posted(**answers: Any) -> MultiDict[str, str]:
    """What a browser would send."""
    return MultiDict(
        [
            (name, value)
            for name, values in answers.items()
            for value in (values if isinstance(values, list) else [values])
        ]
    )
