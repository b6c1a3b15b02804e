"""`organization`, `user`: lets organizations and people in."""

import json
import sys

import click
from flask import current_app
from flask.cli import AppGroup

from referrals.boundary import clock
from referrals.boundary.stationery import stationery
from referrals.cli.terminal import DOOR, open_database, operator, refusals
from referrals.domain.addresses import address_like
from referrals.domain.errors import NotFound
from referrals.domain.passwords import faults_of_password
from referrals.domain.people import Kind, Role
from referrals.domain.second_factor import Happening
from referrals.models.organization import Network
from referrals.pathway.accounts import create_organization, create_user, find_organization
from referrals.pathway.second_factor import reset_second_factor
from referrals.pathway.secret_words import new_secret
from referrals.pathway.sign_in import known_by
from referrals.pathway.sign_in_record import SignInRecord
from referrals.pathway.trail import record_audit

of_network = click.option("--network", help="The network's code, where there are several.")
in_organization = click.option("--organization", "code", required=True, metavar="CODE", help="The organization's code.")


def filled(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("must not be blank")
    return value.strip()


organization = AppGroup("organization", help="Providers, centers and coordinating networks.")


@organization.command("create")
@click.argument("name", callback=filled)
@click.option("--code", required=True, callback=filled, help="A short word that is unique in the network.")
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in Kind]))
@click.option("--zone", help="Time zone of a network, such as America/Chicago; its working days follow it.")
@click.option("--region", help="Where it is, such as Illinois: reports count by it.")
@of_network
def organization_create(
    name: str, code: str, kind: str, zone: str | None, region: str | None, network: str | None
) -> None:
    """Create an organization. The first one brings its network and the default policy with it."""
    zone = known_zone(zone, kind)
    now = clock.now()
    with refusals(), open_database().writing() as session:
        made = create_organization(session, name, code, Kind(kind), now, network=network)
        made.region = (region or "").strip() or None
        home = session.get_one(Network, made.network_id)
        home.zone = zone or home.zone
        record_audit(session, operator(home.id), "create", "organization", [made.id], now, DOOR)
        click.echo(f"{kind} {made.code} in the network {home.code} ({home.zone})")


def known_zone(zone: str | None, kind: str) -> str | None:
    from zoneinfo import available_timezones

    if zone is None:
        return None
    if kind != Kind.NETWORK:
        raise click.UsageError("--zone belongs to a network.")
    if zone not in available_timezones():
        raise click.BadParameter(f"{zone} is no time zone.", param_hint="--zone")
    return zone


user = AppGroup("user", help="People who sign in.")


@user.command("create")
@click.argument("email", callback=filled)
@click.option("--name", required=True, callback=filled)
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]))
@in_organization
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
@of_network
def user_create(
    email: str, name: str, roles: tuple[str, ...], code: str, password_stdin: bool, network: str | None
) -> None:
    """Create a person, or give one more role to somebody who is known. Prints one JSON object.

    A password is made and shown this once, unless one is handed in. It is never taken from an argument: those can
    be read by everybody on the machine.
    """
    if not address_like(email):
        raise click.BadParameter("must be an email address", param_hint="EMAIL")
    password = handed_in((name, email, code)) if password_stdin else new_secret()[:20]
    now = clock.now()
    with refusals(), open_database().writing() as session:
        home = find_organization(session, code, network=network)
        made = create_user(session, email, name, [Role(role) for role in roles], home, now, password=password)
        record_audit(session, operator(home.network_id), "create", "user", [made.id], now, DOOR)
        answer = {"email": made.email, "name": made.name, "organization": home.code, "roles": list(roles)}
        is_new = made.created_at == now
    if is_new and not password_stdin:
        answer["password"] = password
    click.echo(json.dumps(answer))
    if not is_new:
        click.echo("This person was known: name and password are as they were.", err=True)


@user.command("reset-second-factor")
@click.argument("email", callback=filled)
def user_reset_second_factor(email: str) -> None:
    """Take somebody's second factor off and end their sessions: for whoever has lost everything.

    Where their role needs one they set it up anew at their next sign-in. They are told by letter where mail is on.
    """
    now = clock.now()
    with refusals(), open_database().writing() as session:
        known = known_by(session, email)
        if known is None:
            raise NotFound("There is nobody with that address.")
        reset_second_factor(session, known, now)
        record = SignInRecord(session, stationery(current_app.config["SETTINGS"]), now, DOOR)
        record.note(known, Happening.RESET, operator(known.network_id), {"reason": DOOR})
    click.echo("The second factor is taken off, and every session has ended.")


def handed_in(about: tuple[str, ...]) -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    for fault in faults_of_password(password, about):
        raise click.UsageError(fault.message)
    return password
