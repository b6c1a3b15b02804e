"""Every word that partners may send has plain words on a page, and nothing sent is ever hidden."""

import pytest

from referrals.domain import vocabulary
from referrals.domain.lifecycle import Status
from referrals.domain.people import Role
from referrals.web import words
from referrals.web.forms import stepping

TABLES = [
    (words.SEX, vocabulary.Sex),
    (words.PURPOSE, vocabulary.Purpose),
    (words.MODALITY, vocabulary.Modality),
    (words.TREATMENT_STATUS, vocabulary.TreatmentStatus),
    (words.INTENT, vocabulary.Intent),
    (words.RESPONSE, vocabulary.BestResponse),
    (words.DISEASE_STATUS, vocabulary.DiseaseStatus),
    (words.CERTAINTY, vocabulary.Certainty),
    (words.BASIS, vocabulary.Basis),
    (words.STAGE_SYSTEM, vocabulary.StageSystem),
    (words.NEEDED_BY, vocabulary.NeededByKind),
    (words.GIVEN_BY, vocabulary.ConsentGivenBy),
    (words.OVERRIDE_REASON, vocabulary.OverrideReason),
    (words.ROLE, Role),
    (words.CRITERION, vocabulary.Criterion),
    (words.VERDICT, vocabulary.VerdictWord),
    (stepping.DECLINE_REASON, vocabulary.DeclineReason),
    (stepping.WITHDRAW_REASON, vocabulary.WithdrawReason),
    (stepping.CANCEL_REASON, vocabulary.CancelReason),
]


@pytest.mark.parametrize(("table", "vocabulary_of"), TABLES, ids=lambda thing: getattr(thing, "__name__", ""))
def test_each_word_of_the_vocabulary_has_plain_words_in_the_same_order(table, vocabulary_of):
    assert list(table) == [member.value for member in vocabulary_of]


def test_the_kinds_of_change_are_those_of_the_vocabulary():
    assert [option.value for option in stepping.FACTS_KIND] == [kind.value for kind in vocabulary.FactsKind]


def test_the_turn_is_named_for_every_party_and_for_nobody():
    assert set(words.TURN) == {*vocabulary.WaitingOn, None}


@pytest.mark.parametrize("status", Status)
def test_each_status_has_words_and_a_shape(status):
    look = words.status_look(status)
    assert look.words
    assert look.icon


def test_a_value_without_words_is_shown_as_it_came():
    assert words.words_for(words.MODALITY, "proton_therapy") == "proton therapy"
    assert words.words_for(words.MODALITY, None) == "Not sent"
    assert words.language_words("de-CH") == "German"
    assert words.language_words("xx") == "xx"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Dr Nadia Kowal", "NK"), ("Zoë van Aalst", "ZA"), ("Cher", "C"), ("Prof. Dr. Ines Falk", "IF"), ("", "")],
)
def test_initials_are_of_the_name_not_of_the_title(name, letters):
    assert words.initials(name) == letters


def test_a_list_reads_like_a_sentence():
    assert words.sentence_list(["a"]) == "a"
    assert words.sentence_list(["a", "b", "c"]) == "a, b and c"
    assert words.sentence_list([]) == ""
