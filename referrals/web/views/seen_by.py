"""Who saw the patient of a referral, for administrators and auditors of the network and of those who asked."""

from uuid import UUID

from flask import Blueprint

from referrals.pathway.record import read_referral
from referrals.pathway.scope import find_referral
from referrals.pathway.seen_by import seen_by as lines_of
from referrals.web import paths
from referrals.web.pages import Seen, Shown
from referrals.web.presenters.notices import Link
from referrals.web.presenters.referral import banner
from referrals.web.presenters.seen_by import seen_by_page
from referrals.web.records import whole
from referrals.web.visit import Visit, page

seen_by = Blueprint("seen_by", __name__, url_prefix=f"{paths.MY_REFERRALS}/<referral_id>")


@seen_by.get(f"/{paths.SEEN_BY}")
@page
def show(visit: Visit, referral_id: UUID) -> Shown:
    referral = find_referral(visit.session, visit.actor, referral_id)
    answer = whole(read_referral(visit.session, visit.actor, referral_id), visit.now)
    shown = seen_by_page(
        lines_of(visit.session, visit.actor, referral),
        banner(answer, visit.tiers, visit.moment),
        Link(answer["reference"], paths.referral(referral_id)),
        visit.moment,
    )
    return Shown("seen_by.html", shown, Seen("referral", [referral_id], "seen-by"))
