"""A link in a mail: one answer, once, by whoever it was sent to, and nothing about the patient."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from referrals.domain.advice import Tally
from referrals.domain.calendar import WorkingCalendar
from referrals.models.base import new_id
from referrals.models.delivery import Delivery
from referrals.models.opinion import Opinion, Outcome
from referrals.models.referral import Referral
from referrals.pathway.actions import take_step
from referrals.pathway.advice_notes import Note, notes_for
from referrals.pathway.outcome_links import outcome_link
from tests.factories import person_actor
from tests.opinions import SPECIALIST, bring_to_review, opinion
from tests.web.conftest import SECRET

CALENDAR = WorkingCalendar("UTC")
READER = "clinician@lakeside.example"


@pytest.fixture
def read(db, world, send) -> Referral:
    referral, now = send(), datetime.now(UTC)
    with db.writing() as session:
        bring_to_review(session, world, referral, now)
        signer, reader = (person_actor(session, world, email) for email in (SPECIALIST, READER))
        take_step(session, signer, referral.id, "sign-opinion", opinion(), now)
        return take_step(session, reader, referral.id, "acknowledge", {"version": 1, "plan": "follow"}, now)


def sent(db, world, now: datetime) -> str:
    with db.writing() as session:
        signed = session.scalars(select(Opinion)).one()
        letter = Delivery(id=new_id(), user_id=world.people[READER].id)
        return f"/outcome/{outcome_link(session, SECRET, signed, letter, now)}"


def told(db) -> list[tuple[str, str]]:
    with db.reading() as session:
        return [(row.result, row.source) for row in session.scalars(select(Outcome))]


def test_a_link_answers_once_and_shows_nothing_about_the_patient(read, db, world, visitor):
    path = sent(db, world, datetime.now(UTC))
    for _ in range(2):  # a program that checks the links of a mail only reads
        guest = visitor().get(path)
        assert (read.reference in guest.words, "2 recommendations" in guest.words) == (True, True)
    for words in ("Ada", "Example", "1961", "C25", "Gemcitabine", "pancrea"):
        assert words not in guest.answer.text
    assert told(db) == []
    guest.press("We follow it in part")
    assert "Noted for" in guest.words
    assert told(db) == [("partly", "link")] * 2
    assert "This link is used up" in visitor().get(path).words
    closing = visitor(READER).get(f"/referrals/{read.id}/close")
    assert closing.answer.text.count('value="partly" checked') == 2
    with db.reading() as session:
        this_month = datetime.now(UTC).date().replace(day=1)
        notes = [notes_for(session, world.network_id, month, CALENDAR) for month in (this_month, date(2020, 12, 1))]
    assert notes == [[Note(world.people[SPECIALIST].id, Tally(this_month, partly=2))], []]
    words = visitor(SPECIALIST).get("/advice").words
    assert f"{this_month:%b %Y}, so far 2 0 2 0 0" in words
    assert "Nobody has told yet" in visitor("specialist@harbor.example").get("/advice").words
    for email in (READER, "coordinator@network.example"):
        assert visitor(email).get("/advice").status == 403


def test_a_link_that_is_old_or_made_up_answers_nothing(read, db, world, visitor):
    old = sent(db, world, datetime.now(UTC) - timedelta(days=14))
    for path in (old, "/outcome/made-up", f"{sent(db, world, datetime.now(UTC))}x"):
        guest = visitor().get(path)
        assert (guest.status, "This link is used up" in guest.words) == (200, True)
        guest.post(path, {"result": "followed"})
        assert told(db) == []
