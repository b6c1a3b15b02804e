import pytest
from hypothesis import given, strategies as st

from referrals.domain.reference import check_character, make_reference, parse_reference, references_with

NUMBERS = st.tuples(st.integers(2000, 2099), st.integers(1, 9_999_999))
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_the_published_example_is_reproduced():
    assert make_reference(2026, 4711) == "SO-26-0004711-K"


def test_the_check_is_the_standard_one():
    # The worked example of the Global Release Identifier, which uses the same ISO 7064 system.
    assert check_character("A12425GABC1234002") == "M"


@given(NUMBERS)
def test_what_we_write_we_read(year_and_number):
    reference = make_reference(*year_and_number)
    assert parse_reference(reference) == reference


@pytest.mark.parametrize(
    "typed",
    [
        "so-26-0004711-k",
        "SO260004711K",
        "  so 26 0004711 K ",
        "SO–26–0004711–K",
        "S-O-2-6-0004711K",
        "so-26-0004711-K\n",
    ],
)
def test_hyphens_blanks_and_case_do_not_matter(typed):
    assert parse_reference(typed) == "SO-26-0004711-K"


@pytest.mark.parametrize("check", sorted(set(ALPHABET) - {"K"}))
def test_any_other_check_is_refused(check):
    with pytest.raises(ValueError, match="last character"):
        parse_reference(f"SO-26-0004711-{check}")


@given(NUMBERS, st.integers(0, 8), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_noticed(year_and_number, place, digit):
    plain = make_reference(*year_and_number).replace("-", "")
    wrong = plain[: 2 + place] + digit + plain[3 + place :]
    if wrong != plain:
        with pytest.raises(ValueError, match="last character"):
            parse_reference(wrong)


@pytest.mark.parametrize(
    "typed", ["", "SO", "SO-26-000471-K", "SO-26-00047111-K", "XX-26-0004711-K", "SO-26-0004711", "ſo-26-0004711-K", "SO-２6-0004711-K", "SO-2٦-0004711-K"]
)  # fmt: skip
def test_what_cannot_be_a_reference_is_refused(typed):
    with pytest.raises(ValueError, match="looks like"):
        parse_reference(typed)


@pytest.mark.parametrize("number", [0, -1, 10_000_000])
def test_a_number_that_has_no_room_is_refused(number):
    with pytest.raises(ValueError, match="seven digits"):
        make_reference(2026, number)


@pytest.mark.parametrize("typed", ["4711", "0004711", "26-0004711", "SO-26-0004711", "so26 0004711"])
def test_a_number_without_its_last_character_is_still_somebodys(typed):
    assert "SO-26-0004711-K" in references_with(typed)


@pytest.mark.parametrize("typed", ["", "0", "0000000", "12345678", "26-004711", "Brandt", "٤٧١١"])
def test_what_is_no_number_of_a_reference_names_none(typed):
    assert references_with(typed) == ()
