"""Documents in the dashboard: attached and saved without a script, hidden at once where they are of another person."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from referrals.domain.documents_wanted import Known, documents_wanted
from referrals.models.document import Document
from referrals.models.engine import Database
from referrals.models.referral import Consent, Referral
from referrals.models.trail import AuditEntry
from tests.factories import World
from tests.papers import PDF, form
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
LAKESIDE, COORDINATOR, ADMIN = "clinician@lakeside.example", "coordinator@network.example", "admin@network.example"
SUMMIT = "specialist@summit.example"


def attach(guest: Visitor, referral: Referral, *content: Any, **fields: Any) -> Visitor:
    path = f"/referrals/{referral.id}/documents"
    answer = guest.http.post(path, **form(*content, csrf_token=guest.token(), **fields))
    guest._take(answer, path)
    return guest.get(answer.headers["Location"]) if answer.status_code == 303 else guest


def only(db: Database) -> Document:
    with db.reading() as session:
        return session.scalars(select(Document)).one()


def place(document: Document, part: str = "") -> str:
    return f"/referrals/{document.referral_id}/documents/{document.id}{part}"


def saved(guest: Visitor, document: Document) -> int:
    """What somebody gets who follows the link of a document: the whole of it, or a page that says why not."""
    guest.get(place(document)).answer.get_data()
    return guest.status


def actions(db: Database, document_id: UUID) -> list[str]:
    with db.reading() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.entity == "document").order_by(AuditEntry.id))
        return [row.action for row in rows if str(document_id) in row.ids]


@pytest.fixture
def referral(send: Callable[..., Referral], db: Database, world: World) -> Referral:
    """One that Summit works on."""
    sent = send()
    with db.writing() as session:
        session.execute(update(Referral).values(center_id=world.organizations["summit"].id))
    return sent


def test_each_party_attaches_and_saves_without_a_script(app: Flask, visitor: Come, referral: Referral, db: Database):
    for email, name in ((LAKESIDE, "ours.pdf"), (COORDINATOR, "theirs.pdf"), (SUMMIT, "review.pdf")):
        guest = visitor(email).get(f"/referrals/{referral.id}")
        guest.follow_link("Attach a document")
        assert 'enctype="multipart/form-data"' in guest.answer.text
        assert attach(guest, referral, PDF, name).status == 200
        assert name in guest.words
    reader = visitor(LAKESIDE).get(f"/referrals/{referral.id}")
    for words in ("ours.pdf", "theirs.pdf", "review.pdf", "3 documents", "Not scanned"):
        assert words in reader.words
    reader.follow_link("review.pdf")
    assert (reader.answer.data, reader.answer.mimetype) == (PDF, "application/pdf")
    assert reader.answer.headers["Content-Disposition"].startswith('attachment; filename="review.pdf"')
    assert "sandbox" in reader.answer.headers["Content-Security-Policy"]
    with db.reading() as session:
        document = session.scalars(select(Document).where(Document.name == "review.pdf")).one()
    assert document.is_of_opinion
    assert actions(db, document.id) == ["attach", "download"]


@pytest.mark.parametrize(
    ("content", "fields", "said"),
    [
        (b"", {}, "The file is empty. Choose another one."),
        (PDF, {"kind": ""}, "Choose what it is."),
        (b"PK\x03\x04\x00", {}, "Save a file of a word processor as PDF first."),
        (PDF.ljust((1 << 20) + 1), {}, "A file may have 1 MB at most."),
    ],
)
def test_what_is_not_taken_is_said_at_its_field(visitor: Come, referral: Referral, app: Flask, content, fields, said):
    object.__setattr__(app.extensions["archive"], "largest", 1 << 20)
    guest = attach(visitor(LAKESIDE), referral, content, **fields)
    assert (guest.status, guest.page.title[:6]) == (422, "Error:")
    assert said in guest.words
    assert "No document yet" in guest.words
    assert attach(guest, referral, PDF.ljust(2 << 20)).status == 413


def test_a_large_file_is_taken_only_from_somebody_who_is_signed_in(visitor: Come, referral: Referral, db: Database):
    big = PDF.ljust(3 << 20, b" ")
    assert attach(visitor(LAKESIDE), referral, big).status == 200
    assert only(db).size == len(big)
    stranger = visitor()
    answer = stranger.http.post(f"/referrals/{referral.id}/documents", **form(big, csrf_token="x"))
    assert (answer.status_code, answer.headers["Location"][:8]) == (303, "/sign-in")


def test_a_document_of_another_person_is_gone_at_once_for_everybody_and_kept(
    app: Flask, visitor: Come, referral: Referral, db: Database
):
    attach(visitor(LAKESIDE), referral)
    document = only(db)
    readers = {email: visitor(email) for email in (LAKESIDE, SUMMIT, ADMIN)}
    for guest in readers.values():
        assert saved(guest, document) == 200
    guest = visitor(COORDINATOR).get(place(document, "/wrong-person"))
    guest.press("Set it aside", why=" ")
    assert (guest.status, "Say in a sentence" in guest.words) == (422, True)
    guest.press("Set it aside", why="The birth date is another one.")
    assert "Set aside: nobody sees it any more" in guest.words
    for reader in (*readers.values(), guest):
        assert saved(reader, document) == 404
        assert "report.pdf" not in reader.get(f"/referrals/{referral.id}").words
        assert "report.pdf" not in reader.get(f"/referrals/{referral.id}/documents").words
    sealed = only(db)
    assert (sealed.misfiled_why, sealed.version) == ("The birth date is another one.", 2)
    assert [each.name for each in app.config["SETTINGS"].data_dir.glob("documents/**/*") if each.is_file()] == [
        str(document.id)
    ]
    page = readers[ADMIN].get("/set-aside")
    assert "Wrong person, set aside by Coordinator" in page.words
    for name in ("Clinician@Lakeside.Example", "Lakeside Hospital", "Specialist", "Summit Cancer Center"):
        assert name.partition("@")[0] in page.words
    assert guest.get("/set-aside").status == 403
    assert actions(db, document.id).count("download") == 3


def test_documents_go_with_a_draft_and_stand_among_the_answers_that_are_checked(visitor: Come, send: Any, db: Database):
    draft = send(submit=False)
    guest = visitor(LAKESIDE).get(f"/referrals/{draft.id}/check")
    assert "You may attach them later, too." in guest.words
    assert attach(guest, draft).status == 200
    guest.follow_link("Check your answers")
    assert "report.pdf" in guest.words
    assert visitor(COORDINATOR).get(place(only(db))).status == 404
    guest.press("Send the referral")
    assert saved(visitor(COORDINATOR), only(db)) == 200


def test_who_may_set_aside_is_who_answers_for_the_referral(visitor: Come, referral: Referral, db: Database):
    attach(visitor(LAKESIDE), referral)
    document = only(db)
    for email, status in ((LAKESIDE, 200), ("lead@network.example", 200), (SUMMIT, 403), (ADMIN, 403)):
        assert visitor(email).get(place(document, "/wrong-person")).status == status, email
    other = visitor("clinician@hillcrest.example")
    assert {other.get(place(document, part)).status for part in ("", "/wrong-person")} == {404}


def test_a_center_sees_nothing_once_consent_is_gone(visitor: Come, referral: Referral, db: Database):
    attach(visitor(LAKESIDE), referral)
    summit, document = visitor(SUMMIT), only(db)
    assert "report.pdf" in summit.get(f"/referrals/{referral.id}").words
    with db.writing() as session:
        session.execute(update(Consent).values(scope=[]))
    assert "report.pdf" not in summit.get(f"/referrals/{referral.id}").words
    assert summit.get(place(document)).status == 404
    assert attach(summit, referral).status == 404


def test_a_damaged_file_is_told_and_not_handed_out(app: Flask, visitor: Come, referral: Referral, db: Database):
    guest = attach(visitor(LAKESIDE), referral)
    (file,) = (each for each in app.config["SETTINGS"].data_dir.glob("documents/**/*") if each.is_file())
    file.write_bytes(PDF[::-1])
    guest.get(place(only(db)))
    assert (guest.status, "This file is damaged" in guest.words) == (503, True)
    assert "Damaged: send it again" in guest.get(f"/referrals/{referral.id}").words
    assert "Damaged in the storage" in visitor(ADMIN).get("/set-aside").words


def test_what_a_reader_looks_for_follows_the_case():
    surgery = [{"modality": "surgery", "status": "given"}]
    for known, kinds in (
        (Known(), "pathology imaging"),
        (Known("leukemia", ["treatment_options"]), "pathology imaging genomics"),
        (Known("leukemia", ["peace_of_mind"]), "pathology imaging"),
        (Known("breast", [], surgery), "pathology imaging operative discharge"),
        (Known("breast", [], [{"modality": "surgery", "status": "planned"}]), "pathology imaging"),
        (Known(None, [], [{"modality": "targeted"}]), "pathology imaging genomics"),
        (Known(None, [], [{"modality": "transplant"}]), "pathology imaging discharge"),
    ):
        assert " ".join(each.kind for each in documents_wanted(known)) == kinds, known
