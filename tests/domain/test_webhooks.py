"""Webhooks: every step has its topic, pauses grow, an endpoint that fails is spared, and signatures are the standard's."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from referrals.domain.lifecycle import CREATE, EDIT, STEPS, Status
from referrals.domain.webhook_topics import EVERY, TOPIC_OF_STEP, TOPICS, Happening
from referrals.domain.webhooks import (
    FAILURES_TO_OPEN,
    LONGEST_ASKED,
    LONGEST_SPARING,
    MOST_TRIES,
    Outcome,
    fault_of,
    is_given_up,
    is_open,
    pause_after,
    signed_headers,
    sparing_after,
    spelled,
)
from referrals.models.base import new_id

NOW = datetime.now(UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def happening(step="submit", **changes):
    usual = {
        "id": new_id(), "sequence": 7, "referral_id": new_id(), "reference": "SO-26-0004711-K", "step": step,
        "from_status": "draft", "to_status": "submitted", "at": NOW, "tier": "P2",
        "organization_id": new_id(), "center_id": None,
    }  # fmt: skip
    return Happening(**{**usual, **changes})


def test_every_step_of_the_table_has_a_topic_of_its_own():
    assert TOPIC_OF_STEP.keys() == {*STEPS, CREATE, EDIT}
    assert len(set(TOPICS)) == len(TOPICS) == len(STEPS) + 3
    assert {"referral.submitted", "referral.accepted", "referral.opinion_signed", EVERY} <= set(TOPICS)


def test_a_message_is_wanted_where_its_topic_and_every_filter_fit():
    home, center = str(new_id()), str(new_id())
    event = happening(organization_id=home, center_id=center, to_status=Status.OFFERED, step="offer")
    assert event.is_wanted([EVERY], {})
    assert event.is_wanted(["referral.offered"], {"to": ["offered"], "tier": ["P1", "P2"], "center": [center]})
    for topics, filters in (
        (["referral.accepted"], {}),
        ([EVERY], {"tier": ["P1"]}),
        ([EVERY], {"to": ["offered"], "organization": [center]}),
    ):
        assert not event.is_wanted(topics, filters)
    assert not happening().is_wanted([EVERY], {"center": [center]})


def test_pauses_follow_the_schedule_spread_by_chance_and_heed_what_was_asked():
    usual = [pause_after(tries, 0.5) for tries in range(1, MOST_TRIES)]
    hours = [2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]
    assert usual == [5 * SECOND, 300 * SECOND, 1800 * SECOND, *hours]
    assert 4 * SECOND < pause_after(1, 0) < pause_after(1, 1) < 6 * SECOND
    assert pause_after(1, 0.5, HOUR) == HOUR
    assert pause_after(9, 0.5, SECOND) == 24 * HOUR
    assert pause_after(1, 0.5, 90 * 24 * HOUR) == LONGEST_ASKED
    assert [is_given_up(tries, is_test=False) for tries in (MOST_TRIES - 1, MOST_TRIES)] == [False, True]
    assert is_given_up(1, is_test=True)


def test_only_a_success_counts_as_one():
    said = {status: fault_of(status) for status in (200, 204, 299, 302, 400, 404, 410, 429, 500)}
    assert [said[status] for status in (200, 204, 299)] == ["", "", ""]
    assert (said[302], said[410]) == ("redirect", "gone")
    assert {said[status] for status in (400, 404, 429, 500)} == {"status"}


def test_an_endpoint_that_fails_again_and_again_is_spared_for_longer_and_longer():
    pauses = [sparing_after(failures) for failures in range(1, 40)]
    assert pauses[: FAILURES_TO_OPEN - 1] == [None] * (FAILURES_TO_OPEN - 1)
    grown = pauses[FAILURES_TO_OPEN - 1 :]
    assert grown == sorted(grown)
    assert (grown[0], grown[-1]) == (2 * SECOND, LONGEST_SPARING)
    assert sparing_after(1, HOUR) == sparing_after(FAILURES_TO_OPEN, HOUR) == HOUR
    overloaded = Outcome(429, "status", 5)
    assert is_open(2 * overloaded.weight)
    assert Outcome(500, "status", 5).weight == Outcome(None, "timeout", 5).weight == 1


def test_the_standards_own_library_accepts_what_is_signed_with_either_secret_and_nothing_else():
    secrets = [b"n" * 32, b"o" * 32]
    body = b'{"type":"referral.submitted"}'
    headers = signed_headers("msg_1", datetime.now(UTC), body, secrets)  # the library believes nothing older
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in secrets:
        assert Webhook(spelled(secret)).verify(body, headers) == json.loads(body)
    for wrong_body, secret in ((body + b" ", secrets[0]), (body, b"x" * 32)):
        with pytest.raises(WebhookVerificationError):
            Webhook(spelled(secret)).verify(wrong_body, headers)
    assert base64.b64decode(spelled(secrets[0]).removeprefix("whsec_")) == secrets[0]
