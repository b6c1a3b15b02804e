"""Second factors in an administrator's care: who must have one, and whose is taken off."""

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.domain.errors import Conflict, Refusal, refuse
from referrals.domain.people import Role
from referrals.domain.second_factor import RESET_REASONS, Happening
from referrals.models.user import User
from referrals.pathway.deliveries import refuse_other_than_administrator
from referrals.pathway.second_factor import (
    ask_roles,
    factors_of,
    find_person_in,
    reset_second_factor,
    roles_of_network,
    sign_out_those_without,
)
from referrals.web import paths
from referrals.web.forms.fields import Form
from referrals.web.forms.proving import policy_form, reset_form
from referrals.web.pages import Seen, Shown, frame_of, go, notices
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.notices import Link
from referrals.web.presenters.security import asked_already, what_is_taken_off
from referrals.web.session import records
from referrals.web.typed import status_of, with_refusal
from referrals.web.views.security import by_setting
from referrals.web.visit import Visit, act, page

second_factor_care = Blueprint("second_factor_care", __name__)

OF_ONE = "/admin/users/<user_id>/second-factor"
POLICY = "Who must have a second factor"
OWN = "You take off your own second factor on your own page, under Signing in."


@second_factor_care.get(paths.SECOND_FACTOR_POLICY)
@page
def policy(visit: Visit) -> Shown:
    refuse_other_than_administrator(visit.actor)
    form = policy_form(by_setting(), roles_of_network(visit.session, visit.actor.network_id))
    back = Link("Start", frame_of(visit.person).home)
    return Shown("form.html", FormPage(POLICY, form, back, explains=asked_already(by_setting()), notices=notices()))


@second_factor_care.post(paths.SECOND_FACTOR_POLICY)
@act()
def change_policy(visit: Visit) -> Response:
    refuse_other_than_administrator(visit.actor)
    chosen = frozenset(request.form.getlist("roles")) & {role.value for role in Role}
    ask_roles(visit.session, visit.actor.network_id, chosen)
    sign_out_those_without(visit.session, visit.actor.network_id, by_setting(), visit.now)
    records(visit.session).note_policy(visit.actor, chosen)
    return go(paths.SECOND_FACTOR_POLICY, "Saved. Whoever must have one and has none is asked at once.")


def found(visit: Visit, user_id: UUID) -> User:
    refuse_other_than_administrator(visit.actor)
    return find_person_in(visit.session, visit.actor.network_id, user_id)


@second_factor_care.get(OF_ONE)
@page
def ask(visit: Visit, user_id: UUID) -> Shown:
    return asked(visit, found(visit, user_id), reset_form(user_id))


def asked(visit: Visit, user: User, form: Form, status: int = 200) -> Shown:
    explains = what_is_taken_off(factors_of(visit.session, user))
    shown = FormPage(
        f"Second factor of {user.name}",
        form,
        Link(POLICY, paths.SECOND_FACTOR_POLICY),
        user.email,
        explains,
        notices=notices(),
    )
    return Shown("form.html", shown, Seen("user", [user.id]), status)


def again(visit: Visit, refusal: Refusal, user_id: UUID) -> Shown:
    return asked(visit, found(visit, user_id), with_refusal(reset_form(user_id), refusal), status_of(refusal))


@second_factor_care.post(OF_ONE)
@act(again=again)
def take_off(visit: Visit, user_id: UUID) -> Response:
    user, reason = found(visit, user_id), request.form.get("reason", "")
    if user.id == visit.person.user.id:
        raise Conflict(OWN)
    if reason not in RESET_REASONS:
        refuse("/reason", "required", "Choose why.")
    reset_second_factor(visit.session, user, visit.now)
    records(visit.session).note(user, Happening.RESET, visit.actor, {"reason": reason})
    return go(
        paths.second_factor_of(user_id), "The second factor is taken off, and every session of this person has ended"
    )
