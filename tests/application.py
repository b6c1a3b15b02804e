"""An application for tests, over any database."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config import Settings, settings_from
from referrals.models.keys import KeyFolder
from tests.over_http import as_attacked


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """What a test's application runs with; a test module may override it."""
    return settings_from(
        {"REFERRALS_ENV": "test", "REFERRALS_DATABASE_URL": database_url, "REFERRALS_DATA_DIR": str(tmp_path / "data")}
    )


@pytest.fixture
def start_app(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Callable[..., Flask]]:
    """Starts an application whose settings differ from `settings` in what is named; with keys, as operators make them."""
    from referrals.app import create_app  # here, so that tests of the rules need no doors

    started: list[Flask] = []

    KeyFolder(settings.data_dir / "keys").ring()

    def start(**changes: Any) -> Flask:
        started.append(app := create_app(replace(settings, **changes)))
        app.testing = True
        return as_attacked(app, request)

    yield start
    for app in started:
        app.extensions["database"].close()


@pytest.fixture
def app(start_app: Callable[..., Flask]) -> Flask:
    return start_app()
