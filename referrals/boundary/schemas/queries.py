"""What lists may be asked: filters as parameters of an address, or as the body of the search beside it."""

from typing import Any

from referrals.boundary.paging import HIGHEST_LIMIT, LONGEST_CURSOR
from referrals.boundary.schemas.fields import LINE, Body, Items, Whole, Words, words_of
from referrals.domain.people import Role


class OneOrMore(Items):
    """A list that may also be sent as its only item."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return super()._deserialize([value] if isinstance(value, str) else value, attr, data, **kwargs)


class Page(Body):
    """What every list may be asked."""

    limit = Whole(1, HIGHEST_LIMIT, metadata={"description": "How many items a page holds; 50 where not said."})
    cursor = Words(LONGEST_CURSOR, metadata={"description": "From `next`; it holds the filters, too."})


class PeopleAsked(Page):
    role = words_of(Role, metadata={"description": "Only people who have this role."})


class CodesAsked(Body):
    q = Words(LINE, required=True, metadata={"description": "Words in any order, or the beginning of a code."})
    limit = Whole(1, HIGHEST_LIMIT, metadata={"description": "How many codes at most; 50 where not said."})


class PatientsAsked(Page):
    q = Words(LINE, metadata={"description": "A number, or words of the name: any of them may be a beginning."})
