"""What administrators and auditors look after: the audit, and records opened by break-glass."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from referrals.domain.people import Kind, Role
from referrals.pathway.audit import Doers
from referrals.web.forms.break_glass import ask_form, review_form
from referrals.web.forms.fields import Form
from referrals.web.forms.retention import hold_form, lift_form
from referrals.web.paths import NEW_LEGAL_HOLD
from referrals.web.presenters.audit import audit_filters, audit_page, audit_row
from referrals.web.presenters.break_glass import EXPLAINS, GlassesPage, glass_page, glass_row, open_notice
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.frame import Frame, frame_for
from referrals.web.presenters.notices import Link
from referrals.web.presenters.retention import (
    BACK as HOLDS,
    EXPLAINS as ON_HOLD,
    HoldsPage,
    hold_row,
    lift_title,
    lift_words,
)
from referrals.web.presenters.seen_by import seen_by_page
from tests.browser.gallery.frames import Shown, administrator
from tests.browser.gallery.looking import referral_page
from tests.browser.gallery.people import MOMENT, hours

REFERRAL, OTHER = "0198f3a2-6c1e-7d04-9b52-4a7e10c3d101", "0198f3a2-6c1e-7d04-9b52-4a7e10c3d102"
KNOWN = {REFERRAL: "SO-26-0004711-K"}
DAYS = {"from": "2026-10-26", "until": "2026-11-24"}
DOERS = Doers(
    [SimpleNamespace(id="u1", name="Amara Osei"), SimpleNamespace(id="u2", name="Jonas Lind")],
    [SimpleNamespace(id="c1", name="Lakeside EHR")],
)


def auditor(current: str) -> Frame:
    return frame_for("Ines Faro", Kind.PROVIDER, [Role.AUDITOR], "Lakeside Hospital", current)


def entry(action: str, *ids: str, at: int = -1, **more: Any) -> Any:
    said = {"entity": "referral", "user_name": "Amara Osei", "client_name": None, "detail": {}, "request_id": "9f" * 16}
    home = {"organization_name": "Second Opinion Network"}
    return SimpleNamespace(action=action, ids=ids, at=hours(at), **{**said, **home, **more})


ENTRIES = (
    entry("read", REFERRAL),
    entry("list", REFERRAL, OTHER, *["0198f3a2-6c1e-7d04-9b52-4a7e10c3d1a0"] * 48, at=-2),
    entry(
        "denied", REFERRAL, at=-3, entity="address", user_name="Dr Tomás Rey", organization_name="Hillcrest",
        detail={"method": "GET", "endpoint": "web.referral.show", "status": 404, "reason": "not-found"},
    ),
    entry("export", at=-30, client_name="Lakeside EHR", detail={"from": "2026-10-01", "filters": ["entity", "user"]}),
    entry("purge", OTHER, at=-50, user_name=None, organization_name=None, request_id=None),
)  # fmt: skip


def audit(*entries: Any, error: str = "", **chosen: str) -> Shown:
    rows = [audit_row(each, KNOWN, MOMENT) for each in entries]
    shown = audit_page(
        rows, {**chosen, **DAYS}, audit_filters(chosen, DOERS), ("", "x" if rows else ""), is_network=True, error=error
    )
    return Shown("audit.html", shown, administrator("/admin/audit"))


def own_audit() -> Shown:
    shown = audit_page(
        [audit_row(ENTRIES[0], KNOWN, MOMENT)], DAYS, audit_filters({}, DOERS), ("x", ""), is_network=False
    )
    return Shown("audit.html", shown, auditor("/admin/audit"))


def glass(verdict: str = "", at: int = -1) -> Any:
    said = {"verdict": verdict or None, "note": "The clinician on duty could have asked." if verdict else None}
    row = SimpleNamespace(
        id=OTHER, referral_id=REFERRAL, actor_name="Dr Noor Haddad", ground="emergency_care", opened_at=hours(at),
        until=hours(at + 1), reviewed_at=hours(at + 20) if verdict else None,
        reason="The patient lies in our emergency room and cannot speak. We need to know the drugs.", **said,
    )  # fmt: skip
    return SimpleNamespace(BreakGlass=row, reference="SO-26-0004711-K", home="Hillcrest", reviewer="Ines Faro")


def glasses(*rows: Any) -> Shown:
    page = GlassesPage(tuple(glass_row(row, MOMENT) for row in rows))
    return Shown("break_glasses.html", page, administrator("/admin/break-glass"))


def one_glass(row: Any, form: Form | None = None) -> Shown:
    page = glass_page(row, [ENTRIES[0], entry("download", OTHER, entity="document")] if form else [], form, MOMENT)
    return Shown("break_glass.html", page, administrator(f"/admin/break-glass/{OTHER}"))


def ask_for_glass() -> Shown:
    frame = frame_for("Dr Noor Haddad", Kind.PROVIDER, [Role.ADMINISTRATOR], "Hillcrest", "/break-glass")
    opened = SimpleNamespace(reference="SO-26-0004711-K", until=hours(1), referral_id=REFERRAL)
    shown = FormPage(
        "Open a record outside your scope", ask_form(), Link("My referrals", "/referrals"), explains=EXPLAINS
    )
    return Shown("form.html", shown, replace(frame, notices=(open_notice(opened, MOMENT),)))


def saw(name: str, action: str, times: int, **more: Any) -> Any:
    said = {"entity": "referral", "client_name": None, "client_id": None, "organization_name": "Lakeside Hospital"}
    when = {"first": hours(-90), "last": hours(-1), "times": times}
    person = {"user_id": name, "user_name": name}
    return SimpleNamespace(action=action, **{**said, **when, **person, **more})


SAW = (
    saw("Dr Tomás Rey", "read", 12),
    saw("Dr Tomás Rey", "read-letter", 1),
    saw("Amara Osei", "list", 31, organization_name="Second Opinion Network"),
    saw("Dr Noor Haddad", "break-glass", 1, organization_name="Hillcrest"),
    saw("Dr Noor Haddad", "read", 2, organization_name="Hillcrest"),
    saw("", "export", 1, user_id=None, user_name=None, client_id="c1", client_name="Lakeside EHR"),
)


def seen_by(*lines: Any) -> Shown:
    about = referral_page().page.banner
    page = seen_by_page(lines, about, Link(about.reference, f"/referrals/{REFERRAL}"), MOMENT)
    return Shown("seen_by.html", page, auditor(f"/referrals/{REFERRAL}/seen-by"))


def hold(lifted: bool = False, at: int = -1) -> Any:
    said = {"lifted_by": "Amara Osei", "lifted_at": hours(at + 20), "lifted_because": "The court has decided."}
    row = SimpleNamespace(
        id=OTHER, referral_id=REFERRAL, reason="The district court asks for the file, matter 4 C 117/26.",
        set_by="Amara Osei", set_at=hours(at), **(said if lifted else {"lifted_at": None}),
    )  # fmt: skip
    return SimpleNamespace(LegalHold=row, reference="SO-26-0004711-K")


def legal_holds(*rows: Any, may: bool = True) -> Shown:
    page = HoldsPage(tuple(hold_row(row, MOMENT, may_lift=may) for row in rows), new_href=NEW_LEGAL_HOLD if may else "")
    return Shown("legal_holds.html", page, administrator("/admin/legal-holds"))


def lift_hold() -> Shown:
    shown = FormPage(lift_title(hold()), lift_form(OTHER), HOLDS, explains=lift_words(hold(), MOMENT))
    return Shown("form.html", shown, administrator(f"/admin/legal-holds/{OTHER}"))


AUDIT_PAGES = {
    "legal-holds": lambda: legal_holds(hold(), hold(lifted=True, at=-90)),
    "legal-holds-none": lambda: legal_holds(may=False),
    "legal-hold-new": lambda: Shown(
        "form.html",
        FormPage("Set a legal hold", hold_form({"reference": "SO-26-0004711-K"}), HOLDS, explains=ON_HOLD),
        administrator("/admin/legal-holds/new"),
    ),
    "legal-hold-lift": lift_hold,
    "seen-by": lambda: seen_by(*SAW),
    "seen-by-nobody": seen_by,
    "break-glass": ask_for_glass,
    "break-glass-list": lambda: glasses(glass(), glass("justified", -50), glass("not_justified", -90)),
    "break-glass-list-empty": glasses,
    "break-glass-review": lambda: one_glass(glass(), review_form(OTHER)),
    "break-glass-reviewed": lambda: one_glass(glass("not_justified", -50)),
    "audit": lambda: audit(*ENTRIES),
    "audit-empty": lambda: audit(action="purge", record="SO-26-0004711-K"),
    "audit-errors": lambda: audit(*ENTRIES, error="This must be a reference such as SO-26-0004711-K, or an id."),
    "audit-own": own_audit,
}
