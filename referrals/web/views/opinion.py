"""The signed opinion by itself, and as a document to keep."""

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.opinion_pdf import pdf_answer
from referrals.domain.errors import NotFound
from referrals.models.opinion import Opinion
from referrals.pathway.opinions import read_opinion
from referrals.pathway.record import Record, read_referral
from referrals.web import paths
from referrals.web.opinions import panel_of
from referrals.web.pages import Seen, Shown
from referrals.web.presenters.notices import Link
from referrals.web.presenters.opinion import OpinionPage
from referrals.web.presenters.referral import banner
from referrals.web.records import whole
from referrals.web.visit import Visit, page, write_down

opinion = Blueprint("opinion", __name__, url_prefix=f"{paths.MY_REFERRALS}/<referral_id>")


@opinion.get("/opinion")
@page
def show(visit: Visit, referral_id: UUID) -> Shown:
    record, signed = asked_for(visit, referral_id)
    answer = whole(record, visit.now)
    shown = OpinionPage(
        banner(answer, visit.tiers, visit.moment),
        panel_of(visit, record, answer, signed),
        Link(answer["reference"], paths.referral(referral_id)),
    )
    return Shown("opinion.html", shown, Seen("referral", [referral_id], "read-opinion"))


@opinion.get("/opinion.pdf")
@page
def document(visit: Visit, referral_id: UUID) -> Response:
    record, signed = asked_for(visit, referral_id)
    made = pdf_answer(record, signed, visit.rules.zone)
    visit.session.close()
    write_down(visit, [Seen("referral", [referral_id], "read-opinion")])
    return made


def asked_for(visit: Visit, referral_id: UUID) -> tuple[Record, Opinion]:
    record = read_referral(visit.session, visit.actor, referral_id)
    return record, read_opinion(visit.session, record.referral, _version_asked())


def _version_asked() -> int | None:
    asked = request.args.get("version")
    if asked is None:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        raise NotFound
    return int(asked)
