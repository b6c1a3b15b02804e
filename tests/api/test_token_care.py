"""Secrets are renewed without a gap, tokens are taken back, and what a client was refused is kept without what it sent."""

import base64
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import func, select

from referrals.boundary.refused_calls import Refusals
from referrals.models.door import RateCounter
from referrals.models.organization import AccessToken, ApiClient, ClientRefusal
from referrals.models.trail import AuditEntry
from referrals.pathway import client_care
from referrals.pathway.client_proof import InvalidClient, issue_to, prove_by_secret
from referrals.pathway.client_record import Refused, last_calls, note_refusals
from tests.factories import routine, unknown_id

ROOT = Path(__file__).resolve().parents[2]
DAY = timedelta(days=1)


@pytest.fixture
def own(db, world):
    """Changes the client of Lakeside: `own(lambda session, client: …)`."""

    def change(how):
        with db.writing() as session:
            return how(session, session.get_one(ApiClient, world.clients["lakeside"].id))

    return change


@pytest.fixture
def ask(app, world):
    """At the token door, as the client of Lakeside with this secret."""

    def asked(secret: str, path: str = "/oauth/token", **form):
        shown = base64.b64encode(f"{world.clients['lakeside'].client_id}:{secret}".encode()).decode()
        form = form or {"grant_type": "client_credentials"}
        return app.test_client().post(path, data=form, headers={"Authorization": f"Basic {shown}"})

    return asked


def refusals(db) -> list[tuple]:
    kept = ClientRefusal
    with db.reading() as session:
        rows = session.execute(select(kept.method, kept.route, kept.status, kept.problem, kept.code, kept.times))
        return sorted(map(tuple, rows))


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_an_old_secret_holds_beside_the_new_one_until_it_ends_by_itself(own, ask, world):
    now, old = datetime.now(UTC), world.secrets["lakeside"]
    new = own(lambda session, client: client_care.renew_secret(session, client, DAY, now))
    assert {ask(secret).status_code for secret in (old, new)} == {200}
    used = own(lambda session, client: (client.secret_used_at, client.old_secret_used_at, client.last_used_at))
    assert all(used), "whoever looks sees that the old one is still in use"
    with time_machine.travel(now + DAY + timedelta(seconds=1), tick=False):
        assert (ask(old).status_code, ask(new).status_code) == (401, 200)
    own(lambda session, client: client_care.end_old_secret(client))
    assert (ask(old).status_code, ask(new).status_code) == (401, 200)
    newest = own(lambda session, client: client_care.renew_secret(session, client, timedelta(0), now))
    assert (ask(new).status_code, ask(newest).status_code) == (401, 200)


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_token_is_given_back_and_another_clients_is_left_alone(ask, stranger, hillcrest, world, app):
    secret = world.secrets["lakeside"]
    stranger.token = ask(secret).json["access_token"]
    assert stranger.get("/me").status_code == 200
    for token in (stranger.token, stranger.token, "unknown", hillcrest.token):
        answer = ask(secret, "/oauth/revoke", token=token, token_type_hint="access_token")
        assert (answer.status_code, answer.text, answer.headers["Cache-Control"]) == (200, "", "no-store")
    assert stranger.get("/me").status_code == 401
    assert hillcrest.get("/me").status_code == 200
    assert ask("wrong", "/oauth/revoke", token=hillcrest.token).json["error"] == "invalid_client"
    assert ask(secret, "/oauth/revoke", token_type_hint="x").json["error"] == "invalid_request"


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_what_was_proven_before_the_client_was_switched_off_or_renewed_gets_no_token(own, world, db):
    now, client_id = datetime.now(UTC), world.clients["lakeside"].client_id
    with db.reading() as session:
        proven = prove_by_secret(session, client_id, world.secrets["lakeside"], now)
    for change in (client_care.switch_off, renewed_at_once):
        own(change)
        with pytest.raises(InvalidClient), db.writing() as session:
            issue_to(session, proven, ["referrals:read"], now)
        own(lambda session, client: client_care.switch_on(client))


def renewed_at_once(session, client) -> None:
    client_care.renew_secret(session, client, timedelta(0), datetime.now(UTC))


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_client_that_is_switched_off_loses_its_tokens_for_good(own, ask, lakeside, world, db):
    own(client_care.switch_off)
    own(lambda session, client: client_care.switch_on(client))
    assert lakeside.get("/me").status_code == 401
    assert ask(world.secrets["lakeside"]).status_code == 200
    own(lambda session, client: client_care.change_client(session, client, "EHR", ["events:read"], None))
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(AccessToken)) == 0


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_every_answer_tells_the_limit_and_a_client_may_have_its_own(own, lakeside, hillcrest):
    own(lambda session, client: client_care.change_client(session, client, client.name, client.scopes, 7))
    with time_machine.travel(datetime.now(UTC), tick=False):  # the minute must not change between the calls
        answers = seven_calls(lakeside)
    assert [each.status_code for each in answers] == [403, 404, 409, 422, 200, 428, 429]
    assert {each.headers["RateLimit-Policy"] for each in answers} == {'"default";q=7;w=60'}
    assert answers[0].headers["RateLimit"].startswith('"default";r=5;t=')
    assert hillcrest.get("/me").headers["RateLimit-Policy"] == '"default";q=1200;w=60'


def seven_calls(partner):
    referral = partner.create(routine())
    return [
        partner.post(f"/referrals/{referral['id']}/cancel", {}, headers={"If-Match": "*"}),
        partner.get(f"/referrals/{unknown_id()}"),
        partner.post("/referrals", routine()),
        partner.post("/referrals", {}),
        partner.get("/me"),
        partner.post(f"/referrals/{referral['id']}/withdraw", {"reason": "other"}),
        partner.get("/me"),
    ]


PROCESS = """
import sys
from datetime import UTC, datetime
from referrals.boundary.limits import Leases
from referrals.boundary.problems import Problem
from referrals.models.engine import Database
database, leases, passed = Database(sys.argv[1]), Leases(1200, size=10), 0
for _ in range(90):
    try:
        leases.admit(database, "client:1", datetime(2026, 11, 18, 9, 30, tzinfo=UTC), 95)
        passed += 1
    except Problem:
        pass
print(passed)
"""


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_two_processes_let_exactly_as_many_calls_pass_as_the_limit_says(database, database_url):
    running = [
        subprocess.Popen([sys.executable, "-c", PROCESS, database_url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    passed = [int(each.communicate(timeout=60)[0]) for each in running]
    assert sum(passed) == 95, passed
    with database.reading() as session:
        assert session.scalar(select(RateCounter.count)) >= 95


def test_what_a_client_was_refused_is_kept_as_routes_and_reasons(ask, own, lakeside, db, world):
    for _ in range(2):
        lakeside.get(f"/referrals/{unknown_id()}")
    lakeside.post("/referrals", routine(patient={"given_name": "Zebedee"}))
    ask("wrong")
    ask(world.secrets["lakeside"], grant_type="client_credentials", scope="everything")
    assert refusals(db) == [
        ("GET", "/api/v1/referrals/<referral_id>", 404, "not-found", "", 2),
        ("POST", "/api/v1/referrals", 422, "validation", "required", 1),
        ("POST", "/oauth/token", 400, "invalid_scope", "", 1),
        ("POST", "/oauth/token", 401, "invalid_client", "wrong_secret", 1),
    ]
    lakeside.get("/referrals")
    done = own(last_calls)
    assert [(each.action, each.entity, each.name) for each in done][:1] == [("list", "referral", None)]


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_system_that_comes_in_goes_or_comes_in_vain_stands_in_the_audit_like_a_person(ask, own, world, db):
    secret, client = world.secrets["lakeside"], world.clients["lakeside"]
    token = ask(secret).json["access_token"]
    for _ in ("given back", "nothing left to give back"):
        ask(secret, "/oauth/revoke", token=token)
    ask("wrong")
    own(client_care.switch_off)
    ask(secret)
    with db.reading() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.client_id == client.id)).all()
    assert [(each.action, each.detail) for each in noted] == [
        ("sign-in", {"by": "secret"}),
        ("sign-out", {"by": "secret"}),
        ("proof", {"by": "secret"}),
        ("sign-in-failed", {"reason": "wrong_secret"}),
        ("sign-in-failed", {"reason": "switched_off"}),
    ]
    assert {(each.entity, *each.ids, each.organization_id) for each in noted} == {
        ("client", str(client.id), client.organization_id)
    }
    assert own(last_calls) == [], "the page of what it did speaks of what it read and changed"


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_whoever_only_knows_a_name_fills_no_audit_and_hides_nothing_that_the_system_is_denied(ask, app, db):
    for _ in range(20):
        ask("wrong")
    with db.reading() as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["sign-in-failed"] * 16
    assert not app.extensions["denials"]._counts


def test_a_flood_of_refusals_writes_a_handful_of_rows_and_an_old_one_goes(own, world, db, monkeypatch):
    monkeypatch.setattr("referrals.pathway.client_record.REFUSALS_KEPT", 3)
    now, client = datetime.now(UTC), world.clients["lakeside"]
    call = Refused(client.network_id, client.id, "GET", "/api/v1/me", 429, "rate-limited", "")
    counted = Refusals()
    due = [counted.due(call, now) for _ in range(1000)]
    assert (sum(due), sum(1 for each in due if each)) == (512, 21)
    assert counted.due(call, now + timedelta(minutes=1)) == 1
    for minute in range(6):
        own(lambda session, client, at=now + timedelta(minutes=minute): note_refusals(session, call, "r", at))
    assert len(refusals(db)) == 3
