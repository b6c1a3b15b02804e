"""Every command of the terminal, for the application to hang up; `worker` has a door of its own."""

import click

from referrals.cli.accounts import client, organization, user
from referrals.cli.assess import assess
from referrals.cli.bench.command import bench
from referrals.cli.checks import audit, integrity
from referrals.cli.codes import codes
from referrals.cli.database import db
from referrals.cli.demo.command import demo
from referrals.cli.imports import import_lines
from referrals.cli.start import start

COMMANDS: tuple[click.Command, ...] = (
    assess,
    audit,
    bench,
    client,
    codes,
    db,
    demo,
    import_lines,
    integrity,
    organization,
    start,
    user,
)
