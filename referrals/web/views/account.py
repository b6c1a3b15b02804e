"""How somebody likes the dashboard, and for which of their organizations they act."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app, request, session as cookie
from werkzeug.wrappers import Response

from referrals.boundary.schemas.fields import uuid_of
from referrals.domain.errors import FieldError, NotFound, refuse_unless_clean
from referrals.pathway.accounts import keep_preferences
from referrals.pathway.mail import MAIL
from referrals.web import paths
from referrals.web.at_the_door import own_path
from referrals.web.forms.account import NO_MAIL, preferences_form
from referrals.web.pages import Shown, frame_of, go, notices, preferences_of
from referrals.web.preferences import DENSITIES, THEMES
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.notices import Link, Notice
from referrals.web.session import ORGANIZATION
from referrals.web.visit import Visit, act, page

account = Blueprint("account", __name__)


@account.get(paths.PREFERENCES)
@page
def preferences(visit: Visit) -> Shown:
    form = preferences_form(preferences_of(visit.person), is_mail_on())
    back = Link("Start", frame_of(visit.person).home)
    said = notices() if is_mail_on() else (*notices(), Notice("info", NO_MAIL))
    return Shown("form.html", FormPage("Preferences", form, back, notices=said))


def is_mail_on() -> bool:
    return bool(current_app.config["SETTINGS"].smtp_url)


@account.post(paths.PREFERENCES)
@act()
def save_preferences(visit: Visit) -> Response:
    chosen = {
        "theme": _one_of(THEMES, "theme"),
        "density": _one_of(DENSITIES, "density"),
        "shortcuts": "shortcuts" in request.form,
    }
    if is_mail_on():
        chosen[MAIL] = MAIL in request.form
    keep(visit, chosen)
    return go(paths.PREFERENCES, "Your preferences are saved")


@account.post(paths.DENSITY)
@act()
def save_density(visit: Visit) -> Response:
    keep(visit, {"density": _one_of(DENSITIES, "density")})
    return go(own_path(request.form.get("back")))


def keep(visit: Visit, chosen: Mapping[str, Any]) -> None:
    keep_preferences(visit.session, visit.person.user.id, chosen)
    visit.note("preferences", [visit.person.user.id], "user")


@account.post(paths.ORGANIZATION)
@act()
def act_for(visit: Visit) -> Response:
    """The cookie keeps the choice; that the person belongs there is checked at every request."""
    wanted = uuid_of(request.form.get("organization", ""))
    home = next((each for each in visit.person.homes if each.id == wanted), None)
    if home is None:
        raise NotFound
    cookie[ORGANIZATION] = str(home.id)
    return go(paths.HOME, f"You now act for {home.name}")


def _one_of(words: tuple[str, ...], name: str) -> str:
    chosen = request.form.get(name, "")
    refuse_unless_clean(
        [] if chosen in words else [FieldError(f"/{name}", "unknown_value", "Choose one of those shown.")]
    )
    return chosen
