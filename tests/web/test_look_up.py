"""Codes looked up inside a form: what was typed last counts, and what was chosen before never passes for an answer."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from referrals.models.engine import Database
from referrals.models.referral import Facts, Referral
from tests.web.conftest import CLAIMED, Send
from tests.web.html import Form
from tests.web.visitor import Visitor

SAVE = "Save and continue"
UPDATE, SHOW = "Update the clinical facts", "Show what it would be"
CHANGE = {"kind": "correction", "source": "Pathology", "reason": "The report came."}
UNCODED = {"uncoded": True, "description": "A tumor", "certainty": "confirmed"}
WHICH = "Choose a code for these words, or say that you do not know it."
PANCREAS = "Chosen now: C25.0 Malignant neoplasm of head of pancreas"

Draft = Callable[..., Visitor]


@pytest.fixture
def draft(clinician: Visitor, send: Send) -> Draft:
    """The diagnosis page of a draft that holds a code, or says that it is not known."""

    def begin(**diagnosis: Any) -> Visitor:
        referral = send(1, submit=False, diagnosis=diagnosis, external_reference=None)
        return clinician.get(f"/referrals/{referral.id}/diagnosis")

    return begin


def diagnosis(db: Database) -> dict[str, Any]:
    with db.reading() as session:
        found = session.scalars(select(Facts).order_by(Facts.version.desc())).first()
    assert found
    return found.content["diagnosis"]


def form_of(guest: Visitor) -> Form:
    return next(form for form in guest.page.forms if "icd10cm_words" in form.names)


def chosen(guest: Visitor, name: str = "icd10cm") -> str | None:
    return dict(form_of(guest).fields).get(name)


# -- a draft -----------------------------------------------------------------------------------------------------------

STANDING = [{"icd10cm": "C25.0"}, {"uncoded": True, "description": "A lump"}]


@pytest.mark.parametrize("standing", STANDING)
def test_a_code_that_is_typed_takes_the_place_of_what_was_chosen(draft: Draft, db: Database, standing: dict[str, Any]):
    draft(**standing).press(SAVE, icd10cm_words="c73")
    assert diagnosis(db)["icd10cm"] == "C73"
    assert not diagnosis(db).get("uncoded")


@pytest.mark.parametrize("standing", STANDING)
def test_other_words_beside_a_choice_are_asked_about(draft: Draft, db: Database, standing: dict[str, Any]):
    page = draft(**standing).press(SAVE, icd10cm_words="thyroid")
    assert page.status == 422
    assert WHICH in page.words
    assert "C73 Malignant neoplasm of thyroid gland" in page.words
    assert standing.items() <= diagnosis(db).items()
    page.press(SAVE, icd10cm="C73")
    assert diagnosis(db)["icd10cm"] == "C73"


def test_a_choice_beside_words_whose_answer_was_seen_is_taken(draft: Draft, db: Database):
    page = draft(icd10cm="C25.0").press("Find code", icd10cm_words="thyroid")
    assert chosen(page) == "C25.0"
    page.press(SAVE, icd10cm="unknown", description="Not sure")
    assert diagnosis(db)["uncoded"]


def test_words_typed_over_those_that_were_looked_up_wait_again(draft: Draft, db: Database):
    draft(icd10cm="C25.0").press("Find code", icd10cm_words="thyroid").press(SAVE, icd10cm_words="breast cancer")
    assert diagnosis(db)["icd10cm"] == "C25.0"


def test_words_wait_on_while_the_code_of_something_else_is_looked_up(draft: Draft, db: Database):
    page = draft(icd10cm="C25.0").press(
        "Find code", icd10cm_words="C25.0", morphology_words="melanoma", morphology="unknown"
    )
    page.press(SAVE)
    assert page.status == 422
    assert WHICH in page.words


def test_a_code_that_is_found_whole_is_chosen_at_once(draft: Draft, db: Database):
    page = draft(icd10cm="C25.0").press("Find code", icd10cm_words="C73")
    assert chosen(page) == "C73"
    page.press(SAVE)
    assert diagnosis(db)["icd10cm"] == "C73"


def test_words_that_were_wiped_out_leave_the_choice_as_it_stands(draft: Draft, db: Database):
    draft(icd10cm="C25.0").press("Find code", icd10cm_words="thyroid").press(SAVE, icd10cm_words="")
    assert diagnosis(db)["icd10cm"] == "C25.0"


@pytest.mark.parametrize("standing", [{"morphology": "8140/3"}, {}])
def test_a_cell_type_that_is_typed_takes_the_place_of_what_was_chosen(draft: Draft, db: Database, standing: Any):
    page = draft(icd10cm="C25.0", **standing)
    assert ("Chosen now: 8140/3 Adenocarcinoma" in page.words) == bool(standing)
    page.press(SAVE, morphology_words="8500/3")
    assert diagnosis(db)["morphology"] == "8500/3"


# -- a referral that was sent ------------------------------------------------------------------------------------------


def facts_page(coordinator: Visitor, referral: Referral) -> Visitor:
    return coordinator.get(f"/referrals/{referral.id}/update-facts")


def test_the_code_of_an_uncoded_referral_is_added_by_typing_it(coordinator: Visitor, send: Send, db: Database):
    referral = send(1, diagnosis=UNCODED, treatments=[], steps=CLAIMED)
    assert chosen(facts_page(coordinator, referral)) == "unknown"
    coordinator.press(UPDATE, icd10cm_words="C73", **CHANGE)
    assert diagnosis(db)["icd10cm"] == "C73"
    assert not diagnosis(db).get("uncoded")


def test_a_code_is_corrected_by_typing_the_right_one(coordinator: Visitor, send: Send, db: Database):
    referral = send(1, steps=CLAIMED)
    facts_page(coordinator, referral).press(UPDATE, icd10cm_words="C73", **CHANGE)
    assert diagnosis(db)["icd10cm"] == "C73"


def test_words_beside_a_choice_change_no_fact(coordinator: Visitor, send: Send, db: Database):
    referral = send(1, diagnosis=UNCODED, treatments=[], steps=CLAIMED)
    facts_page(coordinator, referral).press(UPDATE, icd10cm_words="thyroid", **CHANGE)
    assert coordinator.status == 422
    assert WHICH in coordinator.words
    assert "Send what changed" not in coordinator.words


# -- what if -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("standing", [UNCODED, {"icd10cm": "C50.911", "certainty": "confirmed"}])
def test_what_if_judges_the_code_that_is_typed(coordinator: Visitor, send: Send, standing: dict[str, Any]):
    referral = send(1, diagnosis=standing, treatments=[], steps=CLAIMED)
    by_choice = coordinator.get(f"/referrals/{referral.id}/what-if").press(SHOW, icd10cm="C71.2").words
    coordinator.get(f"/referrals/{referral.id}/what-if").press(SHOW, icd10cm_words="C71.2")
    assert chosen(coordinator) == "C71.2"
    assert outcome(coordinator.words) == outcome(by_choice)


def outcome(words: str) -> str:
    return next(part for part in ("It would become", "It would stay") if part in words)


def test_what_if_asks_which_code_is_meant(coordinator: Visitor, send: Send):
    referral = send(1, diagnosis=UNCODED, treatments=[], steps=CLAIMED)
    coordinator.get(f"/referrals/{referral.id}/what-if").press(SHOW, icd10cm_words="brain tumour")
    assert coordinator.status == 422
    assert WHICH in coordinator.words
    assert "C71 Malignant neoplasm of brain" in coordinator.words


# -- what the page shows -----------------------------------------------------------------------------------------------


def test_the_code_that_stands_is_no_answer_to_a_search(draft: Draft):
    page = draft(icd10cm="C25.0")
    assert PANCREAS in page.words
    page.press("Find code", icd10cm_words="breast cancer")
    assert page.words.index(PANCREAS) < page.words.index("Codes for “breast cancer”")
    assert page.words.index("Codes for “breast cancer”") < page.words.index("C50 Malignant neoplasm of breast")


def test_a_code_that_was_found_again_stands_once(draft: Draft):
    page = draft(icd10cm="C25.0").press("Find code", icd10cm_words="pancreas head")
    assert page.words.count("C25.0 Malignant neoplasm of head of pancreas") == 1
    assert "Chosen now" not in page.words
    assert chosen(page) == "C25.0"


@pytest.mark.parametrize("field", ["icd10cm", "morphology"])
def test_words_that_find_nothing_say_so_whatever_is_chosen(draft: Draft, field: str):
    page = draft(icd10cm="C25.0", morphology="8140/3").press("Find code", **{f"{field}_words": "qqqq zzzz"})
    assert page.status == 200
    assert "No code was found for “qqqq zzzz”. Try other words, or choose “I do not know the code”." in page.words
    assert PANCREAS in page.words
    assert "Chosen now: 8140/3 Adenocarcinoma" in page.words


def test_the_page_shows_twenty_codes_and_more_when_asked(draft: Draft):
    page = draft(icd10cm="C25.0").press("Find code", icd10cm_words="breast")
    first = found(page)
    assert len(first) == 20
    page.press("Show more codes for “breast”")
    assert found(page)[:20] == first
    assert len(found(page)) == 60
    assert chosen(page) == "C25.0"


def found(page: Visitor) -> list[str]:
    return re.findall(r'id="f-icd10cm-\d+" name="icd10cm" value="([^"]+)"', page.answer.text)


def test_nothing_more_is_offered_where_all_is_shown(draft: Draft):
    assert "Show more codes" not in draft().press("Find code", icd10cm_words="mesothelioma").words


@pytest.mark.parametrize(
    "more", ["", ":", "icd10cm", "icd10cm:", "icd10cm:²", "icd10cm:-5", "icd10cm:99999999", "other:40"]
)
def test_no_request_for_more_is_too_strange(draft: Draft, more: str):
    page = draft()
    page.press("Find code", icd10cm_words="cancer", more=more)
    assert page.status == 200
