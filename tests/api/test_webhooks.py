"""Subscriptions over the API: made, changed, tested, replayed, retried, each client its own, and no address that is not public."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, update

from referrals.domain.webhook_topics import TOPICS
from referrals.models.base import Base
from referrals.models.door import IdempotencyKey
from referrals.models.trail import AuditEntry
from referrals.models.webhook import WebhookDelivery, WebhookSubscription
from referrals.pathway.feed import number_events
from referrals.pathway.webhook_fanout import fan_out
from tests.api.partner import codes, if_match
from tests.factories import packet, unknown_id

URL = "https://hooks.lakeside.example/in?key=1"
WISH = {"url": URL, "topics": ["referral.submitted", "referral.accepted"]}


def subscribed(caller, **changes):
    answer = caller.post("/subscriptions", WISH | changes)
    assert answer.status_code == 201, answer.text
    return answer.json


def test_a_subscription_is_made_read_changed_and_ended(db, lakeside, hillcrest):
    made = lakeside.post("/subscriptions", WISH | {"filters": {"to": ["submitted"]}})
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    assert made.json["secret"].startswith("whsec_")
    path = made.headers["Location"].partition("/api/v1")[2]
    read = lakeside.get(path)
    assert read.json == {name: value for name, value in made.json.items() if name != "secret"}
    assert (read.json["url"], read.json["topics"], read.json["filters"]) == (URL, WISH["topics"], {"to": ["submitted"]})
    assert (read.json["active"], read.json["circuit"]) == (True, "closed")
    changed = lakeside.patch(path, {"topics": ["referral.*"], "filters": None, "active": False}, 1)
    assert (changed.json["topics"], changed.json["filters"]) == (["referral.*"], {})
    assert (changed.json["version"], changed.json["stopped"]) == (2, "switched_off")
    assert lakeside.patch(path, {"active": True}, 1).status_code == 412
    assert lakeside.patch(path, {"active": True}, 2).json["stopped"] is None
    assert [each["id"] for each in lakeside.get("/subscriptions").json["items"]] == [read.json["id"]]
    assert hillcrest.get("/subscriptions").json["items"] == []
    assert lakeside.call("DELETE", path).status_code == 428
    gone = lakeside.call("DELETE", path, headers=if_match(3))
    assert (gone.status_code, gone.data) == (204, b"")
    assert lakeside.get(path).status_code == 404
    with db.reading() as session:
        actions = session.scalars(
            select(AuditEntry.action).where(AuditEntry.entity == "webhook_subscription").order_by(AuditEntry.id)
        ).all()
    assert [each for each in actions if each not in ("read", "list")] == ["create", "edit", "edit", "delete"]


def test_another_address_begins_without_the_failures_of_the_former(db, lakeside):
    path = f"/subscriptions/{subscribed(lakeside)['id']}"
    with db.writing() as session:
        session.execute(update(WebhookSubscription).values(failures=30, spared_until=datetime.now(UTC)))
    assert lakeside.get(path).json["circuit"] == "open"
    assert lakeside.post(f"{path}/test").status_code == 202
    same = lakeside.get(path).json
    assert (same["version"], same["spared_until"], same["failures"]) == (1, None, 30), "a test changes no wish"
    moved = lakeside.patch(path, {"url": "https://elsewhere.lakeside.example/"}, 1)
    assert (moved.json["circuit"], moved.json["failures"]) == ("closed", 0)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"url": "https://10.0.0.1/"}, {"/url": "refused_address"}),
        ({"url": "https://169.254.169.254/latest/meta-data"}, {"/url": "refused_address"}),
        ({"url": "https://0x7f.1/"}, {"/url": "refused_address"}),
        ({"url": "ftp://example.org/"}, {"/url": "refused_scheme"}),
        ({"url": "https://user:word@example.org/"}, {"/url": "bad_url"}),
        ({"url": 7}, {"/url": "invalid_type"}),
        ({"topics": ["referral.exploded"]}, {"/topics/0": "invalid_choice"}),
        ({"topics": []}, {"/topics": "too_few"}),
        ({"topics": ["referral.*", "referral.*"]}, {"/topics": "repeated"}),
        ({"filters": {"patient": ["x"]}}, {"/filters/patient": "unknown_field"}),
        ({"filters": {"tier": ["P9"], "center": ["x"]}}, {"/filters/tier/0": "invalid_choice", "/filters/center/0": "invalid_id"}),
        ({"secret": "mine"}, {"/secret": "unknown_field"}),
    ],
)  # fmt: skip
def test_what_cannot_be_subscribed_to_is_refused_by_its_name(lakeside, wish, expected):
    answer = lakeside.post("/subscriptions", WISH | wish)
    assert (answer.status_code, codes(answer)) == (422, expected)


def test_an_unknown_topic_is_answered_with_the_list_and_production_calls_no_plain_http(start_app, partner, lakeside):
    answer = lakeside.post("/subscriptions", WISH | {"topics": ["x"]})
    assert all(topic in answer.json["errors"][0]["message"] for topic in TOPICS)
    assert subscribed(lakeside, url="http://hooks.lakeside.example:8080/")["url"].startswith("http://")
    app = lakeside.app
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], env="production")
    for url, code in (
        ("http://hooks.example.org/", "refused_scheme"),
        ("https://hooks.example.org:8443/", "refused_port"),
    ):
        assert codes(lakeside.post("/subscriptions", WISH | {"url": url})) == {"/url": code}


def test_no_column_can_be_set_from_outside(lakeside):
    made = subscribed(lakeside)
    own = {"url", "topics", "filters", "active"}
    for name in {column.name for column in Base.metadata.tables["webhook_subscription"].columns} - own:
        answer = lakeside.patch(f"/subscriptions/{made['id']}", {name: "x"})
        assert codes(answer) == {f"/{name}": "unknown_field"}


def test_a_secret_is_shown_once_stored_locked_and_given_again_for_the_same_key(db, lakeside):
    key = {"Idempotency-Key": "once"}
    made = lakeside.post("/subscriptions", WISH, headers=key)
    again = lakeside.post("/subscriptions", WISH, headers=key)
    assert (again.json, again.headers["Idempotency-Replayed"]) == (made.json, "true")
    assert len(lakeside.get("/subscriptions").json["items"]) == 1
    path = f"/subscriptions/{made.json['id']}"
    rotated = lakeside.post(f"{path}/rotate-secret", {"overlap_hours": 48})
    assert rotated.json["secret"] != made.json["secret"]
    assert rotated.json["previous_secret_until"] is not None
    assert lakeside.post(f"{path}/rotate-secret", {"overlap_hours": 0}).json["previous_secret_until"] is None
    assert lakeside.post(f"{path}/rotate-secret", {"overlap_hours": 169}).status_code == 422
    with db.reading() as session:
        stored = [
            session.scalars(select(IdempotencyKey.body)).one(),
            *session.execute(select(WebhookSubscription.secret)).one(),
        ]
    for secret in (made.json["secret"], rotated.json["secret"]):
        assert secret.removeprefix("whsec_") not in "".join(stored)


def walked_on(db):
    now = datetime.now(UTC)
    with db.writing() as session:
        number_events(session)
    with db.writing() as session:
        fan_out(session, now)


def test_what_was_delivered_is_listed_tested_retried_and_replayed(db, lakeside, hillcrest):
    lakeside.create(packet(9))
    walked_on(db)
    path = f"/subscriptions/{subscribed(lakeside)['id']}"
    referrals = [lakeside.create(packet(number)) for number in (1, 2, 3)]
    hillcrest_path = f"/subscriptions/{subscribed(hillcrest)['id']}"
    walked_on(db)
    assert hillcrest.get(f"{hillcrest_path}/deliveries").json["items"] == []
    first = lakeside.get(f"{path}/deliveries?limit=2").json
    rest = lakeside.get(first["next"]).json
    items = [*first["items"], *rest["items"]]
    assert {each["referral"] for each in items} == {each["id"] for each in referrals}
    assert {(each["type"], each["state"], each["attempts"]) for each in items} == {("referral.submitted", "waiting", 0)}
    one = lakeside.get(f"/deliveries/{items[0]['id']}")
    assert one.json == items[0]
    with db.writing() as session:
        session.get_one(WebhookDelivery, UUID(items[0]["id"])).state = "dead"
    assert [each["id"] for each in lakeside.get(f"{path}/deliveries?state=dead").json["items"]] == [items[0]["id"]]
    assert lakeside.get(f"{path}/deliveries?state=lost").status_code == 422
    again = lakeside.post(f"/deliveries/{items[0]['id']}/retry")
    assert (again.status_code, again.json["state"], again.json["webhook_id"]) == (
        202,
        "waiting",
        items[0]["webhook_id"],
    )


def test_a_test_is_queued_and_a_replay_tells_again_what_happened_before(db, lakeside, hillcrest):
    referral = lakeside.create(packet(9))
    walked_on(db)
    path = f"/subscriptions/{subscribed(lakeside)['id']}"
    tested = lakeside.post(f"{path}/test")
    assert (tested.status_code, tested.json["type"], tested.json["event"]) == (202, "webhook.test", None)
    assert lakeside.get(tested.headers["Location"]).json == tested.json
    replayed = lakeside.post(f"{path}/replay", {"after": 0})
    assert (replayed.status_code, replayed.json["position"]) == (202, 0)
    assert codes(lakeside.post(f"{path}/replay", {"after": 10**9})) == {"/after": "too_late"}
    walked_on(db)
    listed = lakeside.get(f"{path}/deliveries").json["items"]
    assert {each["referral"] for each in listed} == {None, referral["id"]}
    assert len(listed) == 2
    for address in (path, f"{path}/deliveries", f"/deliveries/{listed[0]['id']}"):
        assert hillcrest.get(address).status_code == hillcrest.get(f"/deliveries/{unknown_id()}").status_code == 404
    lakeside.patch(path, {"active": False})
    assert lakeside.post(f"{path}/test").status_code == 409
