"""The conversation in the gallery: every way a message can go, and what waits to be read."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from referrals.domain.conversation import Side
from referrals.domain.errors import FieldError
from referrals.web.forms.bind import with_errors
from referrals.web.forms.condition import condition_form
from referrals.web.forms.messages import message_form
from referrals.web.presenters.condition import changed_page
from referrals.web.presenters.conversation import (
    ConversationPage,
    ConversationSection,
    conversation_section,
    messages_page,
)
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.notifications import notifications_page, since_you_left
from referrals.web.presenters.steps import CONDITION_EXPLAINS, CONDITION_LABEL
from tests.browser.gallery.asking import BANNER
from tests.browser.gallery.frames import Shown, clinician, coordinator
from tests.browser.gallery.people import ILSE, MOMENT, REFERRAL, TIERS, hours

LONG = "The radiologist has looked at it again.\nHis words: " + "no new lesion in segment VII, " * 12


def row(number: int, who: str, sender: Side, addressee: Side, text: str, **changes: Any) -> Any:
    usual = {"internal": False, "reply_due_at": None, "read_at": None, "read_by": None}
    return SimpleNamespace(
        id=f"m{number}", referral_id=ILSE, author_name=who, sender=sender, addressee=addressee, text=text,
        sent_at=hours(-60 + 10 * number), **{**usual, **changes},
    )  # fmt: skip


READ = {"read_at": hours(-44), "read_by": "Nadia Kowal"}
ROWS = (
    row(1, "Dr Tomás Rey", Side.REFERRER, Side.COORDINATOR, "The CT of Monday is attached. Is anything else needed?", **READ),
    row(2, "Nadia Kowal", Side.COORDINATOR, Side.REFERRER, "Thank you. Nothing else for now."),
    row(3, "Nadia Kowal", Side.COORDINATOR, Side.COORDINATOR, "He is on leave from Friday; phone the ward then.", internal=True),
    row(4, "Dr Priya Venkat", Side.CENTER, Side.COORDINATOR, LONG, reply_due_at=hours(3)),
    row(5, "x" * 60, Side.REFERRER, Side.COORDINATOR, "Any news?", reply_due_at=hours(-2)),
)  # fmt: skip


def section(rows: tuple[Any, ...] = ROWS, *errors: FieldError) -> ConversationSection:
    form = with_errors(message_form(ILSE, Side.COORDINATOR, has_center=True), errors)
    return conversation_section(rows, waits, MOMENT, form)


def waits(each: Any) -> bool:
    return each.addressee is Side.COORDINATOR and each.read_at is None and not each.internal


def with_conversation(shown: Shown) -> Shown:
    return shown._replace(page=replace(shown.page, conversation=section()))


def conversation(*errors: FieldError, rows: tuple[Any, ...] = ROWS) -> Shown:
    said = () if errors else (Notice("ok", "Sent"),)
    page = ConversationPage(BANNER, Link(BANNER.reference, BANNER.href), section(rows, *errors), said)
    return Shown("conversation.html", page, coordinator("/worklist"))


def messages(rows: tuple[Any, ...] = (ROWS[4], ROWS[3], ROWS[1])) -> Shown:
    paired = [(each, "SO-26-0004711-K") for each in rows]
    return Shown("messages.html", messages_page(paired, MOMENT, "/worklist"), coordinator("/messages"))


def condition(*errors: FieldError) -> Shown:
    form = with_errors(condition_form(ILSE, 3, REFERRAL["treatments"]), errors)
    back = Link(BANNER.reference, BANNER.href)
    page = FormPage(CONDITION_LABEL, form, back, explains=(CONDITION_EXPLAINS,), banner=BANNER)
    return Shown("form.html", page, clinician("/referrals"))


def condition_told() -> Shown:
    changes = ["The priority changed from P2 Urgent to P1 Immediate.", "Resistant: unknown before, now met."]
    return Shown(
        "problem.html",
        changed_page(REFERRAL, {"changes": changes, "center_confirms": ["tier"]}, TIERS),
        clinician("/referrals"),
    )


NEWS = (
    {"step": "offer"},
    {"step": None, "kind": "due_passed", "status": "in_triage"},
    {"step": None, "kind": None},
    {"step": "decline-offer", "may_open": False},
    {"step": None, "kind": "draft_first", "status": "draft", "submitted_at": None},
)


def news(number: int) -> list[Any]:
    usual = {"kind": None, "status": None, "may_open": True, "submitted_at": hours(-90), "reference": "SO-26-0004711-K"}
    return [
        SimpleNamespace(
            id=f"n{place}", referral_id=ILSE, created_at=hours(-5 * place - 1),
            read_at=hours(-1) if place > 10 else None, **{**usual, **NEWS[place % len(NEWS)]},
        )
        for place in range(number)
    ]  # fmt: skip


def with_since(shown: Shown, number: int) -> Shown:
    return shown._replace(page=replace(shown.page, since=since_you_left(news(number), MOMENT, "/")))


def notifications(number: int = 14) -> Shown:
    return Shown("notifications.html", notifications_page(news(number), MOMENT, "/worklist"), coordinator("/worklist"))
