from datetime import date

import pytest

from referrals.domain.letters import Addressee, Language, NoLetter, addressee, against_a_letter, language_of
from referrals.domain.statuses import Status

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("given_by", "born", "to"),
    [
        ("patient", date(1961, 3, 2), Addressee.PATIENT),
        (None, None, Addressee.PATIENT),
        ("patient", date(2008, 11, 25), Addressee.PATIENT),  # 18 today
        ("patient", date(2008, 11, 26), Addressee.PARENT),  # 18 tomorrow
        ("parent", date(1961, 3, 2), Addressee.PARENT),
        ("guardian", None, Addressee.PARENT),
        ("representative", date(2015, 1, 1), Addressee.REPRESENTATIVE),
    ],
)
def test_a_letter_goes_to_whoever_decides_for_the_patient(given_by, born, to):
    assert addressee(given_by, born, TODAY) is to


def test_a_letter_is_in_the_language_of_the_patient_or_in_english():
    spoken = {"es": "es", "es-MX": "es", "ES_ar": "es", "en-GB": "en", "est": "en", "de": "en", None: "en", "": "en"}
    assert {code: language_of(code) for code in spoken} == {code: Language(word) for code, word in spoken.items()}


@pytest.mark.parametrize(
    ("status", "was_sent", "died", "why"),
    [
        (Status.DRAFT, False, None, NoLetter.NOT_SENT),
        (Status.WITHDRAWN, False, None, NoLetter.NOT_SENT),
        (Status.DECLINED, True, None, NoLetter.ENDED),
        (Status.IN_REVIEW, True, TODAY, NoLetter.DIED),
        (Status.CLOSED, True, TODAY, NoLetter.DIED),
        (Status.CANCELLED, True, TODAY, NoLetter.DIED),
        (Status.SUBMITTED, True, None, None),
        (Status.CLOSED, True, None, None),
    ],
)
def test_there_is_no_letter_before_it_is_sent_after_it_ended_or_once_the_patient_died(status, was_sent, died, why):
    assert against_a_letter(status, was_sent=was_sent, deceased_on=died) is why
