"""Whoever a message is for hears of it once; what nobody reads in time becomes one task, or one letter."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from referrals.domain.conversation import MESSAGE_WORDS
from referrals.models.delivery import Delivery
from referrals.models.patient import Patient
from referrals.models.task import Task
from referrals.models.trail import Notification
from referrals.models.user import User
from referrals.pathway.conversation import mark_read, write
from referrals.pathway.mail import Stationery, topic_words
from referrals.pathway.seals import sealing_key
from referrals.worker.jobs import JOBS
from referrals.worker.loop import Worker
from tests.small_network import DAY, NOW, send, settle_down, step

PAPER = Stationery("mail@referrals.example", "https://referrals.example", "secret")
CARRYING = [job for job in JOBS if job.name in {"announce messages", "remind of messages"}]
SECRET = "The tumor has shrunk."


@pytest.fixture
def network(database):
    with database.writing() as session:
        people = settle_down(session)
        referral = step(session, people.coordinator, send(session, people), "claim")
        return people, referral.id


def work(database, now):
    for _ in range(2):
        assert Worker(database, sealing_key("secret"), clock=lambda session: now, mail=PAPER, jobs=CARRYING).round()


def said(database, actor, referral, now=NOW, **more):
    with database.writing() as session:
        return write(session, actor, referral, {"text": SECRET, **more}, now).id


def told(session, table):
    query = select(User.email).join(table, table.user_id == User.id)
    return sorted(email.partition("@")[0] for email in session.scalars(query))


def test_a_message_is_announced_once_by_a_letter_that_does_not_quote_it(database, network):
    people, referral = network
    read = said(database, people.clinician, referral)
    with database.writing() as session:
        mark_read(session, people.coordinator, referral, read, NOW)
    said(database, people.coordinator, referral, to="referrer")
    said(database, people.coordinator, referral, internal=True)
    work(database, NOW)
    with database.reading() as session:
        assert told(session, Notification) == ["clinician"]
    said(database, people.clinician, referral)
    work(database, NOW)
    with database.reading() as session:
        assert told(session, Notification) == ["clinician", "coordinator"]
        assert told(session, Delivery) == ["clinician", "coordinator"]
        topics = set(session.scalars(select(Delivery.topic)))
    assert {topic_words(topic) for topic in topics} == {MESSAGE_WORDS["new"]}


def test_a_message_unread_for_a_working_day_is_one_task_that_goes_once_it_is_read(database, network):
    people, referral = network
    message = said(database, people.clinician, referral)
    work(database, NOW + DAY - timedelta(minutes=1))
    with database.reading() as session:
        assert session.scalars(select(Task)).all() == []
    work(database, NOW + DAY)
    with database.reading() as session:
        task = session.scalars(select(Task)).one()
        assert (task.user_id, task.done_at) == (people.coordinator.user_id, None)
    with database.writing() as session:
        mark_read(session, people.coordinator, referral, message, NOW + 2 * DAY)
    with database.reading() as session:
        assert session.scalars(select(Task.done_at)).one() == NOW + 2 * DAY


def test_a_message_over_a_weekend_waits_for_the_next_working_day(database, network):
    people, referral = network
    said(database, people.clinician, referral, now=NOW + 4 * DAY)  # Friday
    work(database, NOW + 6 * DAY)
    with database.reading() as session:
        assert session.scalars(select(Task)).all() == []
    work(database, NOW + 7 * DAY)
    with database.reading() as session:
        assert len(session.scalars(select(Task)).all()) == 1


@pytest.mark.parametrize("has_died", [False, True])
def test_a_referrer_is_reminded_once_unless_the_patient_has_died(database, network, has_died):
    people, referral = network
    said(database, people.coordinator, referral, to="referrer")
    if has_died:
        with database.writing() as session:
            session.execute(update(Patient).values(deceased_on=date(2026, 11, 23)))
    work(database, NOW + DAY)
    work(database, NOW + 2 * DAY)
    with database.reading() as session:
        topics = sorted(session.scalars(select(Delivery.topic)))
        assert session.scalars(select(Task)).all() == []
    assert topics == ["message new"] + ([] if has_died else ["message unread"])
