"""`keys`: makes the keys of the service, moves what lies locked to new ones, and tells what lies under which."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import click
import orjson
from flask import current_app
from flask.cli import AppGroup

from referrals.boundary import clock
from referrals.cli.terminal import open_database, refusals
from referrals.models.engine import Database
from referrals.models.keys import KeyFolder, Keys, KeysRefused, Purpose, is_name, purpose_of
from referrals.models.scrubbing import wipe, write_over
from referrals.models.storage import StorageFailed
from referrals.models.storage.locked import LockedStore
from referrals.models.vault import Vault
from referrals.pathway.at_rest import LOCKED_COLUMNS, LockedColumn
from referrals.pathway.relocking import (
    FILES,
    count_by_key,
    count_files,
    files_under_old_keys,
    relock_file,
    relock_some,
    remaining,
    uses_of,
)

# Whoever began to write while a key was current is done by then.
REST = timedelta(minutes=5)
# So many of what could not be moved are told by their ids.
NAMED = 20

keys = AppGroup("keys", help="The keys that lock secrets, patients' numbers and files, and seal the audit.")


@keys.command("new")
@click.option(
    "--for",
    "purposes",
    type=click.Choice([each.value for each in Purpose]),
    multiple=True,
    help="Only for this; may be repeated.",
)
@click.option("--not-yet", is_flag=True, help="Make it, and go on with the old one: until every machine has the file.")
def new(purposes: tuple[str, ...], not_yet: bool) -> None:
    """A new key for each purpose, current from now on. Prints the names of the files."""
    with refusals():
        made = [folder().make(Purpose(each)) for each in purposes or Purpose]
        if not not_yet:
            folder().choose(*made)
    tell({"made": made, "current": not not_yet, "folder": str(folder().folder)})


@keys.command("use")
@click.argument("names", nargs=-1, required=True)
def use(names: tuple[str, ...]) -> None:
    """Make these keys the current ones: NAMES as `keys new` prints them."""
    with refusals():
        folder().choose(*names)
    tell({"current": list(names)})


@keys.command("status")
def status() -> None:
    """How much lies under each key, a line for each column; `none` is what is not locked yet."""
    with told_of_storage(), refusals():
        for name, by_key in counted().items():
            tell({"column": name, "keys": by_key})
        tell({"current": {each.value: all_keys().current(each).id for each in Purpose}})


@keys.command("rotate")
def rotate() -> None:
    """Lock everything with the current keys. May be stopped, killed and run again; status 1 while something remains."""
    with told_of_storage(), refusals():
        for column in LOCKED_COLUMNS:
            tell({"column": column.name, **relocked(open_database(), column)})
        tell({"column": FILES, **relocked_files(store(), clock.now())})
        is_wiped = wipe(open_database())
        left = remaining(counted(), all_keys())
    tell({"remains": left} if is_wiped else {"remains": left, "log": "still read by somebody, and not wiped"})
    if left or not is_wiped:
        raise click.exceptions.Exit(1)


@keys.command("retire")
@click.argument("name")
def retire(name: str) -> None:
    """Set a key apart that nothing uses any more. An old backup needs it still: keep the file as long as that."""
    with told_of_storage(), refusals():
        refuse_to_retire(name)
        folder().retire(name)
    tell({"retired": name})


@contextmanager
def told_of_storage() -> Iterator[None]:
    try:
        yield
    except StorageFailed as problem:
        raise click.ClickException(str(problem)) from None


def refuse_to_retire(name: str) -> None:
    if not is_name(name) or all_keys().named(purpose_of(name), name) is None:
        raise KeysRefused(f"There is no key {name}.")
    if all_keys().current(purpose_of(name)).id == name:
        raise KeysRefused(f"{name} is the current key. Make a new one first.")
    rested = timedelta(seconds=time.time() - folder().chosen_at())
    if rested < REST:
        raise KeysRefused("The current key was chosen a moment ago, and somebody may still write with the old one.")
    if uses := uses_of(name, counted()):
        raise KeysRefused(
            f"{name} is still in use: {', '.join(f'{number} in {place}' for place, number in uses.items())}."
        )


def relocked(database: Database, column: LockedColumn) -> Mapping[str, Any]:
    """In small transactions: nobody waits for this one, and what was done stays done."""
    moved, stuck, after = 0, list[str](), None
    while True:
        with database.writing() as session:
            write_over(session)
            turn = relock_some(session, column, vault(), after)
        moved, after = moved + turn.moved, turn.after
        stuck += turn.stuck[: NAMED - len(stuck)]
        if after is None:
            return {"moved": moved, "stuck": stuck}


def relocked_files(files: LockedStore, now: datetime) -> Mapping[str, Any]:
    with open_database().reading() as session:
        waiting = list(files_under_old_keys(session, files, now))
    stuck = [key for key in waiting if not relock_file(files, key)]
    return {"moved": len(waiting) - len(stuck), "stuck": stuck[:NAMED]}


def counted() -> dict[str, dict[str, int]]:
    with open_database().reading() as session:
        found = count_by_key(session, all_keys())
        return found | {FILES: count_files(session, store(), clock.now())}


def tell(line: Mapping[str, Any]) -> None:
    click.echo(orjson.dumps(line))


def folder() -> KeyFolder:
    found = all_keys().folder
    if found is None:
        raise KeysRefused("The service runs without a folder for keys.")
    return found


def all_keys() -> Keys:
    found: Keys = current_app.extensions["keys"]
    return found


def vault() -> Vault:
    found: Vault = current_app.extensions["vault"]
    return found


def store() -> LockedStore:
    found: LockedStore = current_app.extensions["archive"].store
    return found
