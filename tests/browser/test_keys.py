"""Single keys move and open, never act; they are silent where somebody types or has turned them off."""

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
FOCUSED = "document.activeElement.textContent.trim()"


@pytest.fixture
def worklist(page: Page, gallery: str) -> Page:
    page.goto(f"{gallery}/worklist", wait_until="networkidle")
    return page


def test_j_and_k_walk_the_rows(worklist: Page) -> None:
    first, second = worklist.locator("[data-open]").all_text_contents()[:2]
    worklist.keyboard.press("j")
    assert worklist.evaluate(FOCUSED) == first
    worklist.keyboard.press("j")
    assert worklist.evaluate(FOCUSED) == second
    worklist.keyboard.press("k")
    worklist.keyboard.press("k")
    assert worklist.evaluate(FOCUSED) == first


def test_enter_opens_the_row_and_o_the_next_to_do(worklist: Page, gallery: str) -> None:
    worklist.keyboard.press("j")
    href = worklist.evaluate("document.activeElement.href")
    worklist.keyboard.press("Enter")
    worklist.wait_for_url(href)
    worklist.goto(f"{gallery}/worklist", wait_until="networkidle")
    expected = worklist.locator("a[data-key=o]").evaluate("link => link.href")
    worklist.keyboard.press("o")
    worklist.wait_for_url(expected)


def test_slash_goes_to_the_search_and_keys_are_letters_there(worklist: Page) -> None:
    worklist.keyboard.press("/")
    assert worklist.evaluate("document.activeElement.id") == "q"
    worklist.keyboard.type("joko?")
    assert worklist.locator("#q").input_value() == "joko?"
    assert not worklist.locator("#keys").evaluate("dialog => dialog.open")


def test_the_list_of_keys_opens_and_gives_the_focus_back(worklist: Page) -> None:
    worklist.keyboard.press("j")
    before = worklist.evaluate(FOCUSED)
    worklist.keyboard.press("?")
    assert worklist.locator("#keys").is_visible()
    worklist.keyboard.press("j")
    worklist.keyboard.press("Escape")
    assert not worklist.locator("#keys").is_visible()
    assert worklist.evaluate(FOCUSED) == before


def test_keys_are_silent_with_a_modifier_or_turned_off(worklist: Page) -> None:
    nowhere = worklist.evaluate("document.activeElement.tagName")
    worklist.keyboard.press("Control+j")
    worklist.evaluate("document.body.dataset.shortcuts = 'off'")
    for key in "j/o?":
        worklist.keyboard.press(key)
    assert worklist.evaluate("document.activeElement.tagName") == nowhere
    assert not worklist.locator("#keys").is_visible()


def test_a_form_with_errors_puts_the_focus_on_what_to_do(page: Page, gallery: str) -> None:
    page.goto(f"{gallery}/topic-diagnosis-errors", wait_until="networkidle")
    assert page.evaluate("document.activeElement.id") == "problems"
    page.locator("#problems a").first.click()
    assert page.evaluate("document.activeElement.id") == "f-icd10cm"


def test_the_ring_around_a_person_stays_clear_of_the_line_below(page: Page, gallery: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{gallery}/worklist")
    ring = page.locator(".ref").first.evaluate(
        "link => { link.focus({focusVisible: true}); const look = getComputedStyle(link);"
        " return link.getBoundingClientRect().bottom + parseFloat(look.outlineOffset) + parseFloat(look.outlineWidth) }"
    )
    below = page.locator(".dx").first.bounding_box()
    assert below is not None
    assert ring <= below["y"] + 2, "the space above the letters"
