"""What the network lacks: who has no center to go to, and why."""

from flask import Blueprint, Response

from referrals.boundary import sheets
from referrals.boundary.record_answers import GAPS_HEAD, gaps_rows
from referrals.pathway.gaps import Report, network_gaps
from referrals.web import paths
from referrals.web.pages import Seen, Shown
from referrals.web.presenters.network_gap import network_gap_page
from referrals.web.views.worklist import refuse_other_readers
from referrals.web.visit import Visit, page, write_down

reports = Blueprint("reports", __name__)


@reports.get(paths.NETWORK_GAP)
@page
def network_gap(visit: Visit) -> Shown:
    found, seen = _found(visit)
    return Shown("network_gap.html", network_gap_page(found, visit.moment), seen)


@reports.get(paths.NETWORK_GAP_CSV)
@page
def network_gap_csv(visit: Visit) -> Response:
    """The same as a sheet to save."""
    found, seen = _found(visit)
    write_down(visit, [seen])
    return sheets.sheet("network-gap", GAPS_HEAD, gaps_rows(found))


def _found(visit: Visit) -> tuple[Report, Seen]:
    refuse_other_readers(visit)
    found = network_gaps(visit.session, visit.actor.network_id, visit.now)
    return found, Seen("referral", found.named, "read-network-gap")
