"""Proving once more who one is, before what matters most."""

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referrals.boundary import limits
from referrals.domain.errors import FieldError
from referrals.domain.second_factor import TRIES_AN_HOUR, Happening
from referrals.models.user import User
from referrals.models.vault import vault_of
from referrals.pathway.second_factor import factors_of, take_second_factor
from referrals.pathway.sign_in import prove_person
from referrals.web import by_passkey, paths
from referrals.web.at_the_door import after_proof, own_path, proof_page, to_sign_in
from referrals.web.session import Person, database, now, prove_anew, records, signed_in
from referrals.web.views.second_factor import LONGEST as LONGEST_CODE
from referrals.web.views.start import LONGEST

proof = Blueprint("proof", __name__)

WRONG = FieldError("", "wrong", "This does not fit. Check what you typed and try again.")


@proof.get(paths.PROVE)
def ask() -> Response:
    person = signed_in()
    return to_sign_in() if person is None else proof_page(person, onward=own_path(request.args.get("next")))


@proof.post(paths.PROVE)
def check() -> Response:
    person = signed_in()
    if person is None:
        return to_sign_in()
    tries = f"proof:{person.user.id}"
    limits.admit_in_hour(database(), tries, TRIES_AN_HOUR, now())
    with database().reading() as session:
        knows = prove_person(session, person.user.email, request.form.get("password", "")[:LONGEST]) is not None
    with database().writing() as session:
        is_proven = knows and has_second(session, person.user)
        settle(session, person, is_proven)
    if is_proven:
        limits.forget(database(), tries)
    return led_on(person, is_proven, WRONG)


def has_second(session: Session, user: User) -> bool:
    """Where a second factor is set up it is part of every proof."""
    if not factors_of(session, user).is_set_up:
        return True
    by = take_second_factor(session, vault_of(session), user, request.form.get("code", "")[:LONGEST_CODE], now())
    if by is Happening.RECOVERY_USED:
        records(session).note(user, by)
    return by is not None


@proof.post(paths.passkey_options(paths.PROVE_BY_PASSKEY))
def ask_passkey() -> Response:
    person = signed_in()
    if person is None:
        return to_sign_in()
    with database().writing() as session:
        return by_passkey.ask(session, "proof", person.user)


@proof.post(paths.PROVE_BY_PASSKEY)
def check_passkey() -> Response:
    person = signed_in()
    if person is None:
        return to_sign_in()
    with database().writing() as session:
        is_proven = by_passkey.whose(session, "proof", person.user) is not None
        settle(session, person, is_proven)
    return led_on(person, is_proven, by_passkey.NOT_TAKEN)


def settle(session: Session, person: Person, is_proven: bool) -> None:
    if is_proven:
        prove_anew(session, person)
    records(session).note(person.user, Happening.PROVEN if is_proven else Happening.PROOF_FAILED)


def led_on(person: Person, is_proven: bool, wrong: FieldError) -> Response:
    onward, kept = own_path(request.form.get("next")), request.form.get("kept", "")
    if is_proven:
        return after_proof(person.user, onward, kept)
    return proof_page(person, wrong, onward=onward, kept=kept, status=422)
