"""Webhooks against a real receiver in every mood: signed, in its time, never lost, and one endpoint never holds up another."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from standardwebhooks import Webhook

from config import Settings
from referrals.boundary.outgoing import Outgoing
from referrals.domain.people import Scope
from referrals.domain.webhooks import (
    AT_ONCE,
    FAILURES_TO_OPEN,
    FAULTS,
    KEPT,
    LEASE,
    MOST_TRIES,
    PAUSES,
    SECRET_BYTES,
    Outcome,
)
from referrals.models.organization import ApiClient
from referrals.models.webhook import WebhookDelivery, WebhookSubscription
from referrals.pathway import webhooks as steering
from referrals.pathway.at_rest import Locked, Vault
from referrals.pathway.clients import actor_for_client, create_client
from referrals.pathway.feed import number_events
from referrals.pathway.seals import sealing_key
from referrals.pathway.webhook_fanout import fan_out
from referrals.pathway.webhook_sending import claim, free_expired, settle
from referrals.worker.jobs import JOBS
from referrals.worker.loop import Worker
from referrals.worker.webhooks import Post, Postmen, asked_to_wait
from tests.boundary.receiver import receiving, says
from tests.small_network import DAY, NOW, send, settle_down, step
from tests.statements import statements

VAULT = Vault("secret")
CANARY = "Canaria"
PATIENT = {"given_name": CANARY, "family_name": "Canarian", "birth_date": "1961-03-02", "sex": "female"}
JOB_NAMES = {"number events", "fan out webhooks", "send webhooks", "sweep"}


class Clockwork:
    """A worker whose time the test moves."""

    def __init__(self, database, seconds=2.0):
        self.now, self.database = NOW, database
        settings = Settings(env="test", outgoing_allow=("127.0.0.1",))
        self.post = Post(Outgoing(settings, seconds=seconds), VAULT)
        self.worker = Worker(
            database, sealing_key("secret"), clock=lambda session: self.now,
            jobs=[job for job in JOBS if job.name in JOB_NAMES],
            postmen=Postmen(self.post), chance=lambda: 0.5,
        )  # fmt: skip

    def after(self, span=timedelta(0)):
        self.now += span
        assert self.worker.round()


@pytest.fixture
def people(database):
    with database.writing() as session:
        return settle_down(session)


@pytest.fixture
def clockwork(database):
    made = Clockwork(database)
    yield made
    made.worker.close()


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


def subscribe(database, home, url, topics=("referral.*",), **filters):
    """A new client of this organization with one subscription; its actor, the subscription and the secret."""
    with database.writing() as session:
        client, _ = create_client(session, home, "system", [Scope.WEBHOOKS_WRITE, Scope.REFERRALS_READ], NOW - DAY)
        actor = actor_for_client(client, home)
        made, secret = steering.subscribe(
            session, actor, {"url": url, "topics": list(topics), "filters": filters}, VAULT, NOW
        )
    return actor, made.id, secret


def submitted(database, people, count=1):
    with database.writing() as session:
        return [send(session, people, patient=PATIENT) for _ in range(count)]


def rows(database):
    query = select(WebhookDelivery).order_by(WebhookDelivery.sequence)
    with database.reading() as session:
        return session.scalars(query).all()


def health(database, subscription_id):
    with database.reading() as session:
        return session.get_one(WebhookSubscription, subscription_id)


def states(database):
    return [row.state for row in rows(database)]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("120", timedelta(minutes=2)),
        ("Wed, 25 Nov 2026 12:00:30 GMT", timedelta(seconds=30)),
        ("Wed, 25 Nov 2026 11:00:00 GMT", None),
        ("9" * 400, timedelta(seconds=9_999_999)),
        ("soon", None),
        ("-5", None),
        ("١٢", None),
        ("", None),
    ],
)
def test_retry_after_may_be_seconds_or_a_date(text, asked):
    assert asked_to_wait(text, datetime(2026, 11, 25, 12, 0, tzinfo=UTC)) == asked


def test_each_organization_is_told_what_it_may_read_and_asked_for_signed_and_without_a_patient(
    database, people, receiver, clockwork
):
    early = submitted(database, people)[0]
    clockwork.after()
    urls = {name: receiver.url.replace("/hook", f"/{name}") for name in ("network", "lakeside", "tier", "center")}
    _, _, secret = subscribe(database, people.network, urls["network"])
    subscribe(database, people.lakeside, urls["lakeside"], ["referral.submitted"])
    subscribe(database, people.network, urls["tier"], tier=["P4"])
    subscribe(database, people.network, urls["center"], to=["in_triage"], organization=[str(people.lakeside.id)])
    referral = submitted(database, people)[0]
    with database.writing() as session:
        step(session, people.coordinator, referral, "claim", note=CANARY)
    clockwork.now = datetime.now(UTC)
    clockwork.after()
    in_order = sorted(receiver.heard, key=lambda each: json.loads(each.body)["data"]["sequence"])
    told = {name: [json.loads(each.body) for each in in_order if each.path == f"/{name}"] for name in urls}
    assert {name: [each["type"] for each in bodies] for name, bodies in told.items()} == {
        "network": ["referral.submitted", "referral.claimed"],
        "lakeside": ["referral.submitted"],
        "tier": [],
        "center": ["referral.claimed"],
    }
    body = told["network"][1]
    assert body["data"].keys() == {"id", "referral", "reference", "sequence", "step", "from", "to"}
    assert (body["data"]["referral"], body["data"]["reference"]) == (str(referral.id), referral.reference)
    assert (body["data"]["step"], body["data"]["from"], body["data"]["to"]) == ("claim", "submitted", "in_triage")
    heard = [each for each in in_order if each.path == "/network"]
    assert Webhook(secret).verify(heard[1].body, heard[1].headers) == body
    assert CANARY.encode() not in b"".join(each.body for each in receiver.heard)
    assert str(early.id) not in str(told), "a subscription starts at the present"
    (row,) = [each for each in rows(database) if each.webhook_id == heard[1].headers["webhook-id"]]
    assert (row.state, row.attempts, row.last_status, row.last_fault) == ("done", 1, 200, None)


def test_a_message_is_tried_by_the_schedule_under_one_name_until_it_arrives(database, people, receiver, clockwork):
    subscribe(database, people.network, receiver.url)
    submitted(database, people)
    receiver.answer = says(503, Retry_After="60")
    clockwork.after()
    (row,) = rows(database)
    assert (row.state, row.last_status, row.last_fault, row.next_at) == (
        "waiting", 503, "status", NOW + timedelta(seconds=60),
    )  # fmt: skip
    receiver.answer = says(302)
    clockwork.after(timedelta(seconds=59))
    assert len(receiver.heard) == 1, "it waits as long as it was asked to"
    clockwork.after(timedelta(seconds=1))
    assert rows(database)[0].last_fault == "redirect"
    receiver.answer = says(204)
    clockwork.after(PAUSES[1])
    (row,) = rows(database)
    assert (row.state, row.attempts, row.delivered_at) == ("done", 3, clockwork.now)
    names = {heard.headers["webhook-id"] for heard in receiver.heard}
    assert names == {row.webhook_id}
    assert len({heard.headers["webhook-timestamp"] for heard in receiver.heard}) == 3
    assert len({heard.body for heard in receiver.heard}) == 1


def test_what_never_arrives_is_given_up_and_can_be_sent_again(database, people, receiver, clockwork):
    actor, subscription_id, _ = subscribe(database, people.network, receiver.url)
    submitted(database, people)
    receiver.answer = says(500)
    for pause in (timedelta(0), *PAUSES):
        clockwork.after(pause)
    (row,) = rows(database)
    assert (row.state, row.attempts, len(receiver.heard)) == ("dead", MOST_TRIES, MOST_TRIES)
    receiver.answer = says(200)
    clockwork.after(DAY)
    assert states(database) == ["dead"]
    with database.writing() as session:
        steering.retry(session, steering.find_delivery(session, actor, row.id, lock=True), clockwork.now)
    clockwork.after(timedelta(minutes=10))
    assert states(database) == ["done"]
    with database.writing() as session:
        steering.replay(session, session.get_one(WebhookSubscription, subscription_id), 0)
    clockwork.after()
    assert (states(database), len(receiver.heard)) == (["done"], MOST_TRIES + 2)
    assert {heard.headers["webhook-id"] for heard in receiver.heard} == {row.webhook_id}
    clockwork.after(KEPT)
    clockwork.after(timedelta(minutes=2))
    assert rows(database) == []


def test_an_endpoint_that_is_gone_is_told_nothing_more_until_it_is_switched_on(database, people, receiver, clockwork):
    _, subscription_id, _ = subscribe(database, people.network, receiver.url)
    submitted(database, people, 2)
    receiver.answer = says(410)
    clockwork.after()
    found = health(database, subscription_id)
    assert (found.active, found.stopped, found.version) == (False, "gone", 2)
    tried = len(receiver.heard)
    clockwork.after(DAY)
    assert len(receiver.heard) == tried
    receiver.answer = says(200)
    with database.writing() as session:
        steering.switch(session.get_one(WebhookSubscription, subscription_id), on=True)
    clockwork.after()
    assert states(database) == ["done", "done"]


@pytest.mark.parametrize("change", [{"active": False}, {"scopes": ["referrals:read"]}])
def test_the_subscriptions_of_a_client_that_was_revoked_or_lost_the_scope_are_stopped(
    database, people, receiver, clockwork, change
):
    actor, subscription_id, _ = subscribe(database, people.network, receiver.url)
    with database.writing() as session:
        session.execute(update(ApiClient).where(ApiClient.id == actor.client_id).values(change))
    if "scopes" in change:
        submitted(database, people)
    clockwork.after()
    assert health(database, subscription_id).stopped == "client_revoked"
    assert (rows(database), receiver.heard) == ([], [])


def test_a_circuit_opens_probes_with_one_message_at_a_time_and_closes_on_success(database, people, receiver, clockwork):
    _, subscription_id, _ = subscribe(database, people.network, receiver.url)
    submitted(database, people, 3)
    with database.writing() as session:
        session.get_one(WebhookSubscription, subscription_id).failures = FAILURES_TO_OPEN - 2
    receiver.answer = says(500)
    clockwork.after()
    assert len(receiver.heard) == 2
    found = health(database, subscription_id)
    assert (found.failures, found.spared_until) == (FAILURES_TO_OPEN, NOW + timedelta(seconds=2))
    clockwork.after(timedelta(seconds=1))
    assert len(receiver.heard) == 2, "nothing goes to an endpoint that is spared"
    clockwork.after(timedelta(seconds=1))
    assert len(receiver.heard) == 3, "one message probes it"
    receiver.answer = says(200)
    clockwork.after(timedelta(seconds=4))
    assert health(database, subscription_id).failures == 0
    assert set(states(database)) == {"done"}, "what waited for it need not wait out its pause"


def test_an_overloaded_endpoint_is_spared_after_two_failures_and_for_as_long_as_it_asks(
    database, people, receiver, clockwork
):
    _, subscription_id, _ = subscribe(database, people.network, receiver.url)
    submitted(database, people, 5)
    receiver.answer = says(429, Retry_After="30")
    clockwork.after()
    assert 1 <= len(receiver.heard) <= AT_ONCE
    tried = len(receiver.heard)
    clockwork.after(timedelta(seconds=29))
    assert len(receiver.heard) == tried
    assert health(database, subscription_id).spared_until == NOW + timedelta(seconds=30)


def test_a_slow_endpoint_holds_up_nobody(database, people, receiver):
    with receiving(lambda handler, heard: time.sleep(1)) as slow:
        clockwork = Clockwork(database, seconds=0.4)
        subscribe(database, people.network, slow.url)
        subscribe(database, people.network, receiver.url)
        submitted(database, people, 3)
        arrived = []
        receiver.answer = lambda handler, heard: (arrived.append(time.monotonic()), says(200)(handler, heard))
        began = time.monotonic()
        clockwork.after()
        clockwork.worker.close()
    assert len(arrived) == 3
    assert arrived[2] - began < 1
    assert {row.last_fault for row in rows(database) if row.state == "waiting"} <= {"timeout", None}


def test_a_test_goes_first_and_once_also_to_an_endpoint_that_is_spared(database, people, receiver, clockwork):
    _, subscription_id, _ = subscribe(database, people.network, receiver.url)
    submitted(database, people, 3)
    with database.writing() as session:
        found = session.get_one(WebhookSubscription, subscription_id)
        found.failures, found.spared_until = FAILURES_TO_OPEN, NOW + DAY
    clockwork.after()
    assert receiver.heard == []
    receiver.answer = says(500)
    with database.writing() as session:
        steering.send_test(session, session.get_one(WebhookSubscription, subscription_id), NOW)
    clockwork.after()
    assert [json.loads(heard.body)["type"] for heard in receiver.heard] == ["webhook.test"]
    assert sorted(states(database)) == ["dead", "waiting", "waiting", "waiting"]


def test_messages_are_signed_with_both_secrets_while_they_overlap(database, people, receiver, clockwork):
    _, subscription_id, former = subscribe(database, people.network, receiver.url)
    clockwork.now = datetime.now(UTC)
    with database.writing() as session:
        found = session.get_one(WebhookSubscription, subscription_id)
        current = steering.rotate_secret(session, found, VAULT, clockwork.now, timedelta(hours=1))
        assert former.removeprefix("whsec_") not in found.secret + str(found.previous_secret)
    submitted(database, people)
    clockwork.after()
    for secret in (current, former):
        Webhook(secret).verify(receiver.heard[0].body, receiver.heard[0].headers)
    submitted(database, people)
    clockwork.after(timedelta(hours=1))
    assert [heard.headers["webhook-signature"].count("v1,") for heard in receiver.heard] == [2, 1]


def test_a_locked_secret_opens_in_its_own_row_alone(database, people, receiver, clockwork):
    _, subscription_id, _ = subscribe(database, people.network, receiver.url)
    _, other_id, _ = subscribe(database, people.network, receiver.url)
    locked = VAULT.lock(b"k" * SECRET_BYTES, "webhook_subscription.secret", other_id)
    assert VAULT.open(locked, "webhook_subscription.secret", other_id) == b"k" * SECRET_BYTES
    for place in (("webhook_subscription.secret", subscription_id), ("another.column", other_id)):
        with pytest.raises(Locked):
            VAULT.open(locked, *place)
    with database.writing() as session:
        session.get_one(WebhookSubscription, subscription_id).secret = locked
    submitted(database, people)
    clockwork.after()
    assert {row.last_fault for row in rows(database)} == {"unreadable_secret", None}
    assert {row.last_fault for row in rows(database)} - {None} <= FAULTS.keys()


def test_who_lost_the_lease_settles_nothing(database, people, receiver, clockwork):
    subscribe(database, people.network, receiver.url)
    submitted(database, people)
    clockwork.worker.postmen = None
    clockwork.after()
    with database.writing() as session:
        slept = claim(session, NOW)
        assert claim(session, NOW) is None, "it is in somebody's hands"
    with database.writing() as session:
        assert not settle(session, slept, Outcome(200, "", 5), NOW + LEASE, 0.5)
        assert free_expired(session, NOW + LEASE) == 1
        other = claim(session, NOW + LEASE)
    assert (other.webhook_id, other.attempts) == (slept.webhook_id, 2)
    with database.writing() as session:
        assert not settle(session, slept, Outcome(500, "status", 5), NOW + LEASE, 0.5)
        assert settle(session, other, Outcome(200, "", 5), NOW + LEASE, 0.5)
    assert states(database) == ["done"]


def test_looking_on_costs_the_same_however_many_events_there_are(database, people, receiver, clockwork):
    _, subscription_id, _ = subscribe(database, people.network, receiver.url)
    costs = []
    for count in (1, 3):
        submitted(database, people, count)
        with database.writing() as session:
            number_events(session)
        with statements(database) as seen, database.writing() as session:
            assert fan_out(session, NOW) == 1
        costs.append(len(seen))
        with database.writing() as session:
            assert fan_out(session, NOW) == 0
    assert costs[0] == costs[1]
    found = rows(database)
    assert len(found) == 4
    assert health(database, subscription_id).position == found[-1].sequence
