"""Where somebody is signed in, and ending it from afar."""

from flask import Blueprint, current_app, request
from werkzeug.wrappers import Response

from referrals.domain.errors import NotFound
from referrals.domain.second_factor import Happening
from referrals.models.user import UserSession
from referrals.pathway.secret_words import digest
from referrals.pathway.sign_in import end_one_session, end_other_sessions, living_sessions, session_key
from referrals.web import paths
from referrals.web.pages import Shown, go, notices
from referrals.web.presenters.sessions import sessions_page
from referrals.web.session import records
from referrals.web.visit import Visit, act, page

sessions = Blueprint("sessions", __name__)

OTHERS = "others"


def living(visit: Visit) -> list[UserSession]:
    idle = current_app.config["SETTINGS"].session_idle
    return living_sessions(visit.session, visit.person.user, visit.now, idle=idle)


@sessions.get(paths.SESSIONS)
@page
def show(visit: Visit) -> Shown:
    own = digest(visit.person.secret)
    return Shown("sessions.html", sessions_page(living(visit), own, visit.moment, notices()))


@sessions.post(paths.SESSIONS)
@act()
def end(visit: Visit) -> Response:
    """One that is not this person's own, or has ended meanwhile, is one that does not exist."""
    wanted, user = request.form.get("session", ""), visit.person.user
    if wanted == OTHERS:
        end_other_sessions(visit.session, user, visit.person.secret, visit.now)
    else:
        row = next((each for each in living(visit) if str(session_key(each)) == wanted), None)
        if row is None:
            raise NotFound
        end_one_session(visit.session, row, visit.now)
    records(visit.session).note(user, Happening.SESSIONS_ENDED)
    return go(paths.SESSIONS, "Ended")
