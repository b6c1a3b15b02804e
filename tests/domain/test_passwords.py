"""Which passwords are taken: ASVS 5.0, chapter 6.2."""

import pytest
from hypothesis import given, settings, strategies as st

from referrals.domain.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD, faults_of_password
from referrals.knowledge.common_passwords import common_passwords

ADA = ("Ada Lovelace", "ada.lovelace@lakeside.example", "Lakeside Hospital")


def code(password: str) -> str:
    return next((fault.code for fault in faults_of_password(password, ADA)), "")


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("elevenchars", "too_short"),
        ("x" * (LONGEST_PASSWORD + 1), "too_long"),
        ("1qaz2wsx3edc", "common"),
        ("QwertyQwerty", "common"),
        ("Password2026!", "common"),
        ("monkey1234567", "common"),
        ("123456789012", "common"),
        ("abcdefghijkl", "common"),
        ("aaaaaaaaaaaa", "common"),
        ("ababababababab", "common"),
        ("AdaLovelace-1", "guessable"),
        ("lakeside hospital 7", "guessable"),
        ("Second-Opinion-2026", "guessable"),
        ("correct horse battery", ""),
        ("lakeside wakes the swans", ""),
        ("7291 4482 0913", ""),
        ("7291 ab 4482 0913", ""),
        ("日本語の長い合言葉はここに", ""),
        ("one two three four 128 " * 6, ""),
    ],
)
def test_what_is_wrong_with_a_password(password: str, fault: str):
    assert code(password) == fault


@settings(max_examples=30)
@given(st.text(min_size=SHORTEST_PASSWORD, max_size=200))
def test_no_characters_are_asked_for_and_none_is_refused(password: str):
    assert code(password) in ("", "common", "guessable")
    assert code(f"{password} swans of the quiet harbor") == ""


def test_the_three_thousand_that_are_tried_first_are_refused_when_they_are_long_enough():
    """Few that are often chosen have twelve characters; the others reach them by what people put behind them."""
    words = [word for word in common_passwords() if word.isalpha() and len(word) >= 5]
    assert len(words) > 3000
    assert {code(word.ljust(SHORTEST_PASSWORD, "1")) for word in words} <= {"common", "guessable"}
    assert all(code(word) for word in common_passwords())
