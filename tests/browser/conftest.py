"""A Chromium for the tests that need one. Where there is none they are left out, loudly, or fail if it is required."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.chromium import installed, opened, served
from tests.browser.gallery.app import gallery_app

REQUIRED = os.environ.get("REFERRALS_REQUIRE_BROWSER") == "1"
LEFT_OUT = "No Chromium on the PATH: the browser tests are left out. Install one to run them."


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if installed() or REQUIRED:
        return
    kept = [item for item in items if item.get_closest_marker("browser") is None]
    left_out = [item for item in items if item not in kept]
    items[:] = kept
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        config.stash[MISSING] = len(left_out)


MISSING = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash.get(MISSING, 0):
        terminalreporter.section(LEFT_OUT, sep="!", red=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not installed():
        pytest.fail(LEFT_OUT)
    with opened() as chromium:
        yield chromium


def _opened(browser: Browser) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    return context


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own for each test: no cookie and no cache of another."""
    context = _opened(browser)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(scope="module")
def one_window(browser: Browser) -> Iterator[Page]:
    """For the many pages that are only looked at: a new browser for each would take longer than the look."""
    context = _opened(browser)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def gallery() -> Iterator[str]:
    with served(gallery_app()) as address:
        yield f"{address}/gallery"
