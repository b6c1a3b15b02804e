"""What is said about a referral: on its page, with the form to answer, and everything that waits to be read."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.messages import NewMessage
from referrals.domain.conversation import SIDE_OF, SILENT, WRITERS
from referrals.domain.errors import Refusal
from referrals.domain.lifecycle import Status
from referrals.pathway.conversation import has_center, is_to, mark_read, messages_of, unread_messages, write
from referrals.pathway.record import Record, read_referral
from referrals.pathway.scope import find_referral
from referrals.web import paths
from referrals.web.forms.bind import fill, packet_from
from referrals.web.forms.fields import Form
from referrals.web.forms.messages import INSIDE, message_form
from referrals.web.pages import Seen, Shown, frame_of, go, notices
from referrals.web.presenters.conversation import (
    ConversationPage,
    ConversationSection,
    conversation_section,
    messages_page,
)
from referrals.web.presenters.notices import Link
from referrals.web.presenters.referral import banner
from referrals.web.records import whole
from referrals.web.typed import status_of, with_refusal
from referrals.web.visit import Visit, act, page

conversation = Blueprint("conversation", __name__)

OF_REFERRAL = f"{paths.MY_REFERRALS}/<referral_id>/messages"
ENTITY = "message"


def section(visit: Visit, record: Record) -> ConversationSection:
    """What this reader may read and write, for the referral's own page, too."""
    own = record.referral
    rows = messages_of(visit.session, visit.actor, own.id) if record.has_messages else ()
    return conversation_section(
        rows, lambda row: is_to(visit.actor, row), visit.moment, blank(visit, record), own.status == Status.DRAFT
    )


def blank(visit: Visit, record: Record) -> Form | None:
    """None for who only reads, and where nothing can be said."""
    if not visit.actor.parties & WRITERS or Status(record.referral.status) in SILENT:
        return None
    side = SIDE_OF[visit.actor.kind]
    return message_form(record.referral.id, side, has_center=has_center(visit.session, record.referral))


@conversation.get(OF_REFERRAL)
@page
def show(visit: Visit, referral_id: UUID) -> Shown:
    record = read_referral(visit.session, visit.actor, referral_id)
    return drawn(visit, record, section(visit, record))


def drawn(visit: Visit, record: Record, found: ConversationSection, status: int = 200) -> Shown:
    answer = whole(record, visit.now)
    back = Link(answer["reference"], paths.referral(record.referral.id))
    shown = ConversationPage(banner(answer, visit.tiers, visit.moment), back, found, notices())
    return Shown("conversation.html", shown, Seen("referral", [record.referral.id], "read-messages"), status)


def typed_again(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
    record = read_referral(visit.session, visit.actor, referral_id)
    found, form = section(visit, record), blank(visit, record)
    if form is not None:
        form = with_refusal(fill(form, packet_from(form, request.form)), refusal)
    return drawn(visit, record, replace(found, form=form), status_of(refusal))


@conversation.post(OF_REFERRAL)
@act(again=typed_again)
def say(visit: Visit, referral_id: UUID) -> Response:
    find_referral(visit.session, visit.actor, referral_id)
    visit.need(WRITERS, "Messages are written by those who work on the referral.")
    form = message_form(referral_id, SIDE_OF[visit.actor.kind], has_center=True)
    body = load(NewMessage(), meant(packet_from(form, request.form)))
    message = write(visit.session, visit.actor, referral_id, body, visit.now)
    visit.note("write", [message.id], ENTITY)
    return go(f"{paths.referral(referral_id)}#conversation", "Noted" if message.internal else "Sent")


def meant(typed: dict[str, Any]) -> dict[str, Any]:
    """On the page a note for colleagues is one more answer to "for whom"."""
    if typed.get("to") != INSIDE:
        return typed
    return {name: value for name, value in typed.items() if name != "to"} | {"internal": True}


@conversation.post(f"{OF_REFERRAL}/<message_id>/read")
@act()
def read(visit: Visit, referral_id: UUID, message_id: UUID) -> Response:
    mark_read(visit.session, visit.actor, referral_id, message_id, visit.now)
    visit.note("mark-read", [message_id], ENTITY)
    return go(f"{paths.referral(referral_id)}#conversation", "Marked as read")


@conversation.get(paths.MESSAGES)
@page
def waiting(visit: Visit) -> Shown:
    rows = unread_messages(visit.session, visit.actor)
    shown = messages_page(rows, visit.moment, frame_of(visit.person).home, notices())
    return Shown("messages.html", shown, Seen(ENTITY, [row.Message.id for row in rows], "list"))
