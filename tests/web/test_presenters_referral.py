"""The page of one referral, the clinician's cards and the smaller pages, from the API's own shape."""

import pytest

from referrals.domain.errors import FieldError
from referrals.domain.lifecycle import Status, open_steps
from referrals.domain.people import Kind, Party, Role
from referrals.web import paths
from referrals.web.presenters import check_answers, lists, mine, order
from referrals.web.presenters.frame import frame_for
from referrals.web.presenters.priority import evidence_words
from referrals.web.presenters.referral import banner, checks, consent_words, referral_page
from referrals.web.presenters.steps import end_choices, step_buttons
from referrals.web.presenters.timeline import timeline
from referrals.web.presenters.what_if import compare
from tests.browser.gallery.asking import NAMES
from tests.browser.gallery.looking import DRAFT, reader
from tests.browser.gallery.people import EVENTS, ILSE, ITEMS, MARGINS, MOMENT, PRIORITY, REFERRAL, TARGETS, TIERS, hours


def shown(**changes):
    return referral_page({**REFERRAL, **changes}, EVENTS, reader())


def test_the_banner_says_who_it_is_before_anything_else():
    meta = {row.term: row.words for row in banner(REFERRAL, TIERS, MOMENT).meta}
    assert meta["Born"] == "14 Mar 1964 (62)"
    assert meta["Language"] == "German, needs an interpreter"
    assert meta["Record"] == "LH-448-201-7, 999-00-1234"
    assert meta["Consent"] == "Given 20 Nov 2026 by the patient"


def test_consent_that_is_missing_is_said_to_be_missing():
    assert consent_words(None) == "Not given"
    assert consent_words({"given": False, "given_on": "2026-11-20"}) == "Not given"


def test_facts_that_decide_are_shown_even_when_they_were_not_sent():
    facts = {fact.term: fact for fact in shown(diagnosis={"icd10cm": "C25.0"}).facts}
    missing = [term for term, fact in facts.items() if fact.is_missing]
    assert missing == ["Cell type", "Stage", "Disease status", "Certainty"]


def test_a_code_stands_beside_the_words_and_its_title():
    diagnosis = shown().facts[0]
    assert [part.code for part in diagnosis.parts] == ["", "C25.0"]
    assert diagnosis.parts[1].words == "Malignant neoplasm of head of pancreas"


def test_no_treatment_and_unknown_treatment_are_two_things():
    assert shown(treatments=[]).no_treatments == "No treatment so far."
    assert shown(treatments=None).no_treatments == "Not sent: what was given is not known."
    assert shown().no_treatments == ""


def test_every_fact_on_the_page_can_be_linked_once():
    ids = [part.id or fact.id for fact in shown().facts for part in fact.parts]
    assert len(ids) == len(set(ids))


def test_what_is_missing_says_what_it_could_change():
    found = {check.words: check for check in checks(REFERRAL, shown().panel)}
    assert found["How the disease behaves now"].hint == "Could make it P1 Immediate."
    assert found["Stage"].look.words == "Done"


def test_a_draft_has_no_priority_and_no_promise():
    draft = shown(
        status="draft", priority=None, due_at=None, next_action_due_at=None, needed_by=None, submitted_at=None
    )
    assert draft.panel is None
    assert draft.clocks == ()
    assert draft.question.sent == "Not sent yet"


def test_only_the_coordination_may_ask_what_if():
    assert shown().what_if_href == f"/referrals/{ILSE}/what-if"
    assert referral_page(REFERRAL, EVENTS, reader(False)).what_if_href == ""


def test_the_timeline_is_newest_first_and_says_where_a_step_led():
    entries = timeline(EVENTS, MOMENT)
    assert [entry.happened for entry in entries] == [
        "Clinical facts updated",
        "Taken",
        "Sent to the network",
        "Draft started",
    ]
    assert [entry.status for entry in entries] == ["", "In triage", "New", "Not sent yet"]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("party", Party)
def test_endings_stand_behind_end_and_never_among_the_buttons(status, party):
    rules = open_steps(status, {party})
    buttons = {button.step for button in step_buttons(rules, ILSE, None)}
    endings = {choice.step for choice in end_choices(rules, ILSE)}
    assert not buttons & endings
    assert buttons | endings <= {rule.name for rule in rules}


def test_what_is_awaited_is_the_first_button_and_the_only_loud_one():
    buttons = step_buttons(open_steps(Status.IN_TRIAGE, {Party.C}), ILSE, "complete-triage")
    assert buttons[0].step == "complete-triage"
    assert [button.step for button in buttons if button.is_primary] == ["complete-triage"]


def test_my_referrals_start_with_what_is_not_sent_then_with_what_waits_for_me():
    items = [ITEMS[0], ITEMS[6], DRAFT]
    page = mine.my_referrals_page(items, [mine.card(item, MOMENT, TIERS) for item in items])
    assert [card.href for card in page.drafts] == ["/referrals/d"]
    assert [card.action for card in page.needed] == ["Answer the question"]
    assert [card.action for card in page.others] == [""]
    assert page.drafts[0].action == "Go on with it"


@pytest.mark.parametrize(
    ("status", "now"),
    [
        ("submitted", "Sent"),
        ("information_requested", "Checked"),
        ("offered", "Center"),
        ("in_review", "Opinion"),
        ("opinion_issued", "Read"),
    ],
)
def test_a_card_shows_how_far_it_is(status, now):
    assert [stage.name for stage in mine.stages(status) if stage.state == "now"] == [now]


def test_a_closed_card_has_everything_behind_it_and_other_ends_show_no_way():
    assert {stage.state for stage in mine.stages("closed")} == {"done"}
    assert mine.stages("declined") == ()


def test_the_check_page_shows_words_not_codes_of_the_form():
    page = check_answers.check_page(REFERRAL, banner(REFERRAL, TIERS, MOMENT), [], NAMES)
    rows = {row.term: row.words for section in page.sections for row in section.rows}
    assert rows["How certain is the diagnosis?"] == "Conflicting: reports do not agree"
    assert rows["Diagnosis code (ICD-10-CM)"] == "C25.0 Malignant neoplasm of head of pancreas"
    assert rows["Biomarker 1"] == "CA 19-9, 412 U/ml (was 1,180), serum, 16 Nov 2026"
    assert rows["Treatment 2"].startswith("Chemotherapy, mFOLFIRINOX, 4 cycles, line 1, Given, neoadjuvant")


def test_what_is_missing_leads_to_its_field_on_its_own_page():
    errors = [
        FieldError("/consent/given", "required", "Record the consent"),
        FieldError("/questions", "required", "Ask a question"),
    ]
    page = check_answers.check_page(REFERRAL, banner(REFERRAL, TIERS, MOMENT), errors, NAMES)
    assert [link.href for link in page.missing] == [
        f"/referrals/{ILSE}/consent#f-consent_given",
        f"/referrals/{ILSE}/question#f-questions-0-text",
    ]
    assert [tab.title for tab in page.topics if not tab.is_done] == ["Consent", "Question", "Check"]


def test_what_if_marks_only_the_criteria_that_changed():
    after = {
        **PRIORITY,
        "tier": "P1",
        "criteria": [
            {**PRIORITY["criteria"][0]},
            {**PRIORITY["criteria"][1], "verdict": "met"},
            *PRIORITY["criteria"][2:],
        ],
    }
    outcome = compare(PRIORITY, after, TIERS)
    assert [row.title for row in outcome.criteria if row.has_changed] == ["Resistant to treatment"]
    assert outcome.sentence == "It would become P1 Immediate. Nothing was stored."
    assert compare(PRIORITY, PRIORITY, TIERS).sentence == "It would stay P2 Urgent. Nothing was stored."


def test_the_place_in_the_queue_is_plain_arithmetic():
    place = order.place_of({**REFERRAL, "tier": "P2", "order_at": hours(-216)}, TIERS, TARGETS, MARGINS, MOMENT)
    assert [(line.words, line.value) for line in place.lines[1:3]] == [
        ("Promise of P2 Urgent", "plus 7 days"),
        ("Head start of P2", "minus 14 days"),
    ]
    assert place.result == "15 Nov 2026, 03:42 (reached 9 days ago)"


def test_how_long_nobody_is_passed_follows_from_the_policy():
    assert "waited 53 days" in order.order_page("2026.1", TIERS, TARGETS, MARGINS).starve


def test_two_records_of_one_number_show_where_they_differ():
    first = {
        "organization": {"name": "A"},
        "given_name": "Ilse",
        "family_name": "Brandt",
        "birth_date": "1964-03-14",
        "sex": "female",
    }
    assert lists.known_as(first, {**first, "birth_date": "1964-04-13"}).differs == ("Born",)


def test_a_refusal_names_the_field_and_not_what_stood_in_it():
    assert (
        lists.reason_words({"pointer": "/patient/birth_date", "code": "in_the_future"}) == "Birth date: in the future"
    )


@pytest.mark.parametrize(
    ("kind", "role", "places"),
    [
        (
            Kind.NETWORK,
            Role.COORDINATOR,
            [
                "Worklist",
                "Search",
                "Placing",
                "Centers",
                "Reports",
                "Identity checks",
                "Refused",
                "Messages",
                "My tasks",
            ],
        ),
        (
            Kind.NETWORK,
            Role.AUDITOR,
            ["Worklist", "Search", "Placing", "Centers", "Integrity", "Audit", "Who can see what", "Reports"],
        ),
        (Kind.PROVIDER, Role.CLINICIAN, ["My referrals", "New referral", "Imports", "Messages", "Reports"]),
        (Kind.CENTER, Role.SPECIALIST, ["Inbox", "Messages", "Our center", "Places by week", "Reports", "My advice"]),
    ],
)
def test_the_navigation_is_that_of_the_role(kind, role, places):
    frame = frame_for("Nadia Kowal", kind, [role], "Somewhere", paths.NEW_REFERRAL)
    assert [item.label for item in frame.nav] == places
    assert [item.label for item in frame.nav if item.is_current] == (["New referral"] if kind is Kind.PROVIDER else [])


def test_what_is_missing_leads_to_the_form_that_asks_for_it_and_what_is_there_does_not():
    asked = {check.words: check.href for check in shown(performance_status=None).checks}
    assert asked["How the disease behaves now"] == f"/referrals/{ILSE}/update-facts"
    assert asked["Daily activity (ECOG)"] == asked["Stage"] == ""
    assert not any(check.href for check in checks(REFERRAL, None))


def test_evidence_is_said_in_words_and_codes_stay_codes():
    evidence = [item for criterion in shown().panel.criteria for item in criterion.evidence]
    assert {("Kind of treatment", "Surgery"), ("Cell type", "8140/3")} <= {(item.name, item.value) for item in evidence}
    assert evidence_words("/treatments/0/best_response", "PD") == "Progression (PD)"


def test_a_card_says_in_a_line_how_far_it_is():
    assert mine.stage_words(mine.stages("offered")) == "Step 3 of 6: Center"
    assert mine.stage_words(mine.stages("closed")) == mine.stage_words(mine.stages("draft")) == ""


def written(*days):
    return [
        {"step": "create", "from": None, "to": "draft", "at": "2026-11-12T09:00:00Z", "actor": "Dr Rey"},
        *({"step": "edit", "from": "draft", "to": "draft", "at": f"2026-11-{day}T09:00:00Z", "actor": "Dr Rey"} for day in days),
    ]  # fmt: skip


SENT = {"step": "submit", "from": "draft", "to": "submitted", "at": "2026-11-13T10:00:00Z", "actor": "Dr Rey"}


def test_how_a_draft_was_written_is_one_line_once_it_is_sent():
    told = [entry.happened for entry in timeline([*written(12, 12, 13), SENT], MOMENT)]
    assert told == ["Sent to the network", "Written: 3 changes, 12–13 Nov 2026", "Draft started"]


def test_every_change_of_a_draft_is_told_while_it_is_one_and_of_a_sent_one_always():
    assert [entry.happened for entry in timeline(written(12, 13), MOMENT)] == ["Changed", "Changed", "Draft started"]
    later = {"step": "edit", "from": "submitted", "to": "submitted", "at": "2026-11-14T10:00:00Z", "actor": "Dr Rey"}
    told = [entry.happened for entry in timeline([*written(12, 13), SENT, later, later], MOMENT)]
    assert told[:3] == ["Changed", "Changed", "Sent to the network"]
