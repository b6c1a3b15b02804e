"""A backup is taken while others write, and put back somewhere else: the audit, every invariant and every document hold there."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from referrals.models.document import Document
from referrals.models.engine import Database
from referrals.models.referral import Referral
from referrals.pathway.seals import sealing_key
from referrals.worker.loop import Worker
from tests.api.partner import Partner
from tests.databases import Databases
from tests.factories import packet, settled, token
from tests.postgres import client_programs

SECRET = "a secret that outlives the machine"
PAPER = b"%PDF-1.4\n" + b"a finding " * 400 + b"\n%%EOF\n"


@pytest.fixture(autouse=True)
def _programs_of_the_same_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    """`pg_dump` copies no server that is newer than itself."""
    monkeypatch.setenv("PATH", f"{client_programs()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def app(start_app: Callable[..., Flask], databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    url = databases.fresh()
    made = start_app(database_url=url, data_dir=tmp_path / "first", secret_key=SECRET)
    yield made
    made.extensions["database"].close()
    databases.forget(url)


@pytest.fixture
def elsewhere(start_app: Callable[..., Flask], databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """Another machine: an empty database and an empty folder, and the same secret."""
    url = databases.empty()
    made = start_app(database_url=url, data_dir=tmp_path / "second", secret_key=SECRET)
    yield made
    made.extensions["database"].close()
    databases.forget(url)


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["backup", *words])


def busy(app: Flask) -> Partner:
    """A day's work: referrals, a document, sealed audit."""
    database: Database = app.extensions["database"]
    with database.writing() as session:
        world = settled(session)
    lakeside = Partner(app, token(database, world, "lakeside"))
    referral = lakeside.create(packet(1))
    sent = {"file": (BytesIO(PAPER), "finding.pdf"), "kind": "pathology"}
    answer = lakeside.http.post(
        f"/api/v1/referrals/{referral['id']}/documents",
        data=sent,
        headers=lakeside.headers(),
        content_type="multipart/form-data",
    )
    assert answer.status_code == 201, answer.text
    Worker(database, sealing_key(SECRET)).round()
    return lakeside


def test_what_is_restored_elsewhere_is_whole(app: Flask, elsewhere: Flask, tmp_path: Path):
    lakeside = busy(app)
    enough, sent = threading.Event(), []

    def send() -> None:
        while not enough.is_set():
            sent.append(lakeside.create(packet(len(sent) + 2)))

    writer = threading.Thread(target=send)
    writer.start()
    try:
        made = run(app, "create", str(tmp_path / "copy"))
    finally:
        enough.set()
        writer.join()
    assert made.exit_code == 0, made.output
    assert run(app, "verify", str(tmp_path / "copy")).exit_code == 0
    shutil.copytree(tmp_path / "first/keys", tmp_path / "second/keys")
    restored = run(elsewhere, "restore", str(tmp_path / "copy"))
    assert (restored.exit_code, "every document hold" in restored.output) == (0, True), restored.output
    with elsewhere.extensions["database"].reading() as session:
        assert 1 <= session.scalar(select(func.count()).select_from(Referral)) <= len(sent) + 1
        assert session.scalar(select(func.count()).select_from(Document)) == 1
    assert run(elsewhere, "restore", str(tmp_path / "copy")).exit_code == 1, "into an empty database only"


def test_a_backup_that_was_touched_is_not_put_back(app: Flask, elsewhere: Flask, tmp_path: Path):
    busy(app)
    copy = tmp_path / "copy"
    assert run(app, "create", str(copy)).exit_code == 0
    document = next(file for file in (copy / "documents").rglob("*") if file.is_file())
    document.write_bytes(document.read_bytes()[:-1] + b"X")
    for words in (["verify", str(copy)], ["restore", str(copy)]):
        refused = run(elsewhere, *words)
        assert refused.exit_code == 1
        assert f"{document.relative_to(copy)} has changed" in refused.output
    assert not (tmp_path / "second/documents").exists()


def test_an_audit_that_was_cut_before_the_backup_was_noted_is_named(app: Flask, elsewhere: Flask, tmp_path: Path):
    """As if somebody had put a shorter chain into the copy, and its fingerprint into the list."""
    busy(app)
    copy = tmp_path / "copy"
    assert run(app, "create", str(copy)).exit_code == 0
    text = (copy / "manifest.json").read_text()
    position = text.partition('"audit_position": ')[2].partition(",")[0]
    (copy / "manifest.json").write_text(text.replace(f'"audit_position": {position}', '"audit_position": 999'))
    refused = run(elsewhere, "restore", str(copy))
    assert refused.exit_code == 1
    assert "The audit is broken: the chain ends at position" in refused.output
