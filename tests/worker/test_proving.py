"""Every night the record is proved once, kept as a certificate, and told to an administrator where it does not hold."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from structlog.testing import capture_logs

from referrals.domain.errors import Forbidden
from referrals.domain.people import Role
from referrals.models.certificate import Certificate
from referrals.models.referral import Referral
from referrals.models.task import Task
from referrals.pathway.accounts import actor_for_user, create_user
from referrals.pathway.certificates import BEGINNING, last_certificates
from referrals.pathway.tasks import finish_task
from referrals.worker.jobs import Errand
from tests.small_network import DAY, NOW, send, settle_down
from tests.worker.test_jobs import job, run_together, worker_at


@pytest.fixture
def people(database):
    with database.writing() as session:
        people = settle_down(session)
        send(session, people, NOW - DAY)
        return people


@pytest.fixture
def administrator(database, people):
    with database.writing() as session:
        made = create_user(session, "admin@network.example", "Admin", [Role.ADMINISTRATOR], people.network, NOW)
        return actor_for_user(session, made)


def prove(database, now):
    assert worker_at(database, now, job("prove")).round()


def spoil(database, **values):
    with database.writing() as session:
        session.execute(update(Referral).values(values or {"patient_family_name": "Tampered"}))


def all_of(database, table):
    with database.reading() as session:
        return session.scalars(select(table).order_by(table.id)).all()


def test_one_certificate_a_night_by_however_many_workers(database, people):
    run_together(lambda: worker_at(database, NOW, job("prove")))
    prove(database, NOW + timedelta(hours=9))  # at midnight it is still the same night
    prove(database, NOW + DAY)
    first, second = all_of(database, Certificate)
    assert (first.number, first.night, first.holds, first.previous) == (1, NOW.date(), True, BEGINNING)
    assert (second.number, second.night, second.previous) == (2, NOW.date() + DAY, first.digest)
    assert [found["number"] for found in first.findings if found["name"].isdecimal()] == [*range(1, 12)]


def test_without_a_network_there_is_nothing_to_prove(database):
    prove(database, NOW)
    assert all_of(database, Certificate) == []


def test_a_broken_rule_is_logged_kept_and_given_to_an_administrator_once(database, administrator):
    spoil(database)
    with capture_logs() as logs:
        prove(database, NOW)
    assert [(each["event"], each["log_level"], each["invariant"]) for each in logs if each["log_level"] == "error"] == [
        ("invariant broken", "error", "names")
    ]
    kept = all_of(database, Certificate)[0]
    assert not kept.holds
    assert "SO-26-" in json.dumps(kept.findings)
    assert "Tampered" not in json.dumps(kept.findings)
    prove(database, NOW + DAY)
    (task,) = all_of(database, Task)
    assert (task.user_id, task.kind, task.referral_id) == (administrator.user_id, "record_broken", None)
    with database.writing() as session:
        finish_task(session, administrator, task.id, NOW + DAY, (NOW + DAY).date())
    prove(database, NOW + 2 * DAY)
    assert len(all_of(database, Task)) == 2, "said to be done, and it is not"


def test_a_certificate_that_was_changed_or_taken_away_is_noticed(database, people, administrator):
    for night in range(4):
        prove(database, NOW + night * DAY)
    damages = {
        "UPDATE certificate SET took_ms = took_ms + 1 WHERE number = 3": [4, 2, 1],
        "DELETE FROM certificate WHERE number = 2": [4, 1],
    }
    for damage, untouched in damages.items():
        with database.writing() as session:
            assert all(each.is_untouched for each in last_certificates(session, administrator))
            undone = session.begin_nested()
            session.execute(text(damage))
            session.expire_all()
            shown = last_certificates(session, administrator)
            assert [each.certificate.number for each in shown if each.is_untouched] == untouched
            undone.rollback()
            session.expire_all()


def test_a_proof_that_failed_is_not_begun_again_at_once(database):
    begun = []

    def fail(outing):
        begun.append(outing)
        raise LookupError

    worker = worker_at(database, NOW, (Errand("prove", fail, timedelta(minutes=10)),))
    assert [worker.round(), worker.round()] == [False, True]
    assert len(begun) == 1


def test_others_are_not_shown_the_certificates(database, people):
    with database.reading() as session, pytest.raises(Forbidden):
        last_certificates(session, people.coordinator)
