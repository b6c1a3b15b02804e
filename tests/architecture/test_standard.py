"""The tables of security speak of the standard as it is: every number is one of ASVS 5.0.0, and none is left out."""

import re
from collections.abc import Iterator

from tests.architecture.source import ROOT

# Of each section of ASVS 5.0.0 the levels of its requirements, in their order.
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3", "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223",
    "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222", "10.6": "22",
    "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23", "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
}  # fmt: skip
STANDARD = {
    f"{section}.{place}": int(level)
    for section, levels in LEVELS.items()
    for place, level in enumerate(levels, start=1)
}
NUMBER = re.compile(r"(?<![\d.])(\d+\.\d+)\.(\d+)(?:–\1\.(\d+))?( \(level 3\))?(?![\d.]*\d)")
SECURITY = (ROOT / "docs" / "security.md").read_text().partition("## ASVS 5.0, level 2")[2]
ROWS = [line.split("|")[1] for line in SECURITY.splitlines() if line.startswith("|")]
LEFT_OUT = next(line for line in SECURITY.splitlines() if line.startswith("These do not apply"))


def named(text: str) -> Iterator[tuple[str, bool]]:
    """Each number in the text, and whether it is said to be of level 3."""
    for section, first, last, is_third in NUMBER.findall(text):
        for place in range(int(first), int(last or first) + 1):
            yield f"{section}.{place}", bool(is_third)


def test_every_number_is_one_of_the_standard_and_those_of_level_3_are_marked():
    said = [each for text in (*ROWS, LEFT_OUT) for each in named(text)]
    assert [(number, is_third) for number, is_third in said if (STANDARD.get(number) == 3) != is_third] == []
    assert {number for number, _ in said} <= STANDARD.keys()


def test_every_requirement_of_the_first_two_levels_is_held_not_met_or_does_not_apply():
    in_tables = {number for text in ROWS for number, _ in named(text)}
    beside = {number for number, _ in named(LEFT_OUT)}
    assert in_tables & beside == set()
    assert {number for number, level in STANDARD.items() if level < 3} - in_tables - beside == set()
