"""The clinician's form in a browser: what stands open, what is kept when the cookie changes in another window."""

import pytest

from tests.browser.live.conftest import Enter, House
from tests.browser.live.test_journeys import await_text, press
from tests.factories import PASSWORD
from tests.web.scenery import LAKESIDE


@pytest.mark.parametrize("javascript", [True, False])
def test_rows_of_treatments_stand_open_for_who_lists_them(house: House, enter: Enter, javascript: bool) -> None:
    page = enter(house, LAKESIDE, javascript=javascript)
    page.goto(house.address + house.path("draft", "treatment"))
    row, add = page.locator("#row-treatments-1"), page.get_by_role("button", name="Add another treatment")
    for answer, is_open in (("I do not know", False), ("I list it below", True), ("There was none", False)):
        page.get_by_label(answer).check()
        assert (row.is_visible(), add.is_visible()) == (is_open, is_open), answer


def test_what_was_typed_outlives_signing_out_in_another_window(own_house: House, enter: Enter) -> None:
    page = enter(own_house, LAKESIDE)
    page.goto(own_house.address + own_house.path("draft", "question"))
    page.fill("[name=summary]", "Typed before the other window was closed.")
    other = page.context.new_page()
    other.goto(own_house.address)
    other.locator(".menu > summary").last.click()
    other.get_by_role("button", name="Sign out").click()
    await_text(other, "Close this window")
    other.go_back()
    await_text(other, "Sign in")
    assert "Ada Example" not in other.locator("body").inner_text()
    press(page, "Save and continue")
    await_text(page, "what you typed is kept")
    page.fill("[name=email]", LAKESIDE)
    page.fill("[name=password]", PASSWORD)
    press(page, "Sign in")
    press(page, "Go on where I was")
    await_text(page, "Typed before the other window was closed.")
