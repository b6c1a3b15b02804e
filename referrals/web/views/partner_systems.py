"""Partner systems, for administrators of the network: let in, given a new secret or keys, switched off and looked after."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from referrals.boundary.outgoing import Outgoing
from referrals.boundary.schemas.fields import uuid_of
from referrals.domain.errors import Conflict as NotNow, Invalid, NotFound, Refusal, Stale
from referrals.models.base import new_id
from referrals.models.organization import ApiClient, Organization
from referrals.pathway.client_care import (
    PartnerSystem,
    change_client,
    end_old_secret,
    find_partner_system,
    partner_systems as found_in,
    refuse_outdated,
    register_keys,
    renew_secret,
    switch_off,
    switch_on,
)
from referrals.pathway.client_proof import end_tokens
from referrals.pathway.client_record import last_calls, last_refusals
from referrals.pathway.clients import create_client
from referrals.pathway.deliveries import refuse_other_than_administrator
from referrals.pathway.directory import organizations_in
from referrals.pathway.sandbox import twin_of
from referrals.web import paths
from referrals.web.forms import partner_systems as forms
from referrals.web.forms.bind import fill, packet_from
from referrals.web.forms.fields import Form, Group
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters import partner_systems as presenters
from referrals.web.presenters.form_page import Conflict, FormPage
from referrals.web.presenters.notices import Link
from referrals.web.typed import status_of, with_refusal, with_version
from referrals.web.visit import Visit, act, page, version_meant

partner_systems = Blueprint("partner_systems", __name__)

ENTITY = "client"
MOST_ORGANIZATIONS = 2000
ADDRESS = f"{paths.API_CLIENTS}/<system_id>"
Packet = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """One thing that can be done to a system. `carry_out` gives back a secret where it has made one."""

    title: str
    submit: str
    carry_out: Callable[[Visit, ApiClient, Packet], str | None]
    groups: tuple[Group, ...] = ()
    explains: tuple[str, ...] = ()
    is_open: Callable[[ApiClient], bool] = lambda client: True
    said: str = "Saved"


def _renew(visit: Visit, client: ApiClient, packet: Packet) -> str:
    return renew_secret(visit.session, client, forms.overlap_sent(packet), visit.now)


def _register(visit: Visit, client: ApiClient, packet: Packet) -> None:
    if (keys := forms.keys_sent(packet, outgoing())) is None:
        raise BadRequest
    register_keys(client, keys)


PARTS: Mapping[str, Part] = {
    "rotate": Part(
        "Make a new secret",
        "Make a new secret",
        _renew,
        forms.RENEW,
        ("The new secret is shown once, on the next page.", "A system that has keys then proves itself by the secret, and its keys end at once."),
    ),
    "end-old-secret": Part(
        "End the old secret now",
        "End it now",
        lambda visit, client, packet: end_old_secret(client),
        explains=("A system that still uses it gets no token from now on. Look first when it was last used.",),
        is_open=lambda client: client.old_secret_hash is not None,
        said="The old secret has ended",
    ),
    "keys": Part(
        "Register keys",
        "Register these keys",
        _register,
        forms.KEYS,
        ("From then on the system proves itself by these keys alone: its secret ends at once.",),
        said="The keys are registered",
    ),
    "change": Part(
        "Change name, scopes or limit",
        "Save",
        lambda visit, client, packet: change_client(visit.session, client, *forms.changes_sent(packet)),
        forms.CHANGE,
        ("Where the scopes change, the tokens that it has end at once; it gets new ones by itself.",),
    ),
    "end-tokens": Part(
        "End its tokens",
        "End all its tokens",
        lambda visit, client, packet: end_tokens(visit.session, client.id),
        explains=("What it was given so far opens nothing from now on. The system can get new tokens at once.",),
        is_open=lambda client: client.active,
        said="Its tokens have ended",
    ),
    "revoke": Part(
        "Switch it off",
        "Switch it off",
        lambda visit, client, packet: switch_off(visit.session, client),
        explains=("Its tokens die at once and it gets no new ones, until somebody switches it on again.",),
        is_open=lambda client: client.active,
        said="Switched off",
    ),
    "switch-on": Part(
        "Switch it on again",
        "Switch it on",
        lambda visit, client, packet: switch_on(client),
        explains=("It gets tokens again by what it had before: its secret or its keys.",),
        is_open=lambda client: not client.active,
        said="Switched on",
    ),
}  # fmt: skip


def outgoing() -> Outgoing:
    found: Outgoing = current_app.extensions["published_keys"].outgoing
    return found


@partner_systems.get(paths.API_CLIENTS)
@page
def overview(visit: Visit) -> Shown:
    refuse_other_than_administrator(visit.actor)
    found = found_in(visit.session, visit.actor.network_id)
    shown = presenters.systems_page(found, visit.moment, notices())
    return Shown("partner_systems.html", shown, Seen(ENTITY, [each.client.id for each in found], "list"))


def organizations(visit: Visit) -> dict[str, str]:
    """The names of those that a system can be let in for."""
    found = organizations_in(visit.session, visit.actor.network_id, None, MOST_ORGANIZATIONS)
    return {str(each.id): each.name for each in found}


def blank(visit: Visit, key: UUID) -> Form:
    return forms.new_form(sorted(organizations(visit).items(), key=lambda each: each[1]), key)


@partner_systems.get(f"{paths.API_CLIENTS}/new")
@page
def ask_new(visit: Visit) -> Shown:
    refuse_other_than_administrator(visit.actor)
    return asked_new(blank(visit, new_id()))


def asked_new(form: Form, status: int = 200) -> Shown:
    return Shown("form.html", FormPage("Let a partner system in", form, presenters.BACK), status=status)


def new_again(visit: Visit, refusal: Refusal) -> Shown:
    form = blank(visit, key_meant())
    return asked_new(with_refusal(typed(form, refusal), refusal), status_of(refusal))


@partner_systems.post(f"{paths.API_CLIENTS}/new")
@act(again=new_again)
def let_in(visit: Visit) -> Response | Shown:
    refuse_other_than_administrator(visit.actor)
    key = key_meant()
    if visit.session.get(ApiClient, key) is not None:
        return go(paths.api_client(find_partner_system(visit.session, visit.actor.network_id, key).client.id), "It was let in before; its secret was shown then", "info")  # fmt: skip
    packet = sent(blank(visit, key))
    keys = forms.new_sent(packet, organizations(visit), outgoing())
    chosen = visit.session.get_one(Organization, UUID(packet["organization"]))
    home = twin_of(visit.session, chosen, visit.now) if packet["sandbox"] else chosen
    client, secret = create_client(visit.session, home, packet["name"], packet["scopes"], visit.now, keys=keys, key=key)
    client.calls_per_minute = packet["calls_per_minute"]
    visit.note("create", [client.id], ENTITY)
    return shown_once(visit, client, secret) if secret else go(paths.api_client(client.id), "Let in")


def key_meant() -> UUID:
    """Drawn with the form, so that a form sent twice lets one system in, and a reload shows no secret again."""
    key = uuid_of(request.form.get("key", ""))
    if key is None:
        raise BadRequest
    return key


def shown_once(visit: Visit, client: ApiClient, secret: str) -> Shown:
    return Shown("partner_secret.html", presenters.secret_page(client, secret, visit.moment))


@partner_systems.get(ADDRESS)
@page
def one(visit: Visit, system_id: UUID) -> Shown:
    system = found(visit, system_id)
    shown = presenters.system_page(
        system,
        [(name, part.title) for name, part in PARTS.items() if part.is_open(system.client)],
        last_refusals(visit.session, system.client),
        last_calls(visit.session, system.client),
        current_app.config["SETTINGS"].calls_per_minute,
        visit.moment,
        notices(),
    )
    return Shown("partner_system.html", shown, Seen(ENTITY, [system.client.id]))


def found(visit: Visit, system_id: UUID, *, lock: bool = False) -> PartnerSystem:
    refuse_other_than_administrator(visit.actor)
    return find_partner_system(visit.session, visit.actor.network_id, system_id, lock=lock)


def part_of(name: str) -> Part:
    if name not in PARTS:
        raise NotFound
    return PARTS[name]


def sent(form: Form) -> Packet:
    return packet_from(form, request.form, keep_blank=True)


def typed(form: Form, refusal: Refusal) -> Form:
    """As it was sent, but for a private key: no page holds one."""
    packet = sent(form)
    shows_private = isinstance(refusal, Invalid) and any(error.code == "private_key" for error in refusal.errors)
    return fill(form, {**packet, "jwks": None} if shows_private else packet)


def part_form(system: PartnerSystem, name: str) -> Form:
    part = part_of(name)
    return forms.part_form(system.client.id, name, part.submit, part.groups, system.client.version)


@partner_systems.get(f"{ADDRESS}/<care>")
@page
def ask(visit: Visit, system_id: UUID, care: str) -> Shown:
    system = found(visit, system_id)
    client = system.client
    standing = {"name": client.name, "scopes": client.scopes, "calls_per_minute": client.calls_per_minute}
    return asked(system, care, fill(part_form(system, care), standing))


def asked(system: PartnerSystem, part: str, form: Form, status: int = 200, conflict: Conflict | None = None) -> Shown:
    back = Link(system.client.name, paths.api_client(system.client.id))
    shown = FormPage(PARTS[part].title, form, back, system.client.name, PARTS[part].explains, conflict=conflict)
    return Shown("form.html", shown, Seen(ENTITY, [system.client.id]), status)


def again(visit: Visit, refusal: Refusal, system_id: UUID, care: str) -> Shown:
    system = found(visit, system_id)
    form = part_form(system, care)
    if not isinstance(refusal, Stale):
        tried = with_version(typed(form, refusal), version_meant())
        return asked(system, care, with_refusal(tried, refusal), status_of(refusal))
    clash = Conflict(
        "Somebody else changed this system first",
        "Or the form was sent twice. Nothing more was done. Look at the system before you go on.",
        (),
    )
    return asked(system, care, typed(form, refusal), 409, clash)


@partner_systems.post(f"{ADDRESS}/<care>")
@act(again=again)
def carry_out(visit: Visit, system_id: UUID, care: str) -> Response | Shown:
    system, meant = found(visit, system_id, lock=True), part_of(care)
    client = system.client
    refuse_outdated(client, version_meant())
    if not meant.is_open(client):
        raise NotNow("There is nothing to do: this has been done already.")
    secret = meant.carry_out(visit, client, sent(part_form(system, care)))
    visit.note(care, [client.id], ENTITY)
    return shown_once(visit, client, secret) if secret else go(paths.api_client(client.id), meant.said)
