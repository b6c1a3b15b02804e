"""On paper: no navigation, no buttons, the table with its head, and folded parts unfolded."""

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def printed(page: Page, address: str) -> None:
    page.goto(address)
    page.emulate_media(media="print")


def test_a_worklist_prints_as_a_table_without_what_one_clicks(page: Page, gallery: str) -> None:
    page.set_viewport_size({"width": 720, "height": 1000})
    printed(page, f"{gallery}/worklist")
    for gone in (".top", ".filterbox", ".views", ".foot", ".wl .act", ".btn"):
        assert page.locator(f"{gone}:visible").count() == 0, gone
    head = page.locator(".wl thead")
    assert head.is_visible()
    assert head.evaluate("head => getComputedStyle(head).display") == "table-header-group"
    assert page.locator(".wl tr[data-row]").first.evaluate("row => getComputedStyle(row).display") == "table-row"


def test_a_referral_prints_whole(page: Page, gallery: str) -> None:
    printed(page, f"{gallery}/referral")
    assert page.locator(".actions:visible").count() == 0
    assert page.get_by_text("Sex, language, insurance").is_visible()
    assert page.get_by_text("To read aloud on the phone").is_visible()


def test_a_letter_stands_alone_on_its_paper(page: Page, gallery: str) -> None:
    printed(page, f"{gallery}/letter-to-release")
    assert page.locator("main").inner_text().startswith("Lakeside Hospital")
    assert page.get_by_text("slowed down").count() == 1
    assert not page.get_by_text("slowed down").is_visible()


def test_paper_is_white_whatever_the_screen_is(page: Page, gallery: str) -> None:
    page.goto(f"{gallery}/worklist")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator(".ref").first.evaluate("link => getComputedStyle(link).color") == "rgb(19, 29, 38)"


def test_what_is_printed_fits_the_paper(page: Page, gallery: str) -> None:
    for name in ("worklist", "worklist-compact", "referral", "policy", "letter"):
        page.goto(f"{gallery}/{name}")
        assert page.pdf(format="A4")[:5] == b"%PDF-"
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 703, "height": 1000})
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, name


def test_cells_keep_their_distance_on_paper(page: Page, gallery: str) -> None:
    page.set_viewport_size({"width": 720, "height": 1000})
    printed(page, f"{gallery}/worklist")
    assert page.locator(".wl .c-promise").first.evaluate("cell => getComputedStyle(cell).paddingLeft") == "6px"


def test_a_printed_worklist_says_which_it_is_and_who_printed_it(page: Page, gallery: str) -> None:
    page.goto(f"{gallery}/worklist-due")
    assert page.locator(".paper:visible").count() == 0
    page.emulate_media(media="print")
    told = page.locator(".paper").inner_text()
    for said in ("Late", "P2", "by promised time", "Printed by Nadia Kowal"):
        assert said in told
