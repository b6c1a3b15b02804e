"""From triage through a plan for the whole queue to a center that accepts, with the keyboard, in a real browser."""

import pytest
from playwright.sync_api import Page

from referrals.models.referral import Referral
from referrals.worker.loop import database_clock
from referrals.worker.planning import make_plan
from tests.browser.chromium import axe, barriers
from tests.browser.live.conftest import Enter, House
from tests.browser.live.test_journeys import await_text, heading, press, tab_to
from tests.web.scenery import COORDINATOR, SUMMIT

pytestmark = pytest.mark.browser


def looked_at(page: Page, title: str) -> None:
    """The page that is meant, and everybody can use it; the gallery looks at it in dark and on a phone, too."""
    assert heading(page) == title
    assert axe(page) == []


def press_key(page: Page, name: str, key: str = "Enter") -> None:
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press(key)


def tab_to_box(page: Page, reference: str) -> None:
    """Tab until the box of this referral has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('label')?.textContent ?? ''").endswith(reference):
            return
    raise AssertionError(f"the keyboard does not reach the box of {reference}")


def triaged_by_keys(page: Page, address: str) -> None:
    page.goto(address)
    press_key(page, "Take it")
    press_key(page, "Complete triage", "Space")
    await_text(page, "Ready for a center")
    looked_at(page, heading(page))


def planned_by_keys(page: Page, house: House) -> None:
    """From the navigation to a plan that is ready, worked out by the worker's own job."""
    press_key(page, "Placing")
    looked_at(page, "Placing")
    press_key(page, "Work out a plan")
    make_plan(house.db, database_clock)
    press_key(page, "Look again")
    await_text(page, "2 referrals can be placed now")
    assert barriers(page) == {}
    page.set_viewport_size({"width": 1440, "height": 900})


def accepted_from_the_inbox(page: Page, triaged: str) -> None:
    looked_at(page, "Inbox")
    page.locator(f"a[href='{triaged}']").first.click()
    page.wait_for_url(f"**{triaged}")
    press(page, "Accept")
    press(page, "Accept")
    await_text(page, "Accepted")


def test_from_triage_through_a_plan_to_a_center_that_accepts(own_house: House, enter: Enter) -> None:
    triaged = own_house.path("submitted")
    with own_house.db.reading() as session:
        left_out = session.get_one(Referral, own_house.scenery.referrals["ready"]).reference
    coordinator = enter(own_house, COORDINATOR)
    triaged_by_keys(coordinator, own_house.address + triaged)
    planned_by_keys(coordinator, own_house)
    row = coordinator.get_by_role("listitem").filter(has=coordinator.locator(f"a[href='{triaged}']"))
    assert "Expertise 0.8" in row.inner_text()
    tab_to_box(coordinator, left_out)
    coordinator.keyboard.press("Space")
    press_key(coordinator, "Make the offers that are ticked")
    await_text(coordinator, "1 offer made")
    assert "Offered" in row.inner_text()

    accepted_from_the_inbox(enter(own_house, SUMMIT), triaged)
    with coordinator.expect_navigation():
        row.get_by_role("link").press("Enter")
    await_text(coordinator, "Accepted by Summit Cancer Center")
