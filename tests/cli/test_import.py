"""Many referrals come in from one file: a receipt for each line, none taken in twice, none lost."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from referrals.boundary.importing.importer import Importer
from referrals.boundary.importing.lines import LONGEST_LINE, read_line
from referrals.cli.imports import sender
from referrals.models.patient import Patient
from referrals.models.referral import Facts, Referral
from referrals.models.trail import AuditEntry, Event, Outbox, Receipt
from referrals.pathway.integrity.check import prove
from tests.small_network import NOW, packet, settle_down

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "referrals" / "synthea.ndjson"


@pytest.fixture
def people(database):
    with database.writing() as session:
        return settle_down(session, NOW)


@pytest.fixture
def run(app, people, tmp_path):
    def run(*lines, code="lakeside", more=()):
        file = tmp_path / "referrals.ndjson"
        file.write_bytes(b"\n".join(as_bytes(line) for line in lines) + b"\n")
        done = app.test_cli_runner().invoke(args=["import", str(file), "--organization", code, *more])
        return done, [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    return run


def as_bytes(line):
    if isinstance(line, bytes):
        return line
    return (line if isinstance(line, str) else json.dumps(line)).encode()


def line(number, **changes):
    patient = packet()["patient"] | {"given_name": f"Ada {number}"}
    return packet(external_reference=f"EHR-{number}", patient=patient) | changes


def count(database, table, *where):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where))


def assert_whole(database):
    with database.reading() as session:
        assert [finding for finding in prove(session, NOW) if not finding.holds] == []


def test_each_line_gets_a_receipt_and_is_received(run, database):
    done, receipts = run(*(line(number) for number in range(60)))
    assert done.exit_code == 0
    assert [receipt["line"] for receipt in receipts] == list(range(1, 61))
    assert {receipt["outcome"] for receipt in receipts} == {"accepted"}
    assert {(receipt["status"], receipt["tier"]) for receipt in receipts} == {("submitted", "P2")}
    for table in (Referral, Receipt, Facts):
        assert count(database, table) == 60
    assert count(database, Outbox) == 120, "begun and submitted"
    assert count(database, Event) == 120
    assert_whole(database)


def test_a_second_run_adds_nothing(run, database):
    lines = [line(1), line(2, consent=None), "{not json", line(3)]
    run(*lines)
    before = [count(database, table) for table in (Referral, Receipt, Event, AuditEntry)]
    done, receipts = run(*lines)
    assert [receipt["outcome"] for receipt in receipts] == ["already_here", "refused", "refused", "already_here"]
    assert [count(database, table) for table in (Referral, Receipt, Event, AuditEntry)] == before
    assert done.exit_code == 1


def test_a_line_that_stands_twice_in_one_file_comes_in_once(run, database):
    done, receipts = run(line(1), line(2), line(1))
    assert done.exit_code == 0
    assert [receipt["outcome"] for receipt in receipts] == ["accepted", "accepted", "already_here"]
    assert receipts[2]["reference"] == receipts[0]["reference"]
    assert count(database, Referral) == 2


@pytest.mark.parametrize(
    ("bad", "pointer", "code"),
    [
        ("{", "", "malformed"),
        ('{"a": NaN}', "", "malformed"),
        ('{"a": 1, "a": 2}', "", "malformed"),
        ("[1]", "", "not_an_object"),
        (b"\xff{}", "", "malformed"),
        (line(9, surprise=1), "/surprise", "unknown_field"),
        (line(9, consent={"given": False}), "/consent/given", "required"),
        (line(9, questions=[]), "/questions", "required"),
        (line(9, external_reference=None), "/external_reference", "required"),
        (line(9, diagnosis={"icd10cm": "C99.9"}), "/diagnosis/icd10cm", None),
        (line(9, patient={**packet()["patient"], "birth_date": "2061-01-01"}), "/patient/birth_date", "in_the_future"),
    ],
)
def test_a_bad_line_is_refused_with_its_reasons_and_the_others_come_in(run, database, bad, pointer, code):
    done, receipts = run(line(1), bad, line(2))
    assert done.exit_code == 1
    assert [receipt["outcome"] for receipt in receipts] == ["accepted", "refused", "accepted"]
    reasons = receipts[1]["reasons"]
    assert pointer in {reason["pointer"] for reason in reasons}
    assert code is None or code in {reason["code"] for reason in reasons}
    assert count(database, Receipt, Receipt.outcome == "refused", Receipt.door == "import") == 1
    assert_whole(database)


def test_every_reason_is_told_at_once(run):
    _, (receipt,) = run(line(1, questions=[], purposes=[], consent=None))
    pointers = {reason["pointer"] for reason in receipt["reasons"]}
    assert {"/questions", "/purposes", "/consent/given"} <= pointers


def test_a_line_without_end_is_refused_without_reading_it(run):
    done, receipts = run(line(1), b'{"a": "' + b"x" * (LONGEST_LINE + 10) + b'"}', line(2))
    assert [receipt["outcome"] for receipt in receipts] == ["accepted", "refused", "accepted"]
    assert receipts[1]["reasons"][0]["code"] == "too_large"
    assert done.exit_code == 1


def test_empty_lines_and_a_byte_order_mark_are_no_fault(run):
    done, receipts = run(b"\xef\xbb\xbf" + as_bytes(line(1)), b"", b"   ", line(2))
    assert done.exit_code == 0
    assert [receipt["line"] for receipt in receipts] == [1, 4]


def test_a_contradicted_patient_is_refused_by_field_and_never_by_value(run):
    known = packet()["patient"] | {"identifiers": [{"system": "urn:mrn", "value": "77-secret"}]}
    other = known | {"birth_date": "1971-03-02"}
    done, receipts = run(line(1, patient=known), line(2, patient=other))
    assert receipts[1]["reasons"][0]["pointer"] == "/patient/birth_date"
    assert "1961" not in done.output
    assert "77-secret" not in done.output


def test_drafts_come_in_as_drafts(run, database):
    _, (receipt,) = run(line(1, submit=False))
    assert receipt["status"] == "draft"
    assert count(database, Referral, Referral.status == "draft") == 1


def test_a_number_known_elsewhere_becomes_an_identity_check(run, app, database):
    app.test_cli_runner().invoke(args=["organization", "create", "Hill", "--code", "hill", "--kind", "provider"])
    known = packet()["patient"] | {"identifiers": [{"system": "urn:national", "value": "999"}]}
    run(line(1, patient=known))
    _, (receipt,) = run(line(1, patient=known), code="hill")
    assert receipt["outcome"] == "identity_check"


def test_receipts_can_go_to_a_file(run, tmp_path):
    file = tmp_path / "receipts.ndjson"
    done, receipts = run(line(1), "{", more=["--receipts", str(file)])
    assert receipts == []
    assert done.stdout.startswith("2 lines: 1 accepted")
    assert [json.loads(each)["outcome"] for each in file.read_text().splitlines()] == ["accepted", "refused"]


def test_an_organization_that_is_unknown_or_no_provider_is_refused(run):
    assert run(line(1), code="nowhere")[0].exit_code == 1
    assert run(line(1), code="network")[0].exit_code == 1


@pytest.mark.parametrize("words", [["import"], ["import", "/nowhere.ndjson", "--organization", "lakeside"]])
def test_wrong_use_is_told_apart(app, words):
    assert app.test_cli_runner().invoke(args=words).exit_code == 2


def test_a_file_without_a_line_is_no_fault(run):
    assert run("")[0].exit_code == 0


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of synthetic referrals is not beside the project")
def test_the_whole_corpus_is_accepted(app, people, database):
    done = app.test_cli_runner().invoke(args=["import", str(CORPUS), "--organization", "lakeside"])
    assert done.exit_code == 0, done.output
    assert count(database, Referral, Referral.status == "submitted") == 17
    again = app.test_cli_runner().invoke(args=["import", str(CORPUS), "--organization", "lakeside"])
    assert again.exit_code == 0
    assert count(database, Referral) == 17
    assert_whole(database)


@pytest.mark.faults
@pytest.mark.parametrize("kills", [1, pytest.param(8, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_a_run_that_was_killed_loses_nothing_it_gave_a_receipt_for_and_is_simply_repeated(
    people, database, settings, tmp_path, kills
):
    count_of_lines = 120 * (kills + 1)
    file, receipts = tmp_path / "many.ndjson", tmp_path / "receipts.ndjson"
    file.write_text("".join(json.dumps(line(number)) + "\n" for number in range(count_of_lines)))
    words = ["import", str(file), "--organization", "lakeside", "--receipts", str(receipts)]
    environment = os.environ | {
        "REFERRALS_DATABASE_URL": settings.database_url,
        "REFERRALS_DATA_DIR": str(settings.data_dir),
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    for _ in range(kills):
        receipts.unlink(missing_ok=True)
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as run:
            while run.poll() is None and "accepted" not in (receipts.read_text() if receipts.exists() else ""):
                time.sleep(0.01)
            run.send_signal(signal.SIGKILL)
        assert run.returncode == -signal.SIGKILL
        told = [json.loads(each) for each in receipts.read_text().splitlines() if each.endswith("}")]
        assert any(each["outcome"] == "accepted" for each in told)
        with database.reading() as session:
            kept = {str(each) for each in session.scalars(select(Referral.id))}
        assert {each["referral"] for each in told} <= kept
        assert len(kept) < count_of_lines
        assert_whole(database)
    assert subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True).returncode == 0
    assert count(database, Referral) == count(database, Receipt) == count_of_lines
    assert_whole(database)


def test_two_runs_at_once_take_each_line_in_once(people, database, settings, tmp_path):
    """Each sees the other's lines as here already, or is told by the database and looks again."""
    lines = [read_line(number, as_bytes(line(number)), NOW.date()) for number in range(1, 61)]
    importers = [Importer(database, sender(people.lakeside), lambda: NOW) for _ in range(2)]

    def run(importer):
        return [receipt for start in range(0, 60, 10) for receipt in importer.take(lines[start : start + 10])]

    with ThreadPoolExecutor(2) as pool:
        receipts = [receipt for taken in pool.map(run, importers) for receipt in taken]
    outcomes = Counter(receipt.outcome for receipt in receipts)
    assert outcomes == {"accepted": 60, "already_here": 60}
    assert count(database, Referral) == 60
    assert_whole(database)


def test_the_same_person_in_two_lines_of_one_batch_is_one_patient(run, database):
    known = packet()["patient"] | {"identifiers": [{"system": "urn:mrn", "value": "1"}]}
    done, _ = run(line(1, patient=known), line(2, patient=known))
    assert done.exit_code == 0
    assert count(database, Patient) == 1


def test_a_line_that_is_refused_late_leaves_no_rows_and_no_gap_in_the_numbers(run, database):
    """The center that is wished for is looked up when half of the rows are written."""
    _, receipts = run(line(1), line(2, preferences={"center": "nowhere"}), line(3))
    assert [receipt["outcome"] for receipt in receipts] == ["accepted", "refused", "accepted"]
    assert receipts[1]["reasons"][0]["pointer"] == "/preferences/center"
    assert count(database, Patient) == count(database, Referral) == 2
    assert_whole(database)
