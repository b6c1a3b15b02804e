"""`user invite`, `user deactivate`: people get a link for their first password, and go when they go."""

from datetime import datetime
from uuid import UUID

import click
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.boundary import clock
from referrals.cli.accounts import filled, in_organization, of_network, user
from referrals.cli.terminal import DOOR, open_database, operator, refusals
from referrals.domain.accounts import NOBODY, TicketKind
from referrals.domain.addresses import address_like
from referrals.domain.errors import NotFound
from referrals.domain.people import Role
from referrals.models.user import User
from referrals.pathway.absence import cover_faults
from referrals.pathway.account_care import covers_that_end, deactivate, what_goes
from referrals.pathway.accounts import create_user, find_organization, folded
from referrals.pathway.covering import field_of
from referrals.pathway.tickets import make_ticket, secret_of
from referrals.pathway.trail import record_audit


@user.command("invite")
@click.argument("email", callback=filled)
@click.option("--name", required=True, callback=filled)
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]))
@in_organization
@of_network
def user_invite(email: str, name: str, roles: tuple[str, ...], code: str, network: str | None) -> None:
    """Let a person in who chooses a password by a link. Prints the link, this once; it works for 72 hours.

    Somebody who is known gains the roles and gets a new link.
    """
    if not address_like(email):
        raise click.BadParameter("must be an email address", param_hint="EMAIL")
    now, settings = clock.now(), current_app.config["SETTINGS"]
    with refusals(), open_database().writing() as session:
        home = find_organization(session, code, network=network)
        person = create_user(session, email, name, [Role(role) for role in roles], home, now)
        ticket = make_ticket(session, person, TicketKind.INVITE, settings.secret_key, now)
        record_audit(session, operator(home.network_id), "invite", "user", [person.id], now, DOOR)
        link = f"{settings.base_url or ''}/password/{secret_of(settings.secret_key, ticket.id)}"
    click.echo(link)


@user.command("deactivate")
@click.argument("email", callback=filled)
@click.option("--hand-over-to", "receiver", help="The email of whoever takes over all that this person looks after.")
def user_deactivate(email: str, receiver: str | None) -> None:
    """Switch a person off: their sessions end at once, and nobody acts as them any more.

    For whom they cover, the receiver does where they may; else nobody, and those away and their administrators hear of it.
    """
    now = clock.now()
    with refusals(), open_database().writing() as session:
        person = found_by(session, email)
        taker = found_by(session, receiver) if receiver else None
        actor = operator(person.network_id)
        deactivate(session, actor, person, receivers_of(session, person, taker, now), now)
        record_audit(session, actor, "deactivate", "user", [person.id], now, DOOR)
    click.echo(f"{folded(email)} is switched off")


def receivers_of(session: Session, person: User, taker: User | None, now: datetime) -> dict[str, UUID | str]:
    """One takes over everything, and covers for whom they may; nobody does for the others."""
    held = {each.field: taker.id for each in what_goes(session, person)} if taker else {}
    covered = covers_that_end(session, person, now)
    fits = {each.id for each in covered if taker and not cover_faults(session, each, taker)}
    return held | {field_of(each): taker.id if taker and each.id in fits else NOBODY for each in covered}


def found_by(session: Session, email: str) -> User:
    person = session.scalars(select(User).where(User.email == folded(email))).one_or_none()
    if person is None:
        raise NotFound("There is nobody with this address.")
    return person
