"""Somebody says from when to when they are away, and who covers."""

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.schemas.fields import uuid_of
from referrals.domain.errors import Refusal
from referrals.models.user import User
from referrals.pathway.absence import note_absence, possible_covers
from referrals.web import paths
from referrals.web.forms import accounts as forms
from referrals.web.forms.bind import fill, packet_from
from referrals.web.forms.fields import Form, Group
from referrals.web.pages import Shown, go, notices
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.notices import Link
from referrals.web.typed import status_of, with_refusal
from referrals.web.visit import Visit, act, page

absence = Blueprint("absence", __name__)

EXPLAINS = (
    "Mail and tasks of yours go to whoever covers. What you look after stays yours, and the page says who covers.",
    "Nobody is away without cover: what waits for you must not wait for nobody.",
)


def away_groups(visit: Visit, user: User) -> tuple[Group, ...]:
    return forms.away_groups(possible_covers(visit.session, [user])[user.id])


def note_away(visit: Visit, user: User, packet: Any) -> None:
    first, last = forms.days_sent(packet)
    note_absence(visit.session, user, first, last, uuid_of(packet["covered_by"] or ""), visit.moment.today)


def own_form(visit: Visit) -> Form:
    return Form(paths.AWAY, "Save", away_groups(visit, visit.person.user))


def asked(visit: Visit, form: Form, status: int = 200) -> Shown:
    shown = FormPage("When you are away", form, Link("Start", paths.HOME), explains=EXPLAINS, notices=notices())
    return Shown("form.html", shown, status=status)


@absence.get(paths.AWAY)
@page
def ask(visit: Visit) -> Shown:
    return asked(visit, fill(own_form(visit), forms.away_standing(visit.person.user)))


def again(visit: Visit, refusal: Refusal) -> Shown:
    form = own_form(visit)
    return asked(visit, with_refusal(fill(form, packet_from(form, request.form)), refusal), status_of(refusal))


@absence.post(paths.AWAY)
@act(again=again)
def save(visit: Visit) -> Response:
    user = visit.session.get_one(User, visit.person.user.id)
    note_away(visit, user, packet_from(own_form(visit), request.form, keep_blank=True))
    visit.note("away", [user.id], "user")
    return go(paths.AWAY, "Saved")
