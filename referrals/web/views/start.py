"""Signing in and out, and the page on which everybody begins."""

from flask import Blueprint, current_app, request
from werkzeug.wrappers import Response

from referrals.boundary import limits
from referrals.domain.errors import FieldError
from referrals.models.user import User
from referrals.pathway.accounts import folded
from referrals.pathway.secret_words import digest
from referrals.pathway.sign_in import prove_person
from referrals.web import paths
from referrals.web.at_the_door import go_on, own_path, sign_in_page
from referrals.web.kept import open_typed
from referrals.web.pages import Shown, frame_of, go, notices, render
from referrals.web.presenters.form_page import SignedOutPage, StartPage
from referrals.web.session import begin_session, database, end_own_session, now, signed_in

start = Blueprint("start", __name__)

WRONG = FieldError("", "wrong", "Email or password do not fit. Check both and try again.")
LONGEST = 1024
ACCOUNTS_BEHIND_AN_ADDRESS = 30


@start.get(paths.HOME)
def home() -> Response:
    """The start page of the role; signed out, the form to sign in with."""
    person = signed_in()
    if person is None:
        return sign_in_page()
    frame = frame_of(person)
    if frame.home != paths.HOME:
        return go(frame.home)
    return render(Shown("start.html", StartPage(frame.role, frame.organization, notices())), person)


@start.get(paths.SIGN_IN)
def ask() -> Response:
    wanted = own_path(request.args.get("next"))
    return go(wanted) if signed_in() else sign_in_page(onward=wanted)


@start.post(paths.SIGN_IN)
def enter() -> Response:
    """Unknown people, wrong passwords and people who are switched off get the same answer after the same time."""
    email, password = request.form.get("email", "").strip()[:LONGEST], request.form.get("password", "")[:LONGEST]
    admit(email)
    onward, kept = own_path(request.form.get("next")), request.form.get("kept", "")
    with database().reading() as session:
        user = prove_person(session, email, password)
    if user is None:
        return sign_in_page(WRONG, email=email, onward=onward, kept=kept, status=422)
    limits.forget(database(), account(email))
    begin_session(user, password)
    return after_sign_in(user, onward, kept)


def admit(email: str) -> None:
    """So many tries a minute for one account, until one succeeds, and many more from one address.

    A whole hospital may share an address and begin its day at eight. Counted in the database, over all processes.
    """
    most = current_app.config["SETTINGS"].sign_ins_per_minute
    limits.admit(database(), account(email), most, now())
    limits.admit(database(), f"sign-in:{request.remote_addr}", most * ACCOUNTS_BEHIND_AN_ADDRESS, now())


def account(email: str) -> str:
    return f"sign-in:{digest(folded(email))}"


def after_sign_in(user: User, onward: str, kept: str) -> Response:
    """To the page that was wanted; or back into the form that was being written, if it is the same person."""
    typed = open_typed(kept, user.id, now())
    return go(onward) if typed is None else go_on(typed)


@start.post(paths.SIGN_OUT)
def leave() -> Response:
    end_own_session()
    return go(paths.SIGNED_OUT)


@start.get(paths.SIGNED_OUT)
def gone() -> Response:
    return render(Shown("signed_out.html", SignedOutPage()), signed_in())
