"""Nobody has to chase: whose turn it is hears before and after the due time, and a named person at the second miss."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text, update

from referrals.domain.lifecycle import OPEN, OPEN_RECEIVED, STATUSES
from referrals.domain.mail import Outcome
from referrals.domain.people import Kind, Role
from referrals.domain.reminders import (
    AWAITED,
    ESCALATED,
    RECEIVED_TIMES,
    REMINDED,
    URGENCY,
    ReminderKind,
    reminder_words,
)
from referrals.domain.tasks import TASKS, TaskKind
from referrals.models.delivery import Delivery, Reminder
from referrals.models.patient import Patient
from referrals.models.referral import Referral
from referrals.models.task import Task
from referrals.models.trail import Notification, Outbox
from referrals.models.user import User
from referrals.pathway.accounts import create_organization, create_user
from referrals.pathway.mail import Stationery
from referrals.pathway.reminders import due_query
from referrals.pathway.seals import sealing_key
from referrals.worker.jobs import JOBS
from referrals.worker.loop import Worker
from tests.small_network import DAY, NOW, send, settle_down, step
from tests.worker.test_jobs import run_together

HOUR = timedelta(hours=1)
PAPER = Stationery("mail@referrals.example", "https://referrals.example", "secret")


@pytest.fixture
def people(database):
    with database.writing() as session:
        people = settle_down(session)
        center = create_organization(session, "Summit", "summit", Kind.CENTER, NOW - 60 * DAY)
        for word, role in (("desk", Role.CENTER_COORDINATOR), ("specialist", Role.SPECIALIST)):
            create_user(session, f"{word}@summit.example", word, [role], center, NOW - 60 * DAY)
        session.flush()
    return people, {"center": center.id}


TELLING = [
    job
    for job in JOBS
    if job.name in {"tell people", "notice deaths", "remind", "close tasks", "announce tasks", "purge drafts"}
]


def work(database, now):
    assert Worker(database, sealing_key("secret"), clock=lambda session: now, mail=PAPER, jobs=TELLING).round()


def names(database, query):
    with database.reading() as session:
        return sorted(email.partition("@")[0] for email in session.scalars(query))


def reminded(database, kind):
    return names(
        database,
        select(User.email)
        .join(Notification, Notification.user_id == User.id)
        .join(Reminder, Reminder.id == Notification.reminder_id)
        .where(Reminder.kind == kind),
    )


def tasks(database):
    with database.reading() as session:
        query = select(Task.kind, User.email).join(User, User.id == Task.user_id).where(Task.done_at.is_(None))
        return sorted((kind, email.partition("@")[0]) for kind, email in session.execute(query))


def standing(session, people, status, due_at, **columns):
    """A referral in a status that other steps lead to, with its turn begun two days before its due time."""
    referral = send(session, people, NOW - 10 * DAY, submit=status != "draft")
    session.flush()
    facts = STATUSES[status]
    values = {
        "status": status, "waiting_on": facts.waiting_on, "next_action": facts.next_action, "next_action_due_at": due_at,
        "segment_started_at": due_at - 2 * DAY,
    }  # fmt: skip
    session.execute(update(Referral).where(Referral.id == referral.id).values(values | columns))
    return referral


EVERYBODY = ["coordinator"]
RIGHT = {
    # status: whom the reminder reaches, and who gets which task at the second missed due time
    "submitted": (EVERYBODY, [("network_late", "lead")]),
    "in_triage": (EVERYBODY, [("network_late", "lead")]),
    "ready": (EVERYBODY, [("network_late", "lead")]),
    "information_requested": (["clinician"], [("phone_referrer", "coordinator")]),
    "offered": (["desk", "specialist"], [("center_late", "desk"), ("chase_center", "coordinator")]),
    "accepted": (["desk", "specialist"], [("center_late", "desk"), ("chase_center", "coordinator")]),
    "in_review": (["desk", "specialist"], [("center_late", "desk"), ("chase_center", "coordinator")]),
    "opinion_issued": (["clinician"], [("phone_referrer", "coordinator")]),
    "acknowledged": (["clinician"], [("phone_referrer", "coordinator")]),
}


@pytest.mark.parametrize("status", RIGHT)
def test_whose_turn_it_is_hears_before_and_after_and_a_named_person_at_the_second(database, people, status):
    them, places = people
    with database.writing() as session:
        standing(session, them, status, NOW, center_id=places["center"])
        session.execute(update(Outbox).values(done_at=NOW))
    whom, escalated = RIGHT[status]
    for now, kind in ((NOW - 12 * HOUR, "due_soon"), (NOW, "due_passed"), (NOW + DAY, "missed_twice")):
        work(database, now - timedelta(seconds=1))
        assert reminded(database, kind) == [], "not before its time"
        work(database, now)
        work(database, now + HOUR)
        assert reminded(database, kind) == whom, "once"
        assert tasks(database) == (escalated if kind == "missed_twice" else [])
    with database.reading() as session:
        topics = session.scalars(select(Delivery.topic)).all()
    assert len(topics) == 3 * len(whom) + len(escalated), "each of these by mail, too"


def test_the_table_speaks_of_every_open_status_and_every_kind():
    assert set(AWAITED) == OPEN
    assert {STATUSES[status].waiting_on for status in OPEN} <= set(REMINDED) == set(ESCALATED)
    assert set(TASKS) == set(TaskKind)
    assert set(URGENCY) == set(ReminderKind)
    assert {escalation.task for each in ESCALATED.values() for escalation in each} <= set(TASKS)
    assert reminder_words(ReminderKind.DUE_PASSED, "in_review") == "Late: the opinion waits to be signed"


def test_a_draft_is_remembered_after_one_day_and_after_three(database, people):
    with database.writing() as session:
        send(session, people[0], NOW, submit=False)
    told = []
    for days in (0.9, 1, 2.9, 3, 4, 20):
        work(database, NOW + days * DAY)
        told.append(len(reminded(database, "draft_first") + reminded(database, "draft_second")))
    assert told == [0, 1, 1, 2, 2, 2]
    work(database, NOW + 40 * DAY)
    with database.reading() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (Referral, Reminder, Delivery)]
    assert counts == [0, 0, 0], "a purged draft takes its reminders with it"


def test_many_workers_remind_once(database, people):
    with database.writing() as session:
        for _ in range(10):
            standing(session, people[0], "in_triage", NOW - 2 * DAY)
    run_together(lambda: Worker(database, sealing_key("secret"), clock=lambda session: NOW, mail=PAPER))
    assert len(reminded(database, "due_passed")) == len(reminded(database, "missed_twice")) == 10
    assert len(tasks(database)) == 10


def test_nobody_is_reminded_beforehand_of_what_has_just_come(database, people):
    with database.writing() as session:
        standing(session, people[0], "in_triage", NOW + 6 * HOUR, segment_started_at=NOW)
    work(database, NOW + 2 * HOUR)
    assert reminded(database, "due_soon") == []
    work(database, NOW + 3 * HOUR)
    assert reminded(database, "due_soon") == ["coordinator"]


def test_the_owner_hears_instead_of_the_team(database, people):
    them, _ = people
    with database.writing() as session:
        create_user(session, "second@network.example", "Second", [Role.COORDINATOR], them.network, NOW)
        standing(session, them, "in_triage", NOW)
        standing(session, them, "in_triage", NOW, owner_id=them.coordinator.user_id)
    work(database, NOW)
    assert reminded(database, "due_passed") == ["coordinator", "coordinator", "second"]


def test_for_who_is_away_who_covers_is_reminded_and_has_the_task(database, people):
    """Where nobody covers a lead, another lead has it."""
    them, _ = people
    monday = NOW.date()
    with database.writing() as session:
        cover = create_user(session, "cover@network.example", "Cover", [Role.COORDINATOR], them.network, NOW)
        create_user(session, "deputy@network.example", "Deputy", [Role.CLINICAL_LEAD], them.network, NOW)
        for who, covered_by in ((them.coordinator, cover.id), (them.lead, None)):
            away = {"away_from": monday, "away_to": monday, "covered_by_id": covered_by}
            session.execute(update(User).where(User.id == who.user_id).values(away))
        standing(session, them, "in_triage", NOW - DAY, owner_id=them.coordinator.user_id)
        standing(session, them, "opinion_issued", NOW - DAY, owner_id=them.coordinator.user_id)
    work(database, NOW)
    assert reminded(database, "due_passed") == ["clinician", "cover"]
    assert tasks(database) == [("network_late", "deputy"), ("phone_referrer", "cover")]


def test_the_due_ones_are_found_by_their_index(database, people):
    with database.reading() as session:
        if session.get_bind().dialect.name != "sqlite":
            return  # a table this small is read whole
        query = due_query(RECEIVED_TIMES[1], OPEN_RECEIVED, NOW)
        words = str(query.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
        plan = " ".join(row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {words}")))
    assert "ix_referral_next_action" in plan
    assert "SCAN" not in plan


def test_a_task_is_over_once_somebody_has_acted(database, people):
    them, _ = people
    with database.writing() as session:
        referral = standing(session, them, "submitted", NOW - 2 * DAY)
    work(database, NOW)
    assert tasks(database) == [("network_late", "lead")]
    with database.writing() as session:
        step(session, them.lead, referral, "cancel", NOW + HOUR, reason="other_route", text="Seen elsewhere")
    work(database, NOW + 2 * HOUR)
    assert tasks(database) == []


@pytest.mark.parametrize("status", ["information_requested", "opinion_issued"])
def test_a_death_stops_what_goes_to_the_referrer_and_raises_one_task(database, people, status):
    """Also the reminder that was queued before, and had not gone out."""
    them, _ = people
    with database.writing() as session:
        standing(session, them, status, NOW)
        session.execute(update(Outbox).values(done_at=NOW))
    work(database, NOW - HOUR)
    with database.writing() as session:
        session.execute(update(Patient).values(deceased_on=date(2026, 11, 22)))
    sent = []
    for hours in (0, 1, 30):
        now = NOW + hours * HOUR
        worker = Worker(
            database, sealing_key("secret"), clock=lambda session, now=now: now, mail=PAPER,
            post=lambda leased, now: sent.append(leased.address) or Outcome(proof="250"),
        )  # fmt: skip
        assert worker.round()
    assert sent == ["coordinator@network.example"], "of the task"
    assert tasks(database) == [("patient_died", "coordinator")]
    assert reminded(database, "due_passed") == reminded(database, "missed_twice") == []
    with database.reading() as session:
        assert session.scalars(select(Delivery.state).where(Delivery.topic.startswith("reminder"))).all() == ["dropped"]


class TestTheReferrerWhoLeft:
    """Whoever answers for the organization now is told of the end; where nobody is left, a person finds out who."""

    def ended(self, database, them, *, leave):
        with database.writing() as session:
            create_user(session, "colleague@lakeside.example", "Colleague", [Role.CLINICIAN], them.lakeside, NOW - DAY)
            referral = send(session, them)
            step(session, them.coordinator, referral, "claim")
            session.execute(update(Outbox).values(done_at=NOW))
            session.execute(update(User).where(User.email.in_(leave)).values(active=False))
            step(session, them.lead, referral, "decline", reason="not_indicated", advice="No")
        work(database, NOW + HOUR)
        work(database, NOW + 2 * HOUR)
        told = names(database, select(User.email).join(Notification, Notification.user_id == User.id))
        return told, [kind for kind, _ in tasks(database)]

    def test_the_named_clinician_is_told_while_they_are_here(self, database, people):
        assert self.ended(database, people[0], leave=[]) == (["clinician", "coordinator"], [])

    def test_then_their_colleagues(self, database, people):
        leave = ["clinician@lakeside.example"]
        assert self.ended(database, people[0], leave=leave) == (["colleague", "coordinator"], [])

    def test_then_a_named_person_of_the_network_has_a_task(self, database, people):
        leave = ["clinician@lakeside.example", "colleague@lakeside.example"]
        assert self.ended(database, people[0], leave=leave) == (["coordinator"], ["tell_referrer"])
