"""What a monitoring system reads, and who may."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from referrals.boundary import clock
from referrals.models.engine import Database
from referrals.models.referral import Referral
from referrals.models.trail import Beat
from referrals.pathway.vital_signs import SIGNS
from tests.api.partner import Partner
from tests.factories import packet

TOKEN = "a-token-for-the-monitoring"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}
Figures = dict[str, dict[str, float]]


@pytest.fixture
def app(start_app: Callable[..., Flask]) -> Flask:
    return start_app(token_requests_per_minute=1000, metrics_token=TOKEN)


def figures(text: str) -> Figures:
    found: Figures = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})["|".join(sample.labels.values())] = sample.value
    return found


def scraped(app: Flask) -> Figures:
    answer = app.test_client().get("/metrics", headers=SHOWN)
    assert answer.status_code == 200
    return figures(answer.text)


def test_only_who_shows_the_token_reads_the_metrics(app: Flask):
    for headers in ({}, {"Authorization": "Bearer another-token-of-this-length"}, {"Authorization": TOKEN}):
        answer = app.test_client().get("/metrics", headers=headers)
        assert (answer.status_code, "referrals_" in answer.text) == (401, False)


def test_without_a_token_of_its_own_there_is_no_such_page(start_app: Callable[..., Flask]):
    assert start_app().test_client().get("/metrics", headers=SHOWN).status_code == 404


def test_what_is_open_and_what_is_late_is_counted(app: Flask, lakeside: Partner, db: Database):
    for number in range(2):
        assert lakeside.post("/referrals", packet(external_reference=f"EHR-{number}")).status_code == 201
    before = clock.now()
    with db.writing() as session:
        session.execute(
            update(Referral).values(due_at=before - timedelta(days=1), next_action_due_at=before - timedelta(days=1))
        )
        session.add(Beat(process="worker", at=before - timedelta(seconds=90)))
    found = scraped(app)
    assert found["referrals_database_up"] == {"": 1}
    assert found["referrals_open_referrals"] == {"submitted": 2}
    assert found["referrals_late_steps"] == found["referrals_missed_promises"] == {"": 2}
    assert found["referrals_untold_seconds"][""] >= 0
    assert found["referrals_unsealed_seconds"][""] >= 0
    assert 90 <= found["referrals_worker_beat_seconds"][""] < 150


def test_whoever_runs_the_service_finds_each_metric_in_its_manual():
    manual = (Path(__file__).parents[2] / "docs/operations.md").read_text()
    assert [sign.name for sign in SIGNS if f"`referrals_{sign.name}" not in manual] == []


def test_requests_are_counted_by_the_template_of_their_route(app: Flask, lakeside: Partner):
    lakeside.get("/patients/11111111-1111-1111-1111-111111111111?name=Zephyrine")
    app.test_client().get("/Zephyrine-Quillfeather")
    text = app.test_client().get("/metrics", headers=SHOWN).text
    found = figures(text)
    assert found["referrals_requests_total"]["GET|/api/v1/patients/<patient_id>|404"] >= 1
    assert found["referrals_requests_total"]["-|(no such path)|404"] >= 1
    assert "Zephyrine" not in text
    assert "11111111" not in text


def test_a_database_that_is_away_or_without_tables_is_all_that_is_told(
    start_app: Callable[..., Flask], fresh_database_url: str
):
    for url in (fresh_database_url, "postgresql://nobody@127.0.0.1:1/nothing"):
        found = scraped(start_app(database_url=url, metrics_token=TOKEN))
        assert found["referrals_database_up"] == {"": 0}
        assert "referrals_open_referrals" not in found
