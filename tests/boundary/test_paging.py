"""Cursors: opaque, bound to one list and one reader, and impossible to make outside."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from flask import Flask

from config import Settings
from referrals.boundary.paging import Place, address_of, seal, unseal
from referrals.boundary.problems import Problem

READER = uuid4()
AFTER = (datetime(2026, 11, 18, 9, 30, 0, 123456, tzinfo=UTC), 7, "name", None, UUID(int=5))


@pytest.fixture
def app():
    app = Flask("test")
    app.config["SETTINGS"] = Settings(env="test", secret_key="one secret", database_url="sqlite://")
    with app.test_request_context("/", base_url="https://here.example"):
        yield app


def test_a_cursor_brings_back_the_place_and_the_filters(app):
    sealed = seal(Place(AFTER, {"status": ["open"], "q": "Ada"}), "referrals", READER)
    place = unseal(sealed, "referrals", READER)
    assert place.after == AFTER
    assert place.filters == {"status": ["open"], "q": "Ada"}


def test_nobody_can_read_in_a_cursor_what_was_asked(app):
    sealed = seal(Place(("Example", "Ada"), {"q": "Ada Example"}), "patients", READER)
    assert sealed.isascii()
    assert not {"Ada", "QWRh", "Example"} & {sealed[start : start + 7] for start in range(len(sealed))}
    assert seal(Place(("a",), {}), "x", READER) != seal(Place(("a",), {}), "x", READER)


def test_a_cursor_serves_one_list_and_one_organization(app):
    sealed = seal(Place(AFTER, {}), "referrals", READER)
    for resource, reader in (("patients", READER), ("referrals", uuid4()), ("referrals", None)):
        with pytest.raises(Problem):
            unseal(sealed, resource, reader)


@pytest.mark.parametrize("cursor", ["", "a", "x" * 40, "////", "é", "=" * 9, "A" * 4000])
def test_a_made_up_cursor_is_a_wrong_parameter(app, cursor):
    with pytest.raises(Problem) as problem:
        unseal(cursor, "referrals", READER)
    assert problem.value.status == 422
    assert [error.parameter for error in problem.value.errors] == ["cursor"]


def test_a_changed_cursor_is_refused(app):
    sealed = seal(Place(AFTER, {}), "referrals", READER)
    other = "A" if sealed[20] != "A" else "B"
    with pytest.raises(Problem):
        unseal(sealed[:20] + other + sealed[21:], "referrals", READER)


def test_another_secret_opens_nothing(app):
    sealed = seal(Place(AFTER, {}), "referrals", READER)
    app.config["SETTINGS"] = Settings(env="test", secret_key="another secret", database_url="sqlite://")
    with pytest.raises(Problem):
        unseal(sealed, "referrals", READER)


def test_addresses_begin_as_the_settings_say_else_as_we_were_called(app):
    assert address_of("/api/v1/referrals") == "https://here.example/api/v1/referrals"
    settings = Settings(env="test", secret_key="s", database_url="sqlite://", base_url="https://public.example/so")
    app.config["SETTINGS"] = settings
    assert address_of("/api/v1/referrals") == "https://public.example/so/api/v1/referrals"
