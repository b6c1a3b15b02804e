"""What the feed may be asked, and what a caller believes to be open."""

from typing import Any

from referrals.boundary.paging import HIGHEST_LIMIT
from referrals.boundary.schemas.fields import LINE, NOT_AN_OBJECT, Body, Items, Whole, Words, _Coded, ready, words_of
from referrals.domain.lifecycle import Status
from referrals.domain.reference import looks_like_reference, parse_reference

LONGEST_WAIT = 30
MOST_BELIEVED = 10_000


class EventsAsked(Body):
    after = Whole(0, 2**63 - 1, metadata={"description": "`next_after` of the call before; 0 where not said."})
    limit = Whole(1, HIGHEST_LIMIT, metadata={"description": "At most so many events; 50 where not said."})
    wait = Whole(
        0, LONGEST_WAIT, metadata={"description": "Seconds to wait for an event where there is none; 0 where not said."}
    )


class Belief(Body):
    """A referral that the caller believes to be open, and, if it says so, in which status and version."""

    reference = Words(LINE, required=True)
    status = words_of(Status)
    version = Whole(1, 2**31 - 1)


def _described(name: str, type_: str) -> dict[str, Any]:
    """As the field itself is described."""
    return {"type": type_, **ready(Belief).fields[name].metadata}


_REFERENCE = _described("reference", "string")
_BELIEF = {
    "type": "object",
    "required": ["reference"],
    "additionalProperties": False,
    "properties": {
        "reference": _REFERENCE,
        "status": _described("status", "string"),
        "version": _described("version", "integer"),
    },
}


class Believed(_Coded):
    """May also be sent as the reference alone."""

    wrong = NOT_AN_OBJECT

    def __init__(self) -> None:
        super().__init__()
        self.describe(oneOf=[_REFERENCE, _BELIEF])

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        belief = ready(Belief).load({"reference": value} if isinstance(value, str) else value)
        if looks_like_reference(belief["reference"]):
            self._refuse_misread(belief["reference"])
        return belief

    def _refuse_misread(self, reference: str) -> None:
        try:
            parse_reference(reference)
        except ValueError as problem:
            raise self.fault("wrong_reference", str(problem)) from problem


class Reconciliation(Body):
    """Our references or the caller's own, in any mixture."""

    references = Items(Believed(), most=MOST_BELIEVED, required=True)
