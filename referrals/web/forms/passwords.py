"""The forms by which somebody gets a new password, and what they send: never trimmed, never shown again."""

from flask import request

from referrals.domain.errors import FieldError
from referrals.domain.passwords import SHORTEST_PASSWORD
from referrals.web import paths
from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Form, Kind

OLD = Field("old_password", "Your password until now", Kind.PASSWORD, "/old_password", autocomplete="current-password", is_required=True)  # fmt: skip
NEW = Field(
    "password",
    "New password",
    Kind.PASSWORD,
    "/password",
    f"At least {SHORTEST_PASSWORD} characters of any kind. A few words in a row are easy to keep; a password manager is easier still.",
    autocomplete="new-password",
    is_required=True,
)
AGAIN = Field("again", "The same once more", Kind.PASSWORD, "/again", autocomplete="new-password", is_required=True)
EMAIL = Field("email", "Email", Kind.EMAIL, "/email", autocomplete="username", is_required=True)
DIFFERS = FieldError("/again", "differs", "This is not what stands above. Type the new password into both fields.")


def link_form(secret: str) -> Form:
    return Form(paths.password_link(secret), "Set the password", (group_of(NEW, AGAIN),))


def own_form() -> Form:
    return Form(paths.OWN_PASSWORD, "Change the password", (group_of(OLD, NEW, AGAIN),))


def forgotten_form() -> Form:
    return Form(paths.FORGOTTEN, "Send me a link", (group_of(EMAIL),), cancel_href=paths.SIGN_IN)


def secret_typed(name: str) -> str:
    """Exactly as it was typed: a space at its end is part of a password."""
    return request.form.get(name, "")


def differing() -> list[FieldError]:
    return [] if secret_typed("password") == secret_typed("again") else [DIFFERS]
