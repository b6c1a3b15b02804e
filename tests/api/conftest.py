"""The JSON door under test: a real application over each database, partners who call it, answers held to the document."""

from collections.abc import Callable

import pytest
from flask import Flask

from referrals.models.engine import Database
from tests import factories
from tests.api.partner import Partner
from tests.factories import ALL_SCOPES, World


@pytest.fixture
def app(start_app: Callable[..., Flask]) -> Flask:
    return start_app(token_requests_per_minute=1000)


@pytest.fixture
def db(app: Flask) -> Database:
    database: Database = app.extensions["database"]
    return database


@pytest.fixture
def world(db: Database) -> World:
    with db.writing() as session:
        return factories.settled(session)


@pytest.fixture
def partner(app: Flask, db: Database, world: World) -> Callable[..., Partner]:
    """`partner("lakeside")` calls with a token of that organization's client; scopes may be fewer."""

    def called(code: str, scopes: tuple[str, ...] = ALL_SCOPES, person: str | None = None) -> Partner:
        return Partner(app, factories.token(db, world, code, scopes), person)

    return called


@pytest.fixture
def lakeside(partner: Callable[..., Partner]) -> Partner:
    return partner("lakeside")


@pytest.fixture
def hillcrest(partner: Callable[..., Partner]) -> Partner:
    return partner("hillcrest")


@pytest.fixture
def coordinator(partner: Callable[..., Partner]) -> Partner:
    return partner("network", person="coordinator@network.example")


@pytest.fixture
def lead(partner: Callable[..., Partner]) -> Partner:
    return partner("network", person="lead@network.example")


@pytest.fixture
def stranger(app: Flask) -> Partner:
    """Somebody without a token."""
    return Partner(app, None)
