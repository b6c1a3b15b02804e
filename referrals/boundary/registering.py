"""What somebody hands in to let a partner system in: its name, its limit, and its keys as a text or as an address."""

from referrals.boundary.outgoing import Outgoing
from referrals.boundary.outgoing_places import WORDS, Unreachable
from referrals.boundary.strict_json import read
from referrals.domain.errors import FieldError, Invalid, Refusal, refuse
from referrals.domain.partner_systems import LONGEST_NAME, MOST_CALLS
from referrals.pathway.clients import Keys
from referrals.pathway.key_sets import registered

LONGEST_SET = 64 << 10


def keys_handed_in(text: str | None, url: str | None, outgoing: Outgoing) -> Keys:
    """One of the two. Whatever is wrong with a set is said at the set."""
    if url:
        return Keys(url=_callable(url, outgoing))
    if not text or len(text) > LONGEST_SET:
        refuse("/jwks", "required", "Paste the set of public keys (JWKS), of at most 64 KiB.")
    try:
        return Keys(jwks=registered(read(text.encode())))
    except Invalid as refusal:
        raise Invalid([_at_set(error) for error in refusal.errors]) from None
    except Refusal:
        raise Invalid([FieldError("/jwks", "unreadable", "This is not JSON. Paste the whole set.")]) from None


def _callable(url: str, outgoing: Outgoing) -> str:
    try:
        outgoing.refuse(url)
    except Unreachable as problem:
        refuse("/jwks_url", problem.code, WORDS[problem.code])
    return url


def _at_set(error: FieldError) -> FieldError:
    place = error.pointer.split("/")[2:3]
    which = f"Key {int(place[0]) + 1}: " if place else ""
    return FieldError("/jwks", error.code, f"{which}{error.message}")


def name_handed_in(name: str | None) -> list[FieldError]:
    if name and len(name) <= LONGEST_NAME:
        return []
    return [FieldError("/name", "required", f"Give it a name of 1 to {LONGEST_NAME} characters.")]


def limit_handed_in(limit: object) -> list[FieldError]:
    """None means that it has the limit that everybody has."""
    if limit is None or (isinstance(limit, int) and 1 <= limit <= MOST_CALLS):
        return []
    return [
        FieldError(
            "/calls_per_minute", "out_of_range", f"Use a whole number from 1 to {MOST_CALLS:,}, or leave it empty."
        )
    ]
