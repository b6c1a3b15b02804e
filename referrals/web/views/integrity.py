"""The certificates of the last proofs, for administrators and auditors of the network."""

from flask import Blueprint

from referrals.pathway.certificates import last_certificates, rows_of_others
from referrals.web import paths
from referrals.web.pages import Seen, Shown
from referrals.web.presenters.integrity import integrity_page, rows_named
from referrals.web.visit import Visit, page

integrity = Blueprint("integrity", __name__)


@integrity.get(paths.INTEGRITY)
@page
def certificates(visit: Visit) -> Shown:
    found = last_certificates(visit.session, visit.actor)
    theirs = rows_of_others(visit.session, visit.actor, rows_named(found))
    seen = Seen("certificate", [each.certificate.id for each in found], "list")
    return Shown("integrity.html", integrity_page(found, theirs, visit.moment), seen)
