"""A form outlives the cookie that it was made under: what was typed in it goes back to its author, and to nobody else."""

from collections.abc import Callable

import pytest
from flask import Flask

from referrals.models.engine import Database
from tests.factories import PASSWORD, World
from tests.web import scenery as scene
from tests.web.draft import NAMES, only
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
NURSE, COLLEAGUE = "clinician@lakeside.example", "colleague@lakeside.example"
OURS = {"Sec-Fetch-Site": "same-origin"}
NEW = "/referrals/new"


@pytest.fixture
def guest(visitor: Come) -> Visitor:
    return visitor(NURSE)


def opened(guest: Visitor) -> list[tuple[str, str]]:
    """What the window with the form in it will send, whatever happens to the cookie."""
    guest.get(NEW)
    return [*(dict(guest.page.form(NEW).fields) | NAMES | {"save": "yes"}).items()]


def send(guest: Visitor, sent: list[tuple[str, str]], **headers: str) -> Visitor:
    return guest.send(NEW, sent, headers=headers or OURS)


def sign_out(guest: Visitor) -> None:
    guest.get("/referrals").press("Sign out")


def forget_cookie(guest: Visitor) -> None:
    guest.http.delete_cookie("__Host-referrals", path="/")


@pytest.mark.parametrize("change", [sign_out, forget_cookie])
def test_whoever_was_signed_out_elsewhere_signs_in_and_goes_on(
    guest: Visitor, db: Database, change: Callable[[Visitor], None]
):
    sent = opened(guest)
    change(guest)
    before = scene.contents(db)
    send(guest, sent)
    assert guest.status == 401
    assert "what you typed is kept" in guest.words
    assert "Grete" not in guest.answer.text
    assert scene.contents(db) == before
    guest.press("Sign in", email=NURSE, password=PASSWORD)
    assert "It has not been saved yet." in guest.words
    guest.press("Go on where I was")
    assert only(db).patient_given_name == "Grete"


def test_what_was_typed_is_kept_for_its_author_alone(guest: Visitor, db: Database):
    sent = opened(guest)
    sign_out(guest)
    send(guest, sent).press("Sign in", email=COLLEAGUE, password=PASSWORD)
    assert guest.at == NEW
    assert "Grete" not in guest.answer.text


def test_whoever_signed_in_again_elsewhere_goes_on_at_once(guest: Visitor, db: Database):
    sent = opened(guest)
    sign_out(guest)
    guest.sign_in(NURSE)
    before = scene.contents(db)
    send(guest, sent)
    assert guest.status == 400
    assert "It has not been saved yet." in guest.words
    assert scene.contents(db) == before
    guest.press("Go on where I was")
    assert only(db).patient_given_name == "Grete"


def test_somebody_else_who_signed_in_elsewhere_is_shown_nothing_of_it(guest: Visitor, db: Database):
    sent = opened(guest)
    sign_out(guest)
    guest.sign_in(COLLEAGUE)
    before = scene.contents(db)
    send(guest, sent)
    assert guest.status == 400
    assert "Grete" not in guest.answer.text
    assert scene.contents(db) == before


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}, {"Origin": "https://localhost"}])  # fmt: skip
def test_what_another_site_may_have_sent_is_neither_done_nor_kept(
    guest: Visitor, db: Database, headers: dict[str, str]
):
    sent = opened(guest)
    for change in (sign_out, sign_in_again):
        change(guest)
        before = scene.contents(db)
        send(guest, sent, **headers)
        assert guest.status == 400
        assert "Grete" not in guest.answer.text
        assert not any("kept" in form.names for form in guest.page.forms)
        assert scene.contents(db) == before


def sign_in_again(guest: Visitor) -> None:
    guest.sign_in(NURSE)


def test_an_author_cannot_be_made_up(guest: Visitor):
    sent = dict(opened(guest))
    sign_out(guest)
    for made_up in ("", "x", sent["csrf_token"], sent["written_for"][:-3]):
        send(guest, [*(sent | {"written_for": made_up}).items()])
        assert guest.at == f"/sign-in?next={NEW.replace('/', '%2F')}"
        assert "kept" not in guest.page.forms[0].names


def test_signing_out_twice_keeps_nothing(guest: Visitor):
    guest.get("/referrals")
    sent = guest.page.form("/sign-out").fields
    sign_out(guest)
    guest.send("/sign-out", sent, headers=OURS)
    assert (guest.at, guest.status) == ("/sign-in", 200)
    assert "kept" not in guest.words


def test_no_button_acts_under_a_token_of_before(app: Flask, visitor: Come, db: Database, world: World):
    scenery = scene.build(db, world, app.extensions["archive"])
    guest = visitor(scene.COORDINATOR)
    author = dict(guest.get("/worklist").page.form("/sign-out").fields)["written_for"]
    before = scene.contents(db)
    for path in scene.addresses(app, "POST", scenery):
        sent = {"csrf_token": "old", "written_for": author, "version": "1", "decision": "same"}
        assert guest.http.post(path, data=sent, headers=OURS).status_code == 400, path
    assert scene.contents(db) == before
    assert guest.is_in()
