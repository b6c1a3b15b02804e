"""What was typed while a session ended: sealed into the sign-in page, for the same person and for an hour."""

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
AUTHOR = "written_for"
# No page holds a password or a proof, however well it is sealed: such a form is typed again.
SECRET_FIELDS = frozenset({"password", "old_password", "again"})
PROOFS = frozenset({"code", "credential"})
NOT_KEPT = frozenset({"csrf_token", AUTHOR}) | SECRET_FIELDS


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent, and where to."""

    path: str
    fields: Sequence[tuple[str, str]]


def seal_author(user_id: UUID) -> str:
    """Whom a form was made for, as it travels in it. Nobody can make one for somebody else."""
    return seal(Place((user_id,), {}), AUTHOR, None)


def author() -> UUID | None:
    """Whom the form of this request was made for."""
    try:
        found: UUID = unseal(request.form.get(AUTHOR, ""), AUTHOR, None).after[0]
    except Problem:
        return None
    return found


def typed_now() -> Typed:
    """The form of this request, without what belongs to the page that it stood on."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_KEPT]
    return Typed(request.path, fields)


def seal_typed(user_id: UUID, now: datetime) -> str:
    """The form of this request as a text that only this person gets back; empty where there is nothing or too much."""
    typed = typed_now()
    if any("password" in name or name in PROOFS for name, _ in typed.fields):
        return ""
    if not 0 < sum(len(value) for _, value in typed.fields) <= MOST_CHARACTERS:
        return ""
    return seal(Place((now,), {"path": typed.path, "fields": typed.fields}), RESOURCE, user_id)


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
