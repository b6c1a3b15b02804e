"""The pages of questions: asking, answering, going on without, and a referral with several of them."""

from collections.abc import Mapping
from typing import Any

from referrals.domain.errors import FieldError
from referrals.domain.lifecycle import STEPS
from referrals.web.forms import questions
from referrals.web.forms.bind import fill, with_errors
from referrals.web.forms.fields import Group, Option
from referrals.web.forms.questions import Item
from referrals.web.forms.stepping import step_form
from referrals.web.presenters import form_page
from referrals.web.presenters.notices import Link
from referrals.web.presenters.questions import choice_notice, open_notice
from referrals.web.presenters.referral import referral_page
from tests.browser.gallery.asking import BANNER
from tests.browser.gallery.frames import Shown, clinician, coordinator
from tests.browser.gallery.looking import reader
from tests.browser.gallery.people import EVENTS, ILSE, MOMENT, REFERRAL, hours

MISSING = (
    Option("/diagnosis/morphology", "Cell type", "Could change the priority to P1. Decides whether an expert center must answer."),
    Option("/treatments", "Treatments", "Could change the priority to P1 or P3. Decides whether a multidisciplinary team must answer."),
)  # fmt: skip
ITEMS = [
    Item("1", "Cell type", "/diagnosis/morphology", False, True),
    Item("2", "Stage", "/diagnosis/stage", False, True),
    Item("3", "Treatments", "/treatments", False, True),
    Item("4", "Pathology report", None, True, True),
    Item("5", "Who operated, and when?", None, False, False),
]


def _page(step: str, groups: tuple[Group, ...], shown: Mapping[str, Any], *errors: FieldError) -> Shown:
    form = with_errors(fill(step_form(step, ILSE, 4, STEPS[step].label, groups), shown), errors)
    page = form_page.FormPage(
        STEPS[step].label,
        form,
        Link(BANNER.reference, BANNER.href),
        explains=(STEPS[step].explains,),
        banner=BANNER,
    )
    return Shown("form.html", page, coordinator("/worklist"))


def ask(missing: tuple[Option, ...] = MISSING) -> Shown:
    return _page("request-information", questions.ask_groups(missing), {"asked": "referrer", "items": {"fields": ["/treatments"]}})  # fmt: skip


def answer(*errors: FieldError) -> Shown:
    return _page("answer-information", questions.answer_groups("1", ITEMS, True), {}, *errors)


def go_on_without() -> Shown:
    return _page("proceed-without", questions.reason_groups(ITEMS[:2]), {})


def more_time() -> Shown:
    return _page("extend", questions.EXTEND, {})


def _sent(number: int, **changes: Any) -> dict[str, Any]:
    items = [
        {"id": "1", "field": "/diagnosis/disease_status", "required": True, "answer": None, "reason": None},
        {"id": "2", "document": "pathology", "required": True, "answer": None, "reason": None},
        {"id": "3", "text": "Who operated, and when?", "required": False, "answer": None, "reason": None},
    ]
    return {
        "id": str(number), "asked": "referrer", "blocking": True, "status": "open", "due_at": hours(20), "items": items,
        "message": "The board meets on Friday.", "author": "Nadia Kowal", "created_at": hours(-30), "extended": False,
        "choice_due": False, "ended_at": None, "answered_by": None, "source": None, "changes": [],
    } | changes  # fmt: skip


def _answered() -> dict[str, Any]:
    values = ("progression", "Adenocarcinoma, moderately differentiated.")
    items = [{**item, "answer": {"value": value}} for item, value in zip(_sent(1)["items"], values, strict=False)]
    items.append({**_sent(1)["items"][2], "answer": {"unobtainable": "The clinic has closed."}})
    changes = [
        "The priority changed from P2 Urgent to P1 Immediate.",
        "Resistant was not known and is met: progression.",
    ]
    return _sent(1, status="answered", items=items, ended_at=hours(-3), answered_by="Nadia Kowal", source="Dr Rey, by phone", changes=changes)  # fmt: skip


def asked(status: str = "information_requested") -> Shown:
    found = [_answered(), _sent(2, asked="laboratory", blocking=False, due_at=hours(-2), message=None), _sent(3)]
    waits = {
        "status": status,
        "waiting_on": "referrer",
        "next_action": "answer-information",
        "asked_words": "your answer",
    }
    answer = {**REFERRAL, **waits, "information_requests": found}
    notices = (choice_notice(ILSE), open_notice(found[2], ILSE, MOMENT))
    return Shown("referral.html", referral_page(answer, EVENTS, reader(False), notices), clinician("/referrals"))
