"""`flask --app wsgi worker`: the clock of the service, in a process of its own."""

import signal
import sys
from _thread import start_new_thread

import click
from flask import current_app
from flask.cli import with_appcontext

from referrals.boundary.stationery import stationery
from referrals.models.keys import KeysRefused
from referrals.pathway.checkpoints import FOLDER
from referrals.worker.clamd import Clamd
from referrals.worker.loop import Worker
from referrals.worker.mail import sender_of
from referrals.worker.papers import Papers
from referrals.worker.webhooks import postmen_of


@click.command("worker")
@click.option("--once", is_flag=True, help="Do every job once and end; status 1 when one of them failed.")
@click.option(
    "--seconds", type=click.FloatRange(0.05, 3600), default=2.0, show_default=True, help="Rest between rounds."
)
@with_appcontext
def worker(once: bool, seconds: float) -> None:
    """Expire overrides, tell and remind people, send mail and webhooks, scan documents, seal the audit, drop leftovers; until stopped."""
    settings, keys = current_app.config["SETTINGS"], current_app.extensions["keys"]
    try:
        keys.refuse_unless_complete()
    except KeysRefused as problem:
        raise click.ClickException(str(problem)) from None
    clockwork = Worker(
        current_app.extensions["database"],
        keys,
        Papers(current_app.extensions["archive"].store, Clamd(settings.clamd) if settings.clamd else None),
        mail=stationery(settings),
        post=sender_of(settings),
        postmen=postmen_of(settings),
        checkpoints=settings.data_dir / FOLDER,
        retention_years=settings.retention_years,
    )
    if once:
        went_well = clockwork.round()
        clockwork.close()
        sys.exit(0 if went_well else 1)
    for name in (signal.SIGTERM, signal.SIGINT):
        # In a thread: the wait that a signal interrupts may hold the lock that `set` asks for.
        signal.signal(name, lambda number, frame: start_new_thread(clockwork.stopped.set, ()))
    clockwork.run(seconds)
