"""What every step may carry."""

from referrals.boundary.schemas.fields import Body, Text


class Noted(Body):
    """A step that needs nothing but the wish to take it."""

    note = Text(allow_none=True)
