"""Every page of the running service, as each role sees it: usable by everybody, and quiet under the content policy.

The list comes from the route table: a new page without somebody who may see it fails.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.routing import Rule

from tests.browser.chromium import barriers, complaints, inline_code, too_wide
from tests.browser.live.conftest import House, sign_in
from tests.web import scenery as scene
from tests.web.visitor import Visitor

pytestmark = pytest.mark.browser

COORDINATOR, LEAD, CLINICIAN = "coordinator@network.example", "lead@network.example", "clinician@lakeside.example"
OTHERS = (
    "admin@network.example",
    "auditor@network.example",
    "admin@lakeside.example",
    "specialist@summit.example",
    "coordinator@summit.example",
)
ROLES = (CLINICIAN, COORDINATOR, LEAD, *OTHERS)
# What is saved and never shown.
FILES = {
    "/referrals/<referral_id>/documents/<document_id>",
    "/referrals/<referral_id>/opinion.pdf",
    "/reports/network-gap.csv",
    "/reports/<name>.csv",
    "/reports/charts/<sealed>.svg",
    "/admin/audit.csv",
    "/imports/template.csv",
    "/imports/<import_id>/receipts.csv",
    "/admin/access.csv",
}
# Pages of a moment that the scenery does not hold: an accepted offer, a draft of an opinion, a center outside the
# network. Journeys and the tests of the pages pass them.
ELSEWHERE = {
    "/referrals/<referral_id>/start-review",
    "/referrals/<referral_id>/sign-opinion/check",
    "/referrals/<referral_id>/amend-opinion/check",
    "/referrals/<referral_id>/record-answer",
    "/referrals/<referral_id>/record-opinion",
    "/referrals/<referral_id>/record-opinion/original",
    "/referrals/<referral_id>/record-opinion/check",
    "/referrals/<referral_id>/record-amendment",
    "/referrals/<referral_id>/record-amendment/check",
    "/referrals/<referral_id>/compare-opinion",
}
# Pages that look different to somebody else.
ALSO = {
    ("/referrals/<referral_id>", COORDINATOR),
    ("/referrals/<referral_id>", "auditor@network.example"),
    ("/worklist", "auditor@network.example"),
    ("/referrals", "admin@lakeside.example"),
}


def seen_by(house: House, email: str) -> dict[str, str]:
    """What this person gets to see: each route with the first address of it that is a page to them."""
    guest = Visitor(house.app).sign_in(email)
    rules = [rule for rule in scene.rules(house.app, "GET") if rule.rule not in FILES]
    return {rule.rule: path for rule in rules if (path := first_seen(house, guest, rule))}


def first_seen(house: House, guest: Visitor, rule: Rule) -> str:
    """The first address of the route that is a page to this person; what is not their page is so for every referral."""
    for kind in house.scenery.referrals if "referral_id" in rule.arguments else ("submitted",):
        path = scene.address(rule, house.scenery.arguments(kind))
        if (status := guest.get(path).status) in (200, 403):
            return path if status == 200 else ""
    return ""


Seen = dict[str, dict[str, str]]


@pytest.fixture(scope="session")
def seen(house: House) -> Seen:
    return {email: seen_by(house, email) for email in ROLES}


def without_repeats(seen: Seen) -> Iterator[tuple[str, str]]:
    """Each route once, in the eyes of the first role that may see it; some also as those see them who only read."""
    shown: set[str] = set()
    for email in ROLES:
        for rule, path in seen[email].items():
            if rule not in shown or (rule, email) in ALSO:
                shown.add(rule)
                yield email, path


@pytest.fixture
def people(browser: Browser, house: House) -> Iterator[dict[str, BrowserContext]]:
    contexts = {}
    for email in ROLES:
        contexts[email] = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        page = contexts[email].new_page()
        sign_in(page, house, email)
        page.close()
    yield contexts
    for context in contexts.values():
        context.close()


def faults(context: BrowserContext, address: str) -> list[object]:
    """Everything that is wrong with one page, seen in the one window that is kept open for all."""
    page = context.pages[0] if context.pages else context.new_page()
    page.set_viewport_size({"width": 1440, "height": 900})
    heard = complaints(page)
    answer = page.goto(address, wait_until="load")
    assert answer is not None
    found: list[object] = [] if answer.status == 200 else [answer.status]
    found += [each for each in (barriers(page), too_wide(page), inline_code(page), heard) if each]
    found += [] if page.get_by_role("heading", level=1).count() == 1 else ["not one main heading"]
    return found


@pytest.mark.timeout(900)
@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.long)])
def test_every_page_is_for_everybody(house: House, seen: Seen, people: dict[str, BrowserContext], every: int) -> None:
    """A third of the pages, and in the long run all of them; the gallery holds each template to the same."""
    pages = list(without_repeats(seen))[::every]
    found = {f"{email} {path}": faults(people[email], house.address + path) for email, path in pages}
    assert {page: wrong for page, wrong in found.items() if wrong} == {}


def test_every_route_has_somebody_who_sees_it(house: House, seen: Seen) -> None:
    unseen = {rule.rule for rule in scene.rules(house.app, "GET")} - {rule for found in seen.values() for rule in found}
    # Whoever is signed in is led on from these; a stranger's view of them is below, and the gallery's.
    led_on = {"/", "/sign-in", "/sign-in/second-factor", "/sign-in/single-sign-on/back", "/me/security/app"}
    assert unseen == led_on | ELSEWHERE | FILES


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("email", ROLES)
def test_every_page_of_a_role_is_for_everybody(
    house: House, seen: Seen, people: dict[str, BrowserContext], email: str
) -> None:
    found = {path: faults(people[email], house.address + path) for path in seen[email].values()}
    assert {page: wrong for page, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("path", ["/", "/sign-in?next=/worklist", "/signed-out"])
def test_the_pages_of_strangers_are_for_everybody(house: House, context: BrowserContext, path: str) -> None:
    assert faults(context, house.address + path) == []


@pytest.mark.parametrize(
    ("email", "path", "status"),
    [
        (COORDINATOR, "/nowhere", 404),
        (CLINICIAN, "/worklist", 403),
        (COORDINATOR, "/worklist?tier=P9", 422),
        ("", "/nowhere", 404),
    ],
)
def test_a_page_about_a_failure_is_for_everybody(
    house: House, context: BrowserContext, email: str, path: str, status: int
) -> None:
    page = context.new_page()
    if email:
        sign_in(page, house, email)
    answer = page.goto(house.address + path)
    assert answer is not None
    assert answer.status == status
    assert barriers(page) == {}
    assert too_wide(page) == {}


def test_a_refused_form_is_for_everybody_and_leads_to_its_fields(house: House, page: Page) -> None:
    heard = complaints(page)
    sign_in(page, house, LEAD)
    page.goto(house.address + house.path("in_triage", "override"))
    page.get_by_role("button", name="Change the priority").last.click()
    page.wait_for_load_state()
    assert page.title().startswith("Error:")
    assert page.evaluate("document.activeElement.id") == "problems"
    assert barriers(page) == {}
    page.locator("#problems a").first.click()
    assert page.evaluate("document.activeElement.name") == "tier"
    assert [text for text in heard if "422" not in text] == []
