"""A new password: by a link from a mail, after it was forgotten, or because somebody wants another."""

from flask import Blueprint, current_app, request
from werkzeug.wrappers import Response

from referrals.boundary import limits
from referrals.boundary.stationery import stationery
from referrals.boundary.trace import current_request_id
from referrals.domain.accounts import TICKETS, TicketKind
from referrals.domain.errors import FieldError, Invalid, NotFound, Refusal, refuse_unless_clean
from referrals.models.user import User
from referrals.pathway.accounts import folded
from referrals.pathway.mail import Stationery
from referrals.pathway.new_passwords import forgot, set_by_link, set_password
from referrals.pathway.passwords import password_matches
from referrals.pathway.secret_words import digest
from referrals.pathway.tickets import opened
from referrals.web import paths
from referrals.web.forms import passwords as forms
from referrals.web.forms.bind import with_errors
from referrals.web.forms.fields import Form
from referrals.web.pages import Shown, go, render
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.notices import Link
from referrals.web.presenters.said import FORGOTTEN_ASKED, LINK_USED_UP, NO_MAIL_HERE, SaidPage
from referrals.web.session import database, now
from referrals.web.visit import Visit, act, page

passwords = Blueprint("passwords", __name__)

TO_SIGN_IN = Link("Sign in", paths.SIGN_IN)
CHANGED = "Your password is set. Sign in with it"
WRONG = FieldError("/old_password", "wrong", "This is not your password.")
LONGEST = 2048
# So often a minute: tries at one's own password, links asked for by one address of the network.
TRIES, FROM_ONE_ADDRESS = 5, 10


def said(shown: SaidPage) -> Response:
    return render(Shown("said.html", shown), None)


def mail() -> Stationery | None:
    return stationery(current_app.config["SETTINGS"])


@passwords.get(paths.password_link("<token>"))
def ask(token: str) -> Response:
    """Nothing is used up by looking: programs that follow the links of a mail only read."""
    with database().reading() as session:
        try:
            ticket, user = opened(session, token, now())
        except NotFound:
            return said(LINK_USED_UP)
        return link_page(token, TicketKind(ticket.kind), user)


def link_page(token: str, kind: TicketKind, user: User, errors: tuple[FieldError, ...] = ()) -> Response:
    form = with_errors(forms.link_form(token), errors)
    shown = FormPage(TICKETS[kind].said, form, TO_SIGN_IN, f"For {user.email}")
    return render(Shown("form.html", shown, status=422 if errors else 200), None)


@passwords.post(paths.password_link("<token>"))
def use(token: str) -> Response:
    try:
        with database().writing() as session:
            opened(session, token, now())
            refuse_unless_clean(forms.differing())
            password = forms.secret_typed("password")[:LONGEST]
            set_by_link(session, token, password, mail(), now(), current_request_id())
    except NotFound:
        return said(LINK_USED_UP)
    except Invalid as refusal:
        return refused(token, refusal.errors)
    return go(paths.SIGN_IN, CHANGED)


def refused(token: str, errors: tuple[FieldError, ...]) -> Response:
    with database().reading() as session:
        ticket, user = opened(session, token, now())
        return link_page(token, TicketKind(ticket.kind), user, errors)


@passwords.get(paths.FORGOTTEN)
def forgotten() -> Response:
    return render(forgotten_page(), None) if mail() else said(NO_MAIL_HERE)


def forgotten_page(*errors: FieldError) -> Shown:
    form = with_errors(forms.forgotten_form(), errors)
    shown = FormPage("Forgotten your password?", form, TO_SIGN_IN, "We send a link to the address that you sign in with.")  # fmt: skip
    return Shown("form.html", shown, status=422 if errors else 200)


@passwords.post(paths.FORGOTTEN)
def send_link() -> Response:
    """Whether or not there is such an account, the same is said and the same is done."""
    paper, email = mail(), request.form.get("email", "").strip()[:LONGEST]
    if paper is None:
        return said(NO_MAIL_HERE)
    if not email:
        return render(forgotten_page(FieldError("/email", "required", "Fill in: Email")), None)
    limits.admit(database(), f"forgotten:{digest(folded(email))}", TRIES, now())
    limits.admit(database(), f"forgotten:{request.remote_addr}", FROM_ONE_ADDRESS, now())
    with database().writing() as session:
        # A transaction without a change would end sooner.
        limits.count_calls(session, "forgotten", now())
        forgot(session, email, paper, now(), current_request_id())
    return said(FORGOTTEN_ASKED)


@passwords.get(paths.OWN_PASSWORD)
@page
def ask_own(visit: Visit) -> Shown:
    return own_page(forms.own_form())


def own_page(form: Form, status: int = 200) -> Shown:
    explains = ("Every session of yours ends, also this one: you sign in again with the new password.",)
    return Shown("form.html", FormPage("Change your password", form, Link("Start", paths.HOME), explains=explains), status=status)  # fmt: skip


def knows_the_old_one(visit: Visit) -> bool:
    """Counted and checked before the transaction: it takes as long as twenty statements."""
    limits.admit(database(), f"old-password:{visit.person.user.id}", TRIES, now())
    return password_matches(visit.person.user.password_hash, forms.secret_typed("old_password")[:LONGEST])


def own_again(visit: Visit, refusal: Refusal) -> Shown:
    errors = refusal.errors if isinstance(refusal, Invalid) else ()
    return own_page(with_errors(forms.own_form(), errors), 422)


@passwords.post(paths.OWN_PASSWORD)
@act(again=own_again, first=knows_the_old_one)
def change_own(visit: Visit) -> Response:
    refuse_unless_clean([] if visit.brought else [WRONG])
    refuse_unless_clean(forms.differing())
    user = visit.session.get_one(User, visit.person.user.id, with_for_update=True)
    set_password(visit.session, user, forms.secret_typed("password")[:LONGEST], mail(), visit.now)
    visit.note("change-password", [user.id], "user")
    return go(paths.SIGN_IN, CHANGED)
