"""What became of the advice of the specialist who is signed in."""

from flask import Blueprint

from referrals.domain.errors import Forbidden
from referrals.domain.people import Kind, Role
from referrals.pathway.advice_notes import tallies_of
from referrals.web import paths
from referrals.web.pages import Shown
from referrals.web.presenters.advice import advice_page
from referrals.web.visit import Visit, page

advice = Blueprint("advice", __name__)


@advice.get(paths.ADVICE)
@page
def show(visit: Visit) -> Shown:
    if visit.actor.kind is not Kind.CENTER or Role.SPECIALIST not in visit.actor.roles:
        raise Forbidden("not_this_actor", "This is for those who sign opinions.")
    calendar = visit.rules.calendar
    tallies = tallies_of(visit.session, visit.actor, visit.now, calendar)
    return Shown("advice.html", advice_page(tallies, calendar.local_date(visit.now)))
