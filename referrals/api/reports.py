"""What happened and what is lacking: a center's record, the gaps of the network, and the six reports."""

from uuid import UUID

from flask import Blueprint, request

from referrals.api import shapes_of_reports as shapes
from referrals.api.call import Answer, Call, FileAnswer, Seen
from referrals.api.endpoint import endpoint
from referrals.api.shapes_of_figures import SHAPES
from referrals.boundary import sheets
from referrals.boundary.record_answers import GAPS_HEAD, gaps_answer, gaps_rows, record_answer
from referrals.boundary.report_answers import report_answer, report_head, report_rows
from referrals.boundary.schemas.reports import PeriodAsked, ask_for
from referrals.domain.people import Kind, Scope
from referrals.domain.reports.names import REPORTS, ReportName
from referrals.pathway.center_record import record_of_center
from referrals.pathway.gaps import network_gaps
from referrals.pathway.reports.report import report
from referrals.pathway.rules import rules_of

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


def _add(name: str, known: ReportName) -> None:
    def figures(call: Call) -> Answer:
        rules = rules_of(call.session, call.actor.network_id)
        found = report(name, ask_for(call.session, call.actor, rules, call.now, call.query))
        seen = Seen("report", [], f"read-{name}")
        if sheets.is_wanted(request):
            return FileAnswer(sheets.sheet(name, report_head(name), report_rows(found)), seen)
        return Answer(report_answer(found), seen)

    figures.__doc__ = f"{known.asks}; of the referrals that the caller may read."
    served = endpoint(gives=SHAPES[name], asks=PeriodAsked, scope=Scope.REFERRALS_READ, also_as=(sheets.CSV,))(figures)
    reports.add_url_rule(f"/reports/{name}", name, served)


for _name, _known in REPORTS.items():
    _add(_name, _known)
