"""Signing in with an organization's own account: a real provider in its own process, from its form back to our pages."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from config import Settings
from referrals.domain.second_factor import FRESH
from referrals.domain.single_sign_on import LASTS
from referrals.models.door import RateCounter
from referrals.models.engine import Database
from referrals.models.single_sign_on import SignOnAttempt, UserIdentity
from referrals.models.trail import AuditEntry
from referrals.models.user import User
from referrals.web import paths
from referrals.web.views.single_sign_on import UNKNOWN
from tests import identity_provider
from tests.factories import PASSWORD
from tests.identity_provider import Provider
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
HOME = "https://second-opinions.example"
BACK = f"{HOME}{paths.SINGLE_SIGN_ON_BACK}"
BUTTON = "Sign in with Lakeside"
NURSE, COLLEAGUE, ADMIN = "clinician@lakeside.example", "colleague@lakeside.example", "admin@network.example"
COORDINATOR = "coordinator@network.example"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with identity_provider.running() as found:
        yield found


@pytest.fixture
def settings(settings: Settings, provider: Provider) -> Settings:
    client_id, secret = provider.registers(BACK)
    return replace(
        settings,
        base_url=HOME,
        outgoing_allow=("127.0.0.1",),
        second_factor=frozenset({"coordinator"}),
        oidc_issuer=provider.issuer,
        oidc_client_id=client_id,
        oidc_client_secret=secret,
        oidc_name=BUTTON,
        oidc_second_factor=("mfa",),
    )


def way(guest: Visitor, button: str = BUTTON) -> str:
    """Where the page on the way leads to."""
    there = guest.press(button).page.link("Go on")
    assert guest.answer.headers["Refresh"] == f"0; url={there}"
    return there


def way_back(location: str) -> str:
    assert location.startswith(BACK)
    return location.removeprefix(HOME)


def come_back(guest: Visitor, provider: Provider, subject: str) -> Visitor:
    """From our page to the provider's form and back again."""
    path = way_back(provider.sign_in(way(guest.get("/sign-in?next=/me/preferences")), subject))
    return guest._follow(guest.get(path).answer)


def noted(db: Database, email: str) -> list[tuple[str, Any]]:
    with db.reading() as session:
        query = select(AuditEntry.action, AuditEntry.detail).join(User, User.id == AuditEntry.user_id)
        found = session.execute(query.where(User.email == email, AuditEntry.entity == "user").order_by(AuditEntry.id))
        return [(action, detail) for action, detail in found if "sign-" in action or action == "proof"]


def test_somebody_known_signs_in_is_linked_and_leaves(
    visitor: Come, provider: Provider, db: Database, settings: Settings
):
    provider.knows("nadia", email=NURSE.upper(), email_verified=True, auth_time=int(time.time()) + 30)
    guest = visitor().get("/sign-in?next=/me/preferences")
    there = way(guest)
    asked = {name: value[0] for name, value in parse_qs(urlsplit(there).query).items()}
    assert (asked["redirect_uri"], asked["code_challenge_method"], "prompt" in asked) == (BACK, "S256", False)
    with db.reading() as session:
        attempt = session.scalars(select(SignOnAttempt)).one()
        assert not {attempt.id_hash, attempt.state_hash, attempt.verifier} & {*asked.values()}
        assert asked["nonce"] == attempt.nonce
    assert not provider.takes(there.replace("second-opinions.example", "evil.example"))
    path = way_back(provider.sign_in(there, "nadia"))
    stranger = visitor().get(path)
    assert (stranger.status, stranger.is_in()) == (400, False)
    assert guest.get(path.replace("state=", "state=x")).status == 400
    assert guest.get(path).answer.headers["Location"] == "/me/preferences"
    assert guest.is_in()
    assert guest.get(path).status == 400
    assert noted(db, NURSE) == [("single-sign-on-linked", {}), ("sign-in", {"door": "oidc"})]
    guest.get("/me/security")
    assert provider.issuer in guest.words


def test_once_linked_the_providers_own_name_counts_and_signing_out_leads_on_to_it(
    visitor: Come, provider: Provider, settings: Settings
):
    provider.knows("nadia", email=NURSE, email_verified=True)
    guest = come_back(visitor(), provider, "nadia")
    left = guest.post(paths.SIGN_OUT)
    assert left.page.link("Sign out of your organization’s account, too").startswith(
        f"{provider.issuer}/oauth2/end_session?client_id={settings.oidc_client_id}"
    )
    assert "too" not in left.get(paths.SIGNED_OUT).words
    provider.knows("nadia", email="nadia@elsewhere.example", email_verified=False, auth_time=int(time.time()))
    again = come_back(visitor(), provider, "nadia")
    assert again.is_in()
    again.get("/me/security").press(f"Remove {provider.issuer}")
    assert provider.issuer not in again.words
    assert not come_back(visitor(), provider, "nadia").is_in()


def test_nobody_else_is_let_in_and_nobody_is_made(visitor: Come, provider: Provider, db: Database):
    with db.writing() as session:
        session.execute(update(User).where(User.email == COLLEAGUE).values(active=False))
        people = len(session.scalars(select(User.id)).all())
    known = {"email": NURSE, "email_verified": True}
    past = int((datetime.now(UTC) - timedelta(hours=1)).timestamp())
    unknown = "There is no account for you here"
    table = {
        "stranger": ({"email": "nobody@lakeside.example", "email_verified": True}, unknown),
        "without-address": ({"email_verified": True}, unknown),
        "switched-off": ({"email": COLLEAGUE, "email_verified": True}, unknown),
        "unverified": ({"email": NURSE, "email_verified": False}, "Your address is not confirmed"),
        "verified-in-words": ({"email": NURSE, "email_verified": "true"}, "Your address is not confirmed"),
        **{
            f"wrong-{name}": ({**known, name: value}, "We could not make sure that it is you")
            for name, value in (("nonce", "x"), ("aud", "x"), ("iss", "https://x.example"), ("azp", "x"), ("exp", past), ("at_hash", "x"))
        },
    }  # fmt: skip
    for subject, (claims, words) in table.items():
        provider.knows(subject, **claims)
        guest = come_back(visitor(), provider, subject)
        assert (words in guest.words, guest.status, guest.is_in()) == (True, 403, False), subject
        assert NURSE not in guest.answer.text
    with db.reading() as session:
        assert session.scalars(select(UserIdentity)).all() == []
        assert len(session.scalars(select(User.id)).all()) == people
        assert session.scalars(select(RateCounter.count).where(RateCounter.subject == UNKNOWN)).all()
    assert [detail["reason"] for _, detail in noted(db, NURSE)] == ["unverified", "unverified"]
    assert [detail["reason"] for _, detail in noted(db, COLLEAGUE)] == ["switched_off"]


def test_a_second_account_another_browser_and_a_late_or_foreign_answer_open_nothing(visitor: Come, provider: Provider):
    for subject in ("first", "second"):
        provider.knows(subject, email=NURSE, email_verified=True)
    assert come_back(visitor(), provider, "first").is_in()
    assert "linked to another one" in come_back(visitor(), provider, "second").words
    denied = visitor().get("/sign-in")
    assert denied.get(way_back(provider.refuse(way(denied)))).status in (400, 403)
    mixed = visitor().get("/sign-in")
    path = way_back(provider.sign_in(way(mixed), "first"))
    assert mixed.get(f"{path}&iss=https://other.example").status == 403
    late = visitor().get("/sign-in")
    path = way_back(provider.sign_in(way(late), "first"))
    with time_machine.travel(datetime.now(UTC) + LASTS):
        assert late.get(path).status == 400


def test_what_was_typed_while_the_session_ran_out_is_still_there_after_it(
    visitor: Come, provider: Provider, db: Database
):
    provider.knows("nadia", email=NURSE, email_verified=True)
    guest = come_back(visitor(), provider, "nadia")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        guest.press("Save preferences", theme="dark")
        assert guest.status == 401
        forged = visitor().get("/sign-in")
        forged.post(paths.SINGLE_SIGN_ON, {"kept": "x" * 1000, "next": "https://evil.example"})
        guest._follow(guest.get(way_back(provider.sign_in(way(guest), "nadia"))).answer)
        assert "It has not been saved yet." in guest.words
        guest.press("Go on where I was")
    with db.reading() as session:
        preferences = session.scalars(select(User.preferences).where(User.email == NURSE)).one()
        assert preferences["theme"] == "dark"
        assert session.execute(select(SignOnAttempt.onward, SignOnAttempt.kept)).all() == [("/", "")]


def test_a_second_factor_is_still_asked_for_unless_the_provider_states_one(visitor: Come, provider: Provider):
    provider.knows("olga", email=COORDINATOR, email_verified=True)
    assert come_back(visitor(), provider, "olga").at == "/me/security"
    provider.knows("olga", amr=["pwd", "mfa"])
    assert come_back(visitor(), provider, "olga").at == "/me/preferences"


def test_whoever_has_no_password_proves_themselves_anew_at_the_provider(
    visitor: Come, provider: Provider, db: Database
):
    with db.writing() as session:
        session.execute(update(User).where(User.email == NURSE).values(password_hash=None))
    provider.knows("nadia", email=NURSE, email_verified=True, auth_time=int(time.time() - FRESH.total_seconds()))
    provider.knows("somebody", email=ADMIN, email_verified=True)
    guest = come_back(visitor(), provider, "nadia")
    # Somebody may have proved themselves there hours ago, or at another device.
    assert guest.get("/me/security").status == 303
    with time_machine.travel(datetime.now(UTC) + FRESH):
        at = int(datetime.now(UTC).timestamp())
        for claims, subject, words in (
            ({"auth_time": None}, "nadia", "We need a fresh proof"),
            ({"auth_time": at - 600}, "nadia", "We need a fresh proof"),
            ({"auth_time": at}, "somebody", "That is somebody else"),
            ({"auth_time": at}, "nadia", "Signing in"),
        ):
            provider.knows(subject, email=NURSE, email_verified=True, **claims)
            guest.get("/me/prove?next=/me/security")
            assert 'name="password"' not in guest.answer.text
            there = way(guest)
            assert "prompt=login" in there
            guest._follow(guest.get(way_back(provider.sign_in(there, subject))).answer)
            assert words in guest.words, claims
        assert guest.at == "/me/security"
    assert [action for action, _ in noted(db, NURSE)][2:] == ["single-sign-on-refused"] * 3 + ["proof"]


def test_where_it_is_the_only_way_no_password_opens_and_an_administrator_unlinks(
    app: Flask, visitor: Come, provider: Provider, settings: Settings, db: Database
):
    provider.knows("nadia", email=NURSE, email_verified=True)
    guest = come_back(visitor(), provider, "nadia")
    with db.writing() as session:
        nurse = session.scalars(select(User.id).where(User.email == NURSE)).one()
        session.execute(update(User).where(User.id == nurse).values(password_hash=None))
    admin = visitor(ADMIN).get("/admin/users?state=active")
    assert NURSE in admin.words
    assert NURSE not in admin.get("/admin/users?state=invited").words
    assert "Invited" not in admin.get(f"/admin/users/{nurse}").words
    admin.follow_link("Remove the link to the organization’s account").press("Remove the link")
    assert "The link is removed" in admin.words
    assert "Remove the link" not in admin.words
    assert not guest.is_in()
    app.config["SETTINGS"] = replace(settings, oidc_only=True)
    stranger = visitor().get("/sign-in")
    assert 'name="password"' not in stranger.answer.text
    for path in (paths.SIGN_IN, paths.PASSKEY_SIGN_IN):
        stranger.post(path, {"email": NURSE, "password": PASSWORD})
        assert (stranger.status, stranger.is_in()) == (422, False)
    assert come_back(stranger, provider, "nadia").is_in()


def test_without_a_provider_there_is_no_such_door_and_one_that_is_away_is_said_to_be(
    app: Flask, visitor: Come, settings: Settings
):
    app.config["SETTINGS"] = replace(settings, oidc_issuer="http://127.0.0.1:1")
    assert visitor().get("/sign-in").press(BUTTON).status == 503
    app.config["SETTINGS"] = replace(settings, oidc_issuer=None)
    assert BUTTON not in visitor().get("/sign-in").words
    assert visitor().get(paths.SINGLE_SIGN_ON_BACK).answer.headers["Location"] == paths.SIGN_IN
