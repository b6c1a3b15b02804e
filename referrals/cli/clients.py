"""`client`: partner systems are let in, listed, given a new secret, and switched off."""

import json
from datetime import timedelta
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from referrals.boundary import clock
from referrals.boundary.registering import keys_handed_in
from referrals.cli.accounts import filled, in_organization, of_network
from referrals.cli.terminal import DOOR, open_database, operator, refusals
from referrals.domain.partner_systems import DEFAULT_OVERLAP, LONGEST_OVERLAP
from referrals.domain.people import Scope
from referrals.pathway.accounts import find_organization, networks
from referrals.pathway.client_care import PartnerSystem, find_by_client_id, partner_systems, renew_secret, switch_off
from referrals.pathway.clients import Keys, create_client
from referrals.pathway.sandbox import twin_of
from referrals.pathway.trail import record_audit

HOUR = timedelta(hours=1)
MOST = 100_000

client = AppGroup("client", help="Partner systems.")


@client.command("create")
@click.argument("name", callback=filled)
@in_organization
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice([scope.value for scope in Scope]))
@click.option(
    "--jwks",
    type=click.File(),
    help="A file with its public keys (JWKS), or - for standard input: then it has no secret.",
)
@click.option("--jwks-url", help="Where it publishes its public keys: then it has no secret.")
@click.option("--sandbox", is_flag=True, help="It tries things out, in a copy of the network without patients.")
@of_network
def client_create(
    name: str, code: str, scopes: tuple[str, ...], jwks: Any, jwks_url: str | None, sandbox: bool, network: str | None
) -> None:
    """Create an API client. Prints one JSON object; the secret in it is shown this once."""
    if jwks and jwks_url:
        raise click.UsageError("Give the keys by --jwks or by --jwks-url, not by both.")
    now = clock.now()
    with refusals(), open_database().writing() as session:
        named = find_organization(session, code, network=network)
        home = twin_of(session, named, now) if sandbox else named
        keys = _keys(jwks.read() if jwks else None, jwks_url)
        made, secret = create_client(session, home, name, scopes, now, keys=keys)
        record_audit(session, operator(named.network_id), "create", "client", [made.id], now, DOOR)
        answer = {
            "client_id": made.client_id,
            **({} if keys else {"client_secret": secret}),
            "organization": home.code,
            "scopes": made.scopes,
        }
    click.echo(json.dumps(answer))


def _keys(text: str | None, url: str | None) -> Keys | None:
    if text is None and url is None:
        return None
    return keys_handed_in(text, url, current_app.extensions["published_keys"].outgoing)


@client.command("list")
@of_network
def client_list(network: str | None) -> None:
    """Every client, one JSON object a line."""
    with refusals(), open_database().reading() as session:
        found = [each for home in networks(session, network) for each in partner_systems(session, home.id, MOST)]
    for each in found:
        click.echo(json.dumps(_told(each)))


def _told(system: PartnerSystem) -> dict[str, Any]:
    own = system.client
    return {
        "client_id": own.client_id,
        "name": own.name,
        "organization": system.organization.code,
        "scopes": own.scopes,
        "proves_itself_by": "secret" if own.secret_hash else "keys",
        "active": own.active,
        "sandbox": system.sandbox_of is not None,
        "last_used_at": _time(own.last_used_at),
        "old_secret_until": _time(own.old_secret_until),
        "old_secret_used_at": _time(own.old_secret_used_at),
    }


def _time(at: Any) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


@client.command("rotate")
@click.argument("client_id")
@click.option(
    "--overlap",
    type=click.IntRange(0, LONGEST_OVERLAP // HOUR),
    default=DEFAULT_OVERLAP // HOUR,
    show_default=True,
    help="Hours for which the old secret still works.",
)
def client_rotate(client_id: str, overlap: int) -> None:
    """Make a new secret. Prints one JSON object; the secret in it is shown this once."""
    now = clock.now()
    with refusals(), open_database().writing() as session:
        system = find_by_client_id(session, client_id)
        own = system.client
        answer: dict[str, Any] = {
            "client_id": own.client_id,
            "client_secret": renew_secret(session, own, overlap * HOUR, now),
        }
        record_audit(session, operator(system.home_id), "rotate", "client", [own.id], now, DOOR)
        answer["old_secret_until"] = _time(own.old_secret_until)
    click.echo(json.dumps(answer))


@client.command("revoke")
@click.argument("client_id")
def client_revoke(client_id: str) -> None:
    """Switch a client off: its tokens die at once."""
    now = clock.now()
    with refusals(), open_database().writing() as session:
        system = find_by_client_id(session, client_id)
        own = system.client
        switch_off(session, own)
        record_audit(session, operator(system.home_id), "revoke", "client", [own.id], now, DOOR)
    click.echo(f"{client_id} is switched off.")
