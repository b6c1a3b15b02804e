"""The centers that fit one referral, all of them; and the end of what was approved to happen next."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from referrals.domain.errors import NotFound
from referrals.domain.lifecycle import Status
from referrals.domain.people import Party
from referrals.domain.tumor_family import family_label
from referrals.models.trail import Event
from referrals.pathway.fallbacks import end_chain, goes_on_by_hand, newest_chain
from referrals.pathway.matching import Ask, AtHand, matches
from referrals.pathway.record import Record, read_referral
from referrals.web import paths
from referrals.web.not_done import not_done
from referrals.web.pages import Seen, Shown, go
from referrals.web.presenters import fitting as presented
from referrals.web.presenters.notices import Link
from referrals.web.presenters.referral import banner
from referrals.web.records import whole
from referrals.web.visit import Visit, act, page

fitting = Blueprint("fitting", __name__, url_prefix=f"{paths.MY_REFERRALS}/<referral_id>")

# Whoever chooses a center, or looks over their shoulder; and as long as there is one to choose.
CHOOSERS = frozenset({Party.C, Party.L})
CHOOSING = frozenset({Status.IN_TRIAGE, Status.READY, Status.OFFERED})


@fitting.get(f"/{paths.CENTERS_THAT_FIT}")
@page
def every_center(visit: Visit, referral_id: UUID) -> Shown:
    visit.need(CHOOSERS, "Centers are compared by coordinators and clinical leads.")
    record = read_referral(visit.session, visit.actor, referral_id)
    found = centers_that_fit(visit, record)
    if found is None:
        raise NotFound
    answer = whole(record, visit.now)
    back = Link(answer["reference"], paths.referral(referral_id))
    shown = presented.CentersPage(banner(answer, visit.tiers, visit.moment), back, found)
    return Shown("centers_that_fit.html", shown, Seen("referral", [referral_id], "read-matches"))


@fitting.post(f"/{paths.END_CHAIN}")
@act(again=not_done)
def end(visit: Visit, referral_id: UUID) -> Response:
    ended = end_chain(visit.session, visit.actor, referral_id, visit.now)
    visit.note("end-chain", [referral_id])
    said = "Nobody is asked next any more. You choose." if ended else "There was nobody to be asked next any more."
    return go(paths.referral(referral_id), said)


def centers_that_fit(visit: Visit, record: Record) -> presented.Fitting | None:
    """None where this person chooses no center, or there is none to choose."""
    own = record.referral
    if not visit.actor.parties & CHOOSERS or Status(own.status) not in CHOOSING:
        return None
    judged = record.assessment.judgement if record.assessment else None
    at_hand = AtHand(record.facts, judged, record.consent)
    ranked, excluded = matches(Ask(visit.session, own, visit.rules, visit.now, at_hand))
    about = presented.About(own.id, own.due_at, family_label(own.tumor_family), own.center_id)
    return presented.fitting(ranked, excluded, about, visit.moment)


def who_is_next(visit: Visit, record: Record, events: Sequence[Event]) -> presented.Chain | None:
    """For those who choose alone. Once a person has gone on by hand, nobody is next."""
    own = record.referral
    if not visit.actor.parties & CHOOSERS or not any(event.step == "offer" for event in events):
        return None
    links = newest_chain(visit.session, own)
    stands = Status(own.resume_status or own.status)  # a question to be answered hides what goes on after it
    if links and stands is Status.READY and goes_on_by_hand(visit.session, own.id):
        return None
    end_href = paths.end_chain(own.id) if Party.C in visit.actor.parties else ""
    return presented.chain(links, own.respond_by, end_href, visit.moment)
