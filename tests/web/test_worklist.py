"""The coordinator's worklist: its order, its views and counts, its filters and pages, and what it costs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from referrals.models.engine import Database
from referrals.models.referral import Referral
from referrals.models.trail import AuditEntry
from referrals.models.user import User
from referrals.pathway import overview, queue
from referrals.web.presenters.worklist import VIEWS
from tests.factories import World, diagnosis, early_breast, patient
from tests.statements import statements
from tests.web.conftest import CLAIMED, Send
from tests.web.visitor import Visitor

BUDGET = 3
MANY = 55


@pytest.fixture
def many(send: Send) -> list[Referral]:
    """More than a page: half of them urgent, each of a person of their own."""
    return [
        send(
            number,
            patient=patient(number, family_name=f"Number{number:03}"),
            **({} if number % 2 else {"diagnosis": early_breast(), "treatments": [], "needed_by": None}),
        )
        for number in range(1, MANY + 1)
    ]


def names(guest: Visitor) -> list[str]:
    """Who stands on the page, from above."""
    return [words for words, href in guest.page.links if href.startswith("/referrals/") and words.startswith("Ada ")]


def test_the_list_stands_in_the_order_of_the_queue(coordinator: Visitor, send: Send):
    late = send(1, patient=patient(1, family_name="Slow"), diagnosis=early_breast(), treatments=[], needed_by=None)
    soon = send(2, patient=patient(2, family_name="Soon"), needed_by=None)
    assert soon.order_at < late.order_at
    page = coordinator.get("/worklist")
    assert names(page) == ["Ada Soon", "Ada Slow"]
    assert page.words.index("Start now") < page.words.index("Ada Soon") < page.words.index("Later")


def test_each_row_says_why_whose_turn_it_is_and_by_when(coordinator: Visitor, send: Send):
    send(1)
    words = coordinator.get("/worklist").words
    for said in ("P1 Immediate", "Distant metastasis", "Coordinator: take it", "days", "Nobody", "C25.0"):
        assert said in words
    assert "Rules set order and due times; a person can change both, with a reason." in words


CALM = {"diagnosis": early_breast(), "treatments": [], "needed_by": None}
RAISED = (("coordinator@network.example", "override", {
    "tier": "P1", "reason": "clinical_judgement", "text": "Growing by the day.",
    "expires_at": (datetime.now(UTC) + timedelta(days=7)).isoformat(),
}),)  # fmt: skip


def test_a_row_whose_priority_a_person_set_says_who_and_what_the_rules_give(
    coordinator: Visitor, clinician: Visitor, send: Send
):
    send(1, steps=RAISED, **CALM)
    said = "P1 Immediate changed by a person"
    why = "Changed by Coordinator: clinical judgement. The rules give P4."
    for words in (
        coordinator.get("/worklist").words,
        coordinator.get("/search").press("Search", q="Example").words,
    ):
        assert said in words
        assert why in words
        assert "None of the four criteria" not in words
    assert said in clinician.get("/referrals").words


def test_a_page_costs_three_statements_beyond_sign_in_however_many_rows(
    coordinator: Visitor, send: Send, db: Database, many: list[Referral]
):
    with statements(db) as signed_in:
        coordinator.get("/help/keyboard")
    for path in ("/worklist", "/worklist/open", "/worklist?sort=due_at&tier=P1", "/worklist/late"):
        with statements(db) as sent:
            coordinator.get(path)
        assert len(sent) - len(signed_in) <= BUDGET, "\n".join(sent)


def test_a_worklist_is_one_entry_in_the_audit(coordinator: Visitor, send: Send, db: Database):
    shown = {str(send(1).id), str(send(2).id)}
    coordinator.get("/worklist")
    with db.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "list")).all()
    assert set(entries[-1].ids) == shown
    assert entries[-1].request_id == coordinator.answer.headers["X-Request-ID"]


def test_every_view_counts_what_it_lists(coordinator: Visitor, send: Send, db: Database):
    send(1)
    send(2, steps=CLAIMED)
    send(3, steps=(*CLAIMED, ("coordinator@network.example", "complete-triage", {})))
    send(4, ago=timedelta(days=40))
    send(5, submit=False)
    send(6, steps=(("clinician@lakeside.example", "withdraw", {"reason": "patient_choice"}),))
    for slug, rule in VIEWS.items():
        coordinator.get(f"/worklist/{slug}" if slug else "/worklist")
        tab = next(words for words, href in coordinator.page.links if words.startswith(rule.label))
        assert int(tab.rsplit(" ", 1)[1]) == len(names(coordinator)), rule.label
    assert count(coordinator, "Team queue") == 4
    assert count(coordinator, "Mine") == 2
    assert count(coordinator, "Not taken") == 2
    assert count(coordinator, "Late") == 1
    assert count(coordinator, "All open") == 4


def count(guest: Visitor, label: str) -> int:
    tab = next(words for words, _ in guest.page.links if words.startswith(label))
    return int(tab.rsplit(" ", 1)[1].replace(",", ""))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tier=P1", {"Urgent", "Taken"}),
        ("tier=P4", {"Calm"}),
        ("status=in_triage", {"Taken"}),
        ("owner=me", {"Taken"}),
        ("owner=none", {"Urgent", "Calm"}),
        ("tumor_family=breast", {"Calm"}),
        ("criterion=resistant", {"Urgent", "Taken"}),
        ("overdue=true", {"Taken"}),
        ("waiting_on=referrer", set()),
        ("tier=P1&owner=none", {"Urgent"}),
        ("tier=&owner=", {"Urgent", "Calm", "Taken"}),
    ],
)
def test_a_filter_shows_what_it_says(coordinator: Visitor, send: Send, query: str, found: set[str]):
    send(1, patient=patient(1, family_name="Urgent"))
    send(2, patient=patient(2, family_name="Calm"), diagnosis=early_breast(), treatments=[], needed_by=None)
    send(3, patient=patient(3, family_name="Taken"), steps=CLAIMED, ago=timedelta(days=20))
    page = coordinator.get(f"/worklist/open?{query}")
    assert {name.removeprefix("Ada ") for name in names(page)} == found
    if not found:
        assert page.page.has_link("Clear filters")


def test_a_filter_by_a_colleague_shows_what_is_theirs(coordinator: Visitor, send: Send, world: World):
    send(1, patient=patient(1, family_name="Theirs"), steps=(("second@network.example", "claim", {}),))
    send(2)
    assert names(coordinator.get(f"/worklist/open?owner={world.user_id('second@network.example')}")) == ["Ada Theirs"]
    assert "Owner: Second" in coordinator.answer.text


@pytest.mark.parametrize(
    "query", ["tier=P9", "status=nothing", "owner=x", "sort=size", "cursor=made-up", "overdue=maybe"]
)
def test_a_filter_that_nobody_knows_is_refused_by_name(coordinator: Visitor, query: str):
    page = coordinator.get(f"/worklist?{query}")
    assert page.status == 422
    assert page.page.title.startswith("Error:")


def test_an_unknown_view_is_no_page(coordinator: Visitor):
    assert coordinator.get("/worklist/everything").status == 404
    assert coordinator.get("/worklist/").status == 404


def test_pages_follow_one_another_without_a_gap_and_hide_what_they_hold(coordinator: Visitor, many: list[Referral]):
    first = names(coordinator.get("/worklist?sort=submitted_at"))
    link = coordinator.page.link("Next page")
    cursor = parse_qs(urlsplit(link).query)["cursor"][0]
    assert "Number" not in link
    assert len(cursor) > 40
    second = names(coordinator.get(link))
    assert len(first) == 50
    assert [*first, *second] == [f"Ada Number{number:03}" for number in range(1, MANY + 1)]
    assert coordinator.page.has_link("First page")
    assert not coordinator.page.has_link("Next page")


def test_a_page_belongs_to_the_list_that_it_was_made_for(
    coordinator: Visitor, visitor: Callable[..., Visitor], many: list[Referral]
):
    coordinator.get("/worklist?sort=submitted_at")
    cursor = parse_qs(urlsplit(coordinator.page.link("Next page")).query)["cursor"][0]
    assert coordinator.get(f"/worklist?cursor={cursor}").status == 422
    assert coordinator.get(f"/worklist/open?sort=submitted_at&cursor={cursor}").status == 422
    assert coordinator.get(f"/worklist?sort=submitted_at&cursor={cursor[:-4]}AAAA").status == 422


def test_the_next_to_open_is_the_first_that_nobody_else_has_taken(coordinator: Visitor, send: Send):
    send(1, steps=(("second@network.example", "claim", {}),))
    second = send(2)
    send(3)
    assert coordinator.get("/worklist").page.link("Open next o") == f"/referrals/{second.id}"


def test_a_row_is_taken_from_the_list(coordinator: Visitor, send: Send, db: Database):
    referral = send(1)
    coordinator.get("/worklist")
    coordinator.press(f"Take {referral.reference}")
    assert (coordinator.status, coordinator.at) == (200, f"/referrals/{referral.id}")
    assert f"Taken: {referral.reference}" in coordinator.words
    with db.reading() as session:
        taken = session.get_one(Referral, referral.id)
    assert (taken.status, taken.owner_id) == ("in_triage", coordinator_id(db))


def coordinator_id(db: Database) -> object:
    with db.reading() as session:
        return session.scalar(select(User.id).where(User.email == "coordinator@network.example"))


def test_of_two_who_take_one_row_the_second_is_told_who_was_first(
    coordinator: Visitor, visitor: Callable[..., Visitor], send: Send
):
    referral, second = send(1), visitor("second@network.example")
    coordinator.get("/worklist")
    second.get("/worklist")
    coordinator.press(f"Take {referral.reference}")
    second.press(f"Take {referral.reference}")
    assert second.status == 409
    assert "Taken by Coordinator at" in second.words
    assert second.page.link("Open the referral") == f"/referrals/{referral.id}"


@pytest.mark.parametrize("email", ["admin@network.example", "auditor@network.example"])
def test_who_only_reads_is_offered_nothing_to_take(visitor: Callable[..., Visitor], send: Send, email: str):
    send(1)
    guest = visitor(email)
    assert names(guest.get("/worklist")) == ["Ada Example"]
    assert "Take" not in guest.words
    assert not any(words.startswith(("Open next", "Refused at the door")) for words, _ in guest.page.links)


@pytest.mark.parametrize("email", ["clinician@lakeside.example", "specialist@summit.example"])
def test_the_worklist_is_the_networks(visitor: Callable[..., Visitor], email: str):
    assert visitor(email).get("/worklist").status == 403


def test_an_empty_view_says_why_and_what_next(coordinator: Visitor):
    words = coordinator.get("/worklist/late").words
    assert "No promised time has passed." in words
    assert coordinator.page.link("See all open") == "/worklist/open"


def test_more_than_a_thousand_are_counted_as_such(coordinator: Visitor, send: Send, monkeypatch: pytest.MonkeyPatch):
    for module in (queue, overview):
        monkeypatch.setattr(module, "COUNTED_UP_TO", 1)
    send(1)
    send(2)
    assert "Team queue 1+" in coordinator.get("/worklist").words


def test_a_referral_of_long_ago_is_late_in_words(coordinator: Visitor, send: Send, db: Database):
    referral = send(1, diagnosis=diagnosis(), needed_by=None)
    with db.writing() as session:
        session.execute(
            update(Referral).where(Referral.id == referral.id).values(due_at=datetime.now(UTC) - timedelta(hours=3))
        )
    assert "Late by 3 h" in coordinator.get("/worklist").words
