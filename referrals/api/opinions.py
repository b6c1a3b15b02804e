"""The opinion as it was signed, as JSON and as a document to keep."""

from typing import Any
from uuid import UUID

from flask import Blueprint

from referrals.api.call import Answer, Call, FileAnswer, Seen
from referrals.api.endpoint import endpoint
from referrals.api.shapes_of_opinions import OpinionOut
from referrals.boundary import opinion_pdf
from referrals.boundary.opinion_answers import opinion_answer
from referrals.boundary.schemas.opinions import OpinionAsked
from referrals.domain.people import Scope
from referrals.models.opinion import Opinion
from referrals.pathway.opinions import read_opinion
from referrals.pathway.record import read_referral
from referrals.pathway.rules import rules_of
from referrals.pathway.scope import find_referral

opinions = Blueprint("opinions", __name__, url_prefix="/referrals/<referral_id>")


@opinions.get("/opinion")
@endpoint(gives=OpinionOut, asks=OpinionAsked, scope=Scope.REFERRALS_READ, versioned=True, is_sealed=True)
def signed(call: Call, referral_id: UUID) -> Answer:
    """The latest signed opinion, or the version that is asked for."""
    opinion = _asked_for(call, referral_id)
    return Answer(opinion_answer(opinion), Seen("referral", [referral_id], "read-opinion"), opinion.version)


@opinions.get("/opinion.pdf")
@endpoint(
    gives=None,
    asks=OpinionAsked,
    scope=Scope.REFERRALS_READ,
    versioned=True,
    is_sealed=True,
    hands_out=(opinion_pdf.MEDIA,),
)
def document(call: Call, referral_id: UUID) -> Answer:
    """The same as a PDF to keep; sent as an attachment."""
    opinion = _asked_for(call, referral_id)
    record = read_referral(call.session, call.actor, referral_id)
    zone = rules_of(call.session, call.actor.network_id).zone
    seen = Seen("referral", [referral_id], "read-opinion")
    return FileAnswer(opinion_pdf.pdf_answer(record, opinion, zone), seen)


def _asked_for(call: Call, referral_id: UUID) -> Opinion:
    referral = find_referral(call.session, call.actor, referral_id)
    asked: dict[str, Any] = call.query
    return read_opinion(call.session, referral, asked.get("version"))
