"""The forms with which an administrator lets a partner system in, and changes how it is let in."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from referrals.boundary.outgoing import Outgoing
from referrals.boundary.registering import keys_handed_in, limit_handed_in, name_handed_in
from referrals.domain.errors import FieldError, gathered, refuse, refuse_unless_clean
from referrals.domain.partner_systems import DEFAULT_OVERLAP, LONGEST_OVERLAP
from referrals.domain.people import SCOPE_WORDS, Scope
from referrals.pathway.clients import Keys
from referrals.web import paths
from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Form, Group, Kind, Option, options_of
from referrals.web.partner_words import JWKS, SECRET, URL, WAY

Packet = Mapping[str, Any]
HOUR = timedelta(hours=1)
LONGEST_HOURS = LONGEST_OVERLAP // HOUR

NAME = Field("name", "Name", pointer="/name", hint="Which system it is, such as Epic at Lakeside.", is_required=True)
SCOPES = Field("scopes", "What it may do", Kind.BOXES, "/scopes", options=options_of(SCOPE_WORDS), is_required=True)
LIMIT = Field(
    "calls_per_minute",
    "Calls a minute",
    Kind.NUMBER,
    "/calls_per_minute",
    "Empty: as many as every system may.",
    width="s",
    is_number=True,
)
SET = Field("jwks", "Public keys (JWKS)", Kind.AREA, "/jwks", 'Paste {"keys": […]}: RSA keys for RS384, EC keys on P-384 for ES384, each with a kid. Public halves only.')  # fmt: skip
ADDRESS = Field("jwks_url", "Address of the keys", pointer="/jwks_url", hint="It begins with https://. We fetch the keys when we need them.")  # fmt: skip
SANDBOX = Field(
    "sandbox",
    "It only tries things out",
    Kind.BOX,
    "/sandbox",
    "It then works in a copy of the network without patients, and none of its referrals reaches anybody.",
)
OVERLAP = Field(
    "hours",
    "Hours for which the old secret still works",
    Kind.NUMBER,
    "/hours",
    f"Time to put the new secret in place. 0 ends the old one at once, {LONGEST_HOURS} is the most.",
    width="s",
    is_number=True,
    is_required=True,
    value=str(DEFAULT_OVERLAP // HOUR),
)


def way_field(ways: Iterable[str] = WAY) -> Field:
    return Field("way", "How it proves who it is", Kind.RADIOS, "/way", options=options_of(WAY, ways), is_required=True)


def new_form(organizations: Iterable[tuple[str, str]], key: object) -> Form:
    """`key` becomes the id of the new system: the same form sent twice lets one system in."""
    choices = (Option("", "Choose"), *(Option(value, name) for value, name in organizations))
    whose = Field("organization", "Organization", Kind.SELECT, "/organization", options=choices, is_required=True)
    groups = (
        group_of(whose, NAME, SCOPES, LIMIT, SANDBOX),
        group_of(way_field(), SET, ADDRESS, legend="How it proves who it is"),
    )
    return Form(paths.api_client("new"), "Let it in", groups, cancel_href=paths.API_CLIENTS, hidden={"key": str(key)})


def part_form(key: object, part: str, submit: str, groups: tuple[Group, ...], version: int) -> Form:
    return Form(paths.api_client(key, part), submit, groups, version, cancel_href=paths.api_client(key))


CHANGE = (group_of(NAME, SCOPES, LIMIT),)
RENEW = (group_of(OVERLAP),)
KEYS = (group_of(way_field((JWKS, URL)), SET, ADDRESS),)


def changes_sent(packet: Packet) -> tuple[str, list[str], int | None]:
    refuse_unless_clean(_faults_of_changes(packet))
    return packet["name"], packet["scopes"], packet["calls_per_minute"]


def _faults_of_changes(packet: Packet) -> list[FieldError]:
    scopes = packet["scopes"] or []
    lacking = (
        [] if scopes and set(scopes) <= set(Scope) else [FieldError("/scopes", "required", "Choose what it may do.")]
    )
    return [*name_handed_in(packet["name"]), *lacking, *limit_handed_in(packet["calls_per_minute"])]


def overlap_sent(packet: Packet) -> timedelta:
    hours = packet["hours"]
    if not isinstance(hours, int) or not 0 <= hours <= LONGEST_HOURS:
        refuse("/hours", "out_of_range", f"Use a whole number of hours from 0 to {LONGEST_HOURS}.")
    return hours * HOUR


def keys_sent(packet: Packet, outgoing: Outgoing) -> Keys | None:
    """None where the system gets a secret."""
    way = packet["way"]
    if way not in WAY:
        refuse("/way", "required", "Choose how it proves who it is.")
    if way == URL and not packet["jwks_url"]:
        refuse("/jwks_url", "required", "Give the address of the keys.")
    if way == SECRET:
        return None
    return keys_handed_in(packet["jwks"] if way == JWKS else None, packet["jwks_url"] if way == URL else None, outgoing)


def new_sent(packet: Packet, known: Iterable[str], outgoing: Outgoing) -> Keys | None:
    """Every fault of a new system at once, and its keys."""
    found: list[FieldError] = []
    keys = None
    if packet["organization"] not in set(known):
        found.append(FieldError("/organization", "required", "Choose the organization whose system it is."))
    found.extend(_faults_of_changes(packet))
    with gathered(found):
        keys = keys_sent(packet, outgoing)
    refuse_unless_clean(found)
    return keys
