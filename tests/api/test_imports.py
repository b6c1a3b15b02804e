"""Many referrals in one file over the API: taken at once, read by the worker, each line with its receipt."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from referrals.domain.imports import BATCH, MOST_WAITING, TRIES, ImportStatus
from referrals.models.import_run import ImportLine, ImportRun
from referrals.models.organization import ApiClient
from referrals.models.referral import Referral
from referrals.models.trail import AuditEntry
from referrals.pathway.scanning import unclaimed_files
from referrals.worker.importing import take_in_some
from tests.api.partner import Partner
from tests.factories import packet, patient
from tests.statements import statements

NDJSON = {"Content-Type": "application/x-ndjson"}


def line(number, **changes):
    return packet(number, patient=patient(number, given_name=f"Ada {number}"), **changes)


def lines(*packets):
    return b"\n".join(each if isinstance(each, bytes) else json.dumps(each).encode() for each in packets) + b"\n"


def send(partner: Partner, data, headers=NDJSON, path="/imports", **more):
    return partner.post(path, data=data, headers={**headers, **more})


@pytest.fixture
def work(app, db):
    """The worker's turn at imports."""

    def work(seconds=60.0, later=timedelta(0)):
        store = app.extensions["archive"].store
        take_in_some(db, lambda session: datetime.now(UTC) + later, store, seconds)

    return work


def count(db, table, *where):
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where))


def receipts(partner, run):
    return partner.get(f"/imports/{run['id']}/receipts?limit=200").json["items"]


def test_a_file_is_taken_at_once_and_read_by_the_worker_line_by_line(lakeside, db, work):
    sent = lines(line(1), line(2, submit=False), line(3, questions=[]), b"", b"{not json", line(1))
    answer = send(lakeside, sent)
    assert answer.status_code == 202, answer.text
    run = answer.json
    assert answer.headers["Location"].endswith(f"/api/v1/imports/{run['id']}")
    assert (run["status"], run["lines"], run["progress"]["percent"]) == ("queued", 5, 0)
    assert count(db, Referral) == 0
    work()
    done = lakeside.get(f"/imports/{run['id']}").json
    assert (done["status"], done["progress"]) == ("done", {"line": 6, "byte": len(sent), "percent": 100})
    assert done["counts"] == {"lines": 5, "accepted": 2, "identity_check": 0, "already_here": 1, "refused": 2}
    told = receipts(lakeside, run)
    assert [(each["line"], each["outcome"], each["status"]) for each in told] == [
        (1, "accepted", "submitted"), (2, "accepted", "draft"), (3, "refused", None), (5, "refused", None),
        (6, "already_here", "submitted"),
    ]  # fmt: skip
    assert told[2]["reasons"] == [
        {"pointer": "/questions", "code": "required", "message": told[2]["reasons"][0]["message"]}
    ]
    assert told[0]["referral"] == lakeside.get(f"/referrals/{told[0]['referral']}").json["id"]
    with db.reading() as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "import", AuditEntry.entity == "referral")
        ).one()
    assert entry.ids == [told[0]["referral"], told[1]["referral"]]


def test_the_same_file_twice_and_the_same_key_twice_make_no_doubles(lakeside, db, work):
    sent = lines(*map(line, range(BATCH + 5)))
    first = send(lakeside, sent, **{"Idempotency-Key": "monday"})
    again = send(lakeside, sent, **{"Idempotency-Key": "monday"})
    assert (again.json["id"], again.headers["Idempotency-Replayed"]) == (first.json["id"], "true")
    assert send(lakeside, sent + b"\n", **{"Idempotency-Key": "monday"}).status_code == 422
    second = send(lakeside, sent).json
    work()
    work()
    assert lakeside.get(f"/imports/{second['id']}").json["counts"]["already_here"] == BATCH + 5
    assert count(db, Referral) == BATCH + 5


def test_an_import_that_is_called_off_keeps_what_is_in_and_takes_no_more(lakeside, db, work):
    run = send(lakeside, lines(*map(line, range(BATCH * 2)))).json
    work(seconds=0)
    half = lakeside.get(f"/imports/{run['id']}").json
    assert (half["status"], half["counts"]["accepted"], half["progress"]["line"]) == ("running", BATCH, BATCH)
    for _ in range(2):
        cancelled = lakeside.post(f"/imports/{run['id']}/cancel", {})
        assert (cancelled.status_code, cancelled.json["status"]) == (200, "cancelled")
    work()
    assert count(db, Referral) == count(db, ImportLine) == BATCH
    short = send(lakeside, lines(line(1))).json
    work()
    assert lakeside.post(f"/imports/{short['id']}/cancel", {}).status_code == 409


def test_a_batch_takes_no_more_statements_than_a_line_and_knows_whom_its_lines_name(lakeside, hillcrest, db, work):
    def sent(*numbers, **changes):
        run = send(lakeside, lines(*(line(number, **changes) for number in numbers))).json
        with statements(db) as taken:
            work()
        return receipts(lakeside, run), len(taken)

    hillcrest.create(line(5, referring_clinician=None))
    _, one = sent(1)
    told, many = sent(*range(2, 20))
    assert many <= one + 1, "one more for the identity check"
    assert [each["line"] for each in told if each["outcome"] == "identity_check"] == [4]
    refused, twice = sent(*range(30, 50), referring_clinician={"email": "nobody@lakeside.example"})
    assert {each["pointer"] for line in refused for each in line["reasons"]} == {"/referring_clinician/email"}
    assert twice < many + 20, "what is refused before anything is written undoes nothing"
    told += sent(50, 51)[0]
    references = sorted(int(each["reference"][6:13]) for each in told)
    assert references == list(range(references[0], references[0] + 20)), "no number is left out"


def test_a_long_import_does_not_keep_a_short_one_waiting(lakeside, hillcrest, work):
    long, short = send(lakeside, lines(*map(line, range(BATCH * 3)))).json, send(hillcrest, lines(line(1))).json
    work(seconds=0)
    work(seconds=0)
    assert lakeside.get(f"/imports/{long['id']}").json["counts"]["lines"] == BATCH
    work(seconds=0)
    assert hillcrest.get(f"/imports/{short['id']}").json["counts"]["lines"] == 1


def test_a_worker_that_is_told_to_stop_does_so_between_two_batches(app, lakeside, db):
    run = send(lakeside, lines(*map(line, range(BATCH * 2)))).json
    take_in_some(db, lambda session: datetime.now(UTC), app.extensions["archive"].store, is_stopped=lambda: True)
    assert lakeside.get(f"/imports/{run['id']}").json["counts"]["lines"] == BATCH


def test_a_provider_sees_its_own_imports_alone(lakeside, hillcrest, partner):
    runs = [send(lakeside, lines(line(number))).json["id"] for number in range(3)]
    first = lakeside.get("/imports?limit=2").json
    second = lakeside.get(first["next"]).json
    assert [each["id"] for each in (*first["items"], *second["items"])] == runs[::-1]
    assert hillcrest.get("/imports").json["items"] == []
    for path in ("", "/receipts"):
        assert hillcrest.get(f"/imports/{runs[0]}{path}").status_code == 404
    assert hillcrest.post(f"/imports/{runs[0]}/cancel", {}).status_code == 404
    assert send(partner("network"), lines(line(1))).status_code == 403


def test_who_may_not_write_any_more_imports_no_more(lakeside, db, work):
    run = send(lakeside, lines(*map(line, range(BATCH + 1)))).json
    work(seconds=0)
    with db.writing() as session:
        session.execute(update(ApiClient).values(active=False))
    work()
    with db.reading() as session:
        row = session.scalars(select(ImportRun)).one()
    assert (str(row.id), row.status, row.fault, row.accepted) == (run["id"], "failed", "not_allowed", BATCH)


def test_a_file_that_is_gone_or_never_gets_further_ends_its_import(app, lakeside, db, work):
    gone, stuck = send(lakeside, lines(line(1))).json, send(lakeside, lines(line(2))).json
    with db.writing() as session:
        session.execute(update(ImportRun).where(ImportRun.sha256 == stuck["sha256"]).values(tries=TRIES))
    for each in (app.config["SETTINGS"].data_dir / "documents").rglob(gone["id"]):
        each.unlink()
    work()
    work()
    found = {each["id"]: (each["status"], each["fault"]) for each in lakeside.get("/imports").json["items"]}
    assert found == {gone["id"]: ("failed", "file_gone"), stuck["id"]: ("failed", "given_up")}


def test_the_file_of_an_import_is_cleared_away_a_day_after_its_end_and_not_before(app, lakeside, db, work):
    done = send(lakeside, lines(line(1))).json
    work()
    waiting = send(lakeside, lines(line(2))).json
    store, now = app.extensions["archive"].store, datetime.now(UTC)
    with db.reading() as session:
        assert list(unclaimed_files(session, store, now + timedelta(hours=23))) == []
        (key,) = unclaimed_files(session, store, now + timedelta(days=2))
    assert key.endswith(done["id"])
    assert lakeside.get(f"/imports/{waiting['id']}").json["status"] == "queued"


def test_an_organization_has_only_so_many_waiting(lakeside, db):
    send(lakeside, lines(line(1)))
    with db.writing() as session:
        row = session.scalars(select(ImportRun)).one()
        session.expunge(row)
        for number in range(MOST_WAITING - 1):
            made = {column.key: getattr(row, column.key) for column in ImportRun.__table__.columns}
            session.add(ImportRun(**made | {"id": row.id.__class__(int=number + 1), "status": ImportStatus.QUEUED}))
    assert send(lakeside, lines(line(2))).status_code == 409
