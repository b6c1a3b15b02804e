"""The forms for a center outside the network: what it said and how, and who signed the original of its opinion."""

from collections.abc import Iterable
from dataclasses import replace

from referrals.models.document import Document
from referrals.web import paths
from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Form, Group, Kind, Option, options_of
from referrals.web.forms.papers import CHOOSE
from referrals.web.forms.reasons import HEARD_BY, OFFER_REASON
from referrals.web.forms.shared import reason_field, text_field

NONE = Option("", "None")
WHILE_ASKED = (Option("accept", "They accept"), Option("decline-offer", "They decline"))
WHILE_AT_WORK = (Option("return", "They give it back", "They have accepted it, and cannot answer after all."),)


def answer_form(referral_id: object, version: int, *, at_work: bool, papers: Iterable[Document]) -> Form:
    return Form(
        action=paths.referral(referral_id, paths.RECORD_ANSWER),
        submit="Record their answer",
        groups=(_answer(at_work), _heard(papers)),
        version=version,
        cancel_href=paths.referral(referral_id),
    )


def _answer(at_work: bool) -> Group:
    options = WHILE_AT_WORK if at_work else WHILE_ASKED
    asked = Field("answer", "What do they say?", Kind.RADIOS, "/answer", options=options, is_required=True)
    expected = Field("expected_on", "When do they expect to answer?", Kind.DATE, "/expected_on", hint="Where they accept, and say so.", width="m")  # fmt: skip
    reason = replace(
        reason_field(OFFER_REASON), label="Why not?", is_required=at_work, hint="" if at_work else "Where they decline."
    )
    note = text_field("text", "What else they say", required=False)
    return group_of(*((asked, reason, note) if at_work else (asked, expected, reason, note)))


def _heard(papers: Iterable[Document]) -> Group:
    return group_of(
        Field("said_by", "Who says so?", pointer="/said_by", hint="The name of the person at the center.", is_required=True),
        Field("role", "What is their role there?", pointer="/role", is_required=True),
        Field("said_on", "On which day?", Kind.DATE, "/said_on", is_required=True, width="m"),
        Field("channel", "By which way?", Kind.RADIOS, "/channel", options=options_of(HEARD_BY), is_required=True),
        Field("document", "The original, where there is one", Kind.SELECT, "/document", hint="Attach it first, under the documents of the referral.", options=(NONE, *_papers(papers))),
        legend="How do you know?",
    )  # fmt: skip


def _papers(papers: Iterable[Document]) -> tuple[Option, ...]:
    return tuple(Option(str(each.id), each.name) for each in papers)


def original_form(referral_id: object, version: int, papers: Iterable[Document]) -> Form:
    return Form(
        action=paths.referral(referral_id, f"{paths.RECORD_OPINION}/original"),
        submit="Go on to the text",
        groups=(
            group_of(
                Field("document", "Which document is the original?", Kind.SELECT, "/document", hint="A letter or another document of this referral that can be opened.", options=(CHOOSE, *_papers(papers)), is_required=True),
                Field("specialist", "Who signed it?", pointer="/specialist", hint="The name as it is written on the original.", is_required=True),
                Field("title", "In what office?", pointer="/title", hint="As it is written there: title, department."),
                Field("signed_on", "On which day was it signed?", Kind.DATE, "/signed_on", is_required=True, width="m"),
            ),
        ),
        version=version,
        cancel_href=paths.referral(referral_id),
    )  # fmt: skip
