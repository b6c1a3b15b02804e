"""Every template with made-up page objects, in each of its states."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from referrals.domain.errors import FieldError
from referrals.domain.lifecycle import STEPS, Status, open_steps
from referrals.domain.people import Kind, Party, Role
from referrals.web.forms import account, stepping
from referrals.web.forms.bind import fill, with_codes, with_errors, with_field
from referrals.web.forms.fields import Option
from referrals.web.forms.topics import TOPICS, filled_topic, topic_form
from referrals.web.preferences import Preferences
from referrals.web.presenters import check_answers, form_page, lists, mine, order, policy, referral, what_if
from referrals.web.presenters.filters import worklist_filters
from referrals.web.presenters.frame import SIGNED_OUT, Frame, frame_for
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.problems import PROBLEMS, problem_page
from referrals.web.presenters.steps import end_choices
from referrals.web.presenters.tags import tier_tag
from referrals.web.presenters.worklist import Asked, view_tabs, worklist_page, worklist_row
from tests.browser.gallery.people import (
    EVENTS,
    FAMILIES,
    ILSE,
    IN_ORDER,
    ITEMS,
    MANY,
    MARGINS,
    MOMENT,
    PRIORITY,
    REFERRAL,
    TARGETS,
    TIERS,
    hours,
    name_of,
)


class Shown(NamedTuple):
    template: str
    page: Any
    frame: Frame


USUAL, COMPACT = Preferences(), Preferences(density="compact")
FIRST_PAGE = Asked(me="u")
COUNTS = {
    "": 14,
    "mine": 4,
    "unassigned": 4,
    "late": {"count": 2, "more": False},
    "waiting": 1,
    "centers": 11,
    "unread": 1,
    "open": {"count": 1000, "more": True},
}
PEOPLE = (("u1", "Amara Osei"), ("u2", "Jonas Lind"), ("u3", "Nadia Kowal"))
BACK = Link("Worklist", "/worklist")
OPTIONS = tuple(Option(*row) for row in (("C25.0", "Head of pancreas", "Malignant neoplasm"), ("C25.7", "Other parts of pancreas", "Malignant neoplasm"), ("D13.6", "Pancreas", "Benign neoplasm")))  # fmt: skip


def coordinator(current: str, preferences: Preferences = USUAL) -> Frame:
    return frame_for(
        "Nadia Kowal", Kind.NETWORK, [Role.COORDINATOR], "Second Opinion Network", current, preferences, is_demo=True
    )


def clinician(current: str) -> Frame:
    return frame_for("Dr Tomás Rey", Kind.PROVIDER, [Role.CLINICIAN], "Lakeside Hospital", current)


def worklist(items: list[Any], asked: Asked = FIRST_PAGE, preferences: Preferences = USUAL) -> Shown:
    rows = [worklist_row(item, MOMENT, TIERS, name_of) for item in items]
    filters = worklist_filters({**asked.filters, "sort": asked.sort}, TIERS, FAMILIES, PEOPLE)
    page = worklist_page(
        items, asked, rows, view_tabs(asked.view, COUNTS, 2), filters, "abc" if len(items) > 20 else None, MOMENT
    )
    return Shown("worklist.html", page, coordinator("/worklist", preferences))


def reader(is_coordination: bool = True) -> referral.Reader:
    parties = {Party.C} if is_coordination else {Party.R}
    return referral.Reader(
        moment=MOMENT,
        tiers=TIERS,
        back=BACK if is_coordination else Link("My referrals", "/referrals"),
        steps=open_steps(Status.IN_TRIAGE, parties),
        is_coordination=is_coordination,
        name_of=name_of,
        name_of_morphology=name_of,
    )


def referral_page(**changes: Any) -> Shown:
    stale = Notice(
        "warn",
        "The priority may be out of date",
        "Dr Tomás Rey changed a fact after it was worked out.",
        "Check the priority again",
        f"/referrals/{ILSE}/reassess",
        posts=True,
    )
    return Shown(
        "referral.html",
        referral.referral_page({**REFERRAL, **changes}, EVENTS, reader(), (stale,), is_stale=True),
        coordinator("/worklist"),
    )


def overridden() -> Shown:
    override = {
        "reason": "time_critical",
        "text": "Surgery is booked for 10 December.",
        "author": {"name": "Nadia Kowal"},
        "expires_at": hours(400),
        "computed_tier": "P2",
    }
    return referral_page(
        priority={**PRIORITY, "tier": "P1", "override": override, "provisional": True, "flags": [], "missing": []}
    )


def uncoded() -> Shown:
    return referral_page(
        diagnosis={"uncoded": True, "description": "Mass behind the belly, biopsy awaited"},
        treatments=None,
        biomarkers=None,
        duplicates=[],
        needed_by=None,
        performance_status=None,
    )


def draft() -> Shown:
    unsent = {
        "status": "draft",
        "reference": "",
        "priority": None,
        "waiting_on": "referrer",
        "due_at": None,
        "submitted_at": None,
        "treatments": [],
        "next_action": "submit",
        "next_action_due_at": None,
    }
    page = referral.referral_page(
        {**REFERRAL, **unsent}, EVENTS[:1], replace(reader(False), steps=open_steps(Status.DRAFT, {Party.R}))
    )
    return Shown("referral.html", page, clinician("/referrals"))


def clinicians_view() -> Shown:
    page = referral.referral_page(
        {
            **REFERRAL,
            "status": "offered",
            "waiting_on": "center",
            "next_action": "accept",
            "center": {"name": "Summit"},
        },
        EVENTS,
        reader(False),
    )
    return Shown("referral.html", page, clinician("/referrals"))


BANNER = referral.banner(REFERRAL, TIERS, MOMENT)


def topic(slug: str, *errors: FieldError, add: str = "", words: str = "") -> Shown:
    form = filled_topic(slug, topic_form(slug, ILSE, 3), REFERRAL, add)
    form = with_field(form, "referring_clinician", options=(Option("clinician@lakeside.example", "Dr Tomás Rey"),))
    if words:
        form = with_codes(form, "icd10cm", words, OPTIONS)
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
        else None
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


def my_referrals(items: list[Any]) -> Shown:
    page = mine.my_referrals_page(
        items,
        [mine.card(item, MOMENT, TIERS) for item in items],
        counts={"": "7", "ended": "3"},
        next_href="/referrals?cursor=x" if items else "",
    )
    return Shown("my_referrals.html", page, clinician("/referrals"))


DRAFT = {
    **ITEMS[3],
    "id": "d",
    "status": "draft",
    "tier": None,
    "waiting_on": "referrer",
    "next_action": "submit",
    "due_at": None,
    "next_action_due_at": None,
    "diagnosis": None,
}
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
    page = check_answers.SentPage("SO-26-0004714-R", "Ilse Brandt", tier_tag("P2", TIERS), ("Cancer of the exocrine pancreas: C25.0.",), "Promised by 1 Dec 2026, 03:42", "With us since 03:42 today, not yet taken by a coordinator; we must take it by 17:00 today; then we check it and look for a center.", f"/referrals/{ILSE}")  # fmt: skip
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


def policy_page() -> Shown:
    segments = {
        tier: {"triage": 1, "offer": 1, "review": 3, "acknowledgement": 2, "all_days": tier == "P1"} for tier in TIERS
    }
    conditions = {
        "P1": "aggressive and resistant, or aggressive, rare and complex",
        "P2": "aggressive, or resistant and rare or complex",
        "P3": "resistant, rare or complex",
        "P4": "none of the four",
    }
    entities = tuple(
        (f"Entity {number}", "C25.0, C25.1", "8140, 8500", "13.7 %", "SEER 2016–2022") for number in range(20)
    )
    tables = (
        policy.tier_table(TIERS, conditions),
        policy.time_table(TIERS, TARGETS, MARGINS),
        policy.segment_table(TIERS, segments),
        policy.list_table("Aggressive entities", "Each counts by site and cell type.", ("Entity", "Codes", "Cell types", "Five-year survival", "Source"), entities),
    )  # fmt: skip
    return Shown(
        "policy.html", policy.PolicyPage("2026.1", "Active since 2 Nov 2026", tables), coordinator("/policies")
    )


def order_page(of_one: bool) -> Shown:
    place = (
        order.place_of({**REFERRAL, "tier": "P2", "order_at": hours(-216)}, TIERS, TARGETS, MARGINS, MOMENT)
        if of_one
        else None
    )
    return Shown(
        "why_this_order.html", order.order_page("2026.1", TIERS, TARGETS, MARGINS, place), coordinator("/worklist")
    )


def search(words: str, found: list[Any]) -> Shown:
    rows = tuple(worklist_row(item, MOMENT, TIERS, name_of, may_take=False) for item in found)
    page = lists.SearchPage(
        account.search_form(words),
        lists.found_words(rows, bool(rows)) if words else "",
        rows,
        "c" if rows else "",
        words,
    )
    return Shown("search.html", page, coordinator("/search"))


def identity(count: int) -> Shown:
    def side(organization: str, born: str) -> dict[str, Any]:
        return {
            "organization": {"name": organization},
            "given_name": "Ilse",
            "family_name": "Brandt",
            "birth_date": born,
            "sex": "female",
            "identifiers": [{"value": "999-00-1234"}],
        }

    check = {
        "id": "i",
        "patient": side("Lakeside Hospital", "1964-03-14"),
        "other_patient": side("Hillcrest Clinic", "1964-04-13"),
        "referral": REFERRAL,
        "created_at": hours(-5),
    }
    return Shown(
        "identity_checks.html",
        lists.IdentityChecksPage(tuple(lists.identity_check(check, MOMENT) for _ in range(count))),
        coordinator("/identity-checks"),
    )


def refused(count: int) -> Shown:
    receipt = {
        "id": "r",
        "organization": {"name": "Hillcrest Clinic"},
        "door": "import",
        "external_reference": "EHR-7",
        "reasons": [
            {"pointer": "/diagnosis/icd10cm", "code": "unknown_code"},
            {"pointer": "/patient/birth_date", "code": "in_the_future"},
        ],
        "at": hours(-3),
        "seen": None,
    }
    seen = {**receipt, "id": "s", "door": "json", "seen": {"name": "Nadia Kowal", "at": hours(-1)}}
    return Shown("refused.html", lists.refused_page([receipt, seen][:count], MOMENT), coordinator("/refused"))


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
    page = form_page.FormPage("Preferences", account.preferences_form(COMPACT), BACK, notices=(Notice("ok", "Saved"),))
    return Shown("form.html", page, coordinator("/me/preferences"))


def start(organization: str) -> Shown:
    frame = frame_for("Dr Hugo Lindgren", Kind.CENTER, [Role.SPECIALIST], organization, "/")
    return Shown("start.html", form_page.StartPage("Specialist", organization), frame)


def go_on() -> Shown:
    typed = (("text", "The CT of 16 November shows growth."), ("tier", "P1"))
    return Shown(
        "go_on.html", form_page.GoOnPage(f"/referrals/{ILSE}/override", typed, "/worklist"), coordinator("/worklist")
    )


PAGES: dict[str, Callable[[], Shown]] = {
    "worklist": lambda: worklist(IN_ORDER),
    "worklist-compact": lambda: worklist(IN_ORDER, preferences=COMPACT),
    "worklist-due": lambda: worklist(sorted(ITEMS, key=lambda item: item["due_at"]), Asked("late", {"tier": "P2"}, "due_at", "x")),
    "worklist-fifty": lambda: worklist(MANY),
    "worklist-empty": lambda: worklist([], Asked("late")),
    "worklist-nothing-fits": lambda: worklist([], Asked("", {"tier": "P4", "owner": "me"})),
    "referral": referral_page,
    "referral-overridden": overridden,
    "referral-uncoded": uncoded,
    "referral-draft": draft,
    "referral-clinician": clinicians_view,
    "new": new_referral,
    **{f"topic-{slug}": (lambda slug=slug: topic(slug)) for slug in TOPICS},
    "topic-treatment-add": lambda: topic("treatment", add="treatments"),
    "topic-diagnosis-found": lambda: topic("diagnosis", words="pancreas head"),
    "topic-diagnosis-errors": lambda: topic("diagnosis", FieldError("/diagnosis/icd10cm", "required", "Enter a diagnosis code or choose “I do not know the code”"), FieldError("/diagnosis/diagnosed_on", "future", "The date of diagnosis must be in the past"), FieldError("/diagnosis/stage/group", "unknown", "Choose a stage group such as IIB")),
    "topic-question-errors": lambda: topic("question", *LACKING[1:], FieldError("/purposes", "required", "Choose at least one purpose"), FieldError("", "loose", "Choose who answers for it")),
    "check": check,
    "check-lacking": lambda: check(*LACKING),
    "check-refused": lambda: check(*LACKING, refused=True),
    "sent": sent,
    "mine": lambda: my_referrals([DRAFT, ITEMS[6], ITEMS[10], *ITEMS[:6], {**ITEMS[7], "status": "closed", "waiting_on": None}]),
    "mine-empty": lambda: my_referrals([]),
    **{f"step-{name}": (lambda name=name: step(name)) for name in (*stepping.STEP_GROUPS, "override")},
    "step-override-conflict": lambda: step("override", True),
    "step-override-errors": lambda: step("override", False, FieldError("/tier", "required", "Choose the new priority"), FieldError("/text", "required", "Say why in a sentence")),
    "end": end,
    "what-if": lambda: what_if_page(False),
    "what-if-result": lambda: what_if_page(True),
    "policy": policy_page,
    "order": lambda: order_page(False),
    "order-of-one": lambda: order_page(True),
    "search": lambda: search("", []),
    "search-found": lambda: search("Brandt", ITEMS[2:5]),
    "search-nothing": lambda: search("Zzz", []),
    "identity": lambda: identity(2),
    "identity-empty": lambda: identity(0),
    "refused": lambda: refused(2),
    "refused-empty": lambda: refused(0),
    "preferences": preferences,
    "keyboard": lambda: Shown("keyboard.html", None, coordinator("/help/keyboard")),
    "sign-in": sign_in,
    "sign-in-errors": lambda: sign_in(FieldError("", "wrong", "Email or password do not fit. Check both and try again."), demo=False),
    "start": lambda: start("Harbor Cancer Center"),
    "start-nowhere": lambda: start(""),
    "go-on": go_on,
    "signed-out": lambda: Shown("signed_out.html", form_page.SignedOutPage(), SIGNED_OUT),
    **{f"problem-{status}": (lambda status=status: Shown("problem.html", problem_page(status, code="7F3A-22"), coordinator("/"))) for status in PROBLEMS},
}  # fmt: skip


def posted(**answers: Any) -> MultiDict[str, str]:
    """What a browser would send."""
    return MultiDict(
        [
            (name, value)
            for name, values in answers.items()
            for value in (values if isinstance(values, list) else [values])
        ]
    )
