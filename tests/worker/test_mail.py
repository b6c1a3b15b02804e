"""Letters over a real mail server in every mood: each arrives, is tried again, or is given up where a person sees it."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from referrals.domain.mail import FAULTS, LEASE, LONGEST_PAUSE, MOST_TRIES, Outcome, pause_after
from referrals.domain.telling import is_required
from referrals.domain.vocabulary import WaitingOn
from referrals.models.delivery import Delivery
from referrals.models.trail import Notification, Outbox
from referrals.models.user import User
from referrals.pathway.deliveries import claim, dead_letters, send_again, settle
from referrals.pathway.seals import sealing_key
from referrals.worker.jobs import JOBS
from referrals.worker.loop import Worker
from tests.small_network import DAY, NOW, send, settle_down, step
from tests.worker.post_office import PAPER, QUEUE_ID, opened, sense_of, words_of

HOUR = timedelta(hours=1)
CANARY = "Canaria"
PATIENT = {"given_name": CANARY, "family_name": "Canarian", "birth_date": "1961-03-02", "sex": "female"}


@pytest.fixture
def people(database):
    with database.writing() as session:
        return settle_down(session)


@pytest.fixture(scope="module")
def open_office():
    with opened() as office:
        yield office


@pytest.fixture
def office(open_office):
    open_office.mood, open_office.tries = "works", 0
    open_office.letters.clear()
    return open_office


class Clockwork:
    """A worker whose time the test moves."""

    def __init__(self, database, post, names=("tell people", "send mail")):
        self.now = NOW
        self.worker = Worker(
            database, sealing_key("secret"), clock=lambda session: self.now,
            jobs=[job for job in JOBS if job.name in names],
            mail=PAPER, post=post, chance=lambda: 0.5,
        )  # fmt: skip

    def after(self, span=timedelta(0)):
        self.now += span
        assert self.worker.round()


@pytest.fixture
def clockwork(database, office):
    return Clockwork(database, office.post)


def taken(session, people):
    """A referral whose sending everybody knows of; that it was taken, the clinician is about to hear."""
    referral = send(session, people, patient=PATIENT)
    session.flush()
    session.execute(update(Outbox).values(done_at=NOW))
    return step(session, people.coordinator, referral, "claim", note=CANARY)


@pytest.fixture
def one_letter(database, people):
    with database.writing() as session:
        return taken(session, people)


def deliveries(database):
    with database.reading() as session:
        return session.scalars(select(Delivery).order_by(Delivery.id)).all()


def only(database):
    (found,) = deliveries(database)
    return found


def test_a_letter_names_the_referral_and_the_step_and_nothing_else(database, clockwork, office, one_letter):
    clockwork.after()
    letter, row = office.letters[0], only(database)
    assert letter["Subject"] == f"{one_letter.reference}: Taken"
    assert (letter["To"], letter["Message-ID"]) == ("clinician@lakeside.example", row.message_id)
    assert [part.get_content_type() for part in letter.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert words_of(letter).count(f"https://referrals.example/r/referrals/{one_letter.id}") == 2
    assert (row.state, row.proof, row.attempts, row.delivered_at) == ("done", f"250 {QUEUE_ID}", 1, NOW)


@pytest.mark.parametrize(
    ("mood", "expected"),
    [
        ("greylists", ("put_off", timedelta(minutes=5), 1)),
        ("hangs", ("timed_out", timedelta(minutes=1), 1)),
        ("drops", ("broke_off", timedelta(minutes=1), 1)),
        ("swallows", ("broke_off", timedelta(minutes=1), 2)),
    ],
)
def test_what_does_not_arrive_is_sent_again_as_the_same_letter(database, clockwork, office, one_letter, mood, expected):
    fault, pause, in_all = expected
    office.mood = mood
    clockwork.after()
    row = only(database)
    assert (row.state, row.last_error, row.next_at, row.lease_token) == ("waiting", fault, NOW + pause, None)
    clockwork.after(pause - timedelta(seconds=1))
    assert office.tries == 1, "it waits as long as it was asked to"
    office.mood = "works"
    clockwork.after(timedelta(seconds=1))
    assert (only(database).state, only(database).attempts) == ("done", 2)
    assert Counter(letter["Message-ID"] for letter in office.letters) == {row.message_id: in_all}


def test_an_address_that_does_not_exist_is_given_up_until_somebody_sends_it_again(
    database, clockwork, office, one_letter
):
    office.mood = "refuses"
    clockwork.after()
    row = only(database)
    assert (row.state, row.last_error, row.proof) == ("dead", "recipient_refused", None)
    clockwork.after(30 * DAY)
    assert office.tries == 1
    office.mood = "works"
    with database.writing() as session:
        assert [each.Delivery.id for each in dead_letters(session)] == [row.id]
        assert send_again(session, clockwork.now, delivery_id=row.id) == [row.id]
    clockwork.after()
    assert only(database).state == "done"
    assert [letter["Message-ID"] for letter in office.letters] == [row.message_id]


def test_while_the_server_is_away_one_letter_tries_and_the_others_wait(database, people, office):
    with database.writing() as session:
        for referral in [send(session, people) for _ in range(4)][1:]:
            step(session, people.coordinator, referral, "claim")
        session.execute(update(Outbox).where(Outbox.topic != "referral.claim").values(done_at=NOW))
    tries = []

    def away(leased, now):
        tries.append(leased.id)
        return Outcome(fault="unreachable")

    clockwork = Clockwork(database, away)
    clockwork.after()
    assert len(tries) == 1
    for _ in range(3 * MOST_TRIES):
        clockwork.after(LONGEST_PAUSE)
    assert Counter(tries) == dict.fromkeys(set(tries), MOST_TRIES)
    assert {(row.state, row.last_error) for row in deliveries(database)} == {("dead", "unreachable")}


def test_pauses_grow_are_spread_and_heed_what_was_asked():
    pauses = [pause_after(tries, 0.5) for tries in range(1, MOST_TRIES + 1)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(minutes=1), LONGEST_PAUSE)
    assert pause_after(1, 0) < pause_after(1, 1) < pause_after(2, 0)
    assert pause_after(1, 0.5, timedelta(minutes=20)) == timedelta(minutes=20)
    assert pause_after(1, 0.5, 90 * DAY) == LONGEST_PAUSE, "nobody may put us off for ever"
    assert {fault for fault, told in FAULTS.items() if told.is_final and told.is_ours} == set()


def test_a_worker_stopped_past_its_lease_changes_nothing(database, people, clockwork, one_letter, office):
    clockwork.worker.post = None
    clockwork.after()
    with database.writing() as session:
        stopped = claim(session, PAPER, NOW)
        assert claim(session, PAPER, NOW) is None, "it is in somebody's hands"
    with database.writing() as session:
        assert not settle(session, stopped, Outcome(proof="250"), NOW + LEASE, 0.5)
    with database.writing() as session:
        other = claim(session, PAPER, NOW + LEASE)
        assert other.message_id == stopped.message_id
    before = only(database)
    for outcome in (Outcome(proof="250"), Outcome(fault="recipient_refused")):
        with database.writing() as session:
            assert not settle(session, stopped, outcome, NOW + LEASE, 0.5)
    assert only(database).lease_token == before.lease_token == other.token
    with database.writing() as session:
        assert settle(session, other, Outcome(proof="250 X"), NOW + LEASE, 0.5)
    assert (only(database).state, only(database).attempts) == ("done", 2)


def test_a_worker_that_slept_while_another_delivered_does_not_undo_it(database, office, one_letter):
    def sleep(leased, now):
        slow.now += LEASE
        other = Clockwork(database, office.post)
        other.now = slow.now
        other.after()
        return Outcome(fault="recipient_refused")

    slow = Clockwork(database, sleep)
    slow.after()
    row = only(database)
    assert (row.state, row.attempts, row.last_error) == ("done", 2, None)
    assert [letter["Message-ID"] for letter in office.letters] == [row.message_id]


def test_a_letter_that_stops_every_worker_is_laid_aside(database, clockwork, one_letter):
    clockwork.worker.post = None
    clockwork.after()
    for turn in range(MOST_TRIES):
        with database.writing() as session:
            assert claim(session, PAPER, NOW + turn * LEASE)
    with database.writing() as session:
        assert claim(session, PAPER, NOW + MOST_TRIES * LEASE) is None
    assert (only(database).state, only(database).last_error) == ("dead", "never_finished")


@pytest.mark.parametrize(
    ("step_taken", "before", "after", "party", "required"),
    [
        ("claim", "submitted", "in_triage", WaitingOn.REFERRER, False),
        ("decline", "in_triage", "declined", WaitingOn.REFERRER, False),
        ("request-information", "in_triage", "information_requested", WaitingOn.REFERRER, True),
        ("answer-information", "information_requested", "in_triage", WaitingOn.COORDINATOR, True),
        ("update-facts", "in_triage", "in_triage", WaitingOn.COORDINATOR, False),
        ("interim-advice", "in_review", "in_review", WaitingOn.REFERRER, True),
        ("sign-opinion", "in_review", "opinion_issued", WaitingOn.REFERRER, True),
        ("sign-opinion", "in_review", "opinion_issued", WaitingOn.COORDINATOR, False),
        ("amend-opinion", "opinion_issued", "opinion_issued", WaitingOn.REFERRER, True),
    ],
)
def test_nobody_turns_off_the_mail_on_their_own_turn_or_on_an_opinion(step_taken, before, after, party, required):
    assert is_required(step_taken, before, after, party) is required


def test_whoever_turned_mail_off_still_has_it_in_the_dashboard(database, people, clockwork, office):
    with database.writing() as session:
        session.execute(update(User).values(preferences={"mail": False}))
        taken(session, people)
    clockwork.after()
    assert deliveries(database) == office.letters == []
    with database.reading() as session:
        assert len(session.scalars(select(Notification.id)).all()) == 1


def test_without_a_mail_server_nothing_is_queued(database, people, one_letter):
    worker = Worker(database, sealing_key("secret"), clock=lambda session: NOW)
    assert worker.round()
    assert deliveries(database) == []


def test_somebody_who_left_before_it_was_sent_is_a_dead_letter(database, people, clockwork, one_letter):
    clockwork.worker.post = None
    clockwork.after()
    with database.writing() as session:
        session.execute(update(User).where(User.id == people.clinician.user_id).values(active=False))
    clockwork.worker.post = lambda leased, now: pytest.fail("nobody is there to read it")
    clockwork.after(DAY)
    assert {(row.state, row.last_error) for row in deliveries(database) if row.user_id == people.clinician.user_id} == {
        ("dead", "recipient_left")
    }


def test_no_letter_says_anything_about_the_patient(database, people, office, one_letter):
    """Events, reminders, tasks: whatever the service writes while nobody answers."""
    clockwork = Clockwork(database, office.post, {job.name for job in JOBS})
    with database.writing() as session:
        send(session, people, submit=False, patient=PATIENT)
    for _ in range(5):
        clockwork.after(12 * HOUR)
    families = {row.topic.partition(" ")[0] for row in deliveries(database)}
    assert families == {"event", "reminder", "task"}
    assert len(office.letters) > 5
    for letter in office.letters:
        assert not [leak for leak in ("canari", "1961", "pancrea", "c25", "adenocarcinoma") if leak in sense_of(letter)]
