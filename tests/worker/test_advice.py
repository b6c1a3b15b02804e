"""What became of the advice: asked by a letter that answers in one press, and told to whoever gave it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from referrals.domain.errors import NotFound
from referrals.domain.vocabulary import OutcomeResult
from referrals.models.opinion import OutcomeLink
from referrals.models.referral import Referral
from referrals.pathway import intake
from referrals.pathway.actions import take_step
from referrals.pathway.outcome_links import answer_link, opened
from tests import factories
from tests.factories import person_actor
from tests.opinions import SPECIALIST, bring_to_review, opinion
from tests.small_network import DAY
from tests.worker.post_office import PAPER, opened as opened_office, words_of
from tests.worker.test_mail import Clockwork

READER = "clinician@lakeside.example"
LINK = re.compile(re.escape(PAPER.base_url) + r"/outcome/([\w.-]+)")
CANARIES = ("canari", "1961", "pancrea", "c25", "gemcitabine", "adenocarcinoma")


@pytest.fixture(scope="module")
def office():
    with opened_office() as office:
        yield office


@pytest.fixture
def clockwork(database, office):
    office.mood, office.tries = "works", 0
    office.letters.clear()
    clockwork = Clockwork(database, office.post, ("remind", "send mail"))
    clockwork.now = datetime.now(UTC)
    return clockwork


@pytest.fixture
def world(database):
    with database.writing() as session:
        return factories.settled(session)


@pytest.fixture
def read(database, world, clockwork) -> Referral:
    """An opinion that its reader has acknowledged; what became of it is due on a later day."""
    patient = factories.patient(given_name="Canaria", family_name="Canarian")
    with database.writing() as session:
        reader, signer = (person_actor(session, world, email) for email in (READER, SPECIALIST))
        sent = intake.receive(session, reader, factories.packet(patient=patient), door="form", now=clockwork.now)
        bring_to_review(session, world, sent, clockwork.now)
        take_step(session, signer, sent.id, "sign-opinion", opinion(), clockwork.now)
        return take_step(session, reader, sent.id, "acknowledge", {"version": 1, "plan": "follow"}, clockwork.now)


def links(letter):
    """The link in the text and the one in the HTML."""
    return LINK.findall("\n".join(part.get_content() for part in letter.walk() if not part.is_multipart()))


def test_the_letter_that_asks_for_an_outcome_is_answered_in_one_press(database, clockwork, office, read):
    """Every try of a letter brings the same link, which is good for 14 days from the last."""
    for ahead in (timedelta(hours=12), timedelta(0)):
        office.mood = "swallows"
        clockwork.after(read.next_action_due_at - ahead - clockwork.now)
        office.mood = "works"
        clockwork.after(timedelta(minutes=2))
        clockwork.after()
    before, again, late, _ = (links(letter) for letter in office.letters)
    assert before == again == [before[0]] * 2, "in the text and in the HTML"
    assert before != late
    for letter in office.letters:
        assert letter["To"] == READER
        assert not [leak for leak in CANARIES if leak in words_of(letter).lower()]
    with database.reading() as session:
        assert {link.expires_at for link in session.scalars(select(OutcomeLink))} >= {clockwork.now + 14 * DAY}
        assert opened(session, PAPER.secret_key, late[0], clockwork.now + 13 * DAY)
    with database.writing() as session:
        answer_link(session, PAPER.secret_key, late[0], OutcomeResult.PARTLY, clockwork.now)
    with database.reading() as session, pytest.raises(NotFound):
        opened(session, PAPER.secret_key, late[0], clockwork.now)
