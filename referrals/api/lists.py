"""Lists: what was asked, from where it goes on, and the address of the page after this one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlencode

from referrals.api.call import Answer, Call, Seen
from referrals.boundary.answers import BASE
from referrals.boundary.paging import DEFAULT_LIMIT, Place, address_of, seal, unseal
from referrals.boundary.problems import ParameterError, Problem, invalid
from referrals.boundary.schemas.fields import Body, escape, load, ready
from referrals.domain.errors import FieldError

PAGING = frozenset({"limit", "cursor"})
After = tuple[Any, ...] | None
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of one list: `sent` are the filters as the caller wrote them, `filters` as checked."""

    resource: str
    filters: Mapping[str, Any]
    sent: Mapping[str, Any]
    limit: int
    after: After


@contextmanager
def told_where_sent(call: Call) -> Iterator[None]:
    """What is wrong with a parameter is said of the body's member where the question came in a body."""
    try:
        yield
    except Problem as problem:
        if call.takes is None:
            raise
        raise replace(problem, errors=[_in_body(each) for each in problem.errors]) from problem


def _in_body(error: FieldError | ParameterError) -> FieldError:
    if isinstance(error, FieldError):
        return error
    return FieldError(f"/{escape(error.parameter)}", error.code, error.message)


def listing(call: Call, resource: str, schema: type[Body]) -> Listing:
    """The page that this call means. Filters that come beside a cursor must be those it was made with."""
    asked = call.body if call.takes else call.query
    sent = {name: value for name, value in (call.sent or call.asked).items() if name not in PAGING}
    limit = asked.get("limit") or DEFAULT_LIMIT
    if asked.get("cursor") is None:
        return Listing(resource, asked, sent, limit, None)
    place = unseal(asked["cursor"], resource, call.actor.organization_id)
    others = [name for name, value in sent.items() if place.filters.get(name) != value]
    if others:
        message = "This differs from what the cursor was made with. Leave it out, or begin a new list."
        raise invalid(ParameterError(name, "contradicts_cursor", message) for name in others)
    return Listing(resource, load(ready(schema), dict(place.filters)), place.filters, limit, place.after)


def page(
    call: Call, listed: Listing, path: str, items: Sequence[Any], after: After, seen: Seen | None = None
) -> Answer:
    """The answer of a list; `after` is the key of its last item where there is more."""
    following = None
    if after is not None:
        cursor = seal(Place(after, listed.sent), listed.resource, call.actor.organization_id)
        following = address_of(f"{BASE}{path}?{urlencode({'cursor': cursor, 'limit': listed.limit})}")
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    return Answer({"items": items, "next": following}, seen=seen, headers=headers)


def split(rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], bool]:
    """One row more than asked was read to learn whether there is a next page."""
    return rows[:limit], len(rows) > limit
