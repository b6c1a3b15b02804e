"""Documents at the JSON door: taken by what they are, handed out unharmed, seen by nobody who may not."""

import hashlib
from io import BytesIO

import pytest
from sqlalchemy import select, update

from referrals.domain.documents import name_to_save, safe_name
from referrals.models.document import Document
from referrals.models.referral import Consent, Referral
from referrals.models.storage import StorageFull
from referrals.models.trail import AuditEntry
from tests.api.partner import codes
from tests.factories import packet, unknown_id
from tests.papers import FORMS, PDF, form


@pytest.fixture
def referral(lakeside):
    return lakeside.create(packet())


def add(partner, referral, *content, **options):
    headers = options.pop("headers", None)
    return partner.post(f"/referrals/{referral['id']}/documents", headers=headers, **form(*content, **options))


def files(app):
    return [each for each in (app.config["SETTINGS"].data_dir / "documents").rglob("*") if each.is_file()]


def audited(db, action):
    with db.reading() as session:
        query = select(AuditEntry.ids).where(AuditEntry.entity == "document", AuditEntry.action == action)
        return [each for ids in session.scalars(query) for each in ids]


def offered_to_summit(db, world, referral):
    with db.writing() as session:
        summit = world.organizations["summit"].id
        session.execute(update(Referral).where(Referral.external_reference == "EHR-2026-1").values(center_id=summit))


def test_a_document_comes_back_as_it_was_sent(lakeside, coordinator, referral, db):
    made = add(lakeside, referral)
    assert made.status_code == 201
    document = made.json
    assert made.headers["ETag"] == '"1"'
    assert made.headers["Location"].endswith(f"/api/v1/documents/{document['id']}")
    assert {key: document[key] for key in ("referral", "kind", "name", "media_type", "size", "sha256", "scan")} == {
        "referral": referral["id"],
        "kind": "pathology",
        "name": "report.pdf",
        "media_type": "application/pdf",
        "size": len(PDF),
        "sha256": hashlib.sha256(PDF).hexdigest(),
        "scan": "not_scanned",
    }
    assert coordinator.get(f"/referrals/{referral['id']}/documents").json["items"] == [document]
    assert coordinator.get(f"/documents/{document['id']}").json == document
    answer = coordinator.get(f"/documents/{document['id']}/content")
    assert (answer.status_code, answer.data) == (200, PDF)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="report.pdf"')
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert (answer.headers["X-Content-Type-Options"], answer.headers["Cache-Control"]) == ("nosniff", "no-store")
    for action in ("attach", "list", "read", "download"):
        assert audited(db, action) == [document["id"]], action


def test_a_file_is_what_its_bytes_are_whatever_it_is_called(lakeside, referral):
    for name, (content, media_type) in FORMS.items():
        assert add(lakeside, referral, content, name).json["media_type"] == media_type, name
    page = add(lakeside, referral, b"<!doctype html><script>alert(1)</script>", "page.html").json
    both = add(lakeside, referral, PDF + b"<script>alert(1)</script>", "both.html").json
    for document, saved, served in ((page, "page.html.txt", "text/plain"), (both, "both.html.pdf", "application/pdf")):
        answer = lakeside.get(f"/documents/{document['id']}/content")
        assert f'attachment; filename="{saved}"' in answer.headers["Content-Disposition"]
        assert answer.mimetype == served


@pytest.mark.parametrize(
    ("sent", "status", "wrong"),
    [
        (lambda: form(b""), 422, {"/file": "empty"}),
        (lambda: form(kind="selfie"), 422, {"/kind": "invalid_choice"}),
        (lambda: form(kind=None), 422, {"/kind": "required"}),
        (lambda: {"data": {"kind": "letter"}, "content_type": "multipart/form-data"}, 422, {"/file": "required"}),
        (lambda: {"data": {"kind": "letter", "file": "words"}, "content_type": "multipart/form-data"}, 422, {"/file": "required"}),
        (lambda: form(owner="x", scan="clean"), 422, {"/owner": "unknown_field", "/scan": "unknown_field"}),
        (lambda: {"data": {"kind": "letter", "file": [(BytesIO(PDF), "a"), (BytesIO(PDF), "b")]}}, 422, {"/file": "repeated"}),
        (lambda: form(b"PK\x03\x04" + b"\0" * 40, "bomb.docx"), 415, {"/file": "unsupported_media_type"}),
        (lambda: form(b"MZ\x90\x00\x03", "report.pdf"), 415, {"/file": "unsupported_media_type"}),
        (lambda: form(b"GIF89a\x00\x01", "report.pdf"), 415, {"/file": "unsupported_media_type"}),
        (lambda: form(b"text\x00text", "letter.txt"), 415, {"/file": "unsupported_media_type"}),
        (lambda: {"json": {"kind": "letter"}}, 415, {}),
    ],
)  # fmt: skip
def test_what_is_not_taken_is_refused_by_name_and_leaves_nothing(app, lakeside, referral, sent, status, wrong):
    answer = lakeside.post(f"/referrals/{referral['id']}/documents", **sent())
    assert (answer.status_code, codes(answer)) == (status, wrong), answer.text
    assert lakeside.get(f"/referrals/{referral['id']}/documents").json["items"] == []
    assert files(app) == []


def test_a_file_and_a_packet_have_their_limits(start_app, db, world, partner):
    start = start_app(document_limit=100_000, document_quota=250_000)
    lakeside = partner("lakeside")
    lakeside.app, lakeside.http = start, start.test_client(use_cookies=False)
    referral = lakeside.create(packet())
    exact = PDF.ljust(100_000, b" ")
    assert add(lakeside, referral, exact).status_code == 201
    for beyond in (exact + b" ", exact * 40):
        answer = add(lakeside, referral, beyond)
        assert (answer.status_code, answer.json["type"]) == (413, "/problems/too-large")
    assert add(lakeside, referral, exact).status_code == 201
    assert (full := add(lakeside, referral, exact)).status_code == 422
    assert codes(full) == {"/file": "quota"}


def test_the_same_call_twice_attaches_once(lakeside, referral):
    key = {"Idempotency-Key": "paper-1"}
    first, second = (add(lakeside, referral, headers=key) for _ in range(2))
    assert second.json == first.json
    assert second.headers["Idempotency-Replayed"] == "true"
    other = add(lakeside, referral, PDF + b"more", headers=key)
    assert codes(other) == {"Idempotency-Key": "key_reused"}
    assert len(lakeside.get(f"/referrals/{referral['id']}/documents").json["items"]) == 1


def test_a_center_sees_documents_only_while_the_patient_agrees(partner, lakeside, referral, db, world):
    document = add(lakeside, referral).json
    summit, harbor = (partner(code, person=f"specialist@{code}.example") for code in ("summit", "harbor"))
    paths = [f"/documents/{document['id']}", f"/documents/{document['id']}/content"]
    assert {summit.get(path).status_code for path in paths} == {404}
    offered_to_summit(db, world, referral)
    assert {summit.get(path).status_code for path in paths} == {200}
    of_center = add(summit, referral, PDF, "review.pdf").json
    assert [each["id"] for each in lakeside.get(f"/referrals/{referral['id']}/documents").json["items"]] == [
        document["id"],
        of_center["id"],
    ]
    for change in ({"scope": []}, {"centers": ["harbor"]}, {"given": False}):
        with db.writing() as session:
            session.execute(
                update(Consent).values(**{"scope": ["share_with_centers"], "centers": None, "given": True, **change})
            )
        assert {summit.get(path).status_code for path in paths} == {404}, change
        assert summit.get(f"/referrals/{referral['id']}/documents").json["items"] == [], change
        assert add(summit, referral).status_code == 404
    assert {harbor.get(path).status_code for path in paths} == {404}


def test_who_may_attach_is_who_works_on_it(partner, lakeside, referral):
    reader = partner("lakeside", ("referrals:read",))
    assert add(reader, referral).status_code == 403
    assert add(partner("network", ("triage:write",)), referral).status_code == 201
    for answer in (add(partner("hillcrest"), referral), add(lakeside, {"id": unknown_id()})):
        assert answer.status_code == 404
    assert lakeside.get(f"/documents/{unknown_id()}/content").status_code == 404


def test_a_file_that_is_not_what_came_in_is_never_handed_out(app, lakeside, referral, db):
    document = add(lakeside, referral).json
    (file,) = files(app)
    for spoil in (lambda: file.write_bytes(PDF.replace(b"obj", b"obk")), file.unlink):
        spoil()
        answer = lakeside.get(f"/documents/{document['id']}/content")
        assert (answer.status_code, answer.json["code"]) == (503, "damaged")
        assert b"%PDF" not in answer.data
    assert audited(db, "damaged") == [document["id"]] * 2
    assert audited(db, "download") == []
    assert lakeside.get(f"/documents/{document['id']}").json["version"] == 2


def test_what_waits_or_is_harmful_is_named_and_not_handed_out(start_app, lakeside, referral, db):
    lakeside.app = start_app(clamd="tcp://127.0.0.1:1")
    lakeside.http = lakeside.app.test_client(use_cookies=False)
    document = add(lakeside, referral).json
    assert document["scan"] == "waiting"
    assert lakeside.get(f"/documents/{document['id']}/content").status_code == 409
    with db.writing() as session:
        session.execute(update(Document).values(scan="quarantined", finding="Eicar"))
    assert lakeside.get(f"/documents/{document['id']}").json["scan"] == "quarantined"
    answer = lakeside.get(f"/documents/{document['id']}/content")
    assert (answer.status_code, "Eicar" in answer.text) == (409, False)


def test_where_there_is_no_room_it_is_said_and_nothing_is_kept(app, lakeside, referral, monkeypatch):
    def full(key, source):
        raise StorageFull

    monkeypatch.setattr(type(app.extensions["archive"].store), "put", lambda self, key, source: full(key, source))
    answer = add(lakeside, referral)
    assert (answer.status_code, "no room" in answer.json["detail"]) == (503, True)
    assert lakeside.get(f"/referrals/{referral['id']}/documents").json["items"] == []


def test_names_are_the_last_part_without_what_deceives():
    for sent, kept in (
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\scan.pdf", "scan.pdf"),
        ("report\u202efdp.exe", "reportfdp.exe"),
        ("a\x00b\x1b\u200b.pdf", "ab.pdf"),
        ("two\r\nlines.pdf", "two lines.pdf"),
        ('"<name>".pdf', "__name__.pdf"),
        ("Müller Befund.pdf", "Müller Befund.pdf"),
        (" ... ", "document"),
        (None, "document"),
        ("x" * 400 + ".pdf", "x" * 146 + ".pdf"),
    ):
        assert safe_name(sent) == kept, sent
    assert name_to_save("run.exe", "application/pdf") == "run.exe.pdf"


def test_a_name_is_whole_on_both_sides_and_in_no_header_of_its_own(lakeside, referral):
    document = add(lakeside, referral, PDF, 'Müller"; x=\r\nSet-Cookie: a.pdf').json
    header = lakeside.get(f"/documents/{document['id']}/content").headers["Content-Disposition"]
    assert header.isascii()
    assert header.startswith('attachment; filename="Muller')
    assert "filename*=UTF-8''M%C3%BCller" in header
