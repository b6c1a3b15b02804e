"""What somebody says about a referral."""

from referrals.boundary.schemas.fields import Body, Flag, Text, words_of
from referrals.domain.conversation import Side


class NewMessage(Body):
    """A message to another side, or a note that stays inside the network."""

    text = Text(required=True)
    to = words_of(Side, allow_none=True)
    internal = Flag(allow_none=True)


class Nothing(Body):
    """Nothing more than the wish: whatever is sent with it is refused."""
