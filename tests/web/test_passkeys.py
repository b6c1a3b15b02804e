"""Passkeys at the dashboard: one is believed only for its own person, here, for the challenge that was just asked."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from referrals.domain.second_factor import Happening
from referrals.models.engine import Database
from referrals.models.second_factor import Passkey
from referrals.models.trail import AuditEntry
from referrals.models.user import User
from tests.factories import World
from tests.soft_authenticator import PRESENT, SoftKey, other_challenge
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
NURSE, COLLEAGUE = "clinician@lakeside.example", "colleague@lakeside.example"
SIGN_IN, PASSKEYS = "/sign-in/passkey", "/me/security/passkeys"


def asked(guest: Visitor, address: str = SIGN_IN) -> dict[str, Any]:
    """What the page's script is told to have signed."""
    answer = guest.http.post(f"{address}/ask", data={"csrf_token": guest.token()})
    assert answer.status_code == 200
    return json.loads(answer.text)


def added(visitor: Come, email: str, **own: Any) -> SoftKey:
    key, guest = SoftKey(**own), visitor(email)
    guest.get("/me/security")
    guest.post(PASSKEYS, {"name": "My phone", "credential": key.created(asked(guest, PASSKEYS))})
    assert "shown this once" in guest.words
    assert "My phone" in guest.get("/me/security").words
    return key


def come_in(guest: Visitor, credential: str) -> Visitor:
    return guest.post(SIGN_IN, {"credential": credential})


def test_a_passkey_alone_signs_in_and_is_asked_for_who_holds_the_device(visitor: Come, db: Database, world: World):
    key = added(visitor, NURSE)
    guest = visitor().get("/")
    options = asked(guest)
    assert (options["userVerification"], options["rpId"], options["allowCredentials"]) == ("required", "localhost", [])
    assert come_in(guest, key.signed(options, world.people[NURSE].id.bytes)).at == "/referrals"
    guest.post("/me/prove/passkey", {"credential": key.signed(asked(guest, "/me/prove/passkey"))})
    with db.reading() as session:
        row = session.scalars(select(Passkey)).one()
        noted = session.scalars(select(AuditEntry.action)).all()
    assert (row.sign_count, row.last_used_at is not None) == (3, True)
    assert {Happening.PASSKEY_ADDED, Happening.CODES_MADE, Happening.SIGNED_IN, Happening.PROVEN} <= set(noted)


def test_after_the_password_a_passkey_is_the_second_factor(visitor: Come):
    key = added(visitor, NURSE)
    guest = visitor().sign_in(NURSE)
    assert guest.at == "/sign-in/second-factor"
    options = asked(guest)
    assert [each["id"] for each in options["allowCredentials"]] == [key.credential_id]
    assert come_in(guest, key.signed(options)).at == "/referrals"


WRONG: dict[str, Callable[[SoftKey, dict[str, Any]], str]] = {
    "another origin": lambda key, options: key.signed(options, origin="https://evil.example"),
    "another challenge": lambda key, options: key.signed(options, challenge=other_challenge()),
    "another ceremony": lambda key, options: key.signed(options, kind="webauthn.create"),
    "another key under its name": lambda key, options: SoftKey(id=key.id, count=9).signed(options),
    "an unknown key": lambda key, options: SoftKey().signed(options),
    "another person's handle": lambda key, options: key.signed(options, b"somebody else 16"),
    "no words": lambda key, options: "",
    "odd words": lambda key, options: json.dumps({"id": 1, "rawId": [[]]}),
    "deep words": lambda key, options: "[" * 9000,
}


def test_what_does_not_fit_is_refused_in_the_same_words(visitor: Come, db: Database):
    key = added(visitor, NURSE)
    guest, said = visitor().get("/"), set()
    for name, answer in WRONG.items():
        come_in(guest, answer(key, asked(guest)))
        assert guest.status == 422, name
        said.add(guest.words)
    assert len(said) == 1
    assert not guest.is_in()
    with db.reading() as session:
        assert session.scalars(select(Passkey.sign_count)).one() == 1


def test_an_answer_counts_once_for_five_minutes_and_for_one_purpose(visitor: Come):
    key, guest = added(visitor, NURSE), visitor().get("/")
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        late = key.signed(asked(guest))
        clock.shift(timedelta(minutes=5, seconds=1))
        assert come_in(guest, late).status == 422
    guest = visitor().get("/")
    answer = key.signed(asked(guest))
    with guest.http.session_transaction() as cookie:
        secret = cookie["passkey"]
    assert come_in(guest, answer).at == "/referrals"
    thief = visitor().get("/")
    with thief.http.session_transaction() as cookie:
        cookie["passkey"] = secret
    assert come_in(thief, answer).status == 422
    guest.post("/me/prove/passkey", {"credential": key.signed(asked(guest, PASSKEYS))})
    assert guest.status == 422


@pytest.mark.parametrize("case", ["count", "not verified", "somebody else", "switched off", "removed"])
def test_a_key_that_may_be_a_copy_or_is_not_theirs_opens_nothing(visitor: Come, db: Database, world: World, case: str):
    key = added(visitor, NURSE, count=7)
    guest = visitor().get("/")
    if case == "somebody else":
        added(visitor, COLLEAGUE)
        guest = visitor().sign_in(COLLEAGUE)
    if case == "count":
        key.count = 7
    if case == "not verified":
        key.flags = PRESENT
    if case == "switched off":
        with db.writing() as session:
            session.execute(update(User).where(User.email == NURSE).values(active=False))
    if case == "removed":
        owner = visitor(NURSE)
        owner.get("/me/security").press("Remove My phone")
        assert "My phone" not in owner.get("/me/security").words
    assert come_in(guest, key.signed(asked(guest))).status == 422
    assert not guest.is_in()


def test_nobody_registers_a_key_under_another_origin_or_removes_somebody_elses(visitor: Come, db: Database):
    key = added(visitor, NURSE)
    guest = visitor(COLLEAGUE).get("/me/security")
    for odd in (SoftKey(origin="https://evil.example"), SoftKey(site="evil.example"), SoftKey(flags=PRESENT), key):
        guest.post(PASSKEYS, {"name": "Mine", "credential": odd.created(asked(guest, PASSKEYS))})
        assert guest.status == 422
    with db.reading() as session:
        foreign = session.scalars(select(Passkey.id)).one()
    assert guest.post(f"{PASSKEYS}/remove", {"passkey": str(foreign)}).status == 404
