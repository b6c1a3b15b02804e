"""Which requests need a fresh proof, which may be made while a second factor is still set up, which are no sign of life.

Tables alone: a route that no row names is open to nobody who is only half signed in.
"""

from collections.abc import Iterable

# What somebody may reach who must have a second factor and has none yet.
FOR_SETTING_UP = frozenset(
    {
        "web.security.show",
        "web.security.begin",
        "web.security.show_app",
        "web.security.confirm",
        "web.passkeys.ask_new",
        "web.passkeys.add",
    }
)

# By these beginnings of endpoints: already to look at them.
LOOKED_AT = ("web.security.", "web.passkeys.")
# By these beginnings of addresses and endpoints: to change something.
CHANGED_BELOW = ("/admin/", "/me/password")
CHANGED_BY = ("web.editor.sign-opinion-sign", "web.editor.amend-opinion-sign", "web.break_glass.")

# What a browser asks for by itself, with the page that somebody has opened or long after it.
BY_ITSELF = frozenset({"web.static", "web.figures.chart"})
PREFETCHING = ("prefetch", "prerender")


def needs_fresh_proof(endpoint: str, rule: str, is_write: bool) -> bool:
    """Whether whoever asks must have proved lately who they are."""
    if endpoint.startswith(LOOKED_AT):
        return True
    return is_write and (rule.startswith(CHANGED_BELOW) or endpoint.startswith(CHANGED_BY))


def is_sign_of_life(endpoint: str, purposes: Iterable[str]) -> bool:
    """Whether a person is behind the request. What is saved while somebody types is their doing."""
    return endpoint not in BY_ITSELF and not any(word in said for said in purposes for word in PREFETCHING)
