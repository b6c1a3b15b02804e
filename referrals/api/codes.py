"""Looks codes up: in the tables that we ship, and in those that this network loaded for itself."""

from flask import Blueprint

from referrals.api import shapes
from referrals.api.call import Answer, Call
from referrals.api.endpoint import endpoint
from referrals.boundary.paging import DEFAULT_LIMIT
from referrals.boundary.schemas.queries import CodesAsked
from referrals.pathway.code_search import find_codes

codes = Blueprint("codes", __name__, url_prefix="/codes")


@codes.get("/<system>")
@endpoint(gives=shapes.CodesOut, asks=CodesAsked)
def look_up(call: Call, system: str) -> Answer:
    """Codes by words in any order or by the beginning of a code, best first."""
    found = find_codes(call.session, system, call.query["q"], call.query.get("limit") or DEFAULT_LIMIT)
    return Answer({"items": [code.to_json() for code in found]})
