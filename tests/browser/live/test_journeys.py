"""People at work in a real browser: without a script, with the keyboard alone, and in each other's way."""

import pytest
from playwright.sync_api import Dialog, Page
from sqlalchemy import select

from referrals.boundary.clock import now
from referrals.models.referral import Referral
from referrals.pathway import intake
from tests.browser.chromium import complaints
from tests.browser.live.conftest import Enter, House
from tests.factories import PASSWORD, days_ago, diagnosis, packet, patient, person_actor, treatment
from tests.web.scenery import COORDINATOR, LAKESIDE, LEAD

pytestmark = pytest.mark.browser
WICKED = "\"><script>alert('run')</script><img src=x onerror=alert(1)>"


def press(page: Page, name: str) -> None:
    """The button or link that says so; the last one, because a form repeats its button at its head."""
    page.get_by_role("button", name=name, exact=True).or_(page.get_by_role("link", name=name, exact=True)).last.click()
    page.wait_for_load_state()


def await_text(page: Page, text: str) -> None:
    """The page that is on its way says so, in time."""
    page.get_by_text(text).first.wait_for()


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def write_referral(page: Page) -> None:
    page.fill("[name=given_name]", "Grete")
    page.fill("[name=family_name]", "Lind")
    page.fill("[name=birth_date]", "1960-02-01")
    page.get_by_label("Female").check()
    press(page, "Save and continue")
    page.get_by_label("The patient agrees").check()
    page.fill("[name=consent_given_on]", days_ago(2))
    press(page, "Save and continue")
    page.fill("[name=icd10cm_words]", "breast upper outer right")
    page.get_by_role("button", name="Find code").first.click()
    page.get_by_label("C50.411").check()
    page.get_by_label("Confirmed", exact=True).check()
    press(page, "Save and continue")
    page.get_by_label("There was none").check()
    press(page, "Save and continue")
    page.get_by_label("Explore treatment options").check()
    page.fill("[name=questions-0-text]", "Is surgery enough?")
    press(page, "Save and continue")


def test_a_referral_from_the_first_word_to_its_end_without_a_script(own_house: House, enter: Enter) -> None:
    clinician = enter(own_house, LAKESIDE, javascript=False)
    press(clinician, "New referral")
    write_referral(clinician)
    assert heading(clinician) == "Check your answers"
    press(clinician, "Send the referral")
    assert heading(clinician) == "The referral for Grete Lind is sent"
    with own_house.db.reading() as session:
        sent = session.scalars(select(Referral).where(Referral.patient_given_name == "Grete")).one()

    coordinator = enter(own_house, COORDINATOR, javascript=False)
    coordinator.get_by_role("button", name=f"Take {sent.reference}").click()
    assert heading(coordinator) == "Grete Lind"
    press(coordinator, "Change the priority")
    coordinator.locator("[name=tier]").first.check()
    coordinator.get_by_label("Clinical judgement").check()
    coordinator.fill("[name=text]", "The tumor grows fast.")
    press(coordinator, "Change the priority")
    await_text(coordinator, "changed by a person")
    press(coordinator, "Complete triage")
    await_text(coordinator, "Ready for a center")
    end_it(coordinator)

    clinician.goto(f"{own_house.address}/referrals/{sent.id}")
    await_text(clinician, "It takes another route")


def end_it(coordinator: Page) -> None:
    press(coordinator, "End…")
    press(coordinator, "Cancel the referral…")
    coordinator.get_by_label("It takes another route").check()
    press(coordinator, "Cancel the referral")
    await_text(coordinator, "Canceled")


def tab_to(page: Page, text: str, most: int = 80) -> None:
    """Tab until what is focused says so."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()").startswith(text):
            return
    raise AssertionError(f"the keyboard does not reach {text!r}")


def test_a_coordinator_works_with_the_keyboard_alone(own_house: House, page: Page) -> None:
    page.goto(own_house.address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Tab")
    page.keyboard.type(COORDINATOR)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/worklist")
    page.keyboard.press("o")
    page.wait_for_url("**/referrals/*")
    tab_to(page, "Take it")
    page.keyboard.press("Enter")
    await_text(page, "In triage")
    tab_to(page, "Complete triage")
    page.keyboard.press("Space")
    await_text(page, "Ready for a center")
    page.goto(f"{own_house.address}/worklist")
    page.keyboard.press("j")
    name = page.evaluate("document.activeElement.textContent.trim()")
    page.keyboard.press("Enter")
    page.wait_for_url("**/referrals/*")
    assert heading(page) == name


def test_what_has_the_focus_can_be_seen(house: House, enter: Enter) -> None:
    page = enter(house, COORDINATOR)
    page.goto(house.address + house.path("in_triage"))
    for _ in range(30):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            "(() => { const style = getComputedStyle(document.activeElement);"
            " return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2; })()"
        )
        assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def test_of_two_who_change_one_referral_the_second_sees_both_texts(own_house: House, enter: Enter) -> None:
    address = own_house.address + own_house.path("in_triage", "override")
    first, second = enter(own_house, LEAD), enter(own_house, "deputy@network.example")
    heard = complaints(second)
    for page, tier, text in ((first, "P2", "The first text."), (second, "P3", "The second text.")):
        page.goto(address)
        page.locator(f"[name=tier][value={tier}]").check()
        page.get_by_label("The data are wrong").check()
        page.fill("[name=text]", text)
    press(first, "Change the priority")
    with second.expect_response(lambda answer: answer.request.method == "POST") as answered:
        press(second, "Change the priority")
    assert answered.value.status == 409
    await_text(second, "Lead changed it at")
    assert second.locator("[name=text]").input_value() == "The second text."
    press(second, "Change the priority")
    await_text(second, "The second text.")
    assert [said for said in heard if "409" not in said] == []


def test_a_double_press_sends_a_form_once(own_house: House, enter: Enter) -> None:
    page = enter(own_house, COORDINATOR)
    posted = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    page.goto(own_house.address + own_house.path("submitted"))
    page.get_by_role("button", name="Take it").dblclick()
    page.wait_for_load_state()
    await_text(page, "In triage")
    assert len(posted) == 1


def dialogs(page: Page) -> list[str]:
    """A list that fills with what scripts say in windows of their own."""
    said: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    return said


def test_nothing_that_was_typed_ever_runs(own_house: House, enter: Enter) -> None:
    """Every text of a referral holds a script; every page that shows them is opened."""
    facts = diagnosis(description=WICKED, unusual_presentation=WICKED, metastatic_sites=[WICKED], first_opinion=None)
    sent = packet(
        90, patient=patient(90, given_name=WICKED, family_name=WICKED), diagnosis=facts,
        treatments=[treatment(regimen=WICKED, stop_reason=WICKED)], questions=[WICKED], summary=WICKED,
        other_conditions=[WICKED], external_reference=None, referring_clinician=None,
    )  # fmt: skip
    with own_house.db.writing() as session:
        actor = person_actor(session, own_house.world, LAKESIDE)
        referral = intake.receive(session, actor, sent, door="form", now=now())
        draft = intake.receive(session, actor, sent | {"submit": False}, door="form", now=now())
    pages = {
        COORDINATOR: ["/worklist", *(f"/referrals/{referral.id}{part}" for part in ("", "/update-facts", "/what-if"))],
        LAKESIDE: ["/referrals", *(f"/referrals/{draft.id}/{part}" for part in ("patient", "treatment", "check"))],
    }
    for email, paths in pages.items():
        page = enter(own_house, email)
        heard, ran = complaints(page), dialogs(page)
        for path in paths:
            page.goto(own_house.address + path, wait_until="load")
        assert (heard, ran) == ([], [])


def test_the_theme_that_was_chosen_is_worn(own_house: House, enter: Enter) -> None:
    page = enter(own_house, COORDINATOR)
    page.goto(f"{own_house.address}/me/preferences")
    page.get_by_label("Dark", exact=True).check()
    press(page, "Save preferences")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_a_code_is_found_and_the_page_stands_where_the_answer_is(own_house: House, enter: Enter) -> None:
    page = enter(own_house, LAKESIDE)
    page.goto(own_house.address + own_house.path("draft", "diagnosis"))
    page.fill("[name=morphology_words]", "adenocarcinoma")
    page.get_by_role("button", name="Find code").nth(1).click()
    page.wait_for_load_state()
    assert page.url.endswith("#f-morphology")
    assert page.locator("#f-morphology").is_visible()
    assert page.locator("#f-morphology").evaluate("field => field.getBoundingClientRect().top >= 0")


def test_more_codes_are_shown_from_where_the_first_ones_ended(own_house: House, enter: Enter) -> None:
    page = enter(own_house, LAKESIDE, javascript=False)
    page.goto(own_house.address + own_house.path("draft", "diagnosis"))
    page.fill("[name=icd10cm_words]", "breast cancer")
    page.get_by_role("button", name="Find code").first.click()
    page.get_by_role("button", name="Show more codes").click()
    page.locator("#f-icd10cm-20").wait_for()
    assert page.url.endswith("#f-icd10cm-20")
    assert page.locator("#f-icd10cm-20").evaluate("field => field.getBoundingClientRect().top < innerHeight")


def test_a_code_that_is_typed_and_sent_with_enter_is_the_one_that_is_stored(own_house: House, enter: Enter) -> None:
    page = enter(own_house, LAKESIDE)
    page.goto(own_house.address + own_house.path("draft", "diagnosis"))
    page.fill("[name=icd10cm_words]", "C73")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(own_house.address + own_house.path("draft", "diagnosis"))
    assert page.get_by_label("Chosen now: C73 Malignant neoplasm of thyroid gland").is_checked()
