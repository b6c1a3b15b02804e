"""What the dashboard says when it cannot do what was asked: a page, with a way on, and nothing that it should not tell."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from referrals.models.engine import Database
from referrals.models.referral import Referral
from referrals.web.views import referral as referral_views, worklist as worklist_views
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]


@pytest.mark.parametrize("email", ["", "coordinator@network.example"])
@pytest.mark.parametrize(
    "path", ["/nowhere", "/referral", "/worklist/", "/.env", "/static/x", "/referrals/1/2/3", "/apis"]
)
def test_an_unknown_path_is_a_page_signed_in_or_not(visitor: Come, email: str, path: str):
    guest = visitor(email).get(path)
    assert (guest.status, guest.answer.mimetype) == (404, "text/html")
    assert "There is no such page" in guest.words


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api", "/oauth/nowhere", "/health/nowhere"])
def test_an_unknown_path_of_a_machine_door_is_none(clinician: Visitor, path: str):
    answer = clinician.get(path).answer
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_failure_nobody_foresaw_is_a_page_with_a_code_and_without_a_word_about_it(
    coordinator: Visitor, claimed: Referral, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fail(*arguments: object) -> None:
        raise RuntimeError("Ada Example has a secret")

    monkeypatch.setattr(referral_views, "referral_page", fail)
    guest = coordinator.get(f"/referrals/{claimed.id}")
    assert guest.status == 500
    assert "Something went wrong on our side" in guest.words
    assert guest.answer.headers["X-Request-ID"] in guest.words
    assert "secret" not in guest.answer.text
    assert "secret" not in caplog.text


def test_a_database_that_does_not_answer_is_a_page_that_says_when_to_come_again(
    coordinator: Visitor, monkeypatch: pytest.MonkeyPatch
):
    def gone(*arguments: object, **options: object) -> None:
        raise OperationalError("SELECT 1", {}, ConnectionError("the host name of the database"))

    monkeypatch.setattr(worklist_views.queue, "worklist", gone)
    guest = coordinator.get("/worklist")
    assert guest.status == 503
    assert guest.answer.headers["Retry-After"] == "5"
    assert guest.page.link("Try again") == "/worklist"
    assert "host name" not in guest.answer.text


def test_the_page_about_a_dead_database_needs_no_database(app: Flask, db: Database, monkeypatch: pytest.MonkeyPatch):
    guest = Visitor(app)
    guest.http.set_cookie("__Host-referrals", "x", secure=True, path="/")

    def gone(*arguments: object) -> None:
        raise OperationalError("SELECT 1", {}, ConnectionError())

    monkeypatch.setattr(Database, "reading", gone)
    monkeypatch.setattr(Database, "writing", gone)
    assert guest.get("/").status == 503
    assert guest.get("/nowhere").status == 404


@pytest.mark.parametrize("query", ["tier=P9", "sort=foo", "cursor=abc"])
def test_a_filter_that_we_do_not_know_can_be_cleared(coordinator: Visitor, query: str):
    guest = coordinator.get(f"/worklist/late?{query}")
    assert guest.status == 422
    assert "We do not know this filter" in guest.words
    assert "Go back" not in guest.words
    assert guest.page.link("Clear filters") == "/worklist/late"


def test_the_address_of_a_button_says_that_it_opens_no_page(coordinator: Visitor, claimed: Referral):
    for path, way_out, href in (
        ("/sign-out", "Go to the start page", "/"),
        (f"/referrals/{claimed.id}/claim", "Open the referral", f"/referrals/{claimed.id}"),
    ):
        guest = coordinator.get(path)
        assert guest.status == 405
        assert "This address opens no page" in guest.words
        assert guest.page.link(way_out) == href


def test_what_fails_below_a_referral_leads_back_to_it_for_whoever_may_read_it(
    coordinator: Visitor, claimed: Referral, visitor: Come
):
    for part in ("override", "contest", "no-such-page"):
        for guest, is_reader in ((coordinator, True), (visitor("clinician@hillcrest.example"), False)):
            guest.get(f"/referrals/{claimed.id}/{part}")
            assert guest.page.has_link("Open the referral") == (is_reader and guest.status != 200), (part, is_reader)


def test_too_much_at_once_is_refused_as_a_page(coordinator: Visitor):
    coordinator.post("/search", {"q": "x" * (2 << 20)})
    assert (coordinator.status, coordinator.answer.mimetype) == (413, "text/html")


def test_what_no_database_stores_is_refused(coordinator: Visitor, visitor: Come):
    assert coordinator.post("/search", {"q": "a\0b"}).status == 400
    assert coordinator.get("/worklist?tumor_family=a%00b").status == 400
    assert coordinator.get("/policies/a%00b").status == 400
    assert visitor().get("/").press("Sign in", email="a\0b", password="x").status == 400


def test_odd_bytes_and_odd_letters_break_nothing(coordinator: Visitor):
    for odd in ("\N{GRINNING FACE}", "\u202e", "%", "_", "'; DROP TABLE referral; --", "\\", "\u00e9" * 300, "ﬃ"):
        assert coordinator.get("/search").press("Search", q=odd).status in (200, 422)
    assert coordinator.http.post("/search", data=b"q=%ff%fe&csrf_token=x").status_code == 400


@pytest.mark.parametrize("word", ["invalid", "breach", "rejected", "please"])
def test_no_page_of_words_scolds_or_begs(visitor: Come, word: str):
    """The words of a clinic are kind and say what to do."""
    for email, paths in {
        "coordinator@network.example": (
            "/worklist",
            "/search",
            "/identity-checks",
            "/refused",
            "/help/order",
            "/nowhere",
        ),
        "clinician@lakeside.example": ("/referrals", "/referrals/new", "/me/preferences", "/worklist"),
    }.items():
        guest = visitor(email)
        for path in paths:
            assert word not in guest.get(path).words.lower().split(), path
