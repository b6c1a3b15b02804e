"""What a provider has signed is believed only if all of it fits, and a provider is only what it says it is."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from config import Settings
from referrals.boundary.id_tokens import Expected, kid_of, read_id_token, signing_keys
from referrals.boundary.identity_provider import IdentityProvider
from referrals.boundary.outgoing import Outgoing, Reply
from referrals.boundary.outgoing_places import Unreachable
from referrals.domain.single_sign_on import SKEW, NotLetIn, Purpose, Refused, Said, is_fresh
from referrals.pathway.single_sign_on import Asked, Attempt, Waiting

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
ISSUER, CLIENT, NONCE, BACK = "https://login.example.org/h", "referrals", "nonce-1", "https://so.example/back"
KEY, OTHER_KEY = (ECKey.generate_key("P-256", {"kid": kid, "use": "sig"}) for kid in ("k1", "k2"))
EXPECTED = Expected(ISSUER, CLIENT, NONCE, ("mfa", "urn:strong"))
CLAIMS = {
    "iss": ISSUER, "aud": CLIENT, "sub": "n-1", "exp": AT + 300, "iat": AT, "nonce": NONCE,
    "email": "nadia@lakeside.example", "email_verified": True,
}  # fmt: skip


def public(*keys: ECKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def signed(changes: Mapping[str, Any] = {}, key: Any = KEY, **header: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    header = {"alg": "ES256", "kid": "k1", **header}
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


def unsigned(algorithm: str) -> str:
    parts = ({"alg": algorithm, "kid": "k1"}, CLAIMS)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


def read(token: str, keys: Mapping[str, Any] | None = None) -> Said:
    return read_id_token(token, keys or signing_keys(public(KEY)), "an access token", EXPECTED, NOW)


def test_a_token_that_fits_says_who_it_is():
    said = read(signed({"amr": ["pwd", "mfa"], "auth_time": AT - 5}))
    assert (said.subject, said.email, said.is_email_verified, said.has_second_factor) == (
        "n-1", "nadia@lakeside.example", True, True,
    )  # fmt: skip
    assert is_fresh(said, NOW)
    assert not is_fresh(said, NOW + SKEW)
    assert read(signed({"acr": "urn:strong"})).has_second_factor
    plain = read(signed({"email_verified": "true", "amr": ["pwd"], "aud": [CLIENT, "x"], "azp": CLIENT}))
    assert (plain.is_email_verified, plain.has_second_factor, is_fresh(plain, NOW)) == (False, False, False)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"nonce": "another"}, Refused.WRONG_CLAIM),
        ({"nonce": None}, Refused.WRONG_CLAIM),
        ({"iss": "https://login.example.org/other"}, Refused.WRONG_CLAIM),
        ({"iss": ISSUER + "/"}, Refused.WRONG_CLAIM),
        ({"aud": "another client"}, Refused.WRONG_CLAIM),
        ({"aud": ["another client"]}, Refused.WRONG_CLAIM),
        ({"aud": [CLIENT, "another"]}, Refused.WRONG_CLAIM),
        ({"azp": "another"}, Refused.WRONG_CLAIM),
        ({"aud": None}, Refused.WRONG_CLAIM),
        ({"sub": None}, Refused.WRONG_CLAIM),
        ({"sub": ""}, Refused.WRONG_CLAIM),
        ({"sub": "x" * 256}, Refused.WRONG_CLAIM),
        ({"exp": None}, Refused.WRONG_CLAIM),
        ({"iat": None}, Refused.WRONG_CLAIM),
        ({"iat": AT + 61}, Refused.WRONG_CLAIM),
        ({"nbf": AT + 61}, Refused.WRONG_CLAIM),
        ({"at_hash": "bm90IHRoYXQgdG9rZW4"}, Refused.WRONG_CLAIM),
        ({"at_hash": 7}, Refused.WRONG_CLAIM),
        ({"amr": "mfa"}, Refused.WRONG_CLAIM),
        ({"exp": AT - 60}, Refused.EXPIRED),
    ],
)
def test_a_claim_that_does_not_fit_lets_nobody_in(changes: Mapping[str, Any], reason: Refused):
    with pytest.raises(NotLetIn) as refusal:
        read(signed(changes))
    assert refusal.value.reason is reason


def test_a_signature_that_is_none_or_not_theirs_lets_nobody_in():
    body = signed()
    shared = OctKey.import_key(json.dumps(public(KEY)).encode(), {"kid": "k1"})
    for token, reason in (
        (unsigned("none"), Refused.WRONG_ALGORITHM),
        (signed(key=shared, alg="HS256"), Refused.WRONG_ALGORITHM),
        (unsigned("ES256"), Refused.BAD_SIGNATURE),
        (signed(key=OTHER_KEY), Refused.BAD_SIGNATURE),
        (body[:-6] + "AAAAAA", Refused.BAD_SIGNATURE),
        (signed(key=OTHER_KEY, kid="k2"), Refused.UNKNOWN_KEY),
        ("a.b", Refused.BAD_SIGNATURE),
        ("x" * 20_001, Refused.BAD_SIGNATURE),
    ):
        with pytest.raises(NotLetIn) as refusal:
            read(token)
        assert refusal.value.reason is reason, token[:40]
    with pytest.raises(NotLetIn):
        read(body, {"keys": []})


def test_only_public_keys_that_sign_are_taken_from_a_providers_set():
    known = KEY.as_dict(private=True)
    found = signing_keys({"keys": [known, {"kty": "oct", "k": "x", "kid": "k1"}, {**known, "use": "enc"}, "x"]})
    assert found == {"keys": [KEY.as_dict(private=False)]}
    for strange in (None, [], {"keys": 1}):
        assert signing_keys(strange) == {"keys": []}


DESCRIBED = {
    "issuer": ISSUER, "authorization_endpoint": "https://login.example.org/authorize?tenant=1",
    "token_endpoint": "https://login.example.org/token", "jwks_uri": "https://login.example.org/keys",
    "end_session_endpoint": "https://login.example.org/out",
}  # fmt: skip


class Standing:
    """Answers in the provider's place, and keeps what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **described: Any) -> None:
        self.described = {**DESCRIBED, **described}
        self.keys: tuple[ECKey, ...] = (KEY,)
        self.token = signed()
        self.asked: list[tuple[str, Mapping[str, str], dict[str, list[str]]]] = []
        self.seconds = 1000.0
        monkeypatch.setattr(Outgoing, "send", lambda _, *call: self.answer(*call))

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Reply:
        place = url.rpartition("/")[2]
        self.asked.append((place, headers, parse_qs((body or b"").decode())))
        answers = {
            "openid-configuration": self.described,
            "keys": public(*self.keys),
            "token": {"id_token": self.token, "access_token": "an access token", "token_type": "Bearer"},
        }
        return Reply(200, {}, json.dumps(answers[place]).encode())

    def provider(self, **changes: Any) -> IdentityProvider:
        settings = Settings(oidc_issuer=ISSUER, oidc_client_id=CLIENT, oidc_client_secret="s/cret", **changes)
        return IdentityProvider(settings, BACK, lambda: self.seconds)


ATTEMPT = Attempt(Purpose.SIGN_IN, None, NONCE, "v" * 64, NOW, Waiting())


def test_a_code_is_exchanged_with_our_secret_and_the_verifier_that_only_we_know(monkeypatch: pytest.MonkeyPatch):
    standing = Standing(monkeypatch)
    provider = standing.provider()
    address = provider.address(Asked("secret", "state-1", NONCE, "v" * 64), anew=True)
    sent = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert sent == {
        "tenant": "1", "response_type": "code", "client_id": CLIENT, "redirect_uri": BACK, "scope": "openid email",
        "state": "state-1", "nonce": NONCE, "code_challenge": create_s256_code_challenge("v" * 64),
        "code_challenge_method": "S256", "prompt": "login", "max_age": "0",
    }  # fmt: skip
    assert provider.said("code-1", ATTEMPT, NOW).subject == "n-1"
    assert provider.said("code-2", ATTEMPT, NOW).subject == "n-1"
    assert [place for place, _, _ in standing.asked] == ["openid-configuration", "token", "keys", "token"]
    _, headers, body = standing.asked[1]
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")) == b"referrals:s%2Fcret"
    assert body == {
        "grant_type": ["authorization_code"], "code": ["code-1"], "redirect_uri": [BACK], "code_verifier": ["v" * 64],
    }  # fmt: skip
    posting = Standing(monkeypatch, token_endpoint_auth_methods_supported=["client_secret_post"])
    posting.provider().said("code", ATTEMPT, NOW)
    assert posting.asked[1][2]["client_secret"] == ["s/cret"]


def test_a_key_that_is_new_is_asked_for_once(monkeypatch: pytest.MonkeyPatch):
    standing = Standing(monkeypatch)
    provider = standing.provider()
    provider.said("code", ATTEMPT, NOW)
    standing.token, standing.seconds = signed(key=OTHER_KEY, kid="k2"), standing.seconds + 60
    with pytest.raises(NotLetIn) as refusal:
        provider.said("code", ATTEMPT, NOW)
    assert refusal.value.reason is Refused.UNKNOWN_KEY
    standing.keys, standing.seconds = (KEY, OTHER_KEY), standing.seconds + 60
    assert provider.said("code", ATTEMPT, NOW).subject == "n-1"
    assert [place for place, _, _ in standing.asked].count("keys") == 3
    assert kid_of(standing.token) == "k2"


@pytest.mark.parametrize(
    ("described", "reason"),
    [
        ({"issuer": "https://login.example.org/other"}, Refused.MIXED_UP),
        ({"authorization_endpoint": "http://login.example.org/authorize"}, Refused.UNREACHABLE),
        ({"authorization_endpoint": "javascript:alert(1)"}, Refused.UNREACHABLE),
        ({"token_endpoint": None}, Refused.UNREACHABLE),
        ({"jwks_uri": "https://login.example.org\r\nx"}, Refused.UNREACHABLE),
    ],
)
def test_a_provider_that_describes_itself_as_another_is_not_used(
    described: Mapping[str, Any], reason: Refused, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(NotLetIn) as refusal:
        Standing(monkeypatch, **described).provider().doors()
    assert refusal.value.reason is reason


def test_a_provider_that_says_who_answers_must_say_it_each_time_and_one_that_is_away_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
):
    silent = Standing(monkeypatch).provider()
    silent.refuse_mix_up(None)
    silent.refuse_mix_up(ISSUER)
    naming = Standing(monkeypatch, authorization_response_iss_parameter_supported=True).provider()
    for provider, named in ((silent, "https://evil.example"), (naming, None), (naming, "")):
        with pytest.raises(NotLetIn, match=Refused.MIXED_UP):
            provider.refuse_mix_up(named)
    asked = []

    def away(*call: Any) -> Reply:
        asked.append(call)
        raise Unreachable("timeout")

    standing = Standing(monkeypatch)
    provider = standing.provider()
    monkeypatch.setattr(Outgoing, "send", away)
    for _ in range(3):
        assert provider.sign_out_address(BACK) == ""
    assert len(asked) == 1
