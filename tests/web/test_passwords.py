"""People set their passwords themselves: by a link that works once, or by knowing the old one."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from referrals.boundary.stationery import stationery
from referrals.domain.accounts import TicketKind
from referrals.models.delivery import Delivery
from referrals.models.engine import Database
from referrals.models.ticket import UserTicket
from referrals.models.trail import AuditEntry
from referrals.models.user import User, UserSession
from referrals.pathway.deliveries import claim
from referrals.pathway.tickets import make_ticket, secret_of
from tests.databases import in_turn
from tests.factories import PASSWORD, World
from tests.statements import statements
from tests.web.conftest import SECRET
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
CLINICIAN = "clinician@lakeside.example"
NEW = "swans of the quiet harbor "
LINK = re.compile(r"https://net\.example(/password/[\w-]{43})\b")


@pytest.fixture
def mail_on(app: Flask) -> None:
    own = app.config["SETTINGS"]
    paper = {"smtp_url": "smtp://127.0.0.1:1", "mail_from": "mail@net.example", "base_url": "https://net.example"}
    app.config["SETTINGS"] = replace(own, **paper)


def letters(app: Flask, db: Database) -> list[str]:
    """What the worker would send now."""
    paper, found = stationery(app.config["SETTINGS"]), []
    assert paper is not None
    with db.writing() as session:
        while leased := claim(session, paper, datetime.now(UTC)):
            found.append(leased.letter.text)
            session.execute(update(Delivery).where(Delivery.id == leased.id).values(state="dropped", lease_token=None))
    return found


def link_for(db: Database, world: World, email: str, ago: timedelta = timedelta()) -> str:
    now = datetime.now(UTC) - ago
    with db.writing() as session:
        person = session.get_one(User, world.people[email].id)
        ticket = make_ticket(session, person, TicketKind.RESET, SECRET, now)
        return f"/password/{secret_of(SECRET, ticket.id)}"


def rows(db: Database, table: type) -> list:
    with db.reading() as session:
        return list(session.scalars(select(table)))


def test_a_forgotten_password_is_set_by_a_link_that_works_once(app: Flask, db: Database, visitor: Come, mail_on: None):
    elsewhere, guest = visitor(CLINICIAN), visitor()
    guest.get("/sign-in").follow_link("Forgotten your password?").press("Send me a link", email=CLINICIAN.upper())
    assert "a letter with a link is on its way" in guest.words
    (letter,) = letters(app, db)
    link = LINK.search(letter)[1]
    secret = link.rpartition("/")[2]
    assert all(secret not in repr(vars(row)) for table in (UserTicket, Delivery) for row in rows(db, table))
    assert "For clinician@lakeside.example" in guest.get(link).words
    assert guest.press("Set the password", password="short", again="short").status == 422
    assert "not what stands above" in guest.press("Set the password", password=NEW, again=NEW.strip()).words
    assert elsewhere.is_in(), "looking and failing changes nothing"
    guest.press("Set the password", password=NEW, again=NEW)
    assert "Your password is set" in guest.words
    assert not elsewhere.is_in()
    assert guest.sign_in(CLINICIAN, NEW.strip()).status == 422
    assert guest.sign_in(CLINICIAN, NEW).status == 200
    assert "Every session has ended" in letters(app, db)[0]
    assert "This link has ended" in visitor().get(link).words
    assert "This link has ended" in visitor().post(link, {"password": NEW, "again": NEW}).words
    noted = [each.action for each in rows(db, AuditEntry) if each.entity == "user"]
    assert noted == ["forgot-password", "set-password-by-reset", "sign-in-failed", "sign-in"]


@pytest.mark.parametrize(
    ("databases", "spoil"), in_turn([("late",), ("newer",), ("switched off",)]), indirect=["databases"]
)
def test_a_link_ends_with_time_with_the_next_one_and_with_the_account(
    db: Database, world: World, visitor: Come, spoil: str
):
    link = link_for(db, world, CLINICIAN, timedelta(minutes=31 if spoil == "late" else 0))
    if spoil == "newer":
        link_for(db, world, CLINICIAN)
    if spoil == "switched off":
        with db.writing() as session:
            session.execute(update(User).values(active=False))
    assert "This link has ended" in visitor().get(link).words


def test_nobody_learns_who_has_an_account(app: Flask, db: Database, visitor: Come, mail_on: None):
    guest, said = visitor().get("/forgotten"), []
    for email in ("nobody@lakeside.example", CLINICIAN, CLINICIAN):
        with statements(db) as sent:
            guest.get("/forgotten").press("Send me a link", email=email)
        said.append((guest.status, guest.words, [each for each in sent if not re.search("POINT|rate_counter", each)]))
    assert said[0] == said[1] == said[2], "also where a letter was sent just now"
    assert len(letters(app, db)) == 1
    statuses = [guest.get("/forgotten").press("Send me a link", email=CLINICIAN).status for _ in range(4)]
    assert statuses[-1] == 429


def test_without_mail_an_administrator_is_asked(visitor: Come, db: Database):
    guest = visitor().get("/forgotten")
    assert "sends no mail" in guest.words
    assert "sends no mail" in guest.post("/forgotten", {"email": CLINICIAN}).words
    assert rows(db, UserTicket) == []


def test_whoever_knows_the_old_password_changes_it(db: Database, world: World, visitor: Come):
    guest, elsewhere = visitor(CLINICIAN), visitor(CLINICIAN)
    link = link_for(db, world, CLINICIAN)
    ask = guest.get("/me/password")
    assert ask.press("Change the password", old_password="wrong", password=NEW, again=NEW).status == 422
    about = "Clinician at Lakeside"
    assert (
        "little more than a name"
        in ask.press("Change the password", old_password=PASSWORD, password=about, again=about).words
    )
    assert elsewhere.is_in()
    ask.press("Change the password", old_password=PASSWORD, password=NEW, again=NEW)
    assert "Your password is set" in guest.words
    assert (elsewhere.is_in(), guest.is_in()) == (False, False)
    assert "has ended" in visitor().get(link).words
    assert all(each.ended_at for each in rows(db, UserSession))
    assert guest.sign_in(CLINICIAN, NEW).is_in()


def test_what_was_typed_into_a_password_form_is_not_kept_when_a_session_ends(db: Database, visitor: Come):
    guest = visitor(CLINICIAN).get("/me/password")
    with db.writing() as session:
        session.execute(update(UserSession).values(ended_at=datetime.now(UTC)))
    guest.press("Change the password", old_password=PASSWORD, password=NEW, again=NEW)
    guest.press("Sign in", email=CLINICIAN, password=PASSWORD)
    assert NEW.strip() not in guest.answer.text
    assert PASSWORD not in guest.answer.text
