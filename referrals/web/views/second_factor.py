"""Signing in, the second step; and with a passkey alone, which is both steps at once."""

from flask import Blueprint, flash, request
from werkzeug.wrappers import Response

from referrals.boundary import limits
from referrals.domain.errors import FieldError
from referrals.domain.second_factor import TRIES_AN_HOUR, Happening, Lacks
from referrals.models.user import User
from referrals.models.vault import vault_of
from referrals.pathway.recovery_codes import codes_left
from referrals.pathway.second_factor import take_second_factor
from referrals.web import by_passkey, paths
from referrals.web.at_the_door import after_proof, own_path, sign_in_page, to_sign_in
from referrals.web.second_step import second_factor_page
from referrals.web.session import Person, at_the_cookie, begin_session, database, go_in, now, records
from referrals.web.single_sign_on import ONLY, is_only_way
from referrals.web.views.start import admit_address
from referrals.web.words import counted

second_factor = Blueprint("second_factor", __name__)

WRONG = FieldError(
    "/code", "wrong", "This code does not fit. Codes from an app change every half minute and work once."
)
LONGEST = 100


def half_in() -> Person | None:
    """Whose password was right, and who has a second factor."""
    person = at_the_cookie()
    return person if person is not None and person.lacks is Lacks.SECOND_FACTOR else None


def tries(user: User) -> str:
    return f"second-factor:{user.id}"


@second_factor.get(paths.SECOND_FACTOR)
def ask() -> Response:
    person = half_in()
    return to_sign_in() if person is None else second_factor_page(person, onward=own_path(request.args.get("next")))


@second_factor.post(paths.SECOND_FACTOR)
def enter() -> Response:
    """Tries are counted for each account over an hour: whoever has the password has six digits left to guess."""
    person = half_in()
    if person is None:
        return to_sign_in()
    limits.admit_in_hour(database(), tries(person.user), TRIES_AN_HOUR, now())
    onward, kept = own_path(request.form.get("next")), request.form.get("kept", "")
    if not take(person, request.form.get("code", "")[:LONGEST]):
        return second_factor_page(person, WRONG, onward=onward, kept=kept, status=422)
    limits.forget(database(), tries(person.user))
    return after_proof(person.user, onward, kept)


def take(person: Person, code: str) -> bool:
    with database().writing() as session:
        by = take_second_factor(session, vault_of(session), person.user, code, now())
        if by is None:
            records(session).note(person.user, Happening.CODE_FAILED)
            return False
        if by is Happening.RECOVERY_USED:
            records(session).note(person.user, by)
        is_in = go_in(session, person)
        if is_in and by is Happening.RECOVERY_USED:
            flash(f"A recovery code was used. {counted(codes_left(session, person.user), 'code')} left.", "info")
    return is_in


@second_factor.post(paths.passkey_options(paths.PASSKEY_SIGN_IN))
def ask_passkey() -> Response:
    admit_address()
    person = half_in()
    with database().writing() as session:
        return by_passkey.ask(session, "sign_in", person.user if person else None)


@second_factor.post(paths.PASSKEY_SIGN_IN)
def enter_by_passkey() -> Response:
    """It proves the device and who holds it. After a password it must be one of that person's."""
    admit_address()
    onward, kept, person = own_path(request.form.get("next")), request.form.get("kept", ""), half_in()
    if person is None and is_only_way():
        return sign_in_page(ONLY, onward=onward, kept=kept, status=422)
    with database().writing() as session:
        user = by_passkey.whose(session, "sign_in", person.user if person else None)
        is_in = user is not None and (person is None or go_in(session, person))
        if person is not None and user is None:
            records(session).note(person.user, Happening.PASSKEY_FAILED)
    if user is None or not is_in:
        return not_taken(person, onward, kept)
    if person is None:
        begin_session(user)
    return after_proof(user, onward, kept)


def not_taken(person: Person | None, onward: str, kept: str) -> Response:
    if person is None:
        return sign_in_page(by_passkey.NOT_TAKEN, onward=onward, kept=kept, status=422)
    return second_factor_page(person, by_passkey.NOT_TAKEN, onward=onward, kept=kept, status=422)
