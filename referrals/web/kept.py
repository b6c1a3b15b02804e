"""What was typed while a session ran out: sealed into the sign-in page, for the same person and for an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import request

from referrals.boundary.paging import Place, seal, unseal
from referrals.boundary.problems import Problem

LONGEST = timedelta(hours=1)
MOST_CHARACTERS = 60_000
RESOURCE = "typed"
NOT_KEPT = frozenset({"csrf_token"})


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent, and where to."""

    path: str
    fields: Sequence[tuple[str, str]]


def seal_typed(user_id: UUID, now: datetime) -> str:
    """The form of this request as a text that only this person gets back; empty where there is too much of it."""
    fields = [[name, value] for name, value in request.form.items(multi=True) if name not in NOT_KEPT]
    if sum(len(value) for _, value in fields) > MOST_CHARACTERS:
        return ""
    return seal(Place((now,), {"path": request.path, "fields": fields}), RESOURCE, user_id)


def open_typed(sealed: str, user_id: UUID, now: datetime) -> Typed | None:
    if not sealed:
        return None
    try:
        place = unseal(sealed, RESOURCE, user_id)
    except Problem:
        return None
    if not now - LONGEST < place.after[0] <= now:
        return None
    return Typed(place.filters["path"], [(name, value) for name, value in place.filters["fields"]])
