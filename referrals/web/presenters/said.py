"""A page that says one thing and leads on."""

from dataclasses import dataclass

from referrals.web import paths


@dataclass(frozen=True)
class SaidPage:
    """`icon` is one of the sprite."""

    title: str
    text: str
    action: str
    href: str
    icon: str = "info"


LINK_USED_UP = SaidPage(
    "This link has ended",
    "It works once, and only for a while. Ask for a new one, or ask an administrator of your organization.",
    "Ask for a new one",
    paths.FORGOTTEN,
)
FORGOTTEN_ASKED = SaidPage(
    "Look into your mail",
    "If somebody signs in with this address, a letter with a link is on its way. The link works once, for 30 minutes.",
    "Sign in",
    paths.SIGN_IN,
    "check",
)
NO_MAIL_HERE = SaidPage(
    "Ask an administrator",
    "This service sends no mail. An administrator of your organization can make a link for you that sets a new password.",
    "Sign in",
    paths.SIGN_IN,
)
