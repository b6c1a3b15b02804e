"""An administrator opens one record outside their scope: to read it, for an hour, told to others and reviewed by one."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.people import Role
from referrals.domain.tasks import TaskKind
from referrals.models.break_glass import BreakGlass
from referrals.models.task import Task
from referrals.models.trail import AuditEntry, Event
from referrals.models.user import User
from referrals.pathway.accounts import create_user
from referrals.pathway.break_glass import watch_reviews

BREAKER, AUDITOR = "admin@hillcrest.example", "auditor@network.example"
REASON = "The patient lies in our emergency room and cannot speak."
ASKED = {"ground": "emergency_care", "reason": REASON}


@pytest.fixture
def admins(db, world):
    """Hillcrest and Summit have administrators, too, who may also treat."""
    with db.writing() as session:
        for home, roles in (("hillcrest", (Role.ADMINISTRATOR, Role.CLINICIAN)), ("summit", (Role.ADMINISTRATOR,))):
            organization = session.merge(world.organizations[home], load=False)
            create_user(session, f"admin@{home}.example", f"Admin of {home}", roles, organization, datetime.now(UTC))
            create_user(session, f"second@{home}.example", f"Second of {home}", roles, organization, datetime.now(UTC))


def told_of(db, kind):
    with db.reading() as session:
        return set(
            session.scalars(
                select(User.email).join(Task, Task.user_id == User.id).where(Task.kind == kind, Task.done_at.is_(None))
            )
        )


def broken(db):
    with db.reading() as session:
        return session.scalars(select(BreakGlass)).one()


@pytest.fixture
def opened(visitor, send, admins):
    """The breaker at the record of Lakeside's patient."""
    referral, guest = send(), visitor(BREAKER)
    assert guest.get(f"/referrals/{referral.id}").status == 404
    guest.get("/break-glass").press("Open the record", reference=referral.reference.lower(), **ASKED)
    return referral, guest


def test_a_record_is_opened_for_reading_alone_and_nothing_else_of_it_moves(opened, db):
    referral, guest = opened
    home = f"/referrals/{referral.id}"
    assert (guest.status, guest.at) == (200, home)
    assert f"You have opened {referral.reference} by break-glass" in guest.words
    assert "Ada Example" in guest.words
    assert "Withdraw" not in guest.words
    assert f"You have opened {referral.reference}" in guest.get("/admin/audit").words
    assert "Ada Example" not in guest.get("/referrals").words
    before = moved(db)
    for path, sent in (
        ("withdraw", {"reason": "other"}),
        ("contacts", {"with": "patient"}),
        ("messages", {"text": "x"}),
    ):
        assert guest.post(f"{home}/{path}", sent | {"version": "1"}).status == 404, path
    assert moved(db) == before


def moved(db):
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Event))


def test_a_colleague_of_the_same_organization_opens_nothing_with_it(opened, visitor, db):
    referral, guest = opened
    with db.writing() as session:
        known = session.scalars(select(User.password_hash).where(User.email == BREAKER)).one()
        session.execute(update(User).where(User.email == "second@hillcrest.example").values(password_hash=known))
    colleague = visitor("second@hillcrest.example")
    assert colleague.get(f"/referrals/{referral.id}").status == 404
    assert "You have opened" not in colleague.get("/admin/audit").words
    assert guest.get(f"/referrals/{referral.id}").status == 200


def test_the_audit_says_what_was_open_only_by_break_glass(opened, db):
    referral, guest = opened
    guest.get("/referrals")
    with db.reading() as session:
        said = session.scalars(select(AuditEntry).where(AuditEntry.user_id == broken(db).user_id)).all()
    assert [(entry.ids, entry.entity) for entry in said if entry.action == "break-glass"] == [
        ([str(referral.id)], "referral")
    ]
    assert [(each.action, each.detail["break_glass"]) for each in said if "break_glass" in each.detail] == [
        ("read", str(referral.id))
    ]


def test_others_are_told_at_once_and_one_of_them_reviews_it(opened, visitor, db):
    assert told_of(db, TaskKind.BREAK_GLASS) == {AUDITOR, "admin@network.example"}
    assert told_of(db, TaskKind.BREAK_GLASS_TOLD) == {"admin@lakeside.example"}
    assert visitor("second@network.example").get("/admin/break-glass").status == 403
    assert opened[1].get("/admin/break-glass").status == 403
    reviewer = visitor(AUDITOR).get("/admin/break-glass")
    reviewer.follow_link("Admin of hillcrest")
    assert REASON in reviewer.words
    assert "Read: referral" in reviewer.words
    reviewer.press("Write the review")
    assert reviewer.status == 422
    reviewer.press("Write the review", verdict="not_justified", note="Ask the clinician on duty.")
    assert "Not justified" in reviewer.words
    assert told_of(db, TaskKind.BREAK_GLASS) == set()
    assert reviewer.post(f"/admin/break-glass/{broken(db).id}", {"verdict": "justified"}).status == 409


def test_it_ends_after_an_hour_and_holds_for_this_record_and_this_person_alone(visitor, send, admins):
    referral, other = send(1), send(2)
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        guest = visitor(BREAKER).get("/break-glass")
        guest.press("Open the record", reference=referral.reference, **ASKED)
        assert visitor("clinician@hillcrest.example").get(f"/referrals/{referral.id}").status == 404
        assert guest.get(f"/referrals/{other.id}").status == 404
        for _ in range(4):
            clock.shift(timedelta(minutes=14, seconds=59))
            assert guest.get(f"/referrals/{referral.id}").status == 200
        clock.shift(timedelta(seconds=5))
        assert guest.get(f"/referrals/{referral.id}").status == 404
        assert "You have opened" not in guest.get("/referrals").words


def test_a_center_reads_no_note_of_the_network(visitor, send, admins):
    note = (("coordinator@network.example", "claim", {"note": "Only for us."}),)
    referral = send(steps=note)
    guest = visitor("admin@summit.example").get("/break-glass")
    guest.press("Open the record", reference=referral.reference, **ASKED)
    assert "Ada Example" in guest.words
    assert "Only for us." not in guest.words


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reference": "SO-26-0000001-X"}, "does not match"),
        ({"reference": "SO-26-0999999-X"}, ""),
        ({"reason": "Too short."}, "at least 20 characters"),
        ({"ground": ""}, "Why do you need it?"),
    ],
)
def test_what_opens_nothing_is_said_and_written_down(visitor, send, admins, db, changed, said):
    guest = visitor(BREAKER).get("/break-glass")
    guest.press("Open the record", **{"reference": send().reference, **ASKED, **changed})
    assert guest.status == 422
    assert said in guest.words
    with db.reading() as session:
        denied = session.scalars(select(AuditEntry).where(AuditEntry.action == "denied")).all()
        assert [(entry.entity, entry.ids) for entry in denied] == [("break_glass", [])]
        assert session.scalar(select(func.count()).select_from(BreakGlass)) == 0


@pytest.mark.parametrize("email", ["clinician@hillcrest.example", AUDITOR, "coordinator@network.example"])
def test_only_administrators_break_glass(visitor, email):
    assert visitor(email).get("/break-glass").status == 403


def test_whoever_may_read_the_record_needs_no_glass(visitor, send, world):
    guest = visitor("admin@network.example").get("/break-glass")
    guest.press("Open the record", reference=send().reference, **ASKED)
    assert (guest.status, "You may read this referral as it is" in guest.words) == (409, True)


def test_what_nobody_reviews_within_three_working_days_becomes_a_task_for_a_lead(opened, db):
    began = broken(db).opened_at
    late = WorkingCalendar("America/Chicago").add_working_days(began, 3) + timedelta(days=1)
    with db.writing() as session:
        assert watch_reviews(session, began + timedelta(days=1)) == 0
        assert watch_reviews(session, late) == 1
        assert watch_reviews(session, late) == 0
    assert told_of(db, TaskKind.BREAK_GLASS_WAITS) <= {"lead@network.example", "deputy@network.example"}


def test_the_database_keeps_who_opened_what_and_why(visitor, send, admins, db):
    visitor(BREAKER).get("/break-glass").press("Open the record", reference=send().reference, **ASKED)
    for statement in ("UPDATE break_glass SET reason = 'x'", "DELETE FROM break_glass"):
        with pytest.raises(DBAPIError), db.writing() as session:
            session.execute(text(statement))
