"""A second proof beside the password: who needs one, what opens without it, and that no code is taken twice."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from referrals.domain.second_factor import HALF_IN, HAPPENED, TOLD_BY_LETTER, TRIES_AN_HOUR, Happening
from referrals.models.base import new_id
from referrals.models.delivery import Delivery
from referrals.models.engine import Database
from referrals.models.second_factor import AuthenticatorApp, RecoveryCode
from referrals.models.trail import AuditEntry
from referrals.models.user import UserSession
from referrals.models.vault import vault_of
from referrals.pathway.mail import topic_words
from referrals.pathway.second_factor import take_second_factor
from referrals.web.proofs import FOR_SETTING_UP
from tests.factories import PASSWORD, World
from tests.statements import statements
from tests.web import scenery as scene
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
NURSE, ADMIN, COORDINATOR = "clinician@lakeside.example", "admin@network.example", "coordinator@network.example"
NINE = datetime(2026, 11, 23, 9, 0, 1, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NINE, tick=False) as clock:
        yield clock


def seed_shown(guest: Visitor) -> pyotp.TOTP:
    guest.get("/me/security").press("Set up an app")
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", guest.answer.text)
    assert found
    return pyotp.TOTP(found[1].replace(" ", ""))


def set_up(guest: Visitor) -> tuple[pyotp.TOTP, list[str]]:
    """The seed in the app, and the recovery codes."""
    app = seed_shown(guest)
    guest.press("Confirm", code=app.at(datetime.now(UTC)))
    return app, re.findall(r"(?:[a-z2-7]{6}-){3}[a-z2-7]{6}", guest.words)


def code(app: pyotp.TOTP, steps: int = 0) -> str:
    return app.at(datetime.now(UTC), counter_offset=steps)


def noted(db: Database, *actions: Happening) -> list[str]:
    with db.reading() as session:
        found = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    return [each for each in found if each in actions]


def test_an_app_counts_from_the_first_right_code_on_and_each_code_opens_once(visitor: Come, db: Database, clock):
    guest = visitor(NURSE)
    app = seed_shown(guest)
    assert guest.press("Confirm", code="000000").status == 422
    assert visitor().sign_in(NURSE).at == "/referrals"
    guest.get("/me/security/app").press("Confirm", code=code(app))
    assert "shown this once" in guest.words
    with db.reading() as session:
        row = session.scalars(select(AuthenticatorApp)).one()
    assert row.seed
    assert app.secret not in row.seed
    other = visitor().sign_in(NURSE)
    assert other.at == "/sign-in/second-factor"
    assert other.press("Go on", code=code(app)).status == 422  # the one that confirmed it
    clock.shift(30)
    assert other.press("Go on", code=f" {code(app)[:3]} {code(app)[3:]} ").at == "/referrals"
    assert visitor().sign_in(NURSE).press("Go on", code=code(app)).status == 422
    clock.shift(90)
    for steps, status in ((2, 422), (-2, 422), (-1, 200), (0, 200), (1, 200), (-1, 422)):
        assert visitor().sign_in(NURSE).press("Go on", code=code(app, steps)).status == status, steps
    assert noted(db, Happening.APP_SET_UP, Happening.CODE_FAILED, Happening.SIGNED_IN)[-2:] == ["sign-in", "second-factor-failed"]  # fmt: skip
    guest = visitor(NURSE).get("/me/security").press("Remove the app")
    assert "Set up an app" in guest.words
    assert noted(db, Happening.APP_REMOVED)


def test_of_many_who_bring_the_same_code_at_once_one_gets_in(visitor: Come, db: Database, world: World, clock):
    app, codes = set_up(visitor(NURSE))
    clock.shift(30)
    user, at = world.people[NURSE], datetime.now(UTC)

    def take(typed: str) -> bool:
        with db.writing() as session:
            return take_second_factor(session, vault_of(session), user, typed, at) is not None

    with ThreadPoolExecutor(8) as threads:
        for typed in (code(app), codes[0]):
            assert sum(threads.map(take, [typed] * 8)) == 1


def test_tries_of_a_code_are_counted_over_an_hour_also_by_those_who_know_the_password(visitor: Come, clock):
    app, _ = set_up(visitor(NURSE))
    guest = visitor().sign_in(NURSE)
    for _ in range(TRIES_AN_HOUR):
        assert guest.press("Go on", code="000000").status == 422
    again = visitor().sign_in(NURSE)
    assert again.press("Go on", code=code(app, 1)).status == 429
    assert again.answer.headers["Retry-After"] == str(3600 - 1)
    clock.shift(timedelta(hours=1))
    assert visitor().sign_in(NURSE).press("Go on", code=code(app)).at == "/referrals"


def test_recovery_codes_open_once_each_and_a_new_set_ends_the_old_one(visitor: Come, db: Database, clock):
    guest = visitor(NURSE)
    _, codes = set_up(guest)
    assert len(set(codes)) == 10
    other = visitor().sign_in(NURSE).press("Go on", code=codes[0].upper().replace("-", " "))
    assert (other.at, "9 codes left" in other.words) == ("/referrals", True)
    assert visitor().sign_in(NURSE).press("Go on", code=codes[0]).status == 422
    assert "9 codes left" in guest.get("/me/security").words
    guest.press("Make new codes")
    assert visitor().sign_in(NURSE).press("Go on", code=codes[1]).status == 422
    with db.reading() as session:
        kept = session.scalars(select(RecoveryCode.code_hash)).all()
    assert len(kept) == 10
    assert not {each.replace("-", "") for each in codes} & set(kept)


@pytest.mark.parametrize("lacks", ["second_factor", "set_up"])
def test_nothing_opens_for_somebody_who_is_only_half_in(start_app: Callable[..., Flask], visitor: Come, lacks: str):
    """Every route of the dashboard leads to the step that is lacking, but for those that are this step."""
    visitor()
    app = start_app(second_factor=frozenset({"administrator"}))
    guest = Visitor(app).sign_in(ADMIN)
    if lacks == "second_factor":
        set_up(guest)
        guest = Visitor(app).sign_in(ADMIN)
    step = {"set_up": "/me/security", "second_factor": "/sign-in/second-factor"}[lacks]
    assert guest.at == step
    token = dict(guest.page.forms[-1].fields)["csrf_token"]
    open_to_all = {"/sign-in", "/sign-in/second-factor", "/sign-in/passkey", "/sign-in/passkey/ask", "/sign-out"}
    open_to_all |= {"/signed-out", "/outcome/<token>", "/forgotten", "/password/<token>"}
    for method in ("GET", "POST"):
        for rule in scene.rules(app, method):
            if rule.rule in open_to_all or (lacks == "set_up" and rule.endpoint in FOR_SETTING_UP):
                continue
            path = re.sub(r"<[^>]+>", str(new_id()), rule.rule)
            answer = guest.http.open(path, method=method, data={"csrf_token": token})
            assert (answer.status_code, answer.headers.get("Location", "").partition("?")[0]) == (303, step), path


def test_whoever_must_have_one_sets_it_up_first_and_is_in_at_once(start_app: Callable[..., Flask], visitor: Come):
    visitor()
    app = start_app(second_factor=frozenset({"administrator"}))
    guest = Visitor(app).sign_in(ADMIN)
    before = guest.http.get_cookie("__Host-referrals", path="/")
    assert "Your role needs one" in guest.words
    set_up(guest)
    assert guest.is_in()
    old = Visitor(app)
    old.http.set_cookie("__Host-referrals", before.value, secure=True, path="/")
    assert not old.is_in()
    guest.get("/me/security").press("Remove the app")
    assert (guest.status, "Your role needs a second factor. Set up another one first" in guest.words) == (409, True)
    assert Visitor(app).sign_in(NURSE).at == "/referrals"


def test_whoever_knows_the_password_alone_sets_up_nothing_beside_what_is_there_by_now(
    start_app: Callable[..., Flask], visitor: Come
):
    visitor()
    app = start_app(second_factor=frozenset({"administrator"}))
    owner, thief = Visitor(app).sign_in(ADMIN), Visitor(app).sign_in(ADMIN)
    seed_shown(thief)
    owners = seed_shown(owner)
    thief.get("/me/security/app")
    assert (thief.status, thief.answer.headers["Location"]) == (303, "/me/security")  # the other browser began anew
    owner.press("Confirm", code=owners.now())
    assert thief.get("/me/security").press("Set up another app").status == 409
    for path in ("/me/security/app/confirm", "/me/security/passkeys"):
        assert thief.post(path, {"code": owners.now(), "name": "Mine"}).status == 409
    assert not thief.is_in()
    assert owner.is_in()


def test_what_was_typed_before_waits_through_the_second_step(visitor: Come, db: Database, clock):
    guest = visitor(NURSE)
    app, _ = set_up(guest)
    guest.get("/me/preferences")
    sent = [*guest.page.form("/me/preferences").fields, ("theme", "dark")]
    guest.get("/referrals").press("Sign out")
    clock.shift(30)
    guest.send("/me/preferences", sent, headers={"Sec-Fetch-Site": "same-origin"})
    guest.press("Sign in", email=NURSE, password=PASSWORD)
    guest.press("Go on", code=code(app))
    guest.press("Go on where I was")
    assert "Your preferences are saved" in guest.words


def test_an_unknown_address_costs_the_statements_of_a_wrong_password(visitor: Come, db: Database):
    """What is written takes longest, and is committed to disk once in either case."""
    sent = []
    for email in (NURSE, "nobody@x.example"):
        guest = visitor().get("/")
        with statements(db) as found:
            guest.press("Sign in", email=email, password="x")
        sent.append(sum(each.startswith(("INSERT", "UPDATE", "BEGIN IMMEDIATE")) for each in found))
    assert sent[0] == sent[1]


def test_half_a_session_lives_for_ten_minutes(visitor: Come, db: Database, clock):
    app, _ = set_up(visitor(NURSE))
    guest = visitor().sign_in(NURSE)
    with db.reading() as session:
        row = session.scalars(select(UserSession).where(UserSession.lacks.is_not(None))).one()
    assert (row.expires_at, row.proven_at) == (NINE + HALF_IN, None)
    clock.shift(HALF_IN + timedelta(seconds=1))
    assert guest.press("Go on", code=code(app)).at == "/sign-in"


def test_a_network_asks_more_roles_for_one(visitor: Come, db: Database):
    admin = visitor(ADMIN)
    here = visitor(COORDINATOR)
    admin.get("/admin/second-factor").press("Save", roles="coordinator")
    assert not here.is_in(), "whoever has none is asked at once"
    again = visitor().sign_in(COORDINATOR)
    assert again.at == "/me/security"
    set_up(again)
    admin.press("Save", roles="coordinator")
    assert again.is_in(), "whoever has one goes on"
    assert visitor().sign_in(NURSE).at == "/referrals"
    assert visitor(NURSE).get("/admin/second-factor").status == 403
    assert noted(db, Happening.POLICY_CHANGED) == ["second-factor-policy"] * 2


def test_a_role_that_needs_one_is_not_used_before_it_is_there(visitor: Come, world: World):
    admin, nurse = visitor(ADMIN), visitor(NURSE)
    admin.get("/admin/second-factor").press("Save", roles="auditor")
    assert nurse.is_in()
    lakeside = str(world.organizations["lakeside"].id)
    admin.get(f"/admin/users/{world.user_id(NURSE)}/give-role").press(
        "Give the role", organization=lakeside, role="auditor"
    )
    assert admin.status == 200
    assert not nurse.is_in()
    assert visitor().sign_in(NURSE).at == "/me/security"


def test_an_administrator_takes_a_second_factor_off_with_a_reason_and_the_person_is_told(
    start_app: Callable[..., Flask], visitor: Come, db: Database, world: World
):
    app = start_app(smtp_url="smtp://mail.example", mail_from="a@network.example", base_url="https://network.example")
    nurse, page = Visitor(app).let_in(NURSE), f"/admin/users/{world.user_id(NURSE)}/second-factor"
    set_up(nurse)
    admin = Visitor(app).let_in(ADMIN).get(page)
    assert "an authenticator app and 10 recovery codes" in admin.words
    assert admin.press("Take the second factor off").status == 422
    assert admin.press("Take the second factor off", reason="lost").status == 200
    assert not nurse.is_in()
    assert Visitor(app).sign_in(NURSE).at == "/referrals"
    own = f"/admin/users/{world.user_id(ADMIN)}/second-factor"
    assert admin.get(own).press("Take the second factor off", reason="lost").status == 409
    with db.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == Happening.RESET)).one()
        told = session.scalars(select(Delivery.topic).where(Delivery.user_id == world.people[NURSE].id)).all()
    assert (entry.user_id, entry.ids, entry.detail) == (world.people[ADMIN].id, [world.user_id(NURSE)], {"reason": "lost"})  # fmt: skip
    assert {"account second-factor-reset", "account app-set-up"} <= set(told)


def test_every_way_in_and_out_is_in_the_audit_and_no_address_is(visitor: Come, db: Database, world: World, capfd):
    visitor().sign_in(NURSE).press("Sign out")
    visitor().sign_in(NURSE, "not the password")
    visitor().sign_in("stranger@x.example", PASSWORD)
    assert noted(db, *Happening) == ["sign-in", "sign-out", "sign-in-failed"]
    with db.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action.in_(list(Happening)))).all()
    assert {entry.user_id for entry in entries} == {world.people[NURSE].id}
    assert not any("@" in repr(vars(entry)) for entry in entries)
    assert "stranger" not in "".join(capfd.readouterr())


def test_everything_that_happens_has_words():
    assert set(HAPPENED) == set(Happening)
    assert {topic_words(f"account {each}") for each in TOLD_BY_LETTER} == {HAPPENED[each] for each in TOLD_BY_LETTER}
