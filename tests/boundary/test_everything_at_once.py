"""A sender hears of every fault in one answer, those of form beside those of substance."""

from datetime import UTC, datetime
from typing import Any

import pytest

from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.packet import NewReferral, Packet
from referrals.domain.errors import Invalid
from tests.factories import diagnosis, packet, patient, treatment

TODAY = datetime.now(UTC).date()


def faults_of(sent: dict[str, Any]) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        load(NewReferral(), sent, today=TODAY)
    return {(error.pointer, error.code) for error in refusal.value.errors}


def test_a_faulty_form_does_not_hide_an_unknown_code_a_future_date_or_a_missing_question() -> None:
    sent = packet(
        diagnosis=diagnosis(icd10cm="C99.9"),
        patient=patient(birth_date="2999-01-01"),
        questions=[],
        consent={"given": False, "given_on": None},
        unheard_of=1,
    )
    assert faults_of(sent) == {
        ("/unheard_of", "unknown_field"),
        ("/diagnosis/icd10cm", "unknown_code"),
        ("/patient/birth_date", "in_the_future"),
        ("/questions", "required"),
        ("/consent/given", "required"),
        ("/consent/given_on", "required"),
    }


def test_what_only_follows_from_a_faulty_form_is_not_told_twice() -> None:
    assert faults_of(packet(patient="Ada")) == {("/patient", "invalid_type")}
    assert faults_of(packet(questions=[1])) == {("/questions/0", "invalid_type")}


LATE = treatment(started_on="2999-01-01", ended_on=None)


def test_a_list_that_lost_an_item_is_not_judged_by_the_places_of_the_others() -> None:
    assert faults_of(packet(treatments=[None, LATE])) == {("/treatments/0", "required")}


def test_a_faulty_item_hides_no_fault_of_its_own_or_of_the_others() -> None:
    sent = packet(treatments=[LATE | {"line": "first"}, LATE])
    assert faults_of(sent) == {
        ("/treatments/0/line", "invalid_number"),
        ("/treatments/0/started_on", "in_the_future"),
        ("/treatments/1/started_on", "in_the_future"),
    }


def test_a_patch_too_is_told_everything_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        load(
            Packet(), {"summary": 1, "needed_by": {"date": "2001-01-01", "kind": "surgery"}}, partial=True, today=TODAY
        )
    assert [error.pointer for error in refusal.value.errors] == ["/needed_by/date", "/summary"]


def test_only_a_list_that_lost_an_item_is_not_judged_by_the_places_of_the_others() -> None:
    late = treatment(started_on="2999-01-01", ended_on=None)
    sent = packet(treatments=[treatment(modality="magic"), late])
    assert faults_of(sent) == {
        ("/treatments/0/modality", "invalid_choice"),
        ("/treatments/1/started_on", "in_the_future"),
    }
    codes = packet(diagnosis=diagnosis(other_codes=[5, "nope"]))
    assert faults_of(codes) == {("/diagnosis/other_codes/0", "invalid_type")}
