"""Signing in and out, and the page on which everybody begins."""

import structlog
from flask import Blueprint, current_app, request
from werkzeug.wrappers import Response

from referrals.boundary import limits
from referrals.domain.errors import FieldError
from referrals.domain.second_factor import Happening, Lacks
from referrals.pathway.accounts import folded
from referrals.pathway.second_factor import lacking
from referrals.pathway.secret_words import digest
from referrals.pathway.sign_in import known_by, prove_person
from referrals.web import paths
from referrals.web.at_the_door import after_proof, next_step, own_path, sign_in_page
from referrals.web.pages import Shown, frame_of, go, notices, render
from referrals.web.presenters.form_page import SignedOutPage, StartPage
from referrals.web.second_step import second_factor_page
from referrals.web.session import (
    at_the_cookie,
    begin_session,
    database,
    end_own_session,
    leave_nothing_behind,
    now,
    records,
    signed_in,
)
from referrals.web.single_sign_on import ONLY, elsewhere, is_only_way, note_door

start = Blueprint("start", __name__)
log = structlog.get_logger(__name__)

WRONG = FieldError("", "wrong", "Email or password do not fit. Check both and try again.")
LONGEST = 1024
ACCOUNTS_BEHIND_AN_ADDRESS = 30
UNKNOWN = "sign-in-unknown"


@start.get(paths.HOME)
def home() -> Response:
    """The start page of the role; signed out, the form to sign in with."""
    person = at_the_cookie()
    if person is None:
        return sign_in_page()
    if person.lacks:
        return next_step(person.lacks)
    frame = frame_of(person)
    if frame.home != paths.HOME:
        return go(frame.home)
    return render(Shown("start.html", StartPage(frame.role, frame.organization, notices())), person)


@start.get(paths.SIGN_IN)
def ask() -> Response:
    wanted = own_path(request.args.get("next"))
    if signed_in():
        return go(wanted)
    leave_nothing_behind()
    return sign_in_page(onward=wanted)


@start.post(paths.SIGN_IN)
def enter() -> Response:
    """Unknown people, wrong passwords and people who are switched off get the same answer after the same time."""
    if is_only_way():
        return sign_in_page(
            ONLY, onward=own_path(request.form.get("next")), kept=request.form.get("kept", ""), status=422
        )
    email, password = request.form.get("email", "").strip()[:LONGEST], request.form.get("password", "")[:LONGEST]
    admit(email)
    onward, kept = own_path(request.form.get("next")), request.form.get("kept", "")
    with database().reading() as session:
        user = prove_person(session, email, password)
        lacks = lacking(session, user, current_app.config["SETTINGS"].second_factor_roles) if user else None
    if user is None:
        note_failure(email)
        return sign_in_page(WRONG, email=email, onward=onward, kept=kept, status=422)
    limits.forget(database(), account(email))
    begin_session(user, password, lacks)
    return halfway(lacks, onward, kept) if lacks else after_proof(user, onward, kept)


def halfway(lacks: Lacks, onward: str, kept: str) -> Response:
    """What was typed before goes along, page by page; who sets up a second factor finds it gone."""
    person = at_the_cookie()
    if kept and lacks is Lacks.SECOND_FACTOR and person is not None:
        return second_factor_page(person, onward=onward, kept=kept)
    return next_step(lacks, onward)


def note_failure(email: str) -> None:
    """In the audit of whose address it is; an unknown one belongs to nobody, so it is counted, at the same cost."""
    with database().writing() as session:
        user = known_by(session, email)
        if user is None:
            limits.count_calls(session, UNKNOWN, now())
            log.info("sign-in of an unknown address failed")
        else:
            records(session).note(user, Happening.SIGN_IN_FAILED)


def admit(email: str) -> None:
    """So many tries a minute for one account, until one succeeds, and many more from one address.

    A whole hospital may share an address and begin its day at eight. Counted in the database, over all processes.
    """
    most = current_app.config["SETTINGS"].sign_ins_per_minute
    limits.admit(database(), account(email), most, now())
    admit_address()


def admit_address() -> None:
    most = current_app.config["SETTINGS"].sign_ins_per_minute * ACCOUNTS_BEHIND_AN_ADDRESS
    limits.admit(database(), f"sign-in:{request.remote_addr}", most, now())


def account(email: str) -> str:
    return f"sign-in:{digest(folded(email))}"


@start.post(paths.SIGN_OUT)
def leave() -> Response:
    person = at_the_cookie()
    end_own_session()
    note_door(person)
    return go(paths.SIGNED_OUT)


@start.get(paths.SIGNED_OUT)
def gone() -> Response:
    return render(Shown("signed_out.html", SignedOutPage(elsewhere=elsewhere())), signed_in())
