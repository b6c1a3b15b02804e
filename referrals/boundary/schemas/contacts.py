"""What is sent of a call, a letter or a visit."""

from referrals.boundary.schemas.fields import LINE, Body, Instant, Text, Words, words_of
from referrals.domain import vocabulary as known

Contact = Body.from_dict(
    {
        "with": words_of(known.ContactWith, required=True),
        "channel": words_of(known.Channel, required=True),
        "outcome": words_of(known.ContactOutcome, required=True),
        "person": Words(LINE, allow_none=True),
        "text": Text(allow_none=True),
        "at": Instant(allow_none=True),
    },
    name="Contact",
)
