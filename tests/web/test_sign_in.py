"""At the dashboard's door: who gets in, for how long, and what a stranger can learn there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from config import Settings
from referrals.domain.people import Role
from referrals.models.engine import Database
from referrals.models.trail import AuditEntry
from referrals.models.user import Membership, User, UserSession
from referrals.pathway import sign_in as pathway
from referrals.pathway.accounts import add_role, create_user
from referrals.web.views.start import ACCOUNTS_BEHIND_AN_ADDRESS
from tests.factories import PASSWORD, World
from tests.web.visitor import Visitor

NURSE = "clinician@lakeside.example"
Come = Callable[..., Visitor]


def cookie_of(guest: Visitor) -> str:
    cookie = guest.http.get_cookie("__Host-referrals", path="/")
    return cookie.value if cookie else ""


def test_the_start_page_is_one_form_with_email_and_password(visitor: Come):
    page = visitor().get("/").page
    assert len(page.forms) == 1
    assert {"email", "password"} <= page.forms[0].names


@pytest.mark.parametrize(
    ("email", "start"),
    [
        ("coordinator@network.example", "/worklist"),
        ("lead@network.example", "/worklist"),
        ("admin@network.example", "/worklist"),
        ("auditor@network.example", "/worklist"),
        ("clinician@lakeside.example", "/referrals"),
        ("admin@lakeside.example", "/referrals"),
        ("specialist@summit.example", "/inbox"),
        ("coordinator@summit.example", "/inbox"),
    ],
)
def test_everybody_begins_where_their_work_is(visitor: Come, email: str, start: str):
    guest = visitor(email)
    assert (guest.status, guest.at) == (200, start)


def test_a_center_is_told_honestly_that_there_is_nothing_yet(visitor: Come):
    assert (
        "When the network asks your center for an opinion, it stands here" in visitor("specialist@summit.example").words
    )


def test_a_wrong_password_an_unknown_address_and_a_closed_account_get_the_same_answer(visitor: Come, db: Database):
    with db.writing() as session:
        session.execute(update(User).where(User.email == "colleague@lakeside.example").values(active=False))
    tries = [
        (NURSE, "not the password"),
        ("nobody@lakeside.example", PASSWORD),
        ("colleague@lakeside.example", PASSWORD),
        ("\u00e9" * 3000, "x"),
    ]
    answers = {(guest.status, guest.words) for guest in (visitor().sign_in(*each) for each in tries)}
    assert len(answers) == 1
    assert answers.pop()[0] == 422


def test_an_unknown_address_costs_the_work_of_a_wrong_password(visitor: Come, monkeypatch: pytest.MonkeyPatch):
    worked = []

    def counted(kept: str | None, password: str) -> bool:
        worked.append(pathway_matches(kept, password))
        return worked[-1]

    pathway_matches = pathway.password_matches
    monkeypatch.setattr(pathway, "password_matches", counted)
    visitor().sign_in("nobody@lakeside.example", "x")
    visitor().sign_in(NURSE, "x")
    assert worked == [False, False]


def test_the_address_may_be_typed_in_any_case(visitor: Come):
    assert visitor().sign_in(f"  {NURSE.upper()} ").at == "/referrals"


def test_a_password_is_never_sent_back(visitor: Come):
    assert "hunter2" not in visitor().sign_in(NURSE, "hunter2").answer.text


def test_tries_for_one_account_are_counted_from_wherever_they_come(start_app: Callable[..., Flask]):
    app = start_app(sign_ins_per_minute=3)
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, 10, tzinfo=UTC), tick=False):
        guests = [Visitor(app, f"198.51.100.{number}").sign_in(NURSE, "x") for number in range(4)]
        assert [guest.status for guest in guests] == [422, 422, 422, 429]
        assert guests[3].answer.headers["Retry-After"] == "50"
        assert "Too many tries" in guests[3].words
    with time_machine.travel(datetime(2026, 11, 23, 9, 1, 1, tzinfo=UTC), tick=False):
        assert guests[3].sign_in(NURSE, "x").status == 422


def test_the_right_password_is_refused_too_while_there_were_too_many_tries(
    visitor: Come, start_app: Callable[..., Flask]
):
    visitor()
    app = start_app(sign_ins_per_minute=2)
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), tick=False):
        tries = [Visitor(app).sign_in(NURSE, word).status for word in ("x", "y", PASSWORD)]
    assert tries == [422, 422, 429]


def test_tries_from_one_address_are_counted_whatever_the_account(start_app: Callable[..., Flask]):
    app = start_app(sign_ins_per_minute=1)
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), tick=False):
        guest = Visitor(app, "198.51.100.1")
        tries = [guest.sign_in(f"{number}@x.example", "x").status for number in range(ACCOUNTS_BEHIND_AN_ADDRESS + 1)]
        assert tries == [422] * ACCOUNTS_BEHIND_AN_ADDRESS + [429]
        assert Visitor(app, "198.51.100.2").sign_in("another@x.example", "x").status == 422


def test_whoever_gets_in_starts_counting_anew(visitor: Come, start_app: Callable[..., Flask]):
    visitor()
    app = start_app(sign_ins_per_minute=2)
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), tick=False):
        assert [Visitor(app).sign_in(NURSE, PASSWORD).status for _ in range(4)] == [200] * 4


def test_no_address_is_kept_in_a_counter(start_app: Callable[..., Flask]):
    app = start_app(sign_ins_per_minute=3)
    Visitor(app).sign_in("secret.person@x.example", "x")
    with app.extensions["database"].engine.connect() as connection:
        subjects = connection.exec_driver_sql("SELECT subject FROM rate_counter").scalars().all()
    assert subjects
    assert not any("secret" in subject for subject in subjects)


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(visitor: Come):
    guest = visitor()
    guest.get("/")
    flags = guest.answer.headers["Set-Cookie"]
    assert flags.startswith("__Host-referrals=")
    for flag in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/"):
        assert flag in flags
    assert "Domain" not in flags
    assert "Expires" not in flags


def test_in_development_the_cookie_travels_without_tls(start_app: Callable[..., Flask]):
    flags = Visitor(start_app(env="development")).get("/").answer.headers["Set-Cookie"]
    assert "Secure" not in flags
    assert flags.startswith("referrals=")


def test_the_database_keeps_only_the_digest_of_a_session(visitor: Come, db: Database):
    secret = session_secret(visitor(NURSE))
    with db.reading() as session:
        kept = session.scalars(select(UserSession.id_hash)).all()
    assert kept
    assert secret not in kept


def session_secret(guest: Visitor) -> str:
    with guest.http.session_transaction() as kept:
        return str(kept["_user_id"])


def test_signing_in_makes_a_new_session_and_ends_the_one_before(visitor: Come):
    guest = visitor(NURSE)
    first, old = session_secret(guest), cookie_of(guest)
    guest.post("/sign-in", {"email": NURSE, "password": PASSWORD})
    assert session_secret(guest) != first
    assert not with_cookie(guest.app, old).is_in()


def with_cookie(app: Flask, value: str) -> Visitor:
    guest = Visitor(app)
    guest.http.set_cookie("__Host-referrals", value, secure=True, path="/")
    return guest


def test_a_cookie_that_was_planted_before_signing_in_opens_nothing_after_it(visitor: Come):
    guest = visitor().get("/")
    planted = cookie_of(guest)
    guest.press("Sign in", email=NURSE, password=PASSWORD)
    assert guest.is_in()
    assert not with_cookie(guest.app, planted).is_in()


def test_a_token_from_before_signing_in_is_worth_nothing_after_it(visitor: Come):
    guest = visitor().get("/")
    old = guest.token()
    guest.press("Sign in", email=NURSE, password=PASSWORD)
    assert guest.http.post("/sign-out", data={"csrf_token": old}).status_code == 400
    assert guest.is_in()


def test_after_signing_out_a_copy_of_the_cookie_opens_nothing(visitor: Come):
    guest = visitor(NURSE)
    copy = with_cookie(guest.app, cookie_of(guest))
    assert copy.is_in()
    guest.press("Sign out")
    assert (guest.at, guest.status) == ("/signed-out", 200)
    assert not guest.is_in()
    assert not copy.is_in()


def drops_what_it_has(answer: TestResponse) -> bool:
    return answer.headers.get("Clear-Site-Data") == '"cache", "storage"'


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_once_a_session_is_over_the_browser_drops_what_it_has_of_it(visitor: Come):
    guest, other = visitor(NURSE), visitor(NURSE)
    copy, third = with_cookie(guest.app, cookie_of(guest)), with_cookie(guest.app, cookie_of(guest))
    assert not drops_what_it_has(guest.get("/me/preferences").answer)
    assert drops_what_it_has(guest.press("Sign out", follow=False).answer)
    assert not drops_what_it_has(guest.get("/worklist").answer), "there is nothing of ours any more"
    assert drops_what_it_has(copy.get("/worklist").answer), "whoever is led to the door had a session that has ended"
    assert drops_what_it_has(third.get("/sign-in").answer)
    sent = {"email": "coordinator@network.example", "password": PASSWORD, "csrf_token": other.token()}
    assert drops_what_it_has(other.http.post("/sign-in", data=sent)), "somebody else goes on at this browser"


def test_a_session_ends_after_a_quarter_of_an_hour_without_a_sign_of_life(visitor: Come):
    begun = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    with time_machine.travel(begun, tick=False) as clock:
        guest = visitor(NURSE)
        for _ in range(3):
            clock.shift(timedelta(minutes=14))
            assert guest.is_in()
        clock.shift(timedelta(minutes=15, seconds=1))
        assert not guest.is_in()


def test_a_session_ends_after_twelve_hours_however_busy_it_is(visitor: Come):
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as clock:
        guest = visitor(NURSE)
        for _ in range(71):
            clock.shift(timedelta(minutes=10))
            assert guest.is_in()
        clock.shift(timedelta(minutes=10, seconds=1))
        assert not guest.is_in()


def test_the_limits_of_a_session_are_settings(start_app: Callable[..., Flask], visitor: Come, settings: Settings):
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as clock:
        visitor()
        guest = Visitor(start_app(session_idle=timedelta(minutes=1))).sign_in(NURSE)
        clock.shift(timedelta(seconds=61))
        assert not guest.is_in()


@pytest.mark.parametrize("change", ["switch_off", "change_password"])
def test_a_closed_account_and_a_new_password_end_every_session_at_once(visitor: Come, db: Database, change: str):
    guests = [visitor(NURSE), visitor(NURSE)]
    with db.writing() as session:
        user = session.scalars(select(User).where(User.email == NURSE)).one()
        arguments = ("another long password",) if change == "change_password" else ()
        getattr(pathway, change)(session, user, *arguments, datetime.now(UTC))
    assert not any(guest.is_in() for guest in guests)


def test_whoever_was_sent_to_sign_in_comes_back_to_where_they_wanted(visitor: Come):
    guest = visitor()
    guest.get("/worklist/late?tier=P1&sort=due_at")
    assert guest.status == 303
    guest.get(guest.answer.headers["Location"])
    guest.press("Sign in", email="coordinator@network.example", password=PASSWORD)
    assert guest.at == "/worklist/late?tier=P1&sort=due_at"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/worklist",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/sign-in",
        "/api/v1/me",
        "/static/app.css",
        "/no-such-page",
        "/referrals/../../x",
        "worklist",
        "/worklist\r\nX: y",
    ],
)
def test_nobody_is_led_anywhere_else_after_signing_in(visitor: Come, elsewhere: str):
    guest = visitor()
    guest.get("/sign-in", query_string={"next": elsewhere})
    guest.press("Sign in", follow=False, email=NURSE, password=PASSWORD, next=elsewhere)
    assert guest.answer.headers["Location"] == "/"


def test_somebody_signed_in_goes_on_from_the_sign_in_page(clinician: Visitor):
    assert clinician.get("/sign-in").answer.headers["Location"] == "/"


def test_somebody_without_an_organization_can_sign_out_and_sees_nothing(visitor: Come, db: Database, world: World):
    with db.writing() as session:
        session.execute(Membership.__table__.delete().where(Membership.user_id == world.people[NURSE].id))
    guest = visitor(NURSE)
    assert "You do not act for any organization" in guest.words
    assert guest.get("/referrals").status == 403
    guest.get("/")
    assert guest.press("Sign out").at == "/signed-out"


def test_somebody_with_two_organizations_chooses_for_which_they_act(visitor: Come, db: Database, world: World):
    with db.writing() as session:
        user = session.merge(world.people[NURSE], load=False)
        add_role(session, user, world.organizations["hillcrest"], Role.CLINICIAN)
    guest = visitor(NURSE)
    assert "Lakeside Hospital" in guest.words
    guest.press("Act for Hillcrest Clinic")
    assert guest.at == "/referrals"
    assert "You now act for Hillcrest Clinic" in guest.words
    guest.press("Act for Lakeside Hospital")
    assert "You now act for Lakeside Hospital" in guest.words


def test_nobody_acts_for_an_organization_that_they_do_not_belong_to(clinician: Visitor, world: World, db: Database):
    foreign = str(world.organizations["hillcrest"].id)
    assert clinician.post("/me/organization", {"organization": foreign}).status == 404
    with clinician.http.session_transaction() as kept:
        kept["organization"] = foreign
    assert "Lakeside Hospital" in clinician.get("/referrals").words


def test_a_role_that_was_taken_away_is_gone_at_the_next_request(coordinator: Visitor, db: Database, world: World):
    with db.writing() as session:
        owner = world.people["coordinator@network.example"].id
        session.execute(Membership.__table__.delete().where(Membership.user_id == owner))
    assert coordinator.get("/worklist").status == 403


def test_demo_people_are_named_only_where_there_are_some(visitor: Come, db: Database, world: World):
    assert "Made-up people" not in visitor().get("/").words
    with db.writing() as session:
        session.execute(update(User).where(User.email == NURSE).values(is_demo=True))
    assert NURSE in visitor().get("/").words


def test_a_refusal_is_written_into_the_audit_as_the_page_says(clinician: Visitor, db: Database, world: World):
    assert "This visit was noted" in clinician.get("/worklist").words
    with db.reading() as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.action == "denied")).all()
    assert [(entry.user_id, entry.detail["endpoint"]) for entry in found] == [
        (world.people[NURSE].id, "web.worklist.show")
    ]


def test_a_new_person_without_a_password_cannot_come_in(visitor: Come, db: Database, world: World):
    with db.writing() as session:
        home = session.merge(world.organizations["lakeside"], load=False)
        create_user(session, "new@lakeside.example", "New", [Role.CLINICIAN], home, datetime.now(UTC))
    assert visitor().sign_in("new@lakeside.example", "").status == 422
