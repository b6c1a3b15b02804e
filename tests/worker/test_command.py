"""`flask --app wsgi worker` runs until it is stopped, and stops when asked."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from threading import Event, Lock

import pytest
from sqlalchemy import select, text

from referrals.models.trail import Beat, Notification, Outbox
from referrals.worker.loop import Worker
from tests.faults.workers import Workers, kill, wait_until
from tests.small_network import send, settle_down, step

ROOT = Path(__file__).resolve().parents[2]
CANARY = "Canaria"


@pytest.fixture
def started(settings):
    """Starts workers as an operator does; whatever still runs at the end is killed."""
    running = []

    def start(*words):
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "--seconds", "0.1", *words]
        environment = os.environ | {
            "REFERRALS_DATABASE_URL": settings.database_url,
            "REFERRALS_DATA_DIR": str(settings.data_dir),
        }
        running.append(subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stderr.close()


def beats(database):
    with database.reading() as session:
        return session.scalars(select(Beat.at)).all()


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_it_works_until_it_is_stopped_and_ends_well(started, database, name):
    worker = started()
    wait_until(lambda: beats(database))
    first = beats(database)
    wait_until(lambda: beats(database) != first)
    worker.send_signal(name)
    assert worker.wait(timeout=20) == 0


def test_once_does_every_job_and_ends(app, database):
    assert app.test_cli_runner().invoke(args=["worker", "--once"]).exit_code == 0
    assert len(beats(database)) == 1


def test_once_tells_by_its_status_that_a_job_failed(app, database):
    with database.engine.connect() as connection:
        connection.execute(text("ALTER TABLE beat RENAME TO beat_gone"))
        connection.commit()
    try:
        assert app.test_cli_runner().invoke(args=["worker", "--once"]).exit_code == 1
    finally:
        with database.engine.connect() as connection:
            connection.execute(text("ALTER TABLE beat_gone RENAME TO beat"))
            connection.commit()


class Interrupted(Event):
    """Meets the signal at the worst moment: in the middle of its own wait, with its lock taken."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = Lock()

    def set(self) -> None:
        assert self.lock.acquire(timeout=5), "who set it waits for whoever it has interrupted"
        self.lock.release()
        super().set()

    def wait(self, timeout: float | None = None) -> bool:
        with self.lock:
            signal.raise_signal(signal.SIGTERM)
        return super().wait(timeout)


def test_a_signal_in_the_middle_of_a_rest_stops_it_too(app, monkeypatch):
    monkeypatch.setattr("referrals.worker.command.Worker", partial(Worker, stopped=Interrupted()))
    handlers = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    try:
        assert app.test_cli_runner().invoke(args=["worker"]).exit_code == 0
    finally:
        for name, handler in handlers.items():
            signal.signal(name, handler)


@pytest.mark.parametrize("words", [["--seconds", "0"], ["--seconds", "x"], ["now"]])
def test_wrong_use_is_told_apart(app, words):
    assert app.test_cli_runner().invoke(args=["worker", *words]).exit_code == 2


# As the command does its work, in one of many copies of a process that has loaded everything.
WORKER = """
from referrals.app import create_app
from referrals.worker.command import worker
from tests.faults.workers import stand_ready

stand_ready()
with create_app().app_context():
    worker.main(["--seconds", "0.1"])
"""


@pytest.mark.faults
@pytest.mark.parametrize("kills", [2, pytest.param(25, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_workers_that_are_killed_lose_nothing_and_tell_nobody_twice(started, settings, database, kills):
    with database.writing() as session:
        people = settle_down(session)

    def work(count):
        with database.writing() as session:
            for number in range(count):
                patient = {
                    "given_name": CANARY,
                    "family_name": str(number),
                    "birth_date": "1961-03-02",
                    "sex": "female",
                }
                step(session, people.coordinator, send(session, people, patient=patient), "claim")

    def waiting():
        with database.reading() as session:
            return len(session.scalars(select(Outbox.id).where(Outbox.done_at.is_(None))).all())

    places = {"DATABASE_URL": settings.database_url, "DATA_DIR": str(settings.data_dir)}
    with Workers(WORKER, places) as workers:
        for _ in range(kills):
            before = beats(database)
            two = [workers.take(), workers.take()]
            wait_until(lambda before=before: beats(database) != before)
            work(30)
            for worker in two:
                kill(worker)
    work(30)
    last = started()
    wait_until(lambda: waiting() == 0, moving=waiting)
    last.send_signal(signal.SIGTERM)
    log = last.communicate(timeout=20)[1]
    with database.reading() as session:
        told = session.execute(
            select(Notification.event_id, Notification.user_id).where(Notification.event_id.is_not(None))
        ).all()
    assert len(told) == len(set(told)) == 60 * (kills + 1)
    assert CANARY not in log
    assert {json.loads(line)["level"] for line in log.splitlines() if line.startswith("{")} <= {"info", "warning"}
