"""The administrator sees which partners are told of what, and steers each: test, retry, replay, secret, on and off."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from referrals.models.webhook import WebhookDelivery, WebhookSubscription
from referrals.pathway.webhooks import deliveries_of, place_in_log
from tests.web import scenery as scene

ADMIN = "admin@network.example"


@pytest.fixture
def scenery(app, db, world):
    return scene.build(db, world, app.extensions["archive"])


def put(db, table, **values):
    with db.writing() as session:
        session.execute(update(table).values(**values))


def found(db, table):
    with db.reading() as session:
        return session.scalars(select(table)).one()


def test_only_the_networks_administrator_sees_webhooks_and_no_page_shows_a_whole_address(visitor, scenery):
    guest = visitor(ADMIN).follow_link("Partner systems").follow_link("Webhooks")
    assert "https://hooks.lakeside.example/…" in guest.words
    assert "1 waiting" in guest.words
    shown = guest.answer.text
    guest.follow_link("Lakeside Hospital: lakeside system")
    assert "Everything that happens" in guest.words
    assert "key=1" not in shown + guest.answer.text
    for email in ("coordinator@network.example", "admin@lakeside.example", "auditor@network.example"):
        assert visitor(email).get("/admin/webhooks").status == 403


def test_an_administrator_tests_retries_replays_and_switches(visitor, scenery, db):
    put(db, WebhookDelivery, state="dead", attempts=10, last_fault="timeout")
    guest = visitor(ADMIN).get(f"/admin/webhooks/{scenery.subscription}")
    assert "The endpoint did not answer in time" in guest.words
    assert "1 message will be sent again" in guest.press("Send all given up again").words
    put(db, WebhookDelivery, state="dead")
    assert "It will be sent again" in guest.press("Send again : Test").words
    assert "A test is sent within seconds" in guest.press("Send a test").words
    assert "Everything after event 0 will be sent again" in guest.press("Replay", after="0").words
    assert found(db, WebhookSubscription).position == 0
    refused = guest.press("Replay", after="soon")
    assert (refused.status, "Fill in the number of an event" in refused.words) == (422, True)
    assert "Switched off" in guest.press("Switch off").words
    put(db, WebhookSubscription, failures=40)
    assert "Switched on" in guest.press("Switch on again").words
    assert found(db, WebhookSubscription).failures == 0


def test_a_new_secret_stands_on_one_page_and_on_no_other(visitor, scenery, db):
    path = f"/admin/webhooks/{scenery.subscription}"
    guest, before = visitor(ADMIN).get(path), found(db, WebhookSubscription)
    shown = guest.press("Make a new secret", overlap="168").answer.text
    secret = re.search(r"whsec_[A-Za-z0-9+/=]{44}", shown)[0]
    assert secret not in guest.get(path).answer.text
    after = found(db, WebhookSubscription)
    assert (after.previous_secret, after.secret == before.secret) == (before.secret, False)


def test_the_log_goes_on_from_page_to_page_and_by_state(visitor, scenery, db):
    with db.writing() as session:
        usual = session.scalars(select(WebhookDelivery)).one()
        values = {column.name: getattr(usual, column.name) for column in WebhookDelivery.__table__.columns}
        made_at_once = [WebhookDelivery(**values | {"id": uuid4(), "sequence": number}) for number in range(1, 61)]
        session.add_all(made_at_once)
        first = deliveries_of(session, session.scalars(select(WebhookSubscription)).one(), None, None, 40)
        rest = deliveries_of(
            session, session.scalars(select(WebhookSubscription)).one(), None, place_in_log(first[-1]), 40
        )
    assert [each.sequence for each in (*first, *rest)] == [*range(60, 0, -1), None]
    guest = visitor(ADMIN).get(f"/admin/webhooks/{scenery.subscription}").follow_link("Waiting")
    assert guest.words.count("msg_") == 50
    guest.follow_link("Next page")
    assert guest.words.count("msg_") == 11
    assert guest.follow_link("First page").words.count("msg_") == 50
    assert guest.follow_link("Given up").words.count("msg_") == 0
