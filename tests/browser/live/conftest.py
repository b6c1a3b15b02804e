"""The real application at an address of its own, with people and referrals in it, for the tests in a browser."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from config import Settings
from referrals.app import create_app
from referrals.models.engine import Database
from tests import factories
from tests.browser.chromium import served
from tests.databases import Databases
from tests.factories import PASSWORD, World
from tests.web import scenery as scene
from tests.web.scenery import Scenery


@dataclass(frozen=True)
class House:
    """Where it is, and who and what is in it."""

    address: str
    app: Flask
    db: Database
    world: World
    scenery: Scenery

    def path(self, referral: str, part: str = "") -> str:
        return f"/referrals/{self.scenery.referrals[referral]}{'/' if part else ''}{part}"


@contextmanager
def opened_house(databases: Databases) -> Iterator[House]:
    url = databases.fresh()
    folder = Path(mkdtemp(prefix="documents"))
    # In development the cookie travels without TLS, which is what a browser of this machine needs.
    app = create_app(Settings(env="development", secret_key="only for the tests", database_url=url, data_dir=folder))
    db: Database = app.extensions["database"]
    with db.writing() as session:
        world = factories.settle(session)
    with served(app) as address:
        yield House(address, app, db, world, scene.build(db, world, app.extensions["archive"]))
    db.close()
    databases.forget(url)
    rmtree(folder)


@pytest.fixture(scope="session")
def house(databases_of: Callable[[str], Databases]) -> Iterator[House]:
    """One for all tests that only look."""
    with opened_house(databases_of("sqlite")) as found:
        yield found


@pytest.fixture
def own_house(databases_of: Callable[[str], Databases]) -> Iterator[House]:
    """One for a test that changes something."""
    with opened_house(databases_of("sqlite")) as found:
        yield found


Enter = Callable[..., Page]


@pytest.fixture
def enter(browser: Browser) -> Iterator[Enter]:
    """`enter(house, email)` is a page of somebody who has just signed in; each has a browser of their own."""
    contexts: list[BrowserContext] = []

    def come(where: House, email: str, *, javascript: bool = True, width: int = 1440) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=javascript, reduced_motion="reduce"
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        sign_in(page, where, email)
        return page

    yield come
    for context in contexts:
        context.close()


def sign_in(page: Page, where: House, email: str) -> None:
    page.goto(where.address)
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()
