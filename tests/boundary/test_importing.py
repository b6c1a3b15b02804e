"""Tables of referrals: every packet can be a row and come back, and the list of columns that people read is true."""

import csv
import io
from pathlib import Path
from typing import Any

from hypothesis import given, settings, strategies as st

from referrals.boundary.importing.columns import columns, header_of, template
from referrals.boundary.importing.guide import as_markdown
from referrals.boundary.importing.lines import BEGINNING
from referrals.boundary.importing.rows import pack, read_sheet, rows_of
from referrals.boundary.schemas.fields import Flag, Items, Part, Quantity, Whole, ready
from referrals.boundary.schemas.packet import NewReferral

GUIDE = Path(__file__).parents[2] / "docs" / "imports.md"
# Everything that UTF-8 can carry and a table can hold; a cell of blanks says nothing.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20).filter(
    str.strip
)


def values(field) -> Any:
    if isinstance(field, Flag):
        return st.booleans()
    if isinstance(field, Whole):
        return st.integers(field.least, field.most)
    if isinstance(field, Quantity):
        return st.integers(field.least, field.most)
    if isinstance(field, Part):
        return objects(field.schema)
    if isinstance(field, Items):
        return st.lists(values(field.inner), max_size=3)
    return TEXTS


def objects(schema) -> Any:
    """Objects that say something: an empty one and an absent one are the same in a table."""
    known = {name: values(field) for name, field in schema.fields.items()}
    return st.fixed_dictionaries({}, optional=known).filter(bool)


def cells(value: Any, pointer: str = "") -> dict[str, str]:
    """The packet as the cells of a row, by the headers of their columns."""
    if isinstance(value, dict):
        return {name: cell for key, below in value.items() for name, cell in cells(below, f"{pointer}/{key}").items()}
    if isinstance(value, list) and value:
        return {
            name: cell for place, below in enumerate(value) for name, cell in cells(below, f"{pointer}/{place}").items()
        }
    return {header_of(pointer): "none" if value == [] else str(value)}


@settings(max_examples=30)
@given(objects(ready(NewReferral)), st.sampled_from(",;\t"))
def test_a_packet_that_was_a_row_is_the_same_packet(packet, delimiter):
    row = cells(packet)
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows([row.keys(), row.values()])
    file = io.BytesIO(written.getvalue().encode())
    sheet, begun = read_sheet(file, {})
    file.seek(begun.byte)
    (read,) = rows_of(file, sheet.delimiter, begun)
    assert (sheet.delimiter if len(row) > 1 else delimiter) == delimiter
    assert pack(sheet, read.cells).packet == packet
    assert read.mark.byte == len(written.getvalue().encode())
    assert begun > BEGINNING


def test_the_list_of_columns_that_people_read_is_true():
    assert GUIDE.read_text().endswith(as_markdown() + "\n")
    names = [column.name for column in columns().values()]
    assert len(names) == len(set(names)) > 70
    assert len(template()) == len(set(template()))
