"""The worklist: who waits, in the order of the queue, page by page, and how many there are."""

from flask import Blueprint

from referrals.api import shapes
from referrals.api.call import Answer, Call, Seen
from referrals.api.endpoint import endpoint
from referrals.api.lists import listing, page, told_where_sent
from referrals.boundary.answers import list_item
from referrals.boundary.schemas.worklist import Narrowed, WorklistAsked, filters_of
from referrals.domain.people import Scope
from referrals.pathway import queue

worklist = Blueprint("worklist", __name__, url_prefix="/referrals")


@worklist.get("")
@endpoint(gives=shapes.ReferralItem, asks=WorklistAsked, scope=Scope.REFERRALS_READ, listed=True)
def referrals(call: Call) -> Answer:
    """The worklist, most urgent first unless asked otherwise."""
    return _page(call)


@worklist.post("/search")
@endpoint(
    gives=shapes.ReferralItem,
    takes=WorklistAsked,
    scope=Scope.REFERRALS_READ,
    listed=True,
    repeatable=True,
    may_be_empty=True,
)
def search(call: Call) -> Answer:
    """The worklist with its filters in the body, so that no address shows a name."""
    return _page(call)


def _page(call: Call) -> Answer:
    with told_where_sent(call):
        asked = listing(call, "referrals", WorklistAsked)
        filters = filters_of(asked.filters, call.actor)
    rows, after = queue.worklist(call.session, call.actor, filters, after=asked.after, limit=asked.limit, now=call.now)
    items = [list_item(row, call.now) for row in rows]
    return page(call, asked, "/referrals", items, after, Seen("referral", [row.id for row in rows], "list"))


@worklist.get("/counts")
@endpoint(gives=shapes.Counts, asks=Narrowed, scope=Scope.REFERRALS_READ)
def counts(call: Call) -> Answer:
    """How many under each status, tier and party; each number stops at 1,000."""
    return Answer(queue.counts(call.session, call.actor, filters_of(call.query, call.actor), call.now))
