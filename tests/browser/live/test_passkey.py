"""A passkey in a real browser: added beside the password, then enough by itself."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from config import Settings
from referrals.app import create_app
from tests import factories
from tests.browser.chromium import complaints, served
from tests.databases import Databases
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser
NURSE = "clinician@lakeside.example"
DEVICE = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}  # fmt: skip


def give_device(page: Page) -> None:
    """What a laptop with a fingerprint reader is to the page."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, "automaticPresenceSimulation": True}})


def sign_in(page: Page, home: str, email: str) -> None:
    page.goto(home)
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_passkey_is_added_and_signs_in(
    browser: Browser, databases_of: Callable[[str], Databases], tmp_path: Path
) -> None:
    databases = databases_of("sqlite")
    url = databases.fresh()
    app = create_app(Settings(env="development", secret_key="only for the tests", database_url=url, data_dir=tmp_path))
    with app.extensions["database"].writing() as session:
        factories.settled(session)
    with served(app) as address, closing(browser.new_context(reduced_motion="reduce")) as context:
        page = context.new_page()
        heard = complaints(page)
        give_device(page)
        # A passkey belongs to a name: no number of a machine has one.
        home = address.replace("127.0.0.1", "localhost")
        sign_in(page, home, NURSE)
        page.goto(f"{home}/me/security")
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_role("heading", name="Recovery codes").wait_for()
        page.get_by_role("link", name="I have kept them").click()
        page.locator("details.menu summary").click()
        page.get_by_role("button", name="Sign out").click()
        page.goto(home)
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_role("heading", name="My referrals").wait_for()
        page.wait_for_load_state()  # what the page still asks for would find no server
    app.extensions["database"].close()
    databases.forget(url)
    assert heard == []
