"""The conversation at the JSON door: who writes to whom, who reads it, when it counts as read."""

from datetime import datetime

import pytest
from sqlalchemy import select

from referrals.models.trail import AuditEntry
from tests.api.partner import codes
from tests.factories import packet, unknown_id


@pytest.fixture
def referral(lakeside):
    return lakeside.create(packet(1))


@pytest.fixture
def at_summit(coordinator, referral, world):
    for step in ("claim", "complete-triage"):
        referral = coordinator.take(step, referral).json
    center = str(world.organizations["summit"].id)
    return coordinator.take("offer", referral, center=center, late_acknowledged=True).json


@pytest.fixture
def summit(partner):
    return partner("summit", person="specialist@summit.example")


def say(by, referral, text="Any news?", **more):
    return by.post(f"/referrals/{referral['id']}/messages", {"text": text, **more})


def heard(by, referral):
    return [message["text"] for message in by.get(f"/referrals/{referral['id']}/messages").json["items"]]


def test_a_message_is_answered_whole_and_read_once_its_side_says_so(lakeside, coordinator, referral, db, world):
    made = say(lakeside, referral)
    sent = made.json
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    assert (sent["to"], sent["internal"], sent["read_at"]) == ("coordinator", False, None)
    assert sent["author"]["organization"] == str(world.organizations["lakeside"].id)
    due = datetime.fromisoformat(sent["reply_due_at"]) - datetime.fromisoformat(sent["sent_at"])
    assert 1 <= due.total_seconds() / 86_400 <= 4, "one working day, over a weekend at the most"
    assert coordinator.get(made.headers["Location"]).json == sent
    assert coordinator.get(f"/referrals/{referral['id']}/messages").json["items"] == [sent]
    path = f"/referrals/{referral['id']}/messages/{sent['id']}/read"
    assert lakeside.post(path, {}).status_code == 403, "whoever wrote it does not read it for the others"
    assert codes(coordinator.post(path, {"at": "now"})) == {"/at": "unknown_field"}
    read = coordinator.post(path).json
    assert (read["read_at"] is not None, read["version"]) == (True, 2)
    assert coordinator.post(path, {}).json == read
    with db.reading() as session:
        found = session.scalars(select(AuditEntry.action).where(AuditEntry.entity == "message"))
        assert {"write", "list", "read", "mark-read"} <= set(found)


def test_an_answer_marks_what_that_side_wrote_as_read(lakeside, coordinator, summit, at_summit):
    for text in ("First.", "Second."):
        say(lakeside, at_summit, text)
    say(summit, at_summit, "From the center.")
    answer = say(coordinator, at_summit, "Soon.", to="referrer").json
    assert answer["reply_due_at"] is None, "the referrer is reminded instead"
    read = {m["text"]: m["read_at"] is not None for m in messages(coordinator, at_summit)}
    assert read == {"First.": True, "Second.": True, "From the center.": False, "Soon.": False}


def messages(by, referral):
    return by.get(f"/referrals/{referral['id']}/messages").json["items"]


def test_each_side_reads_what_it_wrote_or_was_for_it_and_notes_never_leave_the_network(
    lakeside, coordinator, summit, partner, at_summit, world
):
    say(lakeside, at_summit, "R to C")
    say(lakeside, at_summit, "R to K", to="center")
    say(coordinator, at_summit, "C to R", to="referrer")
    say(coordinator, at_summit, "C to K", to="center")
    say(coordinator, at_summit, "note", internal=True)
    say(summit, at_summit, "K to C")
    say(summit, at_summit, "K to R", to="referrer")
    assert heard(lakeside, at_summit) == ["R to C", "R to K", "C to R", "K to R"]
    assert heard(summit, at_summit) == ["R to K", "C to K", "K to C", "K to R"]
    everything = ["R to C", "R to K", "C to R", "C to K", "note", "K to C", "K to R"]
    for person in (None, "coordinator@network.example", "auditor@network.example"):
        assert heard(partner("network", person=person), at_summit) == everything
    note = messages(coordinator, at_summit)[4]
    assert lakeside.get(f"/referrals/{at_summit['id']}/messages/{note['id']}").status_code == 404
    # The next center reads nothing of what was said to the first one.
    current = coordinator.get(f"/referrals/{at_summit['id']}").json
    current = coordinator.take("withdraw-offer", current, text="Another one.").json
    harbor = {"center": str(world.organizations["harbor"].id), "exception_reason": "Near.", "late_acknowledged": True}
    assert coordinator.take("offer", current, **harbor, unknown_acknowledged=True).status_code == 200
    assert heard(partner("harbor"), at_summit) == []
    assert summit.get(f"/referrals/{at_summit['id']}/messages").status_code == 404


def test_what_could_reach_nobody_or_the_wrong_side_is_refused_by_name(lakeside, coordinator, referral):
    for by, body, wrong in (
        (coordinator, {}, {"/to": "required"}),
        (coordinator, {"to": "coordinator"}, {"/to": "own_side"}),
        (coordinator, {"to": "referrer", "internal": True}, {"/to": "stays_inside"}),
        (coordinator, {"to": "center"}, {"/to": "no_center"}),
        (lakeside, {"internal": True}, {"/internal": "network_only"}),
        (lakeside, {"text": "x" * 4001}, {"/text": "too_long"}),
        (lakeside, {"text": " ", "to": "payer", "cc": 1}, {"/text": "required", "/to": "invalid_choice", "/cc": "unknown_field"}),
    ):  # fmt: skip
        answer = say(by, referral, **body)
        assert (answer.status_code, set(codes(answer))) == (422, set(wrong)), body
    assert heard(coordinator, referral) == []


def test_drafts_strangers_and_readers_say_nothing(lakeside, hillcrest, coordinator, partner, referral):
    draft = lakeside.create(packet(2, submit=False))
    refused = say(lakeside, draft)
    assert (refused.status_code, refused.json["referral_status"]) == (409, "draft")
    assert say(coordinator, draft).status_code == 404
    assert say(hillcrest, referral).json["detail"] == say(hillcrest, {"id": unknown_id()}).json["detail"]
    assert say(partner("lakeside", ("referrals:read",)), referral).status_code == 403
    assert say(partner("network", person="auditor@network.example"), referral).status_code == 403
    key = {"Idempotency-Key": "m-1"}
    first, second = (
        lakeside.post(f"/referrals/{referral['id']}/messages", {"text": "Once."}, headers=key) for _ in range(2)
    )
    assert second.json == first.json
    assert heard(lakeside, referral) == ["Once."]
