"""A partner system shows its secret and is given a token: OAuth 2, client credentials."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from referrals.models.organization import AccessToken, ApiClient

FORM = {"grant_type": "client_credentials"}


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def ask(app, form=FORM, headers=None, **more):
    return app.test_client().post("/oauth/token", data=form | more, headers=headers or {})


@pytest.fixture
def secret(world):
    return world.clients["lakeside"].client_id, world.secrets["lakeside"]


def test_a_client_gets_a_token_for_its_secret_in_the_header_or_in_the_body(app, stranger, secret):
    in_header = ask(app, headers=basic(*secret), scope="referrals:read referrals:write")
    in_body = ask(app, client_id=secret[0], client_secret=secret[1])
    assert in_header.status_code == in_body.status_code == 200
    assert in_header.json["scope"] == "referrals:read referrals:write"
    assert (in_header.json["token_type"], in_header.json["expires_in"]) == ("Bearer", 300)
    assert in_header.headers["Cache-Control"] == "no-store"
    assert len(in_body.json["scope"].split()) == 13
    stranger.token = in_header.json["access_token"]
    assert stranger.get("/me").json["scopes"] == ["referrals:read", "referrals:write"]


def test_the_database_keeps_neither_secret_nor_token(app, db, secret):
    token = ask(app, headers=basic(*secret)).json["access_token"]
    with db.reading() as session:
        kept = [*session.scalars(select(AccessToken.token_hash)), *session.scalars(select(ApiClient.secret_hash))]
    assert all(len(each) == 64 for each in kept)
    assert token not in kept
    assert secret[1] not in kept


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        (FORM | {"scope": "everything"}, 400, "invalid_scope"),
        (FORM | {"scope": "referrals:read everything"}, 400, "invalid_scope"),
        ({"grant_type": ["client_credentials", "client_credentials"]}, 400, "invalid_request"),
    ],
)
def test_a_wrong_request_is_refused_in_the_form_of_oauth(app, secret, form, status, error):
    answer = ask(app, form, basic(*secret))
    assert (answer.status_code, answer.json["error"]) == (status, error)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_client_is_not_told_why_it_was_refused(app, db, world, secret):
    client_id, word = secret
    with db.writing() as session:
        session.get(ApiClient, world.clients["hillcrest"].id).active = False
    refused = [
        ask(app, headers=basic(client_id, "wrong")),
        ask(app, headers=basic("nobody", word)),
        ask(app, headers=basic(world.clients["hillcrest"].client_id, world.secrets["hillcrest"])),
        ask(app, client_id=client_id, client_secret="wrong"),
        ask(app, client_id="\0", client_secret="\0"),
        ask(app, headers=basic("a\0b", "é\n")),
    ]
    assert {answer.status_code for answer in refused} == {401}
    assert len({answer.text for answer in refused}) == 1
    assert refused[0].json["error"] == "invalid_client"
    assert refused[0].headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic bm8gY29sb24=", "Bearer abc", "Digest x"])
def test_a_header_that_is_not_basic_is_an_invalid_client(app, world, header):
    answer = ask(app, headers={"Authorization": header})
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_a_secret_is_shown_once(app, secret):
    answer = ask(app, headers=basic(*secret), client_id=secret[0], client_secret=secret[1])
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_no_secret_at_all_and_a_json_body_are_refused(app, secret):
    assert ask(app).json["error"] == "invalid_client"
    answer = app.test_client().post("/oauth/token", json=FORM, headers=basic(*secret))
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_a_client_cannot_widen_its_scopes(app, db, world, partner):
    with db.writing() as session:
        session.get(ApiClient, world.clients["lakeside"].id).scopes = ["referrals:read"]
    pair = world.clients["lakeside"].client_id, world.secrets["lakeside"]
    assert ask(app, headers=basic(*pair), scope="referrals:write").json["error"] == "invalid_scope"
    assert ask(app, headers=basic(*pair)).json["scope"] == "referrals:read"


def test_a_token_lives_for_five_minutes(stranger, app, secret):
    stranger.token = ask(app, headers=basic(*secret)).json["access_token"]
    now = datetime.now(UTC)
    with time_machine.travel(now + timedelta(seconds=290), tick=False):
        assert stranger.get("/me").status_code == 200
    with time_machine.travel(now + timedelta(seconds=310), tick=False):
        answer = stranger.get("/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_client_that_is_switched_off_is_out_at_once(db, world, lakeside):
    assert lakeside.get("/me").status_code == 200
    with db.writing() as session:
        session.get(ApiClient, world.clients["lakeside"].id).active = False
    assert lakeside.get("/me").status_code == 401


def test_token_requests_of_an_address_are_limited(start_app, db, secret):
    app = start_app(token_requests_per_minute=3)
    with time_machine.travel(datetime.now(UTC), tick=False):  # the minute must not change between the calls
        answers = [ask(app, headers=basic(secret[0], "wrong")) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert answers[-1].json["error"] == "temporarily_unavailable"
    assert answers[-1].headers["RateLimit-Policy"]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_a_token_request_that_is_too_large_is_refused_in_the_form_of_its_other_errors(stranger):
    answer = stranger.call("POST", "/oauth/token", data={"grant_type": "x" * 70_000})
    assert (answer.status_code, answer.json["error"]) == (413, "invalid_request")
