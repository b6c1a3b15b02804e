"""The worker has documents looked at by a scanner that speaks ClamAV's protocol, and clears away what belongs to none."""

import os
import socketserver
import struct
import threading
from datetime import UTC, datetime, timedelta
from io import BytesIO
from time import time

import pytest
from sqlalchemy import select, update

from referrals.domain.vocabulary import DocumentKind
from referrals.models.document import Document
from referrals.models.storage.local import LocalStore
from referrals.pathway.documents import Archive, Sent, attach, file_away
from referrals.pathway.draft_purge import purge_stale_drafts
from referrals.pathway.scanning import ScannerFailed
from referrals.pathway.seals import sealing_key
from referrals.worker.clamd import Clamd
from referrals.worker.jobs import JOBS
from referrals.worker.loop import Worker
from referrals.worker.papers import Papers
from tests.papers import PDF
from tests.small_network import DAY, NOW, send, settle_down

HARMFUL, ODD = b"%PDF-1.7 harmful", b"%PDF-1.7 odd"


class Daemon(socketserver.StreamRequestHandler):
    """Just enough of clamd: INSTREAM, and an answer that depends on what came."""

    def handle(self):
        assert self.rfile.read(10) == b"zINSTREAM\0"
        heard = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            heard += self.rfile.read(size)
        answers = {HARMFUL: b"stream: Eicar-Test-Signature FOUND\0", ODD: b"INSTREAM size limit exceeded. ERROR\0"}
        self.wfile.write(answers.get(heard, b"stream: OK\0"))


@pytest.fixture(params=["tcp", "unix"])
def clamd(request, tmp_path):
    if request.param == "tcp":
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Daemon)
        address = f"tcp://127.0.0.1:{server.server_address[1]}"
    else:
        server = socketserver.ThreadingUnixStreamServer(str(tmp_path / "clamd"), Daemon)
        address = f"unix://{tmp_path / 'clamd'}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Clamd(address, seconds=5)
    server.shutdown()
    server.server_close()


@pytest.fixture
def archive(tmp_path):
    return Archive(LocalStore(tmp_path / "documents"), 1 << 20, 1 << 22, is_scanned=True)


@pytest.fixture
def people(database):
    with database.writing() as session:
        return settle_down(session)


def sent(content):
    return Sent("report.pdf", BytesIO(content), len(content), "0" * 64)


def attached(session, actor, referral, archive, content=PDF):
    filed = file_away(session, actor, referral.id, sent(content), archive, NOW)
    return attach(session, actor, referral.id, DocumentKind.PATHOLOGY, filed, archive, NOW)


def worker(database, archive, scanner, now=NOW, name="scan documents"):
    jobs = tuple(job for job in JOBS if job.name == name)
    return Worker(database, sealing_key("x"), Papers(archive.store, scanner), clock=lambda session: now, jobs=jobs)


def states(database):
    with database.reading() as session:
        rows = session.execute(select(Document.scan, Document.finding, Document.version).order_by(Document.id))
        return [tuple(row) for row in rows]


def test_documents_are_looked_at_and_what_is_harmful_is_quarantined(database, people, archive, clamd):
    with database.writing() as session:
        referral = send(session, people)
        for content in (ODD, PDF, HARMFUL):
            attached(session, people.clinician, referral, archive, content)
        session.execute(update(Document).where(Document.size == len(PDF)).values(scan="not_scanned"))
    for _ in range(4):
        assert worker(database, archive, clamd).round()
    assert states(database) == [("waiting", None, 1), ("clean", None, 2), ("quarantined", "Eicar-Test-Signature", 2)]


def test_a_scanner_that_does_not_answer_leaves_everything_waiting(database, people, archive):
    with database.writing() as session:
        attached(session, people.clinician, send(session, people), archive)
    silent = Clamd("tcp://127.0.0.1:1", seconds=1)
    with pytest.raises(ScannerFailed):
        silent.look(BytesIO(PDF))
    assert worker(database, archive, silent).round()
    assert worker(database, archive, None).round()
    assert states(database) == [("waiting", None, 1)]


def test_only_our_own_files_that_belong_to_no_document_are_cleared_away_after_a_day(database, people, archive):
    """A sender killed between file and row leaves a file without a row, never a row without its file."""
    with database.writing() as session:
        referral = send(session, people)
        kept = attached(session, people.clinician, referral, archive)
        killed = file_away(session, people.clinician, referral.id, sent(PDF), archive, NOW)
        stranger = send(session, people, submit=False)
        attached(session, people.clinician, stranger, archive)
    with database.writing() as session:
        assert purge_stale_drafts(session, NOW + DAY, NOW) == 1
    folder = archive.store.folder
    (folder / "README").write_text("not ours")
    half = folder / killed.key
    (half.parent / f".half-{'0' * 32}").write_bytes(b"half")
    assert worker(database, archive, None, NOW, "clear files").round()
    assert sum(each.is_file() for each in folder.rglob("*")) == 5
    old = time() - 2 * DAY.total_seconds()
    for each in folder.rglob("*"):
        os.utime(each, (old, old))
    for _ in range(2):
        assert worker(database, archive, None, datetime.now(UTC) + timedelta(minutes=1), "clear files").round()
    left = {each.name for each in folder.rglob("*") if each.is_file()}
    assert left == {"README", str(kept.id)}
