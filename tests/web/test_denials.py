"""Whoever asks in vain is found in the audit, at either door, and a flood of it fills no disk."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from referrals.boundary import denials
from referrals.boundary.denials import ONE_BY_ONE
from referrals.boundary.refused_calls import Refusals
from referrals.models.base import new_id
from referrals.models.trail import AuditEntry
from tests import factories
from tests.api.partner import Partner

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def denied(db):
    with db.reading() as session:
        return session.scalars(select(AuditEntry).where(AuditEntry.action == "denied").order_by(AuditEntry.id)).all()


def told(entry):
    return entry.detail["method"], entry.detail["endpoint"], entry.detail["status"], entry.detail["reason"]


def test_a_person_who_asks_for_what_is_not_theirs_is_found_with_what_they_asked_for(visitor, send, db, world):
    referral, unknown = send(), new_id()
    guest = visitor("clinician@hillcrest.example")
    guest.get(f"/referrals/{referral.id}?note=Ada").get(f"/referrals/{unknown}").get("/my-referrals/nowhere")
    guest.get("/referrals/%00").get("/nowhere").get("/static/nothing.css")
    guest.post(f"/referrals/{referral.id}/withdraw", {"reason": "Ada Example"})
    guest.get("/admin/webhooks")
    found = denied(db)
    assert [told(entry) for entry in found] == [
        ("GET", "web.referral.show", 404, "not-found"),
        ("GET", "web.referral.show", 404, "not-found"),
        ("POST", "web.steps.withdraw-answer", 404, "not-found"),
        ("GET", "web.webhooks.listed", 403, "not_this_actor"),
    ]
    assert [entry.ids for entry in found] == [[str(referral.id)], [str(unknown)], [str(referral.id)], []]
    assert {entry.user_id for entry in found} == {world.people["clinician@hillcrest.example"].id}
    assert "Ada" not in repr([(entry.ids, entry.detail) for entry in found])


def test_a_partner_system_that_is_denied_something_is_found(app, db, world, send):
    referral = send()
    hillcrest = Partner(app, factories.token(db, world, "hillcrest", ("referrals:read",)))
    assert hillcrest.get(f"/referrals/{referral.id}").status_code == 404
    assert hillcrest.post("/referrals", {"patient": "Ada"}).status_code == 403
    assert Partner(app, None).get(f"/referrals/{referral.id}").status_code == 401
    found = denied(db)
    assert [told(entry) for entry in found] == [
        ("GET", "api.referrals.one", 404, "not-found"),
        ("POST", "api.referrals.create", 403, "insufficient_scope"),
    ]
    assert found[0].ids == [str(referral.id)]
    assert all(entry.client_id for entry in found)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_an_answer_is_given_though_its_entry_cannot_be_written(visitor, send, db, monkeypatch, app):
    def fail(*_, **__):
        raise OperationalError("INSERT", {}, Exception("disk"))

    guest, referral = visitor("clinician@hillcrest.example"), send()
    monkeypatch.setattr(denials, "record_audit", fail)
    assert guest.get(f"/referrals/{referral.id}").status == 404


def test_of_a_flood_only_each_doubling_is_written():
    counted = Refusals(ONE_BY_ONE)
    times = [counted.due("somebody", NOW) for _ in range(5000)]
    assert times[:ONE_BY_ONE] == [1] * ONE_BY_ONE
    assert [each for each in times[ONE_BY_ONE:] if each] == [212, 512, 1024, 2048]
    assert counted.due("somebody", NOW + timedelta(minutes=1)) == 1
