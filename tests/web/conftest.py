"""The dashboard under test: a real application over each database, and people of every role at their browsers."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from config import Settings
from referrals.app import create_app
from referrals.domain.policy import default_document
from referrals.models.assessment import Policy
from referrals.models.engine import Database
from referrals.models.referral import Referral
from referrals.pathway import intake
from referrals.pathway.actions import take_step
from tests import factories
from tests.factories import World
from tests.over_http import as_attacked
from tests.web.visitor import Visitor

SECRET = "a secret that only the tests know"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        env="test",
        secret_key=SECRET,
        database_url=database_url,
        data_dir=tmp_path / "data",
        sign_ins_per_minute=1000,
    )


@pytest.fixture
def app(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Flask]:
    app = as_attacked(create_app(settings), request)
    yield app
    app.extensions["database"].close()


@pytest.fixture
def db(app: Flask) -> Database:
    database: Database = app.extensions["database"]
    return database


@pytest.fixture
def world(db: Database) -> World:
    with db.writing() as session:
        return factories.settled(session)


@pytest.fixture
def visitor(app: Flask, world: World) -> Callable[..., Visitor]:
    """`visitor("lead@network.example")` is signed in; `visitor()` is a stranger."""

    def come(email: str = "") -> Visitor:
        guest = Visitor(app)
        return guest.let_in(email) if email else guest

    return come


@pytest.fixture
def coordinator(visitor: Callable[..., Visitor]) -> Visitor:
    return visitor("coordinator@network.example")


@pytest.fixture
def lead(visitor: Callable[..., Visitor]) -> Visitor:
    return visitor("lead@network.example")


@pytest.fixture
def clinician(visitor: Callable[..., Visitor]) -> Visitor:
    return visitor("clinician@lakeside.example")


Send = Callable[..., Referral]
UNNAMED = {"external_reference": None, "referring_clinician": None}


def of_then(ago: timedelta) -> dict[str, Any]:
    """What a packet said that long ago: nothing in it had happened later."""
    days = ago.days + 1
    return {
        "diagnosis": factories.diagnosis(diagnosed_on=factories.days_ago(days + 110)),
        "treatments": [
            factories.treatment(started_on=factories.days_ago(days + 95), ended_on=factories.days_ago(days + 22))
        ],
        "performance_status": None,
        "needed_by": None,
        "consent": {"given": True, "given_on": factories.days_ago(days + 4), "scope": ["share_with_centers"]},
    }


@pytest.fixture
def send(db: Database, world: World) -> Send:
    """A referral from a clinician, as the form would have sent it; `ago` is how long ago, `steps` what happened since."""

    def sent(
        number: int = 1,
        *,
        by: str = "clinician@lakeside.example",
        steps: tuple[tuple[str, str, dict[str, Any]], ...] = (),
        ago: timedelta = timedelta(),
        **changes: Any,
    ) -> Referral:
        now = datetime.now(UTC) - ago
        packet = factories.packet(number, **{**UNNAMED, **(of_then(ago) if ago else {}), **changes})
        with db.writing() as session:
            actor = factories.person_actor(session, world, by)
            referral = intake.receive(session, actor, packet, door="form", now=now)
            for email, step, body in steps:
                taker = factories.person_actor(session, world, email)
                take_step(session, taker, referral.id, step, body, now)
        return referral

    return sent


CLAIMED = (("coordinator@network.example", "claim", {}),)


@pytest.fixture
def claimed(send: Send) -> Referral:
    return send(steps=CLAIMED)


def change_policy(db: Database, world: World, version: str = "2026.2") -> None:
    """Another policy comes into force: what was judged before was judged by the old one."""
    now = datetime.now(UTC)
    with db.writing() as session:
        session.execute(update(Policy).values(status="retired"))
        document = default_document() | {"version": version}
        session.add(
            Policy(
                network_id=world.network_id,
                version=version,
                status="active",
                document=document,
                author="A lead",
                created_at=now,
                activated_at=now,
            )
        )


@pytest.fixture
def offered(coordinator: Visitor, send: Send, world: World) -> str:
    """The address of a referral that was triaged and offered to Summit on one page."""
    home = f"/referrals/{send(1).id}"
    coordinator.get(home).press("Take it")
    coordinator.follow_link("Complete triage and send to a center")
    coordinator.press("Complete triage and send to a center", center=str(world.organizations["summit"].id))
    assert "Offered to a center" in coordinator.words
    return home
