"""A POST with an Idempotency-Key may be sent again: the work is done once, the answer given as often as asked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Response
from sqlalchemy import func, select, update

from referrals.api.endpoint import Service
from referrals.boundary import idempotency
from referrals.boundary.problems import Problem
from referrals.models.door import IdempotencyKey
from referrals.models.referral import Referral
from referrals.models.trail import AuditEntry, Receipt
from tests.api.partner import if_match
from tests.factories import client_actor, packet, person, routine


def key(word: str) -> dict[str, str]:
    return {"Idempotency-Key": word}


def count(db, model) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_the_same_call_has_the_same_answer_and_is_done_once(lakeside, db):
    first = lakeside.post("/referrals", packet(), headers=key("one"))
    again = lakeside.post("/referrals", packet(), headers=key('"one"'))
    assert first.status_code == again.status_code == 201
    assert first.data == again.data
    for name in ("ETag", "Location", "Content-Type"):
        assert first.headers[name] == again.headers[name]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (count(db, Referral), count(db, Receipt)) == (1, 1)


def test_the_order_of_members_makes_no_other_call(lakeside):
    first = lakeside.post("/referrals", packet(), headers=key("one"))
    turned = dict(reversed(packet().items()))
    assert lakeside.post("/referrals", turned, headers=key("one")).json == first.json


def test_a_refusal_is_repeated_too(lakeside, db):
    for sent, status in ((packet(1, questions=[]), 422), (packet(2, external_reference="known"), 409)):
        if status == 409:
            lakeside.create(packet(3, external_reference="known"))
        first = lakeside.post("/referrals", sent, headers=key(f"refused-{status}"))
        again = lakeside.post("/referrals", sent, headers=key(f"refused-{status}"))
        assert first.status_code == again.status_code == status
        assert first.data == again.data
        assert again.headers["Idempotency-Replayed"] == "true"
    with db.reading() as session:
        assert session.scalar(select(func.count()).where(Receipt.outcome == "refused")) == 2


def test_another_body_or_path_under_the_same_key_is_refused(lakeside):
    referral = lakeside.post("/referrals", packet(), headers=key("one")).json
    other_body = lakeside.post("/referrals", packet(2), headers=key("one"))
    other_path = lakeside.post("/patients", person(), headers=key("one"))
    step = lakeside.post(f"/referrals/{referral['id']}/withdraw", {"reason": "other"}, headers=key("one") | if_match(2))
    assert {answer.status_code for answer in (other_body, other_path, step)} == {422}
    assert other_body.json["errors"][0]["code"] == "key_reused"


def test_a_key_belongs_to_its_client(lakeside, hillcrest, db):
    lakeside.post("/referrals", packet(), headers=key("one"))
    clinician = {"email": "clinician@hillcrest.example"}
    answer = hillcrest.post("/referrals", packet(2, referring_clinician=clinician), headers=key("one"))
    assert answer.status_code == 201
    assert count(db, Referral) == 2


def test_a_step_may_be_repeated_though_its_version_has_passed(lakeside, coordinator):
    referral = lakeside.create(routine())
    path = f"/referrals/{referral['id']}/claim"
    first = coordinator.post(path, {}, headers=key("claim") | if_match(2))
    again = coordinator.post(path, {}, headers=key("claim") | if_match(2))
    assert first.status_code == again.status_code == 200
    assert first.data == again.data
    assert again.headers["ETag"] == '"3"'


def test_what_was_refused_for_who_or_when_may_be_tried_again(lakeside, coordinator):
    referral = lakeside.create(routine())
    path = f"/referrals/{referral['id']}/claim"
    assert coordinator.post(path, {}, headers=key("k")).status_code == 428
    assert coordinator.post(path, {}, headers=key("k") | if_match(1)).status_code == 412
    assert coordinator.post(path, {}, headers=key("k") | if_match(2)).status_code == 200


def test_a_search_may_be_repeated(lakeside):
    lakeside.create(packet(1))
    first = lakeside.post("/referrals/search", {"q": "Example"}, headers=key("search"))
    lakeside.create(packet(2))
    again = lakeside.post("/referrals/search", {"q": "Example"}, headers=key("search"))
    assert len(first.json["items"]) == 1
    assert again.data == first.data


@pytest.mark.parametrize("word", ["", '""', "x" * 256, "é", "tab\there"])
def test_a_key_that_is_none_is_refused(lakeside, word):
    answer = lakeside.post("/referrals", packet(), headers=key(word))
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "invalid_key")


@pytest.mark.parametrize("word", ["x", "x" * 255, '"' + "y" * 255 + '"', "with blanks and ; , signs"])
def test_a_key_may_be_anything_of_1_to_255_characters(lakeside, word):
    assert lakeside.post("/referrals", packet(), headers=key(word)).status_code == 201


def test_assess_does_not_look_at_the_key(lakeside):
    case = {"diagnosis": {"icd10cm": "C61"}}
    first = lakeside.post("/assess", case, headers=key("one"))
    other = lakeside.post("/assess", {"diagnosis": {"icd10cm": "C25.0"}}, headers=key("one"))
    assert (first.status_code, other.status_code) == (200, 200)
    assert first.json != other.json


def running(db, world, at: datetime, sent=None) -> None:
    """A call with the key `one` that began at that time and has not come to an end."""
    mark = idempotency.fingerprint("POST", "/api/v1/referrals", sent or packet())
    with db.writing() as session:
        idempotency.claim(session, client_actor(world, "lakeside"), "one", mark, at)


def test_while_the_first_call_runs_the_second_is_told_so(lakeside, db, world):
    running(db, world, datetime.now(UTC))
    answer = lakeside.post("/referrals", packet(), headers=key("one"))
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/conflict")
    assert (count(db, Referral), count(db, Receipt)) == (0, 0)


def test_a_call_that_died_is_taken_over_after_a_minute(lakeside, db, world):
    running(db, world, datetime.now(UTC) - timedelta(seconds=61))
    assert lakeside.post("/referrals", packet(), headers=key("one")).status_code == 201
    assert lakeside.post("/referrals", packet(), headers=key("one")).headers["Idempotency-Replayed"] == "true"
    assert count(db, Referral) == 1


def test_a_call_that_was_taken_over_and_wakes_up_leaves_nothing(lakeside, db, world):
    long_ago = datetime.now(UTC) - timedelta(seconds=61)
    running(db, world, long_ago)
    lakeside.post("/referrals", packet(), headers=key("one"))
    sleeper = idempotency.Claim(world.clients["lakeside"].id, "one", long_ago)

    def wake_up():
        with db.writing() as session:
            session.execute(update(Referral).values(summary="written by the sleeper"))
            idempotency.keep(session, sleeper, Response("{}"))

    with pytest.raises(Problem) as refusal:
        wake_up()
    assert refusal.value.status == 409
    with db.reading() as session:
        assert session.scalar(select(Referral.summary)) is None


def test_an_answer_is_kept_for_30_days(lakeside, db):
    lakeside.post("/referrals", packet(), headers=key("one"))
    with db.writing() as session:
        session.execute(update(IdempotencyKey).values(created_at=datetime.now(UTC) - timedelta(days=29)))
    assert lakeside.post("/referrals", packet(), headers=key("one")).headers["Idempotency-Replayed"] == "true"
    with db.writing() as session:
        session.execute(update(IdempotencyKey).values(created_at=datetime.now(UTC) - timedelta(days=31)))
    assert lakeside.post("/referrals", packet(), headers=key("one")).status_code == 409


def test_of_many_at_once_one_does_the_work(lakeside, db):
    with ThreadPoolExecutor(6) as pool:
        sent = [pool.submit(lakeside.post, "/referrals", packet(), headers=key("one")) for _ in range(6)]
        answers = [each.result() for each in sent]
    assert {answer.status_code for answer in answers} <= {201, 409}
    created = [answer for answer in answers if answer.status_code == 201]
    assert created
    assert len({answer.data for answer in created}) == 1
    assert (count(db, Referral), count(db, Receipt)) == (1, 1)


def test_work_that_fails_leaves_neither_work_nor_answer(lakeside, db, monkeypatch):
    from referrals.api import referrals

    monkeypatch.setattr(referrals, "just_made", lambda *given, **more: 1 / 0)
    answer = lakeside.post("/referrals", packet(), headers=key("one"))
    assert answer.status_code == 500
    assert (count(db, Referral), count(db, IdempotencyKey), count(db, Receipt)) == (0, 0, 0)
    monkeypatch.undo()
    assert lakeside.post("/referrals", packet(), headers=key("one")).status_code == 201


def test_what_was_done_before_the_answer_was_lost_is_answered_when_it_is_sent_again(lakeside, db, monkeypatch):
    done = Service.work

    def lost(service, *given):
        done(service, *given)
        raise OSError("nobody hears the answer any more")

    monkeypatch.setattr(Service, "work", lost)
    assert lakeside.post("/referrals", packet(), headers=key("one")).status_code == 500
    monkeypatch.undo()
    again = lakeside.post("/referrals", packet(), headers=key("one"))
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert (count(db, Referral), count(db, Receipt)) == (1, 1)


def test_who_is_given_an_answer_again_is_written_down(lakeside, db):
    lakeside.post("/referrals", packet(), headers=key("one"))
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=30)):
        lakeside.post("/referrals", packet(), headers=key("one"))
    with db.reading() as session:
        assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all() == ["create", "replay"]


def test_a_key_is_not_used_up_by_an_address_that_has_to_be_righted(lakeside):
    refused = lakeside.post("/referrals?foo=1", packet(), headers=key("one"))
    assert (refused.status_code, refused.json["errors"][0]["parameter"]) == (422, "foo")
    assert lakeside.post("/referrals", packet(), headers=key("one")).status_code == 201


def test_a_key_that_does_not_hold_is_named_as_the_header_it_is(lakeside):
    for refused in (
        lakeside.post("/referrals", packet(), headers=key("x" * 256)),
        lakeside.post("/referrals", packet(), headers=key("one"))
        and lakeside.post("/referrals", packet(2), headers=key("one")),
    ):
        (error,) = refused.json["errors"]
        assert (refused.status_code, error["parameter"], error.get("pointer")) == (422, "Idempotency-Key", None)
