"""A client's own referrals in one answer: whole, line by line, in as many statements for a hundred as for one."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from referrals.api import exports
from referrals.models.referral import Referral
from referrals.models.trail import AuditEntry
from referrals.pathway.actions import take_step
from tests.api.test_imports import line, lines, receipts, send, work
from tests.factories import packet, patient, person_actor, unknown_id
from tests.opinions import SPECIALIST, bring_to_review, opinion
from tests.statements import statements

__all__ = ["work"]
QUESTION = {"asked": "referrer", "blocking": False, "items": [{"text": "Which scan?"}]}


def exported(partner, query=""):
    answer = partner.get(f"/referrals/export{query}", headers={"Accept": "application/x-ndjson"})
    assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson"), answer.text
    return [json.loads(each) for each in answer.text.splitlines()]


@pytest.fixture
def referrals(lakeside, coordinator, db, world):
    """A draft, one with a question, one with an opinion, and two of one patient."""
    made = [lakeside.create(packet(number, submit=number != 1)) for number in range(1, 4)]
    made.append(lakeside.create(packet(4, patient=patient(3))))
    coordinator.take("request-information", coordinator.take("claim", made[1]).json, **QUESTION)
    with db.writing() as session:
        now = datetime.now(UTC)
        referral = bring_to_review(session, world, session.get_one(Referral, UUID(made[2]["id"])), now)
        take_step(session, person_actor(session, world, SPECIALIST), referral.id, "sign-opinion", opinion(), now)
    return [lakeside.get(f"/referrals/{each['id']}").json for each in made]


def test_each_line_is_the_whole_referral_and_reading_it_is_written_down(
    lakeside, hillcrest, referrals, db, monkeypatch
):
    monkeypatch.setattr(exports, "AT_ONCE", 3)
    told = exported(lakeside)
    assert sorted(told, key=lambda each: each["id"]) == sorted(referrals, key=lambda each: each["id"])
    assert [each["updated_at"] for each in told] == sorted(each["updated_at"] for each in told)
    assert any(each["opinion"] for each in told)
    assert any(each["duplicates"] for each in told)
    assert any(each["information_requests"] for each in told)
    with db.reading() as session:
        entries = session.scalars(
            select(AuditEntry.ids).where(AuditEntry.action == "export").order_by(AuditEntry.id)
        ).all()
    assert entries == [[each["id"] for each in told[:3]], [each["id"] for each in told[3:]]]
    assert exported(hillcrest) == []
    drafts = exported(lakeside, "?status=draft")
    assert [each["status"] for each in drafts] == ["draft"]
    assert exported(lakeside, f"?updated_after={told[-1]['updated_at']}") == []
    assert lakeside.get("/referrals/export?q=Ada").status_code == 422
    assert lakeside.get(f"/referrals/{unknown_id()}").status_code == 404


def test_what_was_exported_as_it_was_sent_comes_in_elsewhere(lakeside, hillcrest, referrals, work):
    sent = exported(lakeside, "?as_sent=true")
    for each in sent:
        del each["referring_clinician"]
    run = send(hillcrest, lines(*sent)).json
    work()
    told = receipts(hillcrest, run)
    assert [each["reasons"] for each in told] == [[]] * 4
    again = exported(hillcrest, "?as_sent=true")
    key = "external_reference"
    assert sorted(again, key=lambda each: each[key]) == sorted(sent, key=lambda each: each[key])


def test_a_longer_export_takes_no_more_statements(lakeside, db, work):
    lakeside.create(line(1))
    with statements(db) as one:
        exported(lakeside)
    send(lakeside, lines(*map(line, range(2, 12))))
    work()
    with statements(db) as many:
        assert len(exported(lakeside)) == 11
    assert len(many) == len(one) <= 16
