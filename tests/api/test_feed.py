"""The feed of what happened: in order, without a gap, and enough to rebuild what a partner knows."""

import threading
import time

import pytest
from sqlalchemy import delete, select, update

from referrals.api.feed import WaitingRoom
from referrals.models.trail import AuditEntry, Event, Outbox
from referrals.pathway.feed import end_of_feed, number_events
from tests.api.partner import codes, pointers
from tests.factories import packet, routine
from tests.statements import statements


def follow(caller, after=0, limit=3):
    """Everything from there on, a few at a time."""
    items = []
    while page := caller.get(f"/events?after={after}&limit={limit}").json["items"]:
        items += page
        after = page[-1]["sequence"]
    return items


def told(caller):
    return [(each["step"], each["from"], each["to"]) for each in follow(caller)]


@pytest.fixture
def returned(lakeside, coordinator, partner, world):
    """A referral that summit gave back, on its way to another center."""
    referral = lakeside.create(routine(1))
    for step in ("claim", "complete-triage"):
        referral = coordinator.take(step, referral).json
    summit = str(world.organizations["summit"].id)
    referral = coordinator.take("offer", referral, center=summit).json
    declined = partner("summit", person="coordinator@summit.example").take(
        "decline-offer", referral, reason="capacity", text="Full until May."
    )
    assert declined.status_code == 200, declined.text
    return coordinator.get(f"/referrals/{referral['id']}").json


def test_everybody_learns_in_order_of_what_happened_while_they_could_read_it(
    lakeside, hillcrest, coordinator, partner, returned
):
    draft = lakeside.create(packet(2, submit=False))
    coordinator.take("release", returned | {"version": "*"})
    own, network, summit = follow(lakeside), follow(coordinator), follow(partner("summit"))
    assert [each["step"] for each in own if each["referral"] != draft["id"]] == [
        "create", "submit", "claim", "complete-triage", "offer", "decline-offer",
    ]  # fmt: skip
    assert [each["step"] for each in own if each["referral"] == draft["id"]] == ["create"]
    assert [each["step"] for each in network] == ["submit", "claim", "complete-triage", "offer", "decline-offer"]
    assert [(each["step"], each["from"], each["to"]) for each in summit] == [
        ("offer", "ready", "offered"), ("decline-offer", "offered", "ready"),
    ]  # fmt: skip
    assert follow(hillcrest) == follow(partner("harbor")) == []
    for items in (own, network, summit):
        sequences = [each["sequence"] for each in items]
        assert sequences == sorted(set(sequences))
    assert {each["sequence"] for each in network} < {each["sequence"] for each in own}
    decided = own[-2]
    assert decided.keys() == {
        "id", "sequence", "referral", "reference", "version", "step", "from", "to", "at", "actor",
    }  # fmt: skip
    assert (decided["reference"], decided["actor"]["party"]) == (returned["reference"], "K")


def test_the_feed_alone_rebuilds_what_a_partner_can_read(lakeside, coordinator, partner, returned):
    """As a partner would who never got a webhook: the last event of each referral is how it stands."""
    lakeside.take("withdraw", lakeside.create(routine(2)), reason="patient_choice")
    lakeside.create(routine(3))
    lakeside.create(packet(4, submit=False))
    for caller in (lakeside, coordinator, partner("summit")):
        rebuilt = {each["reference"]: (each["to"], each["version"]) for each in follow(caller)}
        listed = caller.get("/referrals?status=all").json["items"]
        read = {each["reference"]: (each["status"], each["version"]) for each in listed}
        lost = {returned["reference"]} if caller.token == partner("summit").token else set()
        assert rebuilt.keys() - read.keys() <= {returned["reference"]}
        assert {name: rebuilt[name] for name in read} == read, lost


def test_who_waits_hears_at_once_and_the_others_are_not_kept(app, lakeside, db, world):
    after = follow(lakeside)[-1:] or [{"sequence": 0}]
    heard = {}

    def listen():
        heard["answer"] = lakeside.get(f"/events?after={after[0]['sequence']}&wait=20").json

    listener = threading.Thread(target=listen)
    began = time.monotonic()
    listener.start()
    created = lakeside.create(routine(7))
    listener.join()
    assert time.monotonic() - began < 15
    assert {each["referral"] for each in heard["answer"]["items"]} == {created["id"]}

    room = WaitingRoom(1)
    app.extensions["waiting_room"] = room
    assert room._seats.acquire(blocking=False)
    last = heard["answer"]["next_after"]
    full = lakeside.get(f"/events?after={last + 5}&wait=30").json
    assert full == {"items": [], "next_after": last + 5}


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=9223372036854775808", "limit=0", "limit=201", "wait=31", "cursor=abc"]
)
def test_what_the_feed_is_asked_in_vain_is_named(lakeside, query):
    answer = lakeside.get(f"/events?{query}")
    assert answer.status_code == 422
    assert pointers(answer) == [query.split("=")[0]]


def test_the_highest_number_that_is_documented_may_be_asked_for(lakeside):
    assert lakeside.get(f"/events?after={2**63 - 1}").json == {"items": [], "next_after": 2**63 - 1}


def test_reading_the_feed_is_written_down_and_reading_nothing_is_not(lakeside, coordinator, db, returned):
    first = coordinator.get("/events").json
    coordinator.get(f"/events?after={first['next_after']}")
    with db.reading() as session:
        query = select(AuditEntry.ids).where(AuditEntry.action == "read-events")
        assert session.scalars(query).all() == [[returned["id"]]]


def test_a_page_of_the_feed_costs_the_same_however_long_it_is(lakeside, coordinator, app, returned):
    follow(coordinator)
    costs = []
    for limit in (1, 5):
        with statements(app.extensions["database"]) as seen:
            coordinator.get(f"/events?limit={limit}")
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 6


def test_a_number_is_never_given_twice_even_where_its_event_is_gone(lakeside, db, world):
    lakeside.create(packet(1, submit=False))
    with db.writing() as session:
        assert number_events(session) == 1
        session.execute(delete(Outbox))
    lakeside.create(packet(2, submit=False))
    assert [each["sequence"] for each in follow(lakeside)] == [2]
    with db.reading() as session:
        assert end_of_feed(session, world.network_id) == 2


def test_versions_rule_the_order_where_clocks_differ(lakeside, db, returned):
    """What was written last may be the first of its referral that is seen: ids do not tell."""
    with db.writing() as session:
        query = select(Outbox.id, Outbox.event_id).join(Event, Event.id == Outbox.event_id).order_by(Event.version)
        rows = session.execute(query).all()
        session.execute(update(Outbox).values(id=Outbox.id + 1000))
        for place, row in enumerate(reversed(rows)):
            session.execute(update(Outbox).where(Outbox.event_id == row.event_id).values(id=place + 1, sequence=None))
        assert number_events(session) == len(rows) == 6
    assert [each["version"] for each in follow(lakeside)] == [1, 2, 3, 4, 5, 6]


def test_both_sides_compare_what_they_believe(lakeside, hillcrest, coordinator, returned):
    ended = lakeside.create(routine(2))
    lakeside.take("withdraw", ended, reason="patient_choice")
    forgotten, agreed = lakeside.create(routine(3)), lakeside.create(routine(4))
    foreign = hillcrest.create(routine(5) | {"referring_clinician": None})
    believed = [
        {"reference": returned["reference"].lower().replace("-", ""), "status": "offered", "version": 5},
        ended["reference"], agreed["external_reference"], foreign["reference"], "EHR-NEVER", "EHR-NEVER",
    ]  # fmt: skip
    found = lakeside.post("/reconcile", {"references": believed}).json
    assert found["missing"] == [foreign["reference"], "EHR-NEVER"]
    assert [(each["reference"], each["status"]) for each in found["ended"]] == [(ended["reference"], "withdrawn")]
    assert [(each["id"], each["fields"]) for each in found["different"]] == [(returned["id"], ["status", "version"])]
    assert [each["external_reference"] for each in found["not_named"]] == [forgotten["external_reference"]]
    assert (found["agreed"], found["more"]) == (1, False)

    network = coordinator.post("/reconcile", {"references": [agreed["external_reference"]]}).json
    assert network["missing"] == [agreed["external_reference"]], "another organization's numbers are its own"
    assert {each["reference"] for each in network["not_named"]} == {
        returned["reference"], forgotten["reference"], agreed["reference"], foreign["reference"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("references", "wrong"),
    [
        ("SO-1", {"/references": "invalid_type"}),
        (["SO-26-0000001-Q", 5, {"status": "ready"}], {"/references/0": "wrong_reference", "/references/1": "invalid_type", "/references/2/reference": "required"}),
        ([{"reference": "A", "status": "lost", "more": 1}], {"/references/0/status": "invalid_choice", "/references/0/more": "unknown_field"}),
    ],
)  # fmt: skip
def test_what_is_believed_must_be_readable(lakeside, references, wrong):
    answer = lakeside.post("/reconcile", {"references": references})
    assert answer.status_code == 422
    assert codes(answer) == wrong
