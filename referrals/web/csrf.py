"""Changes come from our own pages only: a token in every form, and what the browser says about where it comes from."""

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFError, CSRFProtect

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES = frozenset({"same-origin", "none"})

csrf = CSRFProtect()


class Outdated(CSRFError):
    """A form of ours from before the cookie has changed. What it asks for is not done."""


def hang_csrf(app: Flask) -> None:
    """The other doors take no cookies and need no token: only the dashboard asks for it, in `refuse_foreign`."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,
        # A token lives as long as the session: whoever writes slowly must not lose what they wrote.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf.init_app(app)


def refuse_foreign() -> None:
    """Before every request of the dashboard that may change something."""
    if request.method in SAFE_METHODS:
        return
    if not _comes_from_us():
        raise CSRFError("The request comes from another site.")
    try:
        csrf.protect()
    except CSRFError as refusal:
        raise (Outdated(refusal.description) if _surely_comes_from_us() else refusal) from None


def _surely_comes_from_us() -> bool:
    """No other site can make a browser say this, and no browser says it by mistake."""
    return request.headers.get("Sec-Fetch-Site") == "same-origin"


def _comes_from_us() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OWN_SITES
    origin = request.headers.get("Origin")
    own = current_app.config["SETTINGS"].base_url or request.host_url
    return origin is None or origin == own.rstrip("/")
