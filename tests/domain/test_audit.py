"""What entries of the audit are called."""

from collections import Counter

from referrals.domain.audit import ACTIONS, ENTITIES, action_words
from referrals.domain.step_words import STEP_WORDS


def test_no_two_kinds_of_entries_are_told_in_the_same_words():
    words = Counter(map(action_words, {*STEP_WORDS, *ACTIONS}))
    assert [each for each, times in (words + Counter(ENTITIES.values())).items() if times > 1] == []


def test_a_kind_without_words_of_its_own_is_readable():
    assert action_words("give-back_early") == "Give back early"
