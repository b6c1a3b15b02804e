"""The pages that one reads: lists, a referral, the rules."""

from dataclasses import replace
from typing import Any

from referrals.domain.lifecycle import Status, open_steps
from referrals.domain.people import Kind, Party, Role
from referrals.web.forms import account
from referrals.web.preferences import Preferences
from referrals.web.presenters import form_page, lists, mine, order, policy, referral
from referrals.web.presenters.filters import worklist_filters
from referrals.web.presenters.frame import frame_for
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.worklist import Asked, view_tabs, worklist_page, worklist_row
from tests.browser.gallery.frames import BACK, PEOPLE, USUAL, Shown, clinician, coordinator
from tests.browser.gallery.people import (
    EVENTS,
    FAMILIES,
    ILSE,
    ITEMS,
    MARGINS,
    MOMENT,
    PRIORITY,
    REFERRAL,
    TARGETS,
    TIERS,
    hours,
    name_of,
)

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
FIRST_PAGE = Asked(me="u")


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


LONG = "x" * 250


def long_words() -> Shown:
    """Somebody typed or pasted without a blank, everywhere."""
    priority = {**PRIORITY, "criteria": [{**verdict, "because": LONG} for verdict in PRIORITY["criteria"]]}
    events = [{**event, "note": LONG, "details": [LONG]} for event in EVENTS]
    answer = {**REFERRAL, "priority": priority, "questions": [LONG], "summary": LONG, "other_conditions": [LONG]}
    answer["patient"] = {**REFERRAL["patient"], "family_name": LONG[:80], "identifiers": [{"value": LONG}]}
    page = referral.referral_page(answer, events, reader(), (Notice("warn", LONG, LONG, "Look", f"/referrals/{ILSE}"),))
    return Shown("referral.html", page, coordinator("/worklist"))


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
        "/search?s=c" if rows else "",
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


def start(organization: str) -> Shown:
    frame = frame_for("Dr Hugo Lindgren", Kind.CENTER, [Role.SPECIALIST], organization, "/")
    return Shown("start.html", form_page.StartPage("Specialist", organization), frame)
