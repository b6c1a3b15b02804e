"""`start`: one command for a whole service on this machine: schema, demo data, web server and worker, stopped together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from config import Settings
from referrals.models import schema
from referrals.models.engine import Database
from referrals.models.organization import Network
from referrals.models.user import User
from referrals.pathway.accounts import DEMO_PASSWORD

HOST = "127.0.0.1"
PROJECT = Path(__file__).resolve().parents[2]
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SECONDS_TO_STOP = 10


@click.command("start")
@click.option("--demo", is_flag=True, help="Load the demo data if the database is empty.")
@with_appcontext
def start(demo: bool) -> None:
    """Migrate, then run the web server and the worker until Ctrl-C."""
    settings, database = current_app.config["SETTINGS"], current_app.extensions["database"]
    refuse_taken_port(settings.port)
    with stoppable():
        schema.upgrade(settings.database_url)
        if demo and is_empty(database):
            subprocess.run([*FLASK, "demo"], check=True, cwd=PROJECT)
        supervise(
            processes(settings.port),
            is_ready=lambda: is_listening(settings.port),
            announce=lambda: announce(settings, database),
        )


def processes(port: int) -> dict[str, Sequence[str]]:
    return {
        "web server": (sys.executable, "-m", "waitress", f"--listen={HOST}:{port}", "--threads=8", "wsgi:app"),
        "worker": (*FLASK, "worker"),
    }


def is_empty(database: Database) -> bool:
    with database.reading() as session:
        return session.scalar(select(Network.id).limit(1)) is None


def refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise click.ClickException(f"Port {port} is taken. Set REFERRALS_PORT to a free one.") from None


@contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl-C, a closed terminal and a polite kill all end the block the same way, and that is a success."""
    for name in STOP_SIGNALS:
        signal.signal(name, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        click.echo("Stopped.")
    except subprocess.CalledProcessError as failed:
        raise click.ClickException(f"`flask {failed.cmd[-1]}` failed with status {failed.returncode}.") from None


def supervise(
    commands: Mapping[str, Sequence[str]], is_ready: Callable[[], bool], announce: Callable[[], None]
) -> None:
    """Run these processes until told to stop. If one of them ends, all of them end.

    From here on a signal is noted and looked for: raised in the middle of asking for a child, it would leave the lock
    of that child taken for ever, and one that was just begun would be nobody's.
    """
    children: dict[str, subprocess.Popen[bytes]] = {}
    told: list[int] = []
    for number in STOP_SIGNALS:
        signal.signal(number, lambda number, frame: told.append(number))
    try:
        for name, command in commands.items():
            # Its own session: Ctrl-C reaches us alone, and we stop the others in order.
            children[name] = subprocess.Popen(command, cwd=PROJECT, start_new_session=True)
        watch(children, until=lambda: bool(told) or is_ready())
        if not told:
            announce()
            watch(children, until=lambda: bool(told))
    finally:
        stop(list(children.values()))
    raise KeyboardInterrupt


def watch(children: Mapping[str, subprocess.Popen[bytes]], until: Callable[[], bool]) -> None:
    while not until():
        for name, child in children.items():
            if (status := child.poll()) is not None:
                raise click.ClickException(f"The {name} ended with status {status}: everything is stopped.")
        time.sleep(0.1)


def stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask politely, then not. A second Ctrl-C must not leave a process behind."""
    for name in STOP_SIGNALS:
        signal.signal(name, signal.SIG_IGN)
    for child in children:
        signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_STOP
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        signal_group(child, signal.SIGKILL)
        child.wait()


def signal_group(child: subprocess.Popen[bytes], name: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, name)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def announce(settings: Settings, database: Database) -> None:
    address = settings.base_url or f"http://{HOST}:{settings.port}"
    click.echo(f"\nReferrals is ready at {address}")
    if people := demo_people(database):
        click.echo(f"\nDemo sign-ins, all with the password {DEMO_PASSWORD}:")
        width = max(len(email) for email, _ in people)
        for email, name in people:
            click.echo(f"  {email:<{width}}  {name}")
    click.echo("\nCtrl-C stops everything.\n")
    sys.stdout.flush()


def demo_people(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        rows = session.execute(select(User.email, User.name).where(User.is_demo, User.active).order_by(User.email))
        return [(row.email, row.name) for row in rows]
