"""The forms of signing in, of preferences and of searching."""

from referrals.web import paths
from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Form, Kind, Option
from referrals.web.forms.proving import at_sign_in
from referrals.web.preferences import Preferences


def sign_in_form(email: str = "", onward: str = "", kept: str = "") -> Form:
    """`onward` is where to go after it; `kept` is what was typed before, sealed. The view trusts neither."""
    return Form(
        action=paths.SIGN_IN,
        submit="Sign in",
        groups=(
            group_of(
                Field("email", "Email", Kind.EMAIL, "/email", autocomplete="username", value=email, is_required=True),
                Field("password", "Password", Kind.PASSWORD, "/password", autocomplete="current-password", is_required=True),
            ),
        ),
        hidden={name: value for name, value in (("next", onward), ("kept", kept)) if value},
        passkey=at_sign_in("Sign in with a passkey"),
    )  # fmt: skip


THEME_OPTIONS = (
    Option("", "As the device", "Light by day and dark by night, if your device does that."),
    Option("light", "Light"),
    Option("dark", "Dark"),
)
DENSITY_OPTIONS = (Option("", "Comfortable"), Option("compact", "Compact", "One line a referral in the worklist."))


MAIL_HINT = (
    "Off, you still get mail when it is your turn, when a task is yours and when an opinion is there. "
    "Mail names the referral by its reference and says nothing about the patient."
)
NO_MAIL = "This service sends no mail. What happens to your referrals stands here, in the dashboard."


def mail_box(preferences: Preferences) -> Field:
    return Field(
        "mail",
        "Send me mail about what others do",
        Kind.BOX,
        "/mail",
        hint=MAIL_HINT,
        value="yes" if preferences.mail else "",
    )


def preferences_form(preferences: Preferences, is_mail_on: bool) -> Form:
    return Form(
        action=paths.PREFERENCES,
        submit="Save preferences",
        groups=(
            group_of(
                Field("theme", "Colors", Kind.RADIOS, "/theme", options=THEME_OPTIONS, value=preferences.theme),
                Field("density", "Rows of the worklist", Kind.RADIOS, "/density", options=DENSITY_OPTIONS, value=preferences.density),
                Field(
                    "shortcuts",
                    "Use single-key shortcuts",
                    Kind.BOX,
                    "/shortcuts",
                    hint="Off, no single key does anything. Every shortcut is also a link or a button.",
                    value="yes" if preferences.shortcuts else "",
                ),
                *([mail_box(preferences)] if is_mail_on else []),
            ),
        ),
    )  # fmt: skip


def search_form(words: str = "") -> Form:
    """Posted, never in an address: names and numbers do not belong into logs and histories."""
    return Form(
        action=paths.SEARCH,
        submit="Search",
        groups=(
            group_of(
                Field(
                    "q",
                    "Name, reference or record number",
                    pointer="/q",
                    hint="Such as Brandt, SO-26-0004711-K or 999-00-1234.",
                    value=words,
                ),
            ),
        ),
    )
