"""One network for many calls in turn: an application whose database, tokens and rows are made once for a whole module."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import settings_from
from referrals.app import create_app
from referrals.models.engine import Database
from tests.databases import Databases
from tests.factories import ALL_SCOPES, World, settled, token
from tests.over_http import ClientOverHTTP
from tests.web.scenery import contents


@dataclass
class OneNetwork:
    app: Flask
    world: World
    http: FlaskClient
    tokens: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        found: Database = self.app.extensions["database"]
        return found

    @property
    def dialect(self) -> str:
        return self.database.engine.dialect.name

    def token(self, home: str, scopes: tuple[str, ...] = ALL_SCOPES) -> str:
        """A token of that organization's client: one for the module."""
        if (home, scopes) not in self.tokens:
            self.tokens[home, scopes] = token(self.database, self.world, home, scopes)
        return self.tokens[home, scopes]

    def call(
        self,
        method: str,
        address: str,
        token: str,
        person: str | None = None,
        headers: Mapping[str, str] | None = None,
        **sent: Any,
    ) -> TestResponse:
        own = {"Authorization": f"Bearer {token}"} | ({"On-Behalf-Of": person} if person else {})
        return self.http.open(address, method=method, headers=own | dict(headers or {}), **sent)


@contextmanager
def one_network(databases: Databases, folder: Path) -> Iterator[OneNetwork]:
    url = databases.fresh()
    place = {"DATABASE_URL": url, "DATA_DIR": str(folder), "ENV": "test"}
    settings = settings_from({f"REFERRALS_{name}": value for name, value in place.items()})
    app = create_app(
        replace(settings, calls_per_minute=1_000_000, token_requests_per_minute=1_000_000, log_level="ERROR")
    )
    with app.extensions["database"].writing() as session:
        world = settled(session)
    app.test_client_class = ClientOverHTTP
    yield OneNetwork(app, world, app.test_client(use_cookies=False))
    app.extensions["database"].close()
    databases.forget(url)


def rows(network: OneNetwork) -> dict[str, list[Any]]:
    """Every row but those that say who was refused what."""
    told_of_refusals = {"client_refusal", "receipt"}
    return {name: found for name, found in contents(network.database).items() if name not in told_of_refusals}


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written meanwhile is checked by the database and then taken back: each call meets the same rows."""

    @contextmanager
    def writing(database: Database) -> Iterator[Session]:
        with Session(database._writers, expire_on_commit=False, info=database.info) as session:
            session.begin()
            yield session
            session.flush()
            session.rollback()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "writing", writing)
        yield
