"""What is typed becomes the API's packet, and a packet with its errors becomes the same form again."""

import pytest

from referrals.domain.errors import FieldError
from referrals.web.forms import stepping
from referrals.web.forms.bind import fill, packet_from, waiting_words, with_errors
from referrals.web.forms.topics import ORDER, TOPICS, after, filled_topic, topic_form, topic_packet, treatments_known
from tests.browser.gallery.asking import posted
from tests.browser.gallery.people import REFERRAL

BLANK = {slug: topic_form(slug, "r", 1) for slug in TOPICS}


def as_typed(form):
    """What a browser sends when nothing is touched."""
    answers = {}
    for field in form.fields:
        if field.kind == "partial_date":
            answers |= dict(
                zip((f"{field.name}_{part}" for part in ("day", "month", "year")), field.values, strict=True)
            )
        elif field.kind == "boxes":
            answers[field.name] = list(field.values)
        elif field.kind != "box" or field.value:
            answers[field.name] = field.value
    return posted(**answers)


def without_nothing(value):
    """Two packets mean the same when only null, blank and false fields tell them apart."""
    if isinstance(value, dict):
        solid = {name: without_nothing(part) for name, part in value.items()}
        return {name: part for name, part in solid.items() if part not in (None, {}, False)}
    return [without_nothing(part) for part in value] if isinstance(value, list) else value


# What a page does not ask, its saving does not touch: a merge patch leaves it, and the views keep the other numbers.
ONE_NUMBER = {**REFERRAL, "patient": {**REFERRAL["patient"], "identifiers": REFERRAL["patient"]["identifiers"][:1]}}


@pytest.mark.parametrize("slug", TOPICS)
def test_a_topic_saved_untouched_changes_nothing(slug):
    form = filled_topic(slug, BLANK[slug], ONE_NUMBER)
    sent = without_nothing(topic_packet(slug, form, as_typed(form)))
    assert sent
    assert merged(without_nothing(ONE_NUMBER), sent) == without_nothing(ONE_NUMBER)


def merged(known, patch):
    if not isinstance(patch, dict):
        return patch
    return {**known, **{name: merged(known.get(name, {}), part) for name, part in patch.items()}}


def test_a_diagnosis_is_put_where_the_api_wants_it():
    packet = topic_packet("diagnosis", BLANK["diagnosis"], posted(
        icd10cm="C25.0", stage_group="IV", stage_m="M1", diagnosed_on_year="2026", diagnosed_on_month="8",
        metastatic_sites="liver\n lung ", other_codes="C78.7, C77.2",
        **{"biomarkers-0-name": "KRAS", "biomarkers-0-value": "G12D", "biomarkers-1-name": ""},
    ))["diagnosis"]  # fmt: skip
    assert packet["icd10cm"] == "C25.0"
    assert packet["stage"] == {"system": None, "group": "IV", "t": None, "n": None, "m": "M1"}
    assert packet["diagnosed_on"] == "2026-08"
    assert packet["metastatic_sites"] == ["liver", "lung"]
    assert packet["other_codes"] == ["C78.7", "C77.2"]
    assert packet["biomarkers"] == [{"name": "KRAS", "value": "G12D"}]


def test_what_was_known_and_is_now_blank_is_cleared():
    packet = topic_packet("diagnosis", BLANK["diagnosis"], posted(icd10cm="C25.0"))["diagnosis"]
    assert packet["grade"] is None
    assert packet["stage"] is None
    assert packet["uncoded"] is None


def test_not_knowing_the_code_is_an_answer():
    packet = topic_packet(
        "diagnosis", BLANK["diagnosis"], posted(icd10cm="unknown", description="A mass behind the belly")
    )
    assert packet["diagnosis"]["uncoded"] is True
    assert packet["diagnosis"]["icd10cm"] is None
    shown = {field.name: field.value for field in filled_topic("diagnosis", BLANK["diagnosis"], packet).fields}
    assert shown["icd10cm"] == "unknown"


def test_not_knowing_the_cell_type_does_not_make_the_diagnosis_uncoded():
    packet = topic_packet("diagnosis", BLANK["diagnosis"], posted(icd10cm="C25.0", morphology="unknown"))["diagnosis"]
    assert (packet["icd10cm"], packet["morphology"], packet["uncoded"]) == ("C25.0", None, None)


@pytest.mark.parametrize(("known", "treatments"), [("none", []), ("unknown", None)])
def test_no_treatment_and_unknown_treatment_are_two_answers(known, treatments):
    packet = topic_packet(
        "treatment", BLANK["treatment"], posted(treatments_known=known, **{"treatments-0-status": "given"})
    )
    assert packet["treatments"] == treatments


@pytest.mark.parametrize("known", ["", "listed"])
def test_who_says_nothing_about_treatment_has_not_said_that_it_is_unknown(known):
    assert "treatments" not in topic_packet("treatment", BLANK["treatment"], posted(treatments_known=known))


def test_treatments_are_listed_in_order_and_blank_rows_are_left_out():
    packet = topic_packet("treatment", BLANK["treatment"], posted(**{
        "treatments-0-status": "given", "treatments-2-modality": "surgery", "treatments-2-status": "planned", "treatments-1-modality": "radiation",
        "treatments-1-line": "2", "ecog": "1",
    }))  # fmt: skip
    assert packet["treatments"] == [{"line": 2, "modality": "radiation"}, {"modality": "surgery", "status": "planned"}]
    assert packet["performance_status"] == {"ecog": 1, "date": None}


@pytest.mark.parametrize(
    ("packet", "known"), [({"treatments": []}, "none"), ({"treatments": [{}]}, "listed"), ({}, "")]
)
def test_a_draft_remembers_what_was_said_about_treatment(packet, known):
    assert treatments_known(packet) == known


def test_a_patient_without_a_number_has_no_identifier():
    packet = topic_packet(
        "patient", BLANK["patient"], posted(given_name=" Ada ", record_number="", record_system="urn:own")
    )
    assert packet["patient"]["given_name"] == "Ada"
    assert packet["patient"]["identifiers"] == []
    numbered = topic_packet("patient", BLANK["patient"], posted(record_number="7", record_system="urn:own"))
    assert numbered["patient"]["identifiers"] == [{"system": "urn:own", "value": "7"}]


def test_questions_are_plain_texts():
    packet = topic_packet(
        "question",
        BLANK["question"],
        posted(purposes=["peace_of_mind"], **{"questions-0-text": "Why?", "questions-1-text": " "}),
    )
    assert packet["questions"] == ["Why?"]
    assert packet["purposes"] == ["peace_of_mind"]
    assert packet["needed_by"] is None


def test_what_is_no_number_is_kept_as_typed_for_the_check_to_name():
    packet = topic_packet("question", BLANK["question"], posted(max_distance_km="far"))
    assert packet["preferences"]["max_distance_km"] == "far"


@pytest.mark.parametrize(
    ("day", "month", "year", "sent"),
    [("", "", "2019", "2019"), ("7", "3", "2019", "2019-03-07"), ("7", "", "2019", "2019--07"), ("", "", "", None)],
)
def test_a_partial_date_is_put_together_and_never_repaired_in_silence(day, month, year, sent):
    typed = posted(grade="2", diagnosed_on_day=day, diagnosed_on_month=month, diagnosed_on_year=year)
    assert topic_packet("diagnosis", BLANK["diagnosis"], typed)["diagnosis"]["diagnosed_on"] == sent


@pytest.mark.parametrize(("answers", "waiting"), [
    ({"icd10cm_words": " pancreas "}, "pancreas"),
    ({"icd10cm_words": "pancreas", "icd10cm_looked_up": "pancreas"}, "pancreas"),
    ({"icd10cm_words": "pancreas", "icd10cm_looked_up": "pancreas", "icd10cm": "C25.0"}, ""),
    ({"icd10cm_words": "liver", "icd10cm_looked_up": "pancreas", "icd10cm": "C25.0"}, "liver"),
    ({"icd10cm_words": "C73", "icd10cm": "unknown"}, "C73"),
    ({"icd10cm_looked_up": "pancreas", "icd10cm": "C25.0"}, ""),
    ({}, ""),
])  # fmt: skip
def test_words_wait_for_a_code_unless_their_answer_was_seen_and_one_is_chosen(answers: dict[str, str], waiting: str):
    field = next(field for field in BLANK["diagnosis"].fields if field.name == "icd10cm")
    assert waiting_words(field, posted(**answers)) == waiting


def test_an_error_stands_at_its_field_and_in_the_summary_in_the_order_of_the_page():
    errors = [
        FieldError("/diagnosis/stage/group", "x", "Choose a group"),
        FieldError("/diagnosis/icd10cm", "x", "Enter a code"),
        FieldError("", "x", "All of it"),
    ]
    form = with_errors(BLANK["diagnosis"], errors)
    assert [(link.words, link.href) for link in form.errors] == [
        ("All of it", ""),
        ("Enter a code", "#f-icd10cm"),
        ("Choose a group", "#f-stage_group"),
    ]
    assert {field.name: field.error for field in form.fields if field.error} == {
        "icd10cm": "Enter a code",
        "stage_group": "Choose a group",
    }


def test_an_error_inside_or_around_a_field_still_finds_it():
    filled = filled_topic("treatment", BLANK["treatment"], REFERRAL)
    form = with_errors(
        filled, [FieldError("/treatments/1/modality", "x", "Choose"), FieldError("/other_conditions/0", "x", "Shorter")]
    )
    assert [link.href for link in form.errors] == ["#f-treatments-1-modality", "#f-other_conditions"]
    around = with_errors(BLANK["consent"], [FieldError("/consent", "x", "Record it")])
    assert around.errors[0].href == "#f-consent_given"


def test_a_repeated_field_gets_one_more_row_when_asked():
    rows = [
        len(item.rows)
        for add in ("", "treatments")
        for group in filled_topic("treatment", BLANK["treatment"], REFERRAL, add).groups
        for item in group.items
        if item.name == "treatments"
    ]
    assert rows == [2, 3]


def test_only_what_changed_is_sent_as_new_facts():
    form = fill(stepping.step_form("update-facts", "r", 1, "Save"), {**REFERRAL, "pregnant": False})
    typed = as_typed(form)
    typed.setlist("stage_group", ["IV"])
    typed.setlist("kind", ["new_event"])
    body = stepping.changed_facts({**REFERRAL, "pregnant": False}, packet_from(form, typed, keep_blank=True))
    assert body["kind"] == "new_event"
    assert body["diagnosis"] == {"stage": {"system": "AJCC8", "group": "IV", "t": "T4", "n": "N1", "m": "M0"}}
    assert "treatments" not in body
    assert "pregnant" not in body


def test_only_tiers_that_may_be_set_are_offered_each_with_what_follows():
    labels = {"P1": "Immediate", "P2": "Urgent", "P3": "Soon", "P4": "Planned"}
    options = stepping.tier_options(
        "P2", labels, {"P3": "Acts at once.", "P1": "A lead countersigns.", "P2": "You countersign."}
    )
    assert [(option.value, option.hint) for option in options] == [
        ("P1", "Sooner. A lead countersigns."),
        ("P2", "As it stands now. You countersign."),
        ("P3", "Later. Acts at once."),
    ]


def test_every_topic_leads_to_the_next_and_the_last_to_the_check():
    assert [after(slug) for slug in TOPICS] == list(ORDER[1:])
    assert ORDER[-1] == "check"


def test_no_two_fields_of_a_page_share_a_name():
    for slug, form in BLANK.items():
        names = [field.name for field in filled_topic(slug, form, REFERRAL).fields]
        assert len(names) == len(set(names)), slug
