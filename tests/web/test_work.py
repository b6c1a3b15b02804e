"""Everybody sees their own tasks; an administrator sees the mail that was not delivered, and has it sent again."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from referrals.domain.tasks import TASKS, TaskKind
from referrals.models.delivery import Delivery
from referrals.models.engine import Database
from referrals.models.referral import Referral
from referrals.models.task import Task
from referrals.models.trail import AuditEntry
from referrals.models.user import User
from referrals.pathway.mail import Occasion, Stationery, queue_letters
from referrals.pathway.tasks import NewTask, raise_task
from tests.factories import World
from tests.statements import statements
from tests.web.conftest import Send
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
COORDINATOR = "coordinator@network.example"


@pytest.fixture
def task(db: Database, world: World, send: Send) -> str:
    """One task of the coordinator, raised twice. The reference of its referral is given back."""
    referral = send(1)
    new = NewTask(TaskKind.PHONE_REFERRER, world.people[COORDINATOR].id)
    with db.writing() as session:
        raised = [raise_task(session, referral, new, datetime.now(UTC)) for _ in range(2)]
    assert raised == [True, False]
    return referral.reference


def test_a_task_is_seen_and_done_by_its_person_alone(visitor: Come, db: Database, task: str):
    guest = visitor(COORDINATOR).get("/tasks")
    assert TASKS[TaskKind.PHONE_REFERRER].words in guest.words
    assert task in guest.words
    path = next(form.action for form in guest.page.forms if form.action.startswith("/tasks/"))
    other = visitor("second@network.example").get("/tasks")
    assert "Nothing waits for you in person" in other.words
    assert other.post(path).status == 404
    guest.press(f"Done : {TASKS[TaskKind.PHONE_REFERRER].words} {task}")
    assert "Noted: done" in guest.words
    assert "Nothing waits for you in person" in guest.words
    with db.reading() as session:
        done = session.scalars(select(Task)).one()
        assert session.scalars(select(AuditEntry.entity).where(AuditEntry.action == "done")).all() == ["task"]
    assert guest.post(path).status == 200, "said twice, it stays done"
    with db.reading() as session:
        assert session.scalars(select(Task.done_at)).one() == done.done_at


def test_a_task_of_who_is_away_stands_with_whoever_covers_and_says_whose_it_is(
    visitor: Come, db: Database, world: World, task: str
):
    second = "second@network.example"
    today = datetime.now(UTC).date()
    with db.writing() as session:
        away = session.get_one(User, world.people[COORDINATOR].id)
        away.away_from, away.away_to, away.covered_by_id = today, today, world.people[second].id
    own = visitor(COORDINATOR).get("/tasks")
    said = re.compile(r"Coordinator: Away until \d+ \w+ \d{4}, covered by Second")
    assert (task in own.words, bool(said.search(own.words))) == (True, True)
    other = visitor(second)
    with statements(db) as few:
        assert said.search(other.get("/tasks").words)
    with db.writing() as session:
        referral = session.scalars(select(Referral)).one()
        for kind in (TaskKind.TELL_REFERRER, TaskKind.PATIENT_DIED, TaskKind.BREAK_GLASS):
            raise_task(session, referral, NewTask(kind, away.id), datetime.now(UTC))
    with statements(db) as many:
        assert len(said.findall(other.get("/tasks").words)) == 3, "what somebody watches over is not handed on"
    assert len(many) == len(few)
    other.press(f"Done : {TASKS[TaskKind.PHONE_REFERRER].words} {task}")
    assert len(said.findall(other.words)) == 2
    with db.writing() as session:
        session.get_one(User, away.id).away_to = today - timedelta(days=1)
    assert "Nothing waits for you in person" in other.get("/tasks").words


def test_tasks_cost_one_statement_beyond_signing_in(visitor: Come, db: Database, task: str):
    guest = visitor(COORDINATOR)
    with statements(db) as sent:
        guest.get("/tasks")
    assert len([statement for statement in sent if "FROM task" in statement]) == 1


@pytest.fixture
def dead(db: Database, world: World, send: Send) -> None:
    referral = send(1)
    mail = Stationery("mail@network.example", "https://network.example", "secret")
    occasion = Occasion("event:1", "event claim", world.network_id, referral.id, datetime.now(UTC))
    with db.writing() as session:
        queue_letters(
            session, mail, occasion, [world.people[name].id for name in (COORDINATOR, "lead@network.example")]
        )
        session.execute(update(Delivery).values(state="dead", last_error="recipient_refused", attempts=1))


def test_an_administrator_sends_one_again_or_all(visitor: Come, db: Database, dead: None):
    guest = visitor("admin@network.example").get("/admin/deliveries")
    assert "The address does not exist, or takes no mail" in guest.words
    assert "This service sends no mail" in guest.words
    buttons = [button.words for form in guest.page.forms for button in form.buttons]
    guest.press(next(words for words in buttons if words.startswith("Send again :")))
    assert "1 letter will be sent again" in guest.words
    guest.press("Send all again")
    assert "No letter was given up" in guest.words
    with db.reading() as session:
        assert set(session.scalars(select(Delivery.state))) == {"waiting"}
    assert visitor("admin@lakeside.example").get("/admin/deliveries").status == 403


def test_mail_can_be_turned_off_only_where_there_is_mail(visitor: Come, db: Database, app, world: World):
    guest = visitor(COORDINATOR).get("/me/preferences")
    assert "This service sends no mail" in guest.words
    guest.press("Save preferences")
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], smtp_url="smtp://127.0.0.1:1")
    wanted = []
    for answers in ({}, {"mail": None}):
        guest.get("/me/preferences").press("Save preferences", **answers)
        with db.reading() as session:
            user = session.scalars(select(User).where(User.email == COORDINATOR)).one()
            wanted.append(user.preferences.get("mail", True))
    assert wanted == [True, False]
