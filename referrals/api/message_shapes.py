"""How a message is answered."""

from marshmallow import fields as plain

from referrals.api.shape_parts import maybe, there
from referrals.boundary.schemas.fields import Body, Flag, Id, Instant, Part, Whole, words_of
from referrals.domain.conversation import Side


class MessageAuthor(Body):
    name = there(plain.String)
    user = maybe(Id)
    organization = there(Id)


class MessageOut(Body):
    """`reply_due_at` is when it should have been read; null for the referrer and for notes of the network."""

    id = there(Id)
    version = there(Whole, 1, 2**31)
    referral = there(Id)
    text = there(plain.String)
    to = there(words_of, Side)
    internal = there(Flag)
    author = there(Part, MessageAuthor)
    sent_at = there(Instant)
    read_at = maybe(Instant)
    reply_due_at = maybe(Instant)
