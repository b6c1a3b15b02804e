"""Every template in every state: usable by everybody, on every screen, under the strict content policy."""

import gzip
from functools import cache

import pytest
from playwright.sync_api import Browser, Page

from referrals.web.assets import STATIC
from tests.browser.chromium import barriers, complaints, elements, inline_code, too_wide
from tests.browser.gallery.app import gallery_app
from tests.browser.gallery.pages import PAGES

pytestmark = pytest.mark.browser


@cache
def html_of(name: str) -> str:
    return gallery_app().test_client().get(f"/gallery/{name}").text


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody_on_every_screen(one_window: Page, gallery: str, name: str) -> None:
    page = one_window
    page.set_viewport_size({"width": 1440, "height": 900})
    heard = complaints(page)
    answer = page.goto(f"{gallery}/{name}")
    assert answer is not None
    assert answer.status == 200
    assert barriers(page) == {}
    assert too_wide(page) == {}
    assert inline_code(page) == 0
    assert heard == []


def test_without_javascript_nothing_is_offered_that_needs_it(browser: Browser, gallery: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{gallery}/worklist")
    assert page.locator(".js-only").count()
    assert page.locator(".js-only:visible").count() == 0
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_main_heading(name: str) -> None:
    main = html_of(name).partition("<main")[2].partition("</main>")[0]
    assert main.count("<h1") == 1


def test_fifty_rows_stay_within_the_budget(page: Page, gallery: str) -> None:
    answer = page.goto(f"{gallery}/worklist-fifty")
    assert answer is not None
    assert elements(page) <= 2500
    assert len(gzip.compress(answer.body())) <= 30 * 1024


def test_a_first_visit_is_small(page: Page, gallery: str) -> None:
    loaded: list[int] = []
    page.on("requestfinished", lambda request: loaded.append(request.sizes()["responseBodySize"]))
    page.goto(f"{gallery}/worklist", wait_until="networkidle")
    assert len(loaded) <= 8
    assert sum(loaded) <= 200 * 1024


def test_our_own_stylesheet_and_script_are_small() -> None:
    assert len(gzip.compress((STATIC / "app.css").read_bytes())) <= 12 * 1024
    assert len(gzip.compress((STATIC / "app.js").read_bytes())) <= 2 * 1024


def test_every_link_of_the_evidence_lands_on_its_fact(page: Page, gallery: str) -> None:
    page.goto(f"{gallery}/referral")
    targets = page.eval_on_selector_all("#why a[href^='#']", "links => links.map(link => link.hash.slice(1))")
    assert len(targets) >= 8
    assert [target for target in targets if not page.locator(f"[id='{target}']").count()] == []


@pytest.mark.parametrize("name", PAGES)
def test_the_words_of_a_page_are_kind(name: str) -> None:
    # The markup's own word for a field with an error is not read by anybody.
    html = html_of(name).lower().replace("aria-invalid", "")
    assert [word for word in ("invalid", "breach", "rejected", "please") if word in html] == []


def test_titles_name_the_page_and_its_errors() -> None:
    for name in PAGES:
        title = html_of(name).partition("<title>")[2].partition("</title>")[0]
        assert title.endswith("– Second Opinions")
        assert title.startswith("Error:") == (name.endswith(("-errors", "-refused")) or name == "problem-422"), name


def test_every_page_template_stands_in_the_gallery() -> None:
    pages = {
        path.name for path in (STATIC.parent / "templates").glob("*.html") if "extends 'base.html'" in path.read_text()
    }
    assert pages == {show().template for show in PAGES.values()}


def test_on_a_narrow_screen_the_priority_follows_the_question(page: Page, gallery: str) -> None:
    for width in (390, 768):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{gallery}/referral")
        tops = [page.locator(f"#{name}").bounding_box() for name in ("question-h", "why-h", "clocks-h", "diagnosis-h")]
        assert [box["y"] for box in tops if box] == sorted(box["y"] for box in tops if box)


def test_a_compact_row_still_says_why_and_whose_turn_it_is(page: Page, gallery: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{gallery}/worklist-compact")
    row = page.locator(".wl tr[data-row]").first
    assert row.locator(".why li:visible").count() == 2
    assert row.locator(".c-stat .sub:visible").count() == 1
    assert row.locator(".c-req .sub:visible").count() == 1
    assert (row.bounding_box() or {"height": 99})["height"] <= 50
