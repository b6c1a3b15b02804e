"""What happened and what is lacking: a center's record, and the gaps of the network."""

from uuid import UUID

from flask import Blueprint, request

from referrals.api import shapes_of_reports as shapes
from referrals.api.call import Answer, Call, FileAnswer, Seen
from referrals.api.endpoint import endpoint
from referrals.boundary import sheets
from referrals.boundary.record_answers import GAPS_HEAD, gaps_answer, gaps_rows, record_answer
from referrals.domain.people import Kind, Scope
from referrals.pathway.center_record import record_of_center
from referrals.pathway.gaps import network_gaps

reports = Blueprint("reports", __name__)

READERS = frozenset({Kind.NETWORK, Kind.CENTER})


@reports.get("/centers/<center_id>/record")
@endpoint(gives=shapes.CenterRecordOut, scope=Scope.CENTERS_READ, kinds=READERS)
def record(call: Call, center_id: UUID) -> Answer:
    """How a center answered within a year: the network reads every center's, a center its own."""
    profile, found = record_of_center(call.session, call.actor, center_id, call.now)
    return Answer(record_answer(profile.organization, found, call.now), Seen("center", [center_id], "read-record"))


@reports.get("/reports/network-gap")
@endpoint(
    gives=shapes.NetworkGapOut,
    scope=Scope.REFERRALS_READ,
    kinds=frozenset({Kind.NETWORK}),
    also_as=(sheets.CSV,),
)
def network_gap(call: Call) -> Answer:
    """Referrals that no center can take, by family and region, and who has waited longest without an offer."""
    found = network_gaps(call.session, call.actor.network_id, call.now)
    seen = Seen("referral", found.named, "read-network-gap")
    if sheets.is_wanted(request):
        return FileAnswer(sheets.sheet("network-gap", GAPS_HEAD, gaps_rows(found)), seen)
    return Answer(gaps_answer(found), seen)
