"""What the steps of a question take: what is asked, what is answered, what is gone on without."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import ValidationError, fields as plain, validates, validates_schema

from referrals.boundary.schemas.fields import (
    LINE,
    NULL,
    Body,
    Fault,
    Flag,
    Id,
    Instant,
    Items,
    Part,
    Text,
    Word,
    words_of,
)
from referrals.boundary.schemas.noted import Noted
from referrals.boundary.schemas.packet import refuse_repeated
from referrals.domain import vocabulary as known
from referrals.domain.questions import FIELDS

MOST_ASKED = 30


def refuse_other_than_one(sent: Mapping[str, Any], names: Iterable[str]) -> None:
    said = list(names)
    if sum(name in sent for name in said) != 1:
        raise ValidationError([Fault("exactly_one", f"Send exactly one of: {', '.join(said)}.")])


class Wanted(Body):
    """One thing that is asked: a fact by its place in the referral, a document by its kind, or something in words."""

    field = Word(FIELDS)
    document = words_of(known.DocumentKind)
    text = Text()
    required = Flag(load_default=True)

    @validates_schema(skip_on_field_errors=True)
    def refuse_two_in_one(self, sent: Mapping[str, Any], **kwargs: Any) -> None:
        refuse_other_than_one(sent, ("field", "document", "text"))


class RequestInformation(Noted):
    """Without `due_at` the answer has as long as the policy gives a referrer to acknowledge an opinion."""

    asked = words_of(known.AskedParty, required=True)
    blocking = Flag(required=True)
    items = Items(Part(Wanted), most=MOST_ASKED, required=True)
    message = Text(allow_none=True)
    due_at = Instant(allow_none=True)

    @validates("items")
    def refuse_twice(self, sent: list[dict[str, Any]], **kwargs: Any) -> None:
        refuse_repeated([{name: item[name] for name in item if name != "required"} for item in sent])


class Given(Body):
    """The answer to one item. The `value` of a fact has the form that it has in a referral."""

    item = Id(required=True)
    value = plain.Raw(error_messages={"null": [NULL]})
    document = Id()
    unobtainable = Text()

    @validates_schema(skip_on_field_errors=True)
    def refuse_two_in_one(self, sent: Mapping[str, Any], **kwargs: Any) -> None:
        refuse_other_than_one(sent, ("value", "document", "unobtainable"))


class AnswerInformation(Noted):
    """`request` may be left out where one question is open. `source` says who told it to whom records it."""

    request = Id(allow_none=True)
    answers = Items(Part(Given), most=MOST_ASKED, required=True)
    source = Text(LINE, allow_none=True)


class Without(Body):
    item = Id(required=True)
    reason = Text(required=True)


class ProceedWithout(Noted):
    """A reason for each required item of the blocking question."""

    reasons = Items(Part(Without), most=MOST_ASKED, required=True)


class Extend(Noted):
    """One later due time for the blocking question."""

    due_at = Instant(required=True)
    reason = Text(required=True)


QUESTION_BODIES: Mapping[str, type[Body]] = {
    "request-information": RequestInformation,
    "answer-information": AnswerInformation,
    "proceed-without": ProceedWithout,
    "extend": Extend,
}
