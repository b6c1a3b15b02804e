"""An opinion is written, looked at once more and signed; read by the referrer; closed with what became of it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from referrals.domain.second_factor import FRESH
from referrals.models.opinion import Opinion, OpinionDraft
from referrals.models.referral import Referral
from referrals.models.user import UserSession
from referrals.pathway.actions import take_step
from tests.factories import PASSWORD, person_actor
from tests.opinions import SPECIALIST, bring_to_review, opinion

FOUND = {"diagnosis": "confirmed", "stage": "confirmed", "biomarkers": "not_assessable", "treatment": "refined"}
WRITTEN = {
    "short_answer": "Agree, with one change.",
    "answer-0": "Yes: a KRAS trial.",
    **{f"{axis}_result": result for axis, result in FOUND.items()},
    **{f"{axis}_impact": "minor" for axis in FOUND},
    **{f"{axis}_rationale": "Reports reviewed." for axis in FOUND},
    "recommendations-0-text": "Repeat the biopsy.",
    "recommendations-0-kind": "test",
    "recommendations-0-strength": "strong",
    "recommendations-0-urgency": "weeks",
    "plain_summary": "Another test can help to choose the medicine.",
}
REVISED = {
    "diagnosis_result": "changed",
    "diagnosis_impact": "major",
    "icd10cm_words": "C25.4",
    "description": "Neuroendocrine carcinoma",
}


@pytest.fixture
def reviewed(db, world, send) -> Referral:
    referral = send()
    with db.writing() as session:
        return bring_to_review(session, world, session.get_one(Referral, referral.id), datetime.now(UTC))


@pytest.fixture
def signed(db, world, reviewed) -> Referral:
    with db.writing() as session:
        actor = person_actor(session, world, SPECIALIST)
        return take_step(session, actor, reviewed.id, "sign-opinion", opinion(), datetime.now(UTC))


def test_an_opinion_from_a_draft_to_the_signature(reviewed, visitor, db):
    home = f"/referrals/{reviewed.id}"
    writer = visitor(SPECIALIST).get(home).follow_link("Sign the opinion")
    assert "Is there a second-line option or a trial?" in writer.words
    assert "Adenocarcinoma, head of pancreas" in writer.words
    writer.press("Save draft", short_answer="Agree.")
    assert (writer.status, "Draft saved" in writer.words) == (200, True)
    writer.press("Check and sign", **(WRITTEN | REVISED))
    assert writer.at == f"{home}/sign-opinion/check", writer.words
    for words in ("Ada Example", "2 Mar 1961", "999-00-0001", "C25.4", "The diagnosis, before and now"):
        assert words in writer.words
    writer.press("Sign the opinion")
    assert (writer.status, writer.page.title.startswith("Error:")) == (422, True)
    with db.writing() as session:  # the last proof of who they are is too long ago
        session.execute(update(UserSession).values(proven_at=datetime.now(UTC) - FRESH))
    writer.press("Sign the opinion", identity_confirmed="yes").press("Go on", password=PASSWORD)
    assert "It has not been saved yet." in writer.words
    writer.press("Go on where I was")
    assert (writer.at, "Opinion signed" in writer.words) == (home, True), writer.words
    with db.reading() as session:
        assert session.scalars(select(OpinionDraft)).all() == []
        content = session.scalars(select(Opinion)).one().content
    assert content["findings"][0]["revised"] == {"icd10cm": "C25.4", "description": "Neuroendocrine carcinoma"}
    document = visitor("clinician@lakeside.example").http.get(f"{home}/opinion.pdf")
    assert (document.mimetype, document.headers["Content-Disposition"][:11]) == ("application/pdf", "attachment;")


def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(reviewed, visitor):
    writer = visitor(SPECIALIST).get(f"/referrals/{reviewed.id}/sign-opinion")
    writer.press("Check and sign", short_answer="Agree.", diagnosis_result="changed", diagnosis_impact="major")
    assert writer.status == 422
    for words in ("Fill in: Is there a second-line option", "Choose an answer: Stage: what do you find"):
        assert words in writer.words
    writer.press("Check and sign", **{**WRITTEN, "diagnosis_result": "changed"})
    assert "The diagnosis is changed: say to which." in writer.words
    writer.press("Save draft")
    looked = writer.get(f"/referrals/{reviewed.id}/sign-opinion/check")
    assert looked.status == 303
    checked = writer.get(looked.answer.headers["Location"])
    assert "The draft is not complete yet" in checked.words
    assert "Repeat the biopsy." in checked.answer.text


def test_two_who_write_at_once_do_not_write_over_each_other(reviewed, visitor):
    first, second = (visitor(SPECIALIST).get(f"/referrals/{reviewed.id}/sign-opinion") for _ in range(2))
    first.press("Save draft", short_answer="Mine.")
    second.press("Save draft", short_answer="Hers.")
    assert (second.status, "A colleague saved this draft" in second.words) == (409, True)
    second.press("Save draft")
    assert (second.status, "Hers." in second.answer.text) == (200, True)


def test_the_script_of_the_page_saves_and_learns_the_number_of_the_draft(reviewed, visitor):
    writer = visitor(SPECIALIST).get(f"/referrals/{reviewed.id}/sign-opinion")
    sent = {"version": str(reviewed.version), "short_answer": "Agree.", "later": "by itself"}
    path = f"/referrals/{reviewed.id}/sign-opinion"
    saved = [writer.post(path, {**sent, "draft_version": number}).answer for number in ("0", "1", "1")]
    assert [(answer.status_code, answer.mimetype) for answer in saved[:2]] == [(200, "text/plain")] * 2
    assert [answer.text for answer in saved[:2]] == ["1", "2"]
    assert saved[2].status_code == 409


def test_an_opinion_is_read_and_closed_with_what_became_of_it(signed, visitor):
    home = f"/referrals/{signed.id}"
    reader = visitor("clinician@lakeside.example").get(home)
    assert "Agree, with one change: add a test" in reader.words
    reader.follow_link("I have read the opinion")
    assert "Agree, with one change: add a test" in reader.words
    reader.press("I have read the opinion")
    assert reader.status == 422
    reader.press("I have read the opinion", plan="partly", text="We talk to her first.")
    assert "We follow it in part" in reader.words
    reader.follow_link("Close with the outcome")
    reader.press("Close with the outcome", **{"result-0": "followed", "result-1": "not"})
    assert (reader.status, "Say why it was not followed" in reader.words) == (422, True)
    reader.press("Close with the outcome", **{"reason-1": "No tissue could be had."})
    assert (reader.at, "No tissue could be had." in reader.words) == (home, True)


def test_an_opinion_that_is_there_is_late_for_nobody(signed, visitor, db):
    with db.writing() as session:
        session.get_one(Referral, signed.id).due_at = datetime(2020, 1, 1, tzinfo=UTC)
    for page in ("/referrals", f"/referrals/{signed.id}"):
        words = visitor("clinician@lakeside.example").get(page).words
        assert "Opinion not yet read" in words
        assert "Promised" not in words


def test_an_amendment_begins_from_what_was_signed(signed, visitor):
    home = f"/referrals/{signed.id}"
    writer = visitor(SPECIALIST).get(home).follow_link("Amend the opinion")
    assert "Gemcitabine with nab-paclitaxel." in writer.answer.text
    writer.press("Check and sign", text="The panel came back.")
    writer.press("Amend the opinion", identity_confirmed="yes")
    assert ("version 2" in writer.words, "The panel came back." in writer.words) == (True, True)
    old = writer.get(f"{home}/opinion?version=1")
    assert (old.status, "The panel came back." in old.words) == (200, False)
    assert writer.get(f"{home}/opinion?version=first").status == 404


def test_an_unread_opinion_comes_first_and_stands_in_its_view(signed, send, visitor):
    send(2)
    mine = visitor("clinician@lakeside.example").get("/referrals")
    assert (
        mine.words.index(signed.reference)
        < mine.words.index("Read the opinion")
        < mine.words.index("Ada Example", mine.words.index("Read the opinion"))
    )
    unread = visitor("coordinator@network.example").get("/worklist/unread")
    assert signed.reference in unread.words


def test_calls_are_written_down(signed, visitor):
    caller = visitor("coordinator@network.example").get(f"/referrals/{signed.id}").follow_link("Calls and letters")
    caller.press("Write it down", outcome="reached")
    assert caller.status == 422
    caller.press("Write it down", **{"with": "referrer", "channel": "phone", "outcome": "told_and_read_back"})
    assert "Phone: told, and it was read back" in caller.words
    auditor = visitor("auditor@network.example").get(f"/referrals/{signed.id}/contacts")
    assert ("Phone: told" in auditor.words, "Write it down" in auditor.words) == (True, False)
