"""What is sent to open a record outside one's scope, and what a review says of it."""

from typing import Any

from referrals.boundary.schemas.fields import LINE, Body, Text, Words, words_of
from referrals.domain.break_glass import LONGEST_REASON, SHORTEST_REASON, Ground, Verdict


class Reason(Text):
    """Long enough to be judged by."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text) < SHORTEST_REASON:
            raise self.fault("too_short", f"Write at least {SHORTEST_REASON} characters: somebody reviews it.")
        return text


BreakGlassSent = Body.from_dict(
    {
        "reference": Words(LINE, required=True),
        "ground": words_of(Ground, required=True),
        "reason": Reason(LONGEST_REASON, required=True),
    },
    name="BreakGlassSent",
)
ReviewSent = Body.from_dict(
    {"verdict": words_of(Verdict, required=True), "note": Text(LONGEST_REASON, allow_none=True)}, name="ReviewSent"
)
