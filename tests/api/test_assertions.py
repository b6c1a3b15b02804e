"""A partner system proves who it is by a key: whatever is odd about what it signed is refused, in words that tell nothing."""

import base64
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import select

from referrals.boundary.assertions import TYPE
from referrals.models.organization import ApiClient, ClientAssertion, ClientRefusal
from referrals.pathway.client_care import register_keys
from referrals.pathway.clients import Keys
from referrals.pathway.key_sets import registered
from tests.boundary.receiver import receiving

HERE = "http://localhost/oauth/token"
GRANT = {"grant_type": "client_credentials", "client_assertion_type": TYPE}
SURE = object()


@pytest.fixture
def databases(databases_of, request):
    """What is decided above the databases is tried on one of them; a test that says otherwise runs on both."""
    kind = getattr(request, "param", "sqlite")
    request.node.user_properties.append(("database", kind))
    return databases_of(kind)


on_both = pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)


@cache
def rsa(bits: int = 2048, which: str = "registered") -> RSAKey:
    return RSAKey.generate_key(bits, auto_kid=False)


@cache
def ec(which: str = "registered") -> ECKey:
    return ECKey.generate_key("P-384", auto_kid=False)


def public(key, kid: str) -> dict:
    return key.as_dict(private=False) | {"kid": kid}


def private(key, kid: str) -> dict:
    return key.as_dict(private=True) | {"kid": kid}


def jwks() -> dict:
    return {"keys": [public(rsa(), "rsa-1"), public(ec(), "ec-1")]}


@pytest.fixture
def client(db, world):
    """The system of Lakeside, with an RSA and an EC key."""
    with db.writing() as session:
        own = session.get_one(ApiClient, world.clients["lakeside"].id)
        register_keys(own, Keys(jwks=registered(jwks())))
    return own.client_id


def claims(client_id: str, **changes) -> dict:
    now = int(time.time())
    own = {
        "iss": client_id,
        "sub": client_id,
        "aud": HERE,
        "exp": now + 240,
        "iat": now,
        "jti": f"once-{time.time_ns()}",
    }
    return {name: value for name, value in (own | changes).items() if value is not SURE}


def signed(payload: dict, key=None, alg: str = "RS384", kid: str = "rsa-1", **header) -> str:
    return jws.serialize_compact(
        {"alg": alg, "kid": kid, "typ": "JWT", **header},
        json.dumps(payload),
        key or rsa(),
        algorithms=[alg],
        registry=FREE,
    )


class Free(jws.JWSRegistry):
    """Signs whatever a forger would sign."""

    def check_header(self, header):
        return None


FREE = Free(algorithms=["RS384", "ES384", "RS256", "PS384"])


def by_hand(header: dict, payload: dict, signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(payload).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def ask(app, assertion: str, **more):
    return app.test_client().post("/oauth/token", data=GRANT | {"client_assertion": assertion} | more)


def test_a_client_gets_a_token_for_what_it_signed_with_either_kind_of_key(app, stranger, client, db):
    answer = ask(app, signed(claims(client)), scope="referrals:read")
    assert (answer.status_code, answer.json["scope"]) == (200, "referrals:read")
    stranger.token = answer.json["access_token"]
    assert stranger.get("/me").json["client"] == "lakeside system"
    assert ask(app, signed(claims(client, aud=[HERE]), ec(), "ES384", "ec-1"), client_id=client).status_code == 200
    with db.reading() as session:
        assert session.get_one(ApiClient, session.scalar(select(ClientAssertion.client_id).limit(1))).last_used_at


def confused(client_id: str) -> str:
    """The public key as the secret of an HMAC, made by hand: our own library refuses to sign so."""
    unsigned = by_hand({"alg": "HS384", "kid": "rsa-1"}, claims(client_id)).rstrip(".")
    signature = hmac.digest(rsa().as_pem(private=False), unsigned.encode(), "sha384")
    return f"{unsigned}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def soon(seconds: int) -> int:
    return int(time.time()) + seconds


FORGED = {
    "alg none": (lambda me: by_hand({"alg": "none", "kid": "rsa-1"}, claims(me)), "wrong_algorithm"),
    "no alg": (lambda me: by_hand({"kid": "rsa-1"}, claims(me)), "wrong_algorithm"),
    "key confusion": (confused, "wrong_algorithm"),
    "RS256": (lambda me: signed(claims(me), alg="RS256"), "wrong_algorithm"),
    "PS384": (lambda me: signed(claims(me), alg="PS384"), "wrong_algorithm"),
    "alg of the other key": (lambda me: by_hand({"alg": "ES384", "kid": "rsa-1"}, claims(me), b"x" * 96), "unknown_key"),
    "foreign key": (lambda me: signed(claims(me), rsa(2048, "foreign")), "bad_signature"),
    "no signature": (lambda me: by_hand({"alg": "RS384", "kid": "rsa-1"}, claims(me)), "bad_signature"),
    "unknown kid": (lambda me: signed(claims(me), kid="rsa-2"), "unknown_key"),
    "no kid": (lambda me: signed(claims(me), kid=None), "unknown_key"),
    "jwk in the header": (lambda me: signed(claims(me), jwk=public(rsa(), "x")), "foreign_header"),
    "jku elsewhere": (lambda me: signed(claims(me), jku="https://evil.example/keys"), "foreign_header"),
    "crit": (lambda me: by_hand({"alg": "RS384", "kid": "rsa-1", "crit": ["x"]}, claims(me)), "foreign_header"),
    "wrong aud": (lambda me: signed(claims(me, aud="http://localhost/oauth/token/")), "wrong_audience"),
    "also for others": (lambda me: signed(claims(me, aud=[HERE, "https://other.example"])), "wrong_audience"),
    "no aud": (lambda me: signed(claims(me, aud=SURE)), "wrong_audience"),
    "other sub": (lambda me: signed(claims(me, sub="somebody")), "wrong_subject"),
    "no sub": (lambda me: signed(claims(me, sub=SURE)), "wrong_subject"),
    "expired": (lambda me: signed(claims(me, exp=soon(-60), iat=soon(-300))), "expired"),
    "long exp": (lambda me: signed(claims(me, exp=soon(400))), "too_long"),
    "far exp": (lambda me: signed(claims(me, exp=10**17)), "too_long"),
    "no exp": (lambda me: signed(claims(me, exp=SURE)), "missing_claim"),
    "exp in words": (lambda me: signed(claims(me, exp="soon")), "missing_claim"),
    "exp true": (lambda me: signed(claims(me, exp=True)), "missing_claim"),
    "issued tomorrow": (lambda me: signed(claims(me, iat=soon(90))), "not_yet"),
    "not before tomorrow": (lambda me: signed(claims(me, nbf=soon(90))), "not_yet"),
    "no jti": (lambda me: signed(claims(me, jti=SURE)), "missing_claim"),
    "empty jti": (lambda me: signed(claims(me, jti="")), "missing_claim"),
    "jti as a number": (lambda me: signed(claims(me, jti=7)), "missing_claim"),
    "unknown client": (lambda me: signed(claims("nobody")), None),
    "not a JWT": (lambda me: "a.b", None),
    "half of a character": (lambda me: by_hand({"alg": "RS384"}, {"iss": "\ud800"}), None),
    "no object": (lambda me: "W10.W10.W10", None),
    "not ASCII": (lambda me: "é.é.é", None),
    "a member twice": (lambda me: base64.urlsafe_b64encode(b'{"alg":"RS384","alg":"none"}').decode() + ".e30.", None),
}  # fmt: skip


def test_whatever_is_odd_about_an_assertion_is_refused_without_saying_why(app, db, client, world):
    """One text for all; the reason stands in the record of the client, for the administrators."""
    answers = {}
    for name, (forge, doubt) in FORGED.items():
        answer = ask(app, forge(client))
        answers[name] = answer.status_code, answer.text
        with db.writing() as session:
            noted = session.scalars(select(ClientRefusal.code)).all()
            assert noted == ([] if doubt is None else [doubt]), name
            session.query(ClientRefusal).delete()
    assert {status for status, _ in answers.values()} == {401}
    assert len(set(answers.values())) == 1
    assert json.loads(answers["alg none"][1])["error"] == "invalid_client"
    with db.reading() as session:
        assert session.scalars(select(ClientAssertion)).all() == []


def test_who_has_keys_has_no_secret_and_who_has_a_secret_has_no_keys(app, client, world):
    shown = {"client_id": client, "client_secret": world.secrets["lakeside"], "grant_type": "client_credentials"}
    assert app.test_client().post("/oauth/token", data=shown).json["error"] == "invalid_client"
    assert ask(app, signed(claims(world.clients["hillcrest"].client_id))).json["error"] == "invalid_client"
    for more in ({"client_secret": "x"}, {"client_assertion_type": "jwt"}):
        answer = ask(app, signed(claims(client)), **more)
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    assert ask(app, signed(claims(client)), client_id="other").status_code == 401


def test_the_audience_is_the_name_that_the_settings_give_us(start_app, client):
    app = start_app(base_url="https://referrals.example.org")
    assert ask(app, signed(claims(client))).status_code == 401
    assert ask(app, signed(claims(client, aud="https://referrals.example.org/oauth/token"))).status_code == 200


@on_both
def test_of_all_who_show_one_assertion_at_once_one_gets_a_token(start_app, client, db):
    """Two applications that share nothing but the database, as two processes do."""
    apps, assertion = [start_app(), start_app()], signed(claims(client, jti="the only one"))
    with ThreadPoolExecutor(6) as pool:
        tries = [pool.submit(lambda app=app: ask(app, assertion).status_code) for app in apps * 3]
    assert sorted(each.result() for each in tries) == [200, 401, 401, 401, 401, 401]
    assert ask(apps[0], assertion).status_code == 401
    with db.reading() as session:
        kept = session.scalars(select(ClientAssertion)).one()
        # One row, or two where the minute ends in between.
        refused = session.execute(select(ClientRefusal.code, ClientRefusal.times)).all()
    assert {code for code, _ in refused} == {"replayed"}
    assert sum(times for _, times in refused) == 6
    assert kept.until > datetime.now(UTC)


def published(keys: dict, cache_control: str):
    def answer(handler, heard) -> None:
        body = json.dumps(keys).encode()
        handler.send_response(200)
        handler.send_header("Cache-Control", cache_control)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def test_keys_at_an_address_are_fetched_kept_and_fetched_once_more_for_a_new_key(start_app, db, client, world):
    with receiving(published({"keys": [public(rsa(), "rsa-1")]}, "max-age=600")) as receiver:
        app, seconds = start_app(outgoing_allow=("127.0.0.1/32",)), iter(range(0, 10_000, 100))
        app.extensions["published_keys"]._clock = lambda: next(seconds)
        with db.writing() as session:
            register_keys(session.get_one(ApiClient, world.clients["lakeside"].id), Keys(url=receiver.url))
        answers = [ask(app, signed(claims(client), jku=receiver.url)).status_code for _ in range(2)]
        assert (answers, len(receiver.heard)) == ([200, 200], 1)
        receiver.answer = published(jwks(), "no-store")
        assert ask(app, signed(claims(client), ec(), "ES384", "ec-1")).status_code == 200
        assert len(receiver.heard) == 2
        receiver.answer = published({"keys": [private(rsa(), "rsa-1")]}, "max-age=5")
        assert ask(app, signed(claims(client))).status_code == 401
        receiver.answer = lambda handler, heard: handler.send_error(500)
        assert ask(app, signed(claims(client))).status_code == 401
    with db.reading() as session:
        assert set(session.scalars(select(ClientRefusal.code))) == {"unknown_key", "keys_unreachable"}
