"""The page that leads integrators through the API: for everybody, on every screen, and without asking anybody else."""

from playwright.sync_api import Page, Request

from tests.browser.chromium import OF_COLORS, axe, complaints, too_wide
from tests.browser.live.conftest import House


def test_the_reference_has_no_barriers_fits_every_screen_and_asks_nobody_else(house: House, page: Page) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    said = complaints(page)
    page.on("request", note)
    page.goto(f"{house.address}/api/v1/docs")
    assert axe(page) == []
    page.emulate_media(color_scheme="dark")
    assert axe(page, OF_COLORS) == []
    assert too_wide(page) == {}
    assert said == []
    assert {address.startswith(house.address) for address in asked} == {True}
