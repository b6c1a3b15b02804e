"""`centers` and `trials`: fills the directory from the published list, and a center's trials from a file."""

from typing import IO

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.boundary import clock
from referrals.boundary.trial_files import LARGEST, read_trials
from referrals.cli.accounts import in_organization, of_network
from referrals.cli.terminal import DOOR, open_database, operator, refusals
from referrals.domain.errors import Forbidden, NotFound
from referrals.domain.people import Kind
from referrals.models.organization import Network
from referrals.pathway.accounts import find_organization
from referrals.pathway.centers import find_center
from referrals.pathway.centers_known import add_trials
from referrals.pathway.seeding import seed_centers
from referrals.pathway.trail import record_audit

centers = AppGroup("centers", help="The directory of centers.")
trials = AppGroup("trials", help="Trials of centers.")


@centers.command("seed")
@click.option("--network", "code", required=True, metavar="CODE", help="The network's code.")
def seed(code: str) -> None:
    """Add the published NCI-designated cancer centers. What is there already stays as it is."""
    now = clock.now()
    with refusals(), open_database().writing() as session:
        network = network_of(session, code)
        added = seed_centers(session, network, now)
        if added:
            record_audit(session, operator(network.id), "seed", "center", added, now, DOOR)
    click.echo(f"{len(added)} centers added, as published: no expertise, no places.")


def network_of(session: Session, code: str) -> Network:
    found = session.scalars(select(Network).where(Network.code == code)).one_or_none()
    if found is None:
        raise NotFound(f"There is no network with the code {code}.")
    return found


@trials.command("import")
@click.argument("file", type=click.File("rb"))
@in_organization
@of_network
def take_in(file: IO[bytes], code: str, network: str | None) -> None:
    """Add the trials of FILE (CSV) to a center, or change those that it has: all lines or none. Twice is as once.

    Columns: registry_id, title, families (| between several) and opened_on; phase, closed_on, contact and source
    may be left out. Days are written 2026-11-18.
    """
    now = clock.now()
    with refusals():
        told = read_trials(file.read(LARGEST + 1))
        with open_database().writing() as session:
            home = find_organization(session, code, network=network)
            if home.kind != Kind.CENTER:
                raise Forbidden("not_a_center", f"{code} is a {home.kind}: trials belong to centers.")
            actor, profile = operator(home.network_id), find_center(session, home.network_id, home.id, lock=True)
            new, changed = add_trials(session, actor, profile, told, now)
            record_audit(session, actor, "trials", "center", [home.id], now, DOOR)
    click.echo(f"{code}: {len(told)} trials in the file, {new} new, {changed} changed.")
