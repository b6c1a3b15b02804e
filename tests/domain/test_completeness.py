from copy import deepcopy

import pytest

from referrals.domain.completeness import missing_to_submit, recommended

COMPLETE = {
    "external_reference": "EHR-1",
    "patient": {"given_name": "Ada", "family_name": "Example", "birth_date": "1961-03-02", "sex": "female"},
    "diagnosis": {
        "icd10cm": "C25.0",
        "morphology": "8140/3",
        "basis": "histology",
        "certainty": "confirmed",
        "disease_status": "progression",
        "diagnosed_on": "2026-08",
        "stage": {"m": "M1"},
    },
    "treatments": [],
    "purposes": ["treatment_options"],
    "questions": ["Is there a second-line option?"],
    "summary": "Short.",
    "performance_status": {"ecog": 0, "date": None},
    "consent": {"given": True, "given_on": "2026-11-18"},
}
REPORTS = ("pathology", "imaging")


def without(*pointers):
    packet = deepcopy(COMPLETE)
    for pointer in pointers:
        *path, last = pointer.strip("/").split("/")
        part = packet
        for name in path:
            part = part[name]
        del part[last]
    return packet


def changed(pointer, value):
    packet = deepcopy(COMPLETE)
    *path, last = pointer.strip("/").split("/")
    part = packet
    for name in path:
        part = part[name]
    part[last] = value
    return packet


def missing(packet, by_client=True):
    errors = missing_to_submit(packet, by_client=by_client)
    assert all(error.code == "required" and error.message.endswith(".") for error in errors)
    return [error.pointer for error in errors]


def test_a_complete_packet_may_be_sent():
    assert missing(COMPLETE) == []


REQUIRED = [
    "/external_reference",
    "/patient/given_name",
    "/patient/family_name",
    "/patient/birth_date",
    "/patient/sex",
    "/diagnosis/icd10cm",
    "/purposes",
    "/questions",
    "/consent/given",
    "/consent/given_on",
]


@pytest.mark.parametrize("pointer", REQUIRED)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_each_required_item_is_named_when_it_is_missing_or_blank(pointer, value):
    assert missing(without(pointer)) == [pointer]
    assert missing(changed(pointer, value)) == [pointer]


def test_everything_missing_is_named_at_once():
    assert missing({}) == REQUIRED


@pytest.mark.parametrize("part", ["patient", "diagnosis", "consent"])
def test_a_part_that_is_null_is_missing(part):
    assert missing({**COMPLETE, part: None}) == [pointer for pointer in REQUIRED if pointer.startswith(f"/{part}/")]


def test_only_systems_must_send_their_own_reference():
    assert missing(without("/external_reference"), by_client=False) == []


def test_a_known_patient_needs_no_particulars():
    assert missing({**COMPLETE, "patient": {"id": "0191"}}) == []


def test_a_known_diagnosis_needs_no_code():
    assert missing({**COMPLETE, "diagnosis": {"id": "0191"}}) == []


def test_a_diagnosis_in_words_needs_the_words():
    assert missing({**COMPLETE, "diagnosis": {"uncoded": True, "description": "Tumor of the pancreas"}}) == []
    assert missing({**COMPLETE, "diagnosis": {"uncoded": True, "description": " "}}) == ["/diagnosis/description"]
    assert missing({**COMPLETE, "diagnosis": {"description": "Tumor"}}) == ["/diagnosis/icd10cm"]
    assert missing({**COMPLETE, "diagnosis": {"uncoded": False, "description": "Tumor"}}) == ["/diagnosis/icd10cm"]


@pytest.mark.parametrize("given", [False, "yes", 1])
def test_consent_is_given_or_it_is_not(given):
    assert missing(changed("/consent/given", given)) == ["/consent/given"]


@pytest.mark.parametrize("questions", [[], [""], [" ", None], "Why?"])
def test_a_question_is_words_in_a_list(questions):
    assert missing(changed("/questions", questions)) == ["/questions"]


def recommendations(packet, documents=REPORTS):
    items = recommended(packet, documents)
    assert all(item.sentence.endswith(".") for item in items)
    return [item.pointer for item in items]


def test_a_rich_packet_lacks_nothing_recommended():
    assert recommendations(COMPLETE) == []


@pytest.mark.parametrize(
    "pointer",
    [
        "/diagnosis/icd10cm",
        "/diagnosis/morphology",
        "/diagnosis/stage",
        "/diagnosis/basis",
        "/diagnosis/certainty",
        "/diagnosis/disease_status",
        "/diagnosis/diagnosed_on",
        "/treatments",
        "/performance_status/ecog",
        "/summary",
    ],
)
def test_each_recommended_item_is_listed_and_refuses_nothing(pointer):
    packet = without(pointer)
    assert recommendations(packet) == [pointer]
    assert missing(packet) in ([], [pointer] if pointer == "/diagnosis/icd10cm" else [])


def test_no_treatments_is_an_answer_and_silence_is_not():
    assert recommendations(changed("/treatments", [])) == []
    assert recommendations(changed("/treatments", None)) == ["/treatments"]


def test_any_part_of_a_stage_is_a_stage():
    assert recommendations(changed("/diagnosis/stage", {"group": "IV"})) == []
    assert recommendations(changed("/diagnosis/stage", {"system": "AJCC8"})) == ["/diagnosis/stage"]


def test_the_response_is_asked_for_where_a_treatment_can_have_one():
    treatments = [
        {"modality": "chemotherapy"},
        {"modality": "chemotherapy", "best_response": "PD"},
        {"modality": "chemotherapy", "status": "planned"},
        {"modality": "surgery", "status": "given"},
        {"modality": "radiation", "status": "given"},
    ]
    assert recommendations(changed("/treatments", treatments)) == [
        "/treatments/0/best_response",
        "/treatments/4/best_response",
    ]


def test_the_reports_are_recommended_until_they_are_attached():
    assert recommendations(COMPLETE, ()) == ["/documents", "/documents"]
    assert recommendations(COMPLETE, ("pathology", "letter")) == ["/documents"]
