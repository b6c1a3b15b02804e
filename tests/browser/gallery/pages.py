"""Every template with made-up page objects, in each of its states."""

from collections.abc import Callable

from referrals.domain.errors import FieldError
from referrals.web.forms import stepping
from referrals.web.forms.topics import TOPICS
from referrals.web.presenters import form_page
from referrals.web.presenters.frame import SIGNED_OUT
from referrals.web.presenters.problems import PROBLEMS, problem_page
from referrals.web.presenters.worklist import Asked
from tests.browser.gallery import papers, questions, talking
from tests.browser.gallery.accounts import ACCOUNT_PAGES
from tests.browser.gallery.advice import ADVICE_PAGES
from tests.browser.gallery.asking import (
    LACKING,
    check,
    end,
    go_on,
    new_referral,
    preferences,
    sent,
    sign_in,
    step,
    topic,
    what_if_page,
)
from tests.browser.gallery.audit import AUDIT_PAGES
from tests.browser.gallery.center import at_center, centers_that_fit, inbox, with_centers
from tests.browser.gallery.centers import CENTER_PAGES
from tests.browser.gallery.elapsed import with_days
from tests.browser.gallery.figures import FIGURE_PAGES
from tests.browser.gallery.frames import COMPACT, Shown, coordinator
from tests.browser.gallery.hooks import WEBHOOK_PAGES
from tests.browser.gallery.importing import PAGES as IMPORT_PAGES
from tests.browser.gallery.letters import LETTER_PAGES
from tests.browser.gallery.looking import (
    DRAFT,
    clinicians_view,
    draft,
    identity,
    long_words,
    my_referrals,
    order_page,
    overridden,
    policy_page,
    referral_page,
    refused,
    search,
    start,
    uncoded,
    worklist,
)
from tests.browser.gallery.opinions import OPINION_PAGES
from tests.browser.gallery.outside import OUTSIDE_PAGES
from tests.browser.gallery.partner_systems import PARTNER_PAGES
from tests.browser.gallery.people import (
    IN_ORDER,
    ITEMS,
    MANY,
)
from tests.browser.gallery.places import CAPACITY_PAGES
from tests.browser.gallery.placing import PLAN_PAGES
from tests.browser.gallery.proving import proofs
from tests.browser.gallery.reports import REPORT_PAGES
from tests.browser.gallery.trust import TRUST_PAGES
from tests.browser.gallery.working import dead_letters, tasks

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
    "referral-long-words": long_words,
    "referral-draft": draft,
    "referral-clinician": clinicians_view,
    "referral-days": lambda: with_days(referral_page()),
    "referral-centers": lambda: with_centers(referral_page(status="offered")),
    "centers-that-fit": centers_that_fit,
    "referral-documents": lambda: papers.with_documents(referral_page()),
    "documents": papers.documents,
    "documents-none": lambda: papers.documents(rows=()),
    "documents-read-only": lambda: papers.documents(may_add=False),
    "documents-errors": lambda: papers.documents(FieldError("/kind", "required", "Choose what it is."), FieldError("/file", "empty", "The file is empty. Choose another one.")),
    "wrong-person": papers.wrong_person,
    "wrong-person-errors": lambda: papers.wrong_person(FieldError("/why", "required", "Say in a sentence how you know that it is of another person.")),
    "set-aside": papers.set_aside,
    "set-aside-empty": lambda: papers.set_aside(is_empty=True),
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
    "inbox": lambda: inbox(at_center()),
    "inbox-empty": lambda: inbox([]),
    **{f"step-{name}": (lambda name=name: step(name)) for name in (*stepping.STEP_GROUPS, "override", "offer", "start-review")},
    "step-override-conflict": lambda: step("override", True),
    "step-override-errors": lambda: step("override", False, FieldError("/tier", "required", "Choose the new priority"), FieldError("/text", "required", "Say why in a sentence")),
    "step-request-information": questions.ask,
    "step-request-information-plain": lambda: questions.ask(()),
    "step-answer-information": questions.answer,
    "step-answer-information-errors": lambda: questions.answer(FieldError("/answers/0", "unanswered", "Answer it, or say why it cannot be had."), FieldError("/source", "source_named", "Say who answered and how, such as by phone.")),
    "step-proceed-without": questions.go_on_without,
    "step-extend": questions.more_time,
    "referral-questions": questions.asked,
    **OPINION_PAGES,
    **OUTSIDE_PAGES,
    **PLAN_PAGES,
    **LETTER_PAGES,
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
    "tasks": lambda: tasks(-5, 2, 40),
    "tasks-empty": tasks,
    "conversation": talking.conversation,
    "conversation-errors": lambda: talking.conversation(FieldError("/to", "required", "Choose for whom it is."), FieldError("/text", "required", "Write the message.")),
    "conversation-none": lambda: talking.conversation(rows=()),
    "referral-conversation": lambda: talking.with_conversation(referral_page()),
    "condition-changed": talking.condition,
    "condition-changed-errors": lambda: talking.condition(FieldError("/what", "required", "Choose what has happened."), FieldError("/on", "required", "Fill in: When")),
    "condition-changed-told": talking.condition_told,
    "mine-since": lambda: talking.with_since(my_referrals(ITEMS[:2]), 11),
    "inbox-since": lambda: talking.with_since(inbox(at_center()), 2),
    "notifications": talking.notifications,
    "notifications-empty": lambda: talking.notifications(0),
    "messages": talking.messages,
    "messages-empty": lambda: talking.messages(()),
    "dead-letters": lambda: dead_letters("recipient_refused", "timed_out"),
    "dead-letters-empty": lambda: dead_letters(is_mail_on=False),
    **PARTNER_PAGES,
    "integrity": lambda: proofs(0, 2),
    "integrity-empty": proofs,
    **ACCOUNT_PAGES,
    **ADVICE_PAGES,
    **CENTER_PAGES,
    **CAPACITY_PAGES,
    **REPORT_PAGES,
    **AUDIT_PAGES,
    **FIGURE_PAGES,
    **IMPORT_PAGES,
    **WEBHOOK_PAGES,
    **TRUST_PAGES,
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
