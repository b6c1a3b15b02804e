"""Questions about a referral, as they are answered."""

from marshmallow import fields as plain

from referrals.api.shape_parts import maybe, there
from referrals.boundary.schemas.fields import Body, Flag, Id, Instant, Part, Word, words_of
from referrals.domain import vocabulary as known
from referrals.domain.questions import FIELDS, RequestStatus


class InformationItemOut(Body):
    """One of `field`, `document` and `text`. `answer` holds one of `value`, `document` and `unobtainable`;

    `reason` says why the referral went on without it.
    """

    id = there(Id)
    field = Word(FIELDS)
    document = words_of(known.DocumentKind)
    text = plain.String()
    required = there(Flag)
    answer = maybe(plain.Dict)
    reason = maybe(plain.String)


class InformationRequestOut(Body):
    """A question. `choice_due`: it blocks, its second due time has passed, and somebody must choose how to go on."""

    id = there(Id)
    asked = there(words_of, known.AskedParty)
    blocking = there(Flag)
    status = there(words_of, RequestStatus)
    due_at = there(Instant)
    items = there(plain.List, Part(InformationItemOut))
    message = maybe(plain.String)
    author = there(plain.String)
    created_at = there(Instant)
    extended = there(Flag)
    choice_due = there(Flag)
    ended_at = maybe(Instant)
    answered_by = maybe(plain.String)
    source = maybe(plain.String)
    changes = there(plain.List, plain.String())
