"""`backup create`, `backup verify`, `backup restore`: a copy of everything, and the proof that it is one."""

import shutil
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import LOCAL, Settings
from referrals.boundary import clock
from referrals.boundary.files import FOLDER
from referrals.cli.backup.databases import copy_in, copy_out, refuse_filled
from referrals.cli.backup.manifest import Manifest, faults, fingerprints, moment, read
from referrals.cli.terminal import open_database, refusals
from referrals.domain.errors import Conflict
from referrals.models.document import Document
from referrals.models.engine import Database
from referrals.models.keys import Keys
from referrals.models.schema_version import is_usable, revision
from referrals.pathway.documents import Archive, Damaged, unharmed
from referrals.pathway.integrity.check import prove
from referrals.pathway.scanning import is_erased
from referrals.pathway.seals import Head, newest_head, verify

folder_there = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
backup = AppGroup("backup", help="A copy of everything, and the proof that it is one.")


@backup.command("create")
@click.argument("folder", type=click.Path(path_type=Path))
def create(folder: Path) -> None:
    """Copy the running service's database and documents into FOLDER, which is made for it.

    The documents after the database: whatever a row speaks of is in the copy.
    """
    with refusals():
        if folder.exists():
            raise Conflict(f"{folder} is there already. A backup gets a folder of its own.")
        half = folder.with_name(f"{folder.name}.half")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700, parents=True)
        manifest = written(half, open_database(), current_app.config["SETTINGS"])
        half.rename(folder)
    click.echo(f"{len(manifest.files):,} files, audit up to {manifest.audit_position:,}. Keep the keys somewhere else.")


def written(half: Path, database: Database, settings: Settings) -> Manifest:
    with database.reading() as session:
        head, at = newest_head(session), revision(session)
    if at is None:
        raise Conflict("There are no tables in this database: nothing to copy.")
    copy_out(database, half)
    if settings.document_store == LOCAL and (settings.data_dir / FOLDER).exists():
        shutil.copytree(settings.data_dir / FOLDER, half / FOLDER)
    manifest = Manifest(
        moment(clock.now()), at, head.position, head.digest, settings.document_store, fingerprints(half)
    )
    manifest.write(half)
    return manifest


@backup.command("verify")
@folder_there
def check(folder: Path) -> None:
    """Is FOLDER what `backup create` wrote? Status 1, with every file named that is not."""
    with refusals():
        refuse_other_than_written(folder)
    click.echo("Every file is as it was written.")


def refuse_other_than_written(folder: Path) -> Manifest:
    manifest = read(folder)
    if found := faults(folder, manifest):
        raise Conflict(f"This backup is not whole: {'; '.join(found)}.")
    return manifest


@backup.command("restore")
@folder_there
def restore(folder: Path) -> None:
    """Put the backup in FOLDER into an empty database and an empty data folder, and prove what came out.

    Follows the seals of the audit up to where they were, proves every invariant and compares every document.
    """
    settings: Settings = current_app.config["SETTINGS"]
    database = open_database()
    with refusals():
        manifest = refuse_other_than_written(folder)
        refuse_filled(database)
        documents = settings.data_dir / FOLDER
        if (folder / FOLDER).exists() and documents.exists() and any(documents.iterdir()):
            raise Conflict(f"There are documents in {documents}. A backup is put into an empty folder.")
        copy_in(database, folder)
        if (folder / FOLDER).exists():
            shutil.copytree(folder / FOLDER, documents, dirs_exist_ok=True)
        with database.reading() as session:
            found = told_of(session, manifest.head, current_app.extensions["keys"], current_app.extensions["archive"])
    for line in found:
        click.echo(line, err=True)
    if found:
        raise click.exceptions.Exit(1)
    click.echo(f"Restored as of {manifest.at}. The audit, every invariant and every document hold.")


def told_of(session: Session, head: Head, keys: Keys, archive: Archive) -> list[str]:
    """What does not hold in what was put back."""
    if not is_usable(session):
        return [
            "The schema is older than this version: run `flask --app wsgi db upgrade`, then `audit verify` and `integrity check`."
        ]
    chain = verify(session, keys, [head] if head.position else [])
    broken = [f"The audit is broken: {chain.broken}."] if chain.broken else []
    broken += [f"Invariant broken: {each.invariant.claim}." for each in prove(session, clock.now()) if not each.holds]
    return broken + [f"Document {each} is not what came in." for each in damaged(session, archive)]


def damaged(session: Session, archive: Archive) -> list[str]:
    found = []
    for document in session.scalars(
        select(Document).where(Document.damaged_at.is_(None), ~is_erased()).order_by(Document.id)
    ):
        try:
            unharmed(archive, document).close()
        except Damaged:
            found.append(str(document.id))
    return found
