"""Passkeys between a page's script and the pathway: the challenge's secret waits in the cookie, the answer comes in a form.

What checks them is loaded with the first passkey that somebody uses.
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Response, current_app, request, session as cookie
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError
from referrals.models.second_factor import Passkey
from referrals.models.user import User
from referrals.web.session import now

if TYPE_CHECKING:
    from referrals.pathway.authenticators import Site
    from referrals.pathway.passkey_proof import Purpose

SECRET = "passkey"  # noqa: S105 - where the cookie keeps it
NAME = "Second Opinions"
LONGEST = 20_000
NOT_TAKEN = FieldError("", "passkey", "This passkey was not accepted. Try again, or go another way.")


def site() -> "Site":
    """The domain that the settings name, else the one that was called."""
    from referrals.pathway.authenticators import Site

    origin = current_app.config["SETTINGS"].base_url or request.host_url
    parts = urlsplit(origin)
    return Site(parts.hostname or "", f"{parts.scheme}://{parts.netloc}", NAME)


def purpose_of(word: str) -> "Purpose":
    from referrals.pathway.passkey_proof import Purpose

    return Purpose(word)


def ask(session: Session, word: str, user: User | None) -> Response:
    """What the device is to sign, as the script reads it."""
    from referrals.pathway import passkey_proof

    return _told(passkey_proof.ask(session, site(), purpose_of(word), user, now()))


def ask_new(session: Session, user: User) -> Response:
    from referrals.pathway import passkey_proof

    return _told(passkey_proof.ask_for_new(session, site(), user, now()))


def _told(asked: Any) -> Response:
    cookie[SECRET] = asked.secret
    return Response(asked.options, mimetype="application/json")


def _credential() -> str:
    return request.form.get("credential", "")[:LONGEST]


def whose(session: Session, word: str, user: User | None) -> User | None:
    """Who has answered; None where it proves nothing. The challenge is gone in either case."""
    from referrals.pathway import passkey_proof

    answer = passkey_proof.Answer(purpose_of(word), cookie.pop(SECRET, ""), _credential())
    try:
        return passkey_proof.whose_passkey(session, site(), answer, user, now())
    except passkey_proof.NotProven:
        return None


def added(session: Session, user: User, name: str) -> Passkey | None:
    from referrals.pathway import passkey_proof

    try:
        return passkey_proof.register(session, site(), user, cookie.pop(SECRET, ""), _credential(), name, now())
    except passkey_proof.NotProven:
        return None
