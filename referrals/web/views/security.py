"""What somebody proves themselves by: an authenticator app, passkeys, recovery codes, an account elsewhere."""

from dataclasses import replace

from flask import Blueprint, current_app, request, session as cookie
from werkzeug.wrappers import Response

from referrals.boundary.schemas.fields import uuid_of
from referrals.domain.errors import FieldError, Invalid, NotFound, Refusal, refuse
from referrals.domain.second_factor import Happening, browser_words
from referrals.models.vault import vault_of
from referrals.pathway.authenticator_app import begin_app, confirm_app, to_scan
from referrals.pathway.deliveries import is_administrator
from referrals.pathway.passkeys import passkeys_of
from referrals.pathway.recovery_codes import make_codes
from referrals.pathway.second_factor import factors_of, is_needed, refuse_if_set_up, take_app_off, take_passkey_off
from referrals.pathway.single_sign_on import identities_of, remove_identity
from referrals.web import by_passkey, paths
from referrals.web.forms.bind import with_errors
from referrals.web.forms.proving import confirm_form
from referrals.web.pages import Shown, go, notices
from referrals.web.presenters import security as presenters
from referrals.web.presenters.single_sign_on import identity_rows
from referrals.web.session import go_in, prove_anew, records
from referrals.web.typed import faults_of, status_of
from referrals.web.views.second_factor import LONGEST
from referrals.web.visit import Visit, act, page

security = Blueprint("security", __name__)
passkeys = Blueprint("passkeys", __name__)

# Where the cookie keeps which seed this browser has begun with.
BEGUN = "app"
CODE_WRONG = "This code does not fit. Wait for the next one, and check that the clock of the device is right."


def by_setting() -> frozenset[str]:
    found: frozenset[str] = current_app.config["SETTINGS"].second_factor_roles
    return found


@security.get(paths.SECURITY)
@page
def show(visit: Visit) -> Shown:
    return shown(visit)


def shown(visit: Visit, errors: tuple[FieldError, ...] = (), status: int = 200) -> Shown:
    user = visit.person.user
    standing = presenters.Standing(
        factors_of(visit.session, user),
        is_needed(visit.session, user, by_setting()),
        visit.person.lacks is not None,
        browser_words(request.user_agent.string),
        visit.person.lacks is None and bool(visit.person.held) and is_administrator(visit.actor),
    )
    made = presenters.security_page(standing, passkeys_of(visit.session, user), visit.moment, notices(), errors)
    made = replace(made, identities=identity_rows(identities_of(visit.session, user), visit.moment))
    return Shown("security.html", made, status=status)


def again(visit: Visit, refusal: Refusal) -> Shown:
    errors = refusal.errors if isinstance(refusal, Invalid) else (FieldError("", refusal.code, refusal.message),)
    return shown(visit, tuple(errors), status_of(refusal))


@security.post(paths.APP)
@act(again=again)
def begin(visit: Visit) -> Response:
    refuse_half(visit)
    cookie[BEGUN] = begin_app(visit.session, vault_of(visit.session), visit.person.user, visit.now)
    return go(paths.APP)


@security.get(paths.APP)
@page
def show_app(visit: Visit) -> Shown | Response:
    return asked_app(visit, ()) or go(paths.SECURITY)


def asked_app(visit: Visit, errors: tuple[FieldError, ...], status: int = 200) -> Shown | None:
    found = to_scan(visit.session, vault_of(visit.session), visit.person.user, cookie.get(BEGUN, ""), by_passkey.NAME)
    if found is None:
        return None
    form = with_errors(confirm_form(), errors)
    return Shown("authenticator.html", presenters.authenticator_page(found, form), status=status)


def app_again(visit: Visit, refusal: Refusal) -> Shown:
    return asked_app(visit, tuple(faults_of(confirm_form(), refusal)), status_of(refusal)) or again(visit, refusal)


@security.post(f"{paths.APP}/confirm")
@act(again=app_again)
def confirm(visit: Visit) -> Response | Shown:
    refuse_half(visit)
    code = "".join(request.form.get("code", "")[:LONGEST].split())
    if not confirm_app(
        visit.session, vault_of(visit.session), visit.person.user, cookie.get(BEGUN, ""), code, visit.now
    ):
        refuse("/code", "wrong", CODE_WRONG)
    return settled(visit, Happening.APP_SET_UP, "The authenticator app is set up")


def refuse_half(visit: Visit) -> None:
    if visit.person.lacks:
        refuse_if_set_up(visit.session, visit.person.user)


def settled(visit: Visit, happened: Happening, said: str) -> Response | Shown:
    """The first factor brings recovery codes with it, and lets in whoever had to set it up."""
    user = visit.person.user
    records(visit.session).note(user, happened)
    has_codes = factors_of(visit.session, user).codes_left > 0
    if visit.person.lacks:
        go_in(visit.session, visit.person)
    else:
        prove_anew(visit.session, visit.person)
    return go(paths.SECURITY, said) if has_codes else codes_shown(visit)


def codes_shown(visit: Visit) -> Shown:
    codes = make_codes(visit.session, visit.person.user, visit.now)
    records(visit.session).note(visit.person.user, Happening.CODES_MADE)
    return Shown("recovery_codes.html", presenters.RecoveryCodesPage(tuple(codes)))


@security.post(paths.RECOVERY_CODES)
@act(again=again)
def renew_codes(visit: Visit) -> Shown:
    if not factors_of(visit.session, visit.person.user).is_set_up:
        refuse("", "no_factor", "Set up an app or a passkey first: recovery codes stand in for it.")
    return codes_shown(visit)


@security.post(f"{paths.APP}/remove")
@act(again=again)
def remove_app(visit: Visit) -> Response:
    take_app_off(visit.session, visit.person.user, by_setting())
    return taken_off(visit, Happening.APP_REMOVED, "The authenticator app is removed")


def taken_off(visit: Visit, happened: Happening, said: str) -> Response:
    records(visit.session).note(visit.person.user, happened)
    prove_anew(visit.session, visit.person)
    return go(paths.SECURITY, said)


@security.post(f"{paths.SECURITY}/single-sign-on/remove")
@act(again=again)
def remove_sign_on(visit: Visit) -> Response:
    remove_identity(visit.session, visit.person.user, uuid_of(request.form.get("identity", "")))
    return taken_off(visit, Happening.IDENTITY_REMOVED, "The link is removed")


@passkeys.post(paths.passkey_options(paths.PASSKEYS))
@act()
def ask_new(visit: Visit) -> Response:
    return by_passkey.ask_new(visit.session, visit.person.user)


@passkeys.post(paths.PASSKEYS)
@act(again=again)
def add(visit: Visit) -> Response | Shown:
    refuse_half(visit)
    name = request.form.get("name", "").strip()
    if not 0 < len(name) <= LONGEST:
        refuse("/name", "required", "Give the passkey a name.")
    if by_passkey.added(visit.session, visit.person.user, name) is None:
        raise Invalid([by_passkey.NOT_TAKEN])
    return settled(visit, Happening.PASSKEY_ADDED, "The passkey is added")


@passkeys.post(f"{paths.PASSKEYS}/remove")
@act(again=again)
def remove(visit: Visit) -> Response:
    passkey_id = uuid_of(request.form.get("passkey", ""))
    if passkey_id is None:
        raise NotFound
    take_passkey_off(visit.session, visit.person.user, passkey_id, by_setting())
    return taken_off(visit, Happening.PASSKEY_REMOVED, "The passkey is removed")
