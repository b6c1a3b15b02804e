"""The conversation between referrer, network and center about a referral."""

from typing import Any
from uuid import UUID

from flask import Blueprint

from referrals.api.call import Answer, Call, Seen
from referrals.api.endpoint import endpoint
from referrals.api.lists import listing, page
from referrals.api.message_shapes import MessageOut
from referrals.boundary import bodies
from referrals.boundary.answers import BASE
from referrals.boundary.paging import address_of
from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.messages import NewMessage, Nothing
from referrals.boundary.schemas.queries import Page
from referrals.domain.conversation import WRITERS
from referrals.domain.people import Scope
from referrals.models.message import Message
from referrals.pathway.conversation import find_message, mark_read, messages_of, write
from referrals.pathway.scope import find_referral

messages = Blueprint("messages", __name__, url_prefix="/referrals")

ENTITY = "message"


@messages.post("/<referral_id>/messages")
@endpoint(
    takes=NewMessage,
    gives=MessageOut,
    parties=WRITERS,
    status=201,
    writes=True,
    repeatable=True,
    versioned=True,
)
def say(call: Call, referral_id: UUID) -> Answer:
    """Write to the other side; `to` is the coordinator unless it is said, and the network has to say it.

    What that side had written before counts as read. `internal` is a note that never leaves the network.
    """
    find_referral(call.session, call.actor, referral_id)
    message = write(call.session, call.actor, referral_id, call.body, call.now)
    return Answer(
        message_answer(message),
        Seen(ENTITY, [message.id], "write"),
        message.version,
        status=201,
        headers={"Location": address_of(f"{BASE}/referrals/{referral_id}/messages/{message.id}")},
    )


@messages.get("/<referral_id>/messages")
@endpoint(gives=MessageOut, asks=Page, scope=Scope.REFERRALS_READ, listed=True)
def of_referral(call: Call, referral_id: UUID) -> Answer:
    """What the caller may read of the conversation, oldest first. Reading a list marks nothing as read."""
    find_referral(call.session, call.actor, referral_id)
    path = f"/referrals/{referral_id}/messages"
    asked = listing(call, path, Page)
    reached = str(asked.after[0]) if asked.after else ""
    rest = [row for row in messages_of(call.session, call.actor, referral_id) if str(row.id) > reached]
    shown = rest[: asked.limit]
    after = (str(shown[-1].id),) if len(rest) > len(shown) else None
    seen = Seen(ENTITY, [row.id for row in shown], "list")
    return page(call, asked, path, [message_answer(row) for row in shown], after, seen)


@messages.get("/<referral_id>/messages/<message_id>")
@endpoint(gives=MessageOut, scope=Scope.REFERRALS_READ, versioned=True)
def one(call: Call, referral_id: UUID, message_id: UUID) -> Answer:
    """One message."""
    message = find_message(call.session, call.actor, referral_id, message_id)
    return Answer(message_answer(message), Seen(ENTITY, [message.id]), message.version)


@messages.post("/<referral_id>/messages/<message_id>/read")
@endpoint(
    gives=MessageOut,
    parties=WRITERS,
    writes=True,
    repeatable=True,
    may_be_empty=True,
    versioned=True,
)
def read(call: Call, referral_id: UUID, message_id: UUID) -> Answer:
    """Say that somebody of the addressed side has read it; said twice, it stays as it was."""
    find_message(call.session, call.actor, referral_id, message_id)
    load(Nothing(), bodies.object_of(call.sent))
    message = mark_read(call.session, call.actor, referral_id, message_id, call.now)
    return Answer(message_answer(message), Seen(ENTITY, [message.id], "mark-read"), message.version)


def message_answer(row: Message) -> dict[str, Any]:
    return {
        "id": row.id,
        "version": row.version,
        "referral": row.referral_id,
        "text": row.text,
        "to": row.addressee,
        "internal": row.internal,
        "author": {"name": row.author_name, "user": row.user_id, "organization": row.organization_id},
        "sent_at": row.sent_at,
        "read_at": row.read_at,
        "reply_due_at": row.reply_due_at,
    }
