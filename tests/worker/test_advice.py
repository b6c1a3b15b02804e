"""What became of the advice: asked by a letter that answers in one press, and told to whoever gave it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from referrals.domain.errors import NotFound
from referrals.domain.vocabulary import OutcomeResult
from referrals.models.base import new_id
from referrals.models.opinion import Opinion, Outcome, OutcomeLink
from referrals.models.organization import Network
from referrals.models.referral import Referral
from referrals.pathway import intake
from referrals.pathway.actions import take_step
from referrals.pathway.outcome_links import answer_link, opened
from referrals.pathway.outcomes import NO_RESPONSE, NOBODY, recommendation_ids, told_by_link
from tests import factories
from tests.factories import person_actor
from tests.opinions import SPECIALIST, bring_to_review, opinion
from tests.small_network import DAY
from tests.worker.post_office import PAPER, opened as opened_office, sense_of, words_of
from tests.worker.test_mail import Clockwork

READER = "clinician@lakeside.example"
LINK = re.compile(re.escape(PAPER.base_url) + r"/outcome/([\w.-]+)")
LATE_IN_OCTOBER = datetime(2026, 11, 1, 3, 30, tzinfo=UTC)  # the clocks of New York say 23:30
TUESDAY = datetime(2026, 11, 3, 5, 0, tzinfo=UTC)  # the 1st is a Sunday, the 2nd a holiday; by local midnight
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
        assert not [leak for leak in CANARIES if leak in sense_of(letter)]
    with database.reading() as session:
        assert {link.expires_at for link in session.scalars(select(OutcomeLink))} >= {clockwork.now + 14 * DAY}
        assert opened(session, PAPER.secret_key, late[0], clockwork.now + 13 * DAY)
    with database.writing() as session:
        answer_link(session, PAPER.secret_key, late[0], OutcomeResult.PARTLY, clockwork.now)
    with database.reading() as session, pytest.raises(NotFound):
        opened(session, PAPER.secret_key, late[0], clockwork.now)


def untold(recommendation, network):
    """Nobody said anything more of it; what is told last of a month counts."""
    return Outcome(
        id=new_id(), network_id=network, recommendation_id=recommendation, result=OutcomeResult.UNKNOWN,
        source=NO_RESPONSE, author_name=NOBODY, at=LATE_IN_OCTOBER + timedelta(minutes=10),
    )  # fmt: skip


def test_a_specialist_hears_once_a_month_what_became_of_their_advice(database, world, clockwork, office, read):
    """On the first working day, by the clock of the network: what was told late on the 31st belongs to October."""
    with database.writing() as session:
        session.execute(update(Network).values(zone="America/New_York", holidays=["2026-11-02"]))
        signed = session.scalars(select(Opinion)).one()
        reader = (world.people[READER].id, "Reader")
        told_by_link(session, signed, OutcomeResult.PARTLY, reader, LATE_IN_OCTOBER)
        told_by_link(session, signed, OutcomeResult.FOLLOWED, reader, LATE_IN_OCTOBER + timedelta(hours=1))
        session.add(untold(recommendation_ids(session, signed)[0], signed.network_id))
    workers = [Clockwork(database, office.post, ("announce advice", "send mail")) for _ in range(2)]
    for at in (TUESDAY - 2 * DAY, TUESDAY - timedelta(hours=1), TUESDAY, TUESDAY + DAY, TUESDAY + 20 * DAY):
        for each in workers:
            each.after(at - each.now)
        assert len(office.letters) == (at >= TUESDAY)
    (letter,) = office.letters
    words = words_of(letter)
    assert (letter["To"], letter["Subject"]) == (SPECIALIST, "What became of your advice in October 2026")
    assert words.count("Of 2 recommendations from your opinions, 0 were followed, 1 in part, 0 not, 1 unknown.") == 2
    assert words.count(f"{PAPER.base_url}/advice") == 2
    assert not [leak for leak in (*CANARIES, read.reference.lower(), str(read.id)) if leak in words.lower()]
