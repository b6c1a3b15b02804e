"""The data map judges every column that can hold words about a person, and the page for privacy officers says the same."""

from pathlib import Path

from sqlalchemy import JSON, Date, String

from referrals.domain.data_map import DATA_MAP, Period
from referrals.models import schema

PAGE = Path(__file__).parents[2] / "docs" / "data-map.md"
ALWAYS_JUDGED = {"pregnant"}


def spoken(table):
    """What can hold words, a day of somebody's life, or anything at all."""
    return {
        column.name
        for column in table.columns
        if isinstance(column.type, (String, JSON, Date)) or column.name in ALWAYS_JUDGED
    }


def test_the_map_judges_every_column_that_can_hold_words():
    tables = schema.metadata().tables
    assert set(DATA_MAP) == set(tables)
    for name, kept in DATA_MAP.items():
        judged = set(kept.erased) | kept.stays
        assert not set(kept.erased) & kept.stays, name
        assert judged == (set() if kept.period is Period.REMOVED else spoken(tables[name])), name


def lines():
    """The tables of the page, as the map tells them."""
    for name, kept in DATA_MAP.items():
        gone = "; ".join(f"`{column}` {fate.value}" for column, fate in kept.erased.items())
        yield f"| `{name}` | {kept.holds} | {kept.period} | {gone or '–'} | {kept.because} |"


def test_the_page_for_privacy_officers_says_what_the_map_says():
    told = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert told == list(lines())
