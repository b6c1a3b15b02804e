"""Single sign-on between a browser and the provider: who is sent there, and what the cookie keeps meanwhile.

What speaks with the provider is loaded with the first person who uses it.
"""

from typing import TYPE_CHECKING

from flask import current_app, session as cookie
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config import Settings
from referrals.domain.errors import FieldError
from referrals.domain.single_sign_on import DOOR, Purpose
from referrals.models.user import User
from referrals.pathway.single_sign_on import Waiting, begin, is_linked
from referrals.web import paths
from referrals.web.forms.fields import Form, PasskeyButton
from referrals.web.forms.proving import single_sign_on_form
from referrals.web.pages import Shown, render
from referrals.web.presenters.notices import Link
from referrals.web.presenters.single_sign_on import on_the_way, signed_out_there_too
from referrals.web.session import Person, database, now, signed_in

if TYPE_CHECKING:
    from referrals.boundary.identity_provider import IdentityProvider

# Where the cookie keeps the secret of an attempt, and by which door the session that has just ended was opened.
SECRET = "sign-on"  # noqa: S105 - where the cookie keeps it
LEFT_BY = "left-by"
ONLY = FieldError("", "single_sign_on_only", "Passwords and passkeys do not sign in here. Use the button.")


def settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def is_only_way() -> bool:
    return settings().oidc_only


def provider() -> "IdentityProvider":
    """One for the process, so that what it says of itself is asked for once."""
    from referrals.boundary.identity_provider import IdentityProvider

    known = current_app.extensions
    if "identity_provider" not in known:
        known["identity_provider"] = IdentityProvider(settings(), own_address(paths.SINGLE_SIGN_ON_BACK))
    found: IdentityProvider = known["identity_provider"]
    return found


def own_address(path: str) -> str:
    return f"{settings().base_url}{path}"


def sign_in_button(onward: str, kept: str) -> Form | None:
    """The way to the provider, on the page to sign in on."""
    if not settings().oidc_issuer:
        return None
    return single_sign_on_form(settings().oidc_name, paths.SINGLE_SIGN_ON, onward, kept)


def proof_button(session: Session, user: User, onward: str, kept: str, by: PasskeyButton | None) -> Form | None:
    """For people whom the provider has named before."""
    if not is_linked(session, user, settings().oidc_issuer):
        return None
    return single_sign_on_form(settings().oidc_name, paths.PROVE_BY_SINGLE_SIGN_ON, onward, kept, by)


def send_on(purpose: Purpose, user: User | None, waiting: Waiting) -> Response:
    """To the provider, by a page of our own: forms of ours may not be led on to others' addresses."""
    provider().doors()
    with database().writing() as session:
        asked = begin(session, purpose, user, waiting, now())
    cookie[SECRET] = asked.secret
    there = provider().address(asked, anew=purpose is Purpose.PROOF)
    answer = render(Shown("said.html", on_the_way(there)), signed_in())
    answer.headers["Refresh"] = f"0; url={there}"
    return answer


def note_door(person: Person | None) -> None:
    """Kept over signing out, once."""
    if person is not None and person.door == DOOR:
        cookie[LEFT_BY] = DOOR


def elsewhere() -> Link | None:
    """How somebody who has just signed out here ends their session with the provider, too."""
    if cookie.pop(LEFT_BY, "") != DOOR or not settings().oidc_issuer:
        return None
    there = provider().sign_out_address(own_address(paths.SIGNED_OUT))
    return signed_out_there_too(there) if there else None
