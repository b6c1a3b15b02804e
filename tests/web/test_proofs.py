"""What matters most needs a fresh proof; what a browser does by itself keeps nobody signed in; sessions are ended from afar."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from referrals.domain.second_factor import FRESH, TRIES_AN_HOUR, browser_words, neighborhood
from referrals.models.engine import Database
from referrals.models.user import UserSession
from referrals.web import proofs
from referrals.web.assets import STATIC
from tests.factories import PASSWORD
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
NURSE, ADMIN = "clinician@lakeside.example", "admin@network.example"
NEW_SYSTEM = "/admin/api-clients/new"
# Each place in our scripts that speaks with the service, and whether a person has just done something there.
SPOKEN = {"app.js": ["draft.form.action"], "passkey.js": ["dataset.ask"]}


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, 1, tzinfo=UTC), tick=False) as clock:
        yield clock


def test_the_table_of_what_needs_a_fresh_proof_fits_the_routes(app: Flask):
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("web.")]
    fresh = {rule.endpoint for rule in rules if "POST" in rule.methods and proofs.needs_fresh_proof(rule.endpoint, rule.rule, True)}  # fmt: skip
    assert {rule.endpoint for rule in rules if rule.rule.startswith("/admin/") and "POST" in rule.methods} <= fresh
    assert {"web.editor.sign-opinion-sign", "web.editor.amend-opinion-sign", "web.partner_systems.carry_out"} <= fresh
    assert {rule.endpoint for rule in rules if rule.rule.startswith("/me/security")} <= fresh | {"web.security.show", "web.security.show_app"}  # fmt: skip
    endpoints = {rule.endpoint for rule in rules}
    assert endpoints >= proofs.FOR_SETTING_UP
    assert endpoints >= proofs.BY_ITSELF
    assert not proofs.needs_fresh_proof("web.worklist.show", "/worklist", True)


def test_a_form_waits_for_the_proof_with_what_was_typed_in_it(visitor: Come, clock, db: Database):
    admin = visitor(ADMIN).get("/admin/second-factor")
    old = admin.http.get_cookie("__Host-referrals", path="/").value
    clock.shift(FRESH)
    admin.press("Save", roles="coordinator")
    assert (admin.status, "Prove that it is you" in admin.words) == (401, True)
    assert admin.press("Go on", password="not the password").status == 422
    admin.press("Go on", password=PASSWORD)
    assert "It has not been saved yet." in admin.words
    assert "Whoever must have one and has none is asked at once" in admin.press("Go on where I was").words
    copy = Visitor(admin.app)
    copy.http.set_cookie("__Host-referrals", old, secure=True, path="/")
    assert not copy.is_in()


def test_a_page_that_shows_a_proof_is_led_to_and_a_wrong_proof_is_counted(visitor: Come, clock):
    nurse = visitor(NURSE)
    clock.shift(FRESH)
    assert nurse.get("/me/security").answer.headers["Location"] == "/me/prove?next=%2Fme%2Fsecurity"
    nurse.get("/me/prove?next=/me/security")
    for _ in range(TRIES_AN_HOUR):
        assert nurse.press("Go on", password="x").status == 422
    assert nurse.press("Go on", password=PASSWORD).status == 429
    assert nurse.is_in()


def test_no_proof_is_kept_in_a_page(visitor: Come, clock):
    admin = visitor(ADMIN).get("/me/security")
    clock.shift(FRESH)
    admin.post("/me/security/app/confirm", {"code": "123456"}, follow=False)
    assert (admin.status, admin.answer.headers["Location"]) == (303, "/me/prove?next=%2Fme%2Fsecurity%2Fapp")


def last_seen(db: Database) -> datetime:
    with db.reading() as session:
        return session.scalars(select(UserSession.last_seen_at)).one()


def test_what_a_browser_asks_for_by_itself_keeps_nobody_signed_in(visitor: Come, clock, db: Database):
    nurse, begun = visitor(NURSE), datetime.now(UTC)
    for minutes in range(1, 16, 2):
        clock.move_to(begun + timedelta(minutes=minutes))
        nurse.http.get("/reports/charts/made-up.svg")
        nurse.http.get("/referrals", headers={"Sec-Purpose": "prefetch;prerender"})
    assert last_seen(db) == begun
    clock.move_to(begun + timedelta(minutes=14))
    nurse.http.get("/referrals")
    assert last_seen(db) == begun + timedelta(minutes=14)


def test_every_call_of_our_scripts_is_known_and_none_repeats_by_itself():
    found = {file.name: re.findall(r"fetch\(([\w.]+)", file.read_text()) for file in STATIC.glob("*.js")}
    assert found == SPOKEN
    assert not any("setInterval" in file.read_text() or "EventSource" in file.read_text() for file in STATIC.glob("*.js"))  # fmt: skip


def test_our_scripts_keep_nothing_in_the_browser():
    words = ("localStorage", "sessionStorage", "indexedDB", "caches", "document.cookie", "serviceWorker")
    assert [(file.name, word) for file in STATIC.glob("*.js") for word in words if word in file.read_text()] == []


def test_a_person_sees_where_they_are_signed_in_and_ends_it(visitor: Come, app: Flask, clock):
    here, phone, third = Visitor(app), Visitor(app, "198.51.100.77"), Visitor(app)
    visitor()
    phone.http.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone; CPU) Version/18.0 Mobile Safari/604.1"
    for guest in (phone, third, here):
        guest.sign_in(NURSE)
        clock.shift(60)
    stranger = visitor(ADMIN)
    here.get("/me/sessions")
    assert "Safari on an iPhone" in here.words
    assert "From 198.51.100.x" in here.words
    key = next(button.value for form in here.page.forms for button in form.buttons if "Safari" in button.words)
    assert stranger.post("/me/sessions", {"session": key}).status == 404
    assert phone.is_in()
    here.post("/me/sessions", {"session": key})
    assert not phone.is_in()
    assert third.is_in()
    here.get("/me/sessions").press("End all others")
    assert here.is_in()
    assert stranger.is_in()
    assert not third.is_in()


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Macintosh) Version/18.0 Safari/605.1.15", "Safari on a Mac"),
        ("<script>alert(1)</script>", "A browser"),
    ],
)
def test_a_browser_is_told_by_its_family_alone(agent: str, words: str):
    assert browser_words(agent) == words


def test_of_an_address_the_last_part_is_not_kept():
    told = {each: neighborhood(each) for each in ("203.0.113.9", "2001:db8:7:1::9", "")}
    assert told == {"203.0.113.9": "203.0.113.x", "2001:db8:7:1::9": "2001:db8:7:x", "": ""}
