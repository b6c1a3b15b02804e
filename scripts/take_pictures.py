"""Takes the pictures of the README from the demo: python -m scripts.take_pictures."""

import os
import tempfile
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, Page

from config import settings_from
from referrals.app import create_app
from referrals.models import schema
from referrals.pathway.seals import seal, sealing_key
from tests.browser.chromium import opened, served

TARGET = Path(__file__).resolve().parents[1] / "docs" / "pictures"
PASSWORD = "second-opinion-demo"  # noqa: S105 - the demo's own, printed by `make run`


def sign_in(browser: Browser, address: str, email: str, width: int = 1440, height: int = 900) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light")
    page.goto(address)
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url and not url.endswith(":" + address.rpartition(":")[2] + "/"))
    return page


def keep(page: Page, name: str) -> None:
    page.evaluate("document.fonts.ready")
    page.screenshot(path=TARGET / f"{name}.png")
    print(f"docs/pictures/{name}.png")


def seal_audit(app: Flask) -> None:
    """As the worker does within seconds: until then nobody finds an entry by its row."""
    with app.extensions["database"].writing() as session:
        while seal(session, sealing_key("pictures")):
            pass


def take(browser: Browser, address: str) -> None:
    """What a coordinator sees."""
    page = sign_in(browser, address, "coordinator@network.example")
    keep(page, "worklist")
    page.goto(address + str(page.locator("tr[data-row] a[href^='/referrals/']").nth(4).get_attribute("href")))
    page.set_viewport_size({"width": 1440, "height": 1120})
    keep(page, "referral")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Placing", exact=True).click()
    page.get_by_role("link", name="Look through the plan").click()
    keep(page, "plan")
    page.set_viewport_size({"width": 1440, "height": 520})
    page.goto(address + "/capacity")
    keep(page, "places")
    page.close()


def take_of_others(browser: Browser, app: Flask, address: str) -> None:
    """What a referring clinician, a specialist and an administrator see."""
    page = sign_in(browser, address, "clinician@lakeside.example")
    keep(page, "my-referrals")
    page.get_by_role("link", name="Salome Achterberg", exact=True).click()
    page.set_viewport_size({"width": 1440, "height": 1240})
    keep(page, "opinion")
    read = page.url
    page.close()
    page = sign_in(browser, address, "specialist@harbor.example")
    keep(page, "inbox")
    page.close()
    page = sign_in(browser, address, "admin@network.example", height=560)
    page.goto(read)
    seal_audit(app)
    page.get_by_role("link", name="Who saw this patient").click()
    keep(page, "who-saw")


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/pictures.sqlite"
        os.environ |= {"REFERRALS_ENV": "development", "REFERRALS_DATABASE_URL": url, "REFERRALS_DATA_DIR": folder}
        schema.upgrade(url)
        app = create_app(settings_from(os.environ))
        loaded = app.test_cli_runner().invoke(args=["demo"])
        if loaded.exit_code:
            raise SystemExit(loaded.output)
        with served(app) as address, opened() as browser:
            take(browser, address)
            take_of_others(browser, app, address)


if __name__ == "__main__":
    main()
